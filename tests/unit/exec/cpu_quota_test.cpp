#include "exec/cpu_quota.hpp"

#include <unistd.h>

#include <fstream>
#include <string>

#include "catch.hpp"

namespace sirocco {
namespace {

/// A file system of nothing but what cgroups say.
class Root {
 public:
  Root() {
    std::string name = (std::filesystem::temp_directory_path() / "sirocco-quota-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~Root() { std::filesystem::remove_all(path_); }
  Root(const Root&) = delete;
  Root& operator=(const Root&) = delete;

  void write(const std::string& file, const std::string& text) const {
    std::filesystem::create_directories((path_ / file).parent_path());
    std::ofstream(path_ / file) << text;
  }
  uint32_t quota() const { return cpu_quota(path_); }

 private:
  std::filesystem::path path_;
};

}  // namespace

TEST_CASE("no cgroups, no quota") {
  CHECK(Root().quota() == 0);
}

TEST_CASE("version 2: the group's own quota, rounded down, at least one") {
  const Root root;
  root.write("proc/self/cgroup", "0::/a/b\n");
  CHECK(root.quota() == 0);
  root.write("sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
  CHECK(root.quota() == 0);
  root.write("sys/fs/cgroup/a/b/cpu.max", "350000 100000\n");
  CHECK(root.quota() == 3);
  root.write("sys/fs/cgroup/a/b/cpu.max", "20000 100000\n");
  CHECK(root.quota() == 1);
}

TEST_CASE("version 2: the tightest group around the process counts") {
  const Root root;
  root.write("proc/self/cgroup", "0::/a/b\n");
  root.write("sys/fs/cgroup/a/b/cpu.max", "800000 100000\n");
  root.write("sys/fs/cgroup/a/cpu.max", "200000 100000\n");
  CHECK(root.quota() == 2);
}

TEST_CASE("version 2: in a container only the top may be mounted") {
  const Root root;
  root.write("proc/self/cgroup", "0::/../outside\n");
  root.write("sys/fs/cgroup/cpu.max", "400000 100000\n");
  CHECK(root.quota() == 4);
}

TEST_CASE("version 1") {
  const Root root;
  root.write("proc/self/cgroup", "5:memory:/m\n4:cpu,cpuacct:/x\n");
  root.write("sys/fs/cgroup/cpu,cpuacct/x/cpu.cfs_quota_us", "-1\n");
  root.write("sys/fs/cgroup/cpu,cpuacct/x/cpu.cfs_period_us", "100000\n");
  root.write("sys/fs/cgroup/memory/m/cpu.cfs_quota_us", "100000\n");
  root.write("sys/fs/cgroup/memory/m/cpu.cfs_period_us", "100000\n");
  CHECK(root.quota() == 0);
  root.write("sys/fs/cgroup/cpu,cpuacct/x/cpu.cfs_quota_us", "250000\n");
  CHECK(root.quota() == 2);
}

TEST_CASE("nonsense is no quota") {
  const Root root;
  root.write("proc/self/cgroup", "0:\n::\nx\n0::/a\n");
  root.write("sys/fs/cgroup/a/cpu.max", "soon later\n");
  CHECK(root.quota() == 0);
  root.write("sys/fs/cgroup/a/cpu.max", "100000 0\n");
  CHECK(root.quota() == 0);
  root.write("sys/fs/cgroup/a/cpu.max", "1e300 1\n");
  CHECK(root.quota() >= 1);
}

}  // namespace sirocco
