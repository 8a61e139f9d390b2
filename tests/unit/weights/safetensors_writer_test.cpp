#include "weights/safetensors_writer.hpp"

#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "weights/safetensors.hpp"
#include "weights_files.hpp"

using namespace weights_test;
using sirocco::ErrorKind;
using sirocco::SafetensorsFile;
using sirocco::TensorToWrite;
using sirocco::write_safetensors;

namespace {

/// While it lives, no file of this process may grow beyond `bytes`, and trying fails like a full
/// disk does instead of raising a signal.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &old_);
    const rlimit limit{bytes, old_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &old_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit old_{};
  void (*handler_)(int);
};

const float kFloats[4] = {1, 2, 3, 4};
const std::uint8_t kBytes[3] = {7, 8, 9};

std::vector<TensorToWrite> some_tensors() {
  return {{"u8", SIROCCO_DTYPE_U8, {3}, kBytes},
          {"z", SIROCCO_DTYPE_F32, {2, 2}, kFloats},
          {"empty", SIROCCO_DTYPE_F64, {0, 5}, nullptr},
          {"a", SIROCCO_DTYPE_F32, {}, kFloats + 2}};
}

std::string usage_error(const std::filesystem::path& path, const TensorToWrite& tensor) {
  return error_of([&] { write_safetensors(path, {&tensor, 1}); }, ErrorKind::usage);
}

}  // namespace

TEST_CASE("what is written is read back, every tensor aligned to its items") {
  const TempDir dir;
  const std::map<std::string, std::string> metadata{{"format", "pt"}, {"quote\"", "line\n\u00e9"}};
  write_safetensors(dir / "f", some_tensors(), metadata);
  CHECK(dir.entries() == 1);

  const SafetensorsFile file = SafetensorsFile::open(dir / "f");
  CHECK(file.metadata() == metadata);
  REQUIRE(file.tensors().size() == 4);
  for (const TensorToWrite& tensor : some_tensors()) {
    CAPTURE(tensor.name);
    const sirocco::TensorRecord* record = file.find(tensor.name);
    REQUIRE(record != nullptr);
    CHECK(record->dtype == tensor.dtype);
    CHECK(record->shape == tensor.shape);
    if (record->bytes > 0) {
      CHECK(std::memcmp(file.data(*record), tensor.data, record->bytes) == 0);
    }
  }
  CHECK(aligned(*file.find("empty"), 64));
  CHECK(aligned(*file.find("a"), 4));
  CHECK(aligned(*file.find("z"), 4));
}

TEST_CASE("the bytes do not depend on the order in which tensors are given") {
  const TempDir dir;
  auto tensors = some_tensors();
  write_safetensors(dir / "f", tensors);
  std::swap(tensors[0], tensors[3]);
  std::swap(tensors[1], tensors[2]);
  write_safetensors(dir / "g", tensors);
  CHECK(read_file(dir / "f") == read_file(dir / "g"));
}

TEST_CASE("no tensors make a valid file") {
  const TempDir dir;
  write_safetensors(dir / "f", {});
  CHECK(SafetensorsFile::open(dir / "f").tensors().empty());
}

TEST_CASE("the permissions are those of any new file") {
  const TempDir dir;
  const mode_t old = ::umask(027);
  write_safetensors(dir / "f", {});
  ::umask(old);
  struct stat info {};
  REQUIRE(::stat((dir / "f").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0640);
}

TEST_CASE("an older file is replaced, through a link too, and its readers keep theirs") {
  const TempDir dir;
  write_safetensors(dir / "f", some_tensors());
  std::filesystem::create_symlink("f", dir / "link");
  const SafetensorsFile old = SafetensorsFile::open(dir / "f");
  write_safetensors(dir / "link", {});
  CHECK(std::filesystem::is_symlink(dir / "link"));
  CHECK(SafetensorsFile::open(dir / "f").tensors().empty());
  CHECK(std::memcmp(old.data(*old.find("z")), kFloats, sizeof kFloats) == 0);
  CHECK(dir.entries() == 2);
}

TEST_CASE("a name as long as the system allows can be written") {
  const TempDir dir;
  const std::string name(255, 'n');
  write_safetensors(dir / name, {});
  CHECK(SafetensorsFile::open(dir / name).tensors().empty());
}

TEST_CASE("a write that fails half-way leaves the older file and nothing else") {
  const TempDir dir;
  write_file(dir / "f", "the older file");
  const std::vector<char> big(1 << 20);
  const TensorToWrite tensor{"big", SIROCCO_DTYPE_U8, {1 << 20}, big.data()};
  std::string message;
  {
    const FileSizeLimit limit(64 << 10);
    message = error_of([&] { write_safetensors(dir / "f", {&tensor, 1}); }, ErrorKind::failure);
  }
  CHECK(message == (dir / "f").string() + ": cannot be written: File too large");
  CHECK(read_file(dir / "f") == "the older file");
  CHECK(dir.entries() == 1);
}

TEST_CASE("a full device is reported") {
  CHECK(error_of([] { write_safetensors("/dev/full", some_tensors()); }, ErrorKind::failure) ==
        "/dev/full: cannot be written: No space left on device");
  write_safetensors("/dev/null", some_tensors());
  CHECK(std::filesystem::is_character_file("/dev/null"));
}

TEST_CASE("a target that cannot be written is reported and nothing is left") {
  const TempDir dir;
  const auto error = [](const std::filesystem::path& path) {
    return error_of([&] { write_safetensors(path, some_tensors()); }, ErrorKind::failure);
  };
  CHECK(error(dir / "no/such/f") ==
        (dir / "no/such/f").string() +
            ": cannot be written: no temporary file beside it: No such file or directory");
  std::filesystem::create_directory(dir / "folder");
  CHECK(error(dir / "folder") == (dir / "folder").string() + ": cannot be written: Is a directory");
  // Fails at the last step: the name is too long for the rename, not for the temporary.
  const std::string name(256, 'n');
  CHECK(error(dir / name) == (dir / name).string() + ": cannot be replaced: File name too long");
  CHECK(dir.entries() == 1);
}

TEST_CASE("tensors that the format cannot hold are refused before anything is written") {
  const TempDir dir;
  const std::string prefix = (dir / "f").string() + ": cannot be written: tensor ";
  CHECK(usage_error(dir / "f", {"__metadata__", SIROCCO_DTYPE_U8, {3}, kBytes}) ==
        prefix + "'__metadata__' has a name that the format cannot hold");
  CHECK(usage_error(dir / "f", {"a\nb", SIROCCO_DTYPE_U8, {3}, kBytes}) ==
        prefix + "'a\\x0ab' has a name that the format cannot hold");
  CHECK(usage_error(dir / "f", {"a", SIROCCO_DTYPE_BLOCK, {3}, kBytes}) ==
        prefix + "'a' has the dtype 16, which the format cannot hold");
  CHECK(usage_error(dir / "f", {"a", SIROCCO_DTYPE_U8, {1, 1, 1, 1, 1, 1, 1, 1, 3}, kBytes}) ==
        prefix + "'a' has more than 8 dims");
  CHECK(usage_error(dir / "f", {"a", SIROCCO_DTYPE_U8, {-3}, kBytes}) ==
        prefix + "'a' has a negative dim or a size beyond int64");
  CHECK(usage_error(dir / "f", {"a", SIROCCO_DTYPE_F32, {1ll << 31, 1ll << 31}, kBytes}) ==
        prefix + "'a' has a negative dim or a size beyond int64");
  CHECK(usage_error(dir / "f", {"a", SIROCCO_DTYPE_U8, {3}, nullptr}) ==
        prefix + "'a' has no data");
  CHECK(usage_error(dir / "f", {"\xff", SIROCCO_DTYPE_U8, {3}, kBytes})
            .find("a name or metadata is not UTF-8") != std::string::npos);
  const std::vector<TensorToWrite> twice(2, {"a", SIROCCO_DTYPE_U8, {3}, kBytes});
  CHECK(error_of([&] { write_safetensors(dir / "f", twice); }, ErrorKind::usage) ==
        prefix + "'a' is given twice");
  CHECK(dir.entries() == 0);
}

TEST_CASE("several threads writing the same target leave one whole file") {
  const TempDir dir;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 20; ++round) write_safetensors(dir / "f", some_tensors());
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(SafetensorsFile::open(dir / "f").tensors().size() == 4);
  CHECK(dir.entries() == 1);
}
