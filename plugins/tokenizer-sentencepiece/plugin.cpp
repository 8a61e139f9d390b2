// SentencePiece models as a tokenizer plugin.

#include <cstdlib>
#include <fstream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <sentencepiece_processor.h>

#include <sirocco/sdk/tokenizer.hpp>

namespace {

using sirocco::sdk::StatusError;

constexpr std::string_view kSpace = "\xE2\x96\x81";      // U+2581, stands for a space in pieces
constexpr std::string_view kUnknown = " \xE2\x81\x87 ";  // what the library shows for an unknown

class SentencePiece {
 public:
  SentencePiece(const sirocco_host*, std::string_view file) {
    const std::string path(file);
    if (!std::ifstream(path).good()) throw StatusError(SIROCCO_IO, "the file cannot be read");
    // What the library says is about its own source code.
    if (!processor_.Load(path).ok())
      throw StatusError(SIROCCO_INVALID_ARGUMENT, "not a SentencePiece model, or cut off");
    surfaces_.reserve(static_cast<size_t>(processor_.GetPieceSize()));
    for (int32_t id = 0; id < processor_.GetPieceSize(); ++id)
      surfaces_.push_back(make_surface(id));
  }

  sirocco_tokenizer_info info() const {
    return {sizeof(sirocco_tokenizer_info),
            static_cast<uint32_t>(processor_.GetPieceSize()),
            processor_.bos_id(),
            processor_.eos_id(),
            processor_.unk_id(),
            processor_.pad_id(),
            sirocco::sdk::string("SentencePiece")};
  }

  std::vector<int32_t> encode(std::string_view text) const {
    std::vector<int> ids;
    if (const auto status = processor_.Encode({text.data(), text.size()}, &ids); !status.ok())
      throw StatusError(SIROCCO_FAILED, std::string(status.message()));
    return {ids.begin(), ids.end()};
  }

  void decode(std::span<const int32_t> ids, uint32_t flags, sirocco::sdk::Bytes& bytes) const {
    bool at_start = flags & SIROCCO_DECODE_AT_START;
    for (int32_t id : ids) {
      const std::string_view piece = surface(id, flags & SIROCCO_DECODE_CONTROL);
      // Encoding puts a space before a text; the library drops it again only from a real piece.
      const bool drop = at_start && kind(id) == SIROCCO_TOKEN_NORMAL && piece.starts_with(' ');
      bytes.append(piece.substr(drop ? 1 : 0));
      if (kind(id) != SIROCCO_TOKEN_CONTROL) at_start = false;
    }
  }

  int32_t kind(int32_t id) const {
    if (processor_.IsControl(id)) return SIROCCO_TOKEN_CONTROL;
    if (processor_.IsByte(id)) return SIROCCO_TOKEN_BYTE;
    if (processor_.IsUnknown(id)) return SIROCCO_TOKEN_UNKNOWN;
    if (processor_.IsUnused(id)) return SIROCCO_TOKEN_UNUSED;
    return SIROCCO_TOKEN_NORMAL;
  }

  int32_t control_id(std::string_view name) const {
    const int id = processor_.PieceToId({name.data(), name.size()});
    return processor_.IsControl(id) && processor_.IdToPiece(id) == name ? id : -1;
  }

 private:
  /// The bytes of one token, a leading space included.
  std::string_view surface(int32_t id, bool show_control) const {
    if (show_control && kind(id) == SIROCCO_TOKEN_CONTROL) return processor_.IdToPiece(id);
    return surfaces_[static_cast<size_t>(id)];
  }

  std::string make_surface(int32_t id) const {
    const std::string& piece = processor_.IdToPiece(id);
    switch (kind(id)) {
      case SIROCCO_TOKEN_CONTROL:
        return {};
      case SIROCCO_TOKEN_UNKNOWN:
        return std::string(kUnknown);
      // Written "<0xE2>".
      case SIROCCO_TOKEN_BYTE:
        return std::string(1, static_cast<char>(std::strtol(piece.c_str() + 3, nullptr, 16)));
      default:
        break;
    }
    std::string text;
    for (size_t at = 0; at < piece.size();) {
      if (piece.compare(at, kSpace.size(), kSpace) == 0) {
        text += ' ';
        at += kSpace.size();
      } else {
        text += piece[at++];
      }
    }
    return text;
  }

  sentencepiece::SentencePieceProcessor processor_;
  std::vector<std::string> surfaces_;  ///< by id: what it adds to a text
};

const void* get_interface(const char* id) {
  using sirocco::sdk::TokenizerInterface;
  return std::string_view(id) == SIROCCO_INTERFACE_TOKENIZER
             ? &TokenizerInterface<SentencePiece>::table
             : nullptr;
}

constexpr sirocco_plugin kPlugin{
    sizeof(sirocco_plugin),
    SIROCCO_ABI_VERSION_MIN,
    SIROCCO_ABI_VERSION,
    "tokenizer-sentencepiece",
    "0.1.0",
    "Sirocco",
    "Apache-2.0",
    "SentencePiece models (tokenizer.model)",
    get_interface,
    nullptr,
};

}  // namespace

SIROCCO_DEFINE_PLUGIN(kPlugin)
