// Runs a fuzzer without libFuzzer: every file of the corpus folders given, then mutations of them
// from a fixed seed, so that a failure repeats. Usage: fuzz_<name> CORPUS_FOLDER_OR_FILE...

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;
using Bytes = std::vector<std::uint8_t>;

constexpr int kMutations = 2000;
constexpr std::size_t kMaxBytes = 1 << 16;

Bytes read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(in), {});
}

std::vector<Bytes> read_corpus(int count, char** paths) {
  std::vector<fs::path> files;
  for (int i = 0; i < count; ++i) {
    if (fs::is_regular_file(paths[i])) files.emplace_back(paths[i]);
    if (!fs::is_directory(paths[i])) continue;
    for (const auto& entry : fs::recursive_directory_iterator(paths[i])) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  std::vector<Bytes> corpus;
  for (const auto& file : files) corpus.push_back(read_file(file));
  return corpus;
}

class Mutator {
 public:
  explicit Mutator(std::vector<Bytes> corpus) : corpus_(std::move(corpus)) {}

  Bytes next() {
    Bytes bytes = corpus_[below(corpus_.size())];
    for (std::size_t edits = 1 + below(4); edits > 0; --edits) edit(bytes);
    if (bytes.size() > kMaxBytes) bytes.resize(kMaxBytes);
    return bytes;
  }

 private:
  std::size_t below(std::size_t bound) {
    // Not a std distribution: their results differ between standard libraries.
    return static_cast<std::size_t>(random_() % bound);
  }

  void edit(Bytes& bytes) {
    const std::size_t at = below(bytes.size() + 1);
    const std::size_t span = std::min(bytes.size() - at, 1 + below(16));
    const auto position = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    const auto end = position + static_cast<std::ptrdiff_t>(span);
    switch (below(6)) {
      case 0:  // flip one bit
        if (at < bytes.size()) bytes[at] = static_cast<std::uint8_t>(bytes[at] ^ (1U << below(8)));
        break;
      case 1:  // a byte that parsers often treat specially
        if (at < bytes.size()) bytes[at] = kSpecial[below(std::size(kSpecial))];
        break;
      case 2:
        bytes.erase(position, end);
        break;
      case 3:  // repeat a few bytes
        repeat(bytes, at, span);
        break;
      case 4:  // cut the tail off
        if (below(4) == 0) bytes.resize(at);
        break;
      default:
        splice(bytes, at);
    }
  }

  void repeat(Bytes& bytes, std::size_t at, std::size_t span) {
    const auto first = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    const Bytes piece(first, first + static_cast<std::ptrdiff_t>(span));
    for (std::size_t times = 1 + below(8); times > 0; --times) {
      bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), piece.begin(), piece.end());
    }
  }

  void splice(Bytes& bytes, std::size_t at) {
    const Bytes& other = corpus_[below(corpus_.size())];
    if (other.empty()) return;
    const std::size_t from = below(other.size());
    const std::size_t span = std::min(other.size() - from, 1 + below(64));
    const auto first = other.begin() + static_cast<std::ptrdiff_t>(from);
    bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), first,
                 first + static_cast<std::ptrdiff_t>(span));
  }

  static constexpr std::uint8_t kSpecial[] = {0,   0xff, 0x80, 0x7f, '\n', '"', '\\', '{', '}',
                                              '[', ']',  ':',  ',',  '-',  '9', '*',  '&', ' '};
  std::vector<Bytes> corpus_;
  std::mt19937_64 random_{0x51C0};
};

/// The input is written before it runs, so that after a crash it is at hand.
void run(const Bytes& bytes, const fs::path& last_input) {
  {
    std::ofstream out(last_input, std::ios::binary | std::ios::trunc);
    out.write(reinterpret_cast<const char*>(bytes.data()),
              static_cast<std::streamsize>(bytes.size()));
  }
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<Bytes> corpus = read_corpus(argc - 1, argv + 1);
  if (corpus.empty()) {
    std::fprintf(stderr, "no input: give a folder with at least one file\n");
    return 1;
  }
  // Beside the program, for several fuzzers may share a working folder.
  const fs::path last_input = fs::absolute(argv[0]).concat(".last-input");
  std::printf("the input that runs is in %s\n", last_input.c_str());
  std::fflush(stdout);
  for (const Bytes& bytes : corpus) run(bytes, last_input);
  Mutator mutator(corpus);
  for (int i = 0; i < kMutations; ++i) run(mutator.next(), last_input);
  fs::remove(last_input);
  std::printf("%zu inputs and %d mutations ran\n", corpus.size(), kMutations);
  return 0;
}
