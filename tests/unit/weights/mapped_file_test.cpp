#include "weights/mapped_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "weights_files.hpp"

using sirocco::MappedFile;
using namespace weights_test;

namespace {

/// Pages of the mapping that this process has mapped in. mincore() would tell of the page cache.
std::size_t resident_kib(const MappedFile& file) {
  std::ifstream maps("/proc/self/smaps");
  char start[32];
  std::snprintf(start, sizeof start, "%lx-", reinterpret_cast<unsigned long>(file.data()));
  bool here = false;
  for (std::string line; std::getline(maps, line);) {
    if (line.rfind(start, 0) == 0) here = true;
    if (here && line.rfind("Rss:", 0) == 0) return std::stoul(line.substr(4));
  }
  return 0;
}

}  // namespace

TEST_CASE("a mapped file shows the bytes of the file") {
  const TempDir dir;
  write_file(dir / "f", "hello");
  const MappedFile file = MappedFile::open(dir / "f");
  REQUIRE(file.size() == 5);
  CHECK(std::memcmp(file.data(), "hello", 5) == 0);
  CHECK(file.bytes().size() == 5);
  CHECK(file.path() == dir / "f");
}

TEST_CASE("an empty file maps to nothing") {
  const TempDir dir;
  write_file(dir / "f", "");
  const MappedFile file = MappedFile::open(dir / "f");
  CHECK(file.size() == 0);
  CHECK(file.data() == nullptr);
  file.release(0, 100);
}

TEST_CASE("a moved mapping keeps its address and leaves nothing behind") {
  const TempDir dir;
  write_file(dir / "f", "hello");
  write_file(dir / "g", "other");
  MappedFile first = MappedFile::open(dir / "f");
  const std::byte* data = first.data();
  MappedFile second(std::move(first));
  CHECK(second.data() == data);
  MappedFile third = MappedFile::open(dir / "g");
  third = std::move(second);
  CHECK(third.data() == data);
  CHECK(third.path() == dir / "f");
  CHECK(std::memcmp(third.data(), "hello", 5) == 0);
}

TEST_CASE("the identity tells versions of a file apart") {
  const TempDir dir;
  write_file(dir / "f", "hello");
  const auto before = MappedFile::open(dir / "f").identity();
  CHECK(before.size == 5);
  CHECK(before.mtime_ns > 0);
  CHECK(MappedFile::open(dir / "f").identity() == before);

  write_file(dir / "g", "hello");
  CHECK_FALSE(MappedFile::open(dir / "g").identity() == before);

  const timespec times[2] = {{1000, 7}, {1000, 7}};
  REQUIRE(::utimensat(AT_FDCWD, (dir / "f").c_str(), times, 0) == 0);
  CHECK(MappedFile::open(dir / "f").identity().mtime_ns == 1'000'000'000'007);
}

TEST_CASE("released pages leave memory and come back unchanged") {
  const TempDir dir;
  const std::string content(1 << 20, 'x');
  write_file(dir / "f", content);
  const MappedFile file = MappedFile::open(dir / "f");
  REQUIRE(std::memcmp(file.data(), content.data(), content.size()) == 0);
  const std::size_t before = resident_kib(file);
  REQUIRE(before >= 1024);
  file.release(0, 512 << 10);
  CHECK(resident_kib(file) <= 512);
  file.release(1, SIZE_MAX);        // unaligned, and cut at the end
  file.release(content.size(), 1);  // past the end: nothing
  CHECK(resident_kib(file) == 0);
  CHECK(std::memcmp(file.data(), content.data(), content.size()) == 0);
}

TEST_CASE("what is not a readable regular file is refused by name and reason") {
  const TempDir dir;
  const auto open = [](const std::filesystem::path& path) {
    return error_of([&] { MappedFile::open(path); });
  };
  CHECK(open(dir / "missing") ==
        (dir / "missing").string() + ": cannot be opened: No such file or directory");
  CHECK(open(dir / "") == (dir / "").string() + ": is a directory; a file was expected");
  REQUIRE(::mkfifo((dir / "fifo").c_str(), 0600) == 0);
  CHECK(open(dir / "fifo") ==
        (dir / "fifo").string() + ": is not a regular file and cannot be mapped");
  CHECK(open("/dev/null") == "/dev/null: is not a regular file and cannot be mapped");
}
