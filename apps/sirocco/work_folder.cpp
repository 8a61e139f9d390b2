#include "work_folder.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>

#include <sirocco/error.hpp>

namespace sirocco::cli {
namespace {

namespace fs = std::filesystem;

/// Seconds for which a folder may be there and not yet locked by who made it.
constexpr time_t kYoung = 60;

/// The folder, locked; -1 where it cannot be opened or, with LOCK_NB, another process holds it.
int lock_folder(const fs::path& folder, int wait = 0) {
  const int lock = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  if (lock >= 0 && flock(lock, LOCK_EX | wait) == 0) return lock;
  if (lock >= 0) close(lock);
  return -1;
}

bool is_left_behind(int lock) {
  struct stat found {};
  return fstat(lock, &found) == 0 && found.st_uid == geteuid() &&
         std::time(nullptr) - found.st_mtime > kYoung;
}

void remove_left_behind(const fs::path& parent, const std::string& prefix) {
  // A folder that cannot be listed or removed is not this process's concern.
  std::error_code problem, ignored;
  for (fs::directory_iterator entry(parent, problem); !problem && entry != fs::directory_iterator();
       entry.increment(problem)) {
    if (!entry->path().filename().string().starts_with(prefix)) continue;
    const int lock = lock_folder(entry->path(), LOCK_NB);
    if (lock < 0) continue;
    if (is_left_behind(lock)) fs::remove_all(entry->path(), ignored);
    close(lock);
  }
}

}  // namespace

WorkFolder::WorkFolder(const std::string& purpose) {
  // Where TMPDIR names no folder the path is empty, and the variable is what is to be told.
  std::error_code ignored;
  fs::path parent = fs::temp_directory_path(ignored);
  const char* asked = std::getenv("TMPDIR");
  if (parent.empty() && asked) parent = asked;
  const std::string prefix = "sirocco-" + purpose + "-";
  remove_left_behind(parent, prefix);
  std::string name = (parent / (prefix + "XXXXXX")).string();
  if (!mkdtemp(name.data()))
    throw Error(ErrorKind::failure, name +
                                        ": no folder for temporary files can be made there; "
                                        "TMPDIR names another place");
  path_ = name;
  lock_ = lock_folder(path_);
}

WorkFolder::~WorkFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
  if (lock_ >= 0) close(lock_);
}

}  // namespace sirocco::cli
