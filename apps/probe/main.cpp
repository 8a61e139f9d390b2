// Looks at one plugin in a process of its own and writes what it is to descriptor 3, as JSON.
// Started by the host: a plugin that crashes or hangs takes only this process with it.

#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <string_view>

#include "describe.hpp"

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("sirocco-plugin-probe: started by sirocco to look at a plugin\n", stderr);
    return 2;
  }
  // A crash here is expected and reported; nobody wants its core file.
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  const bool devices = argc > 2 && std::string_view(argv[2]) == "--devices";
  const std::string report = sirocco::describe_plugin(argv[1], devices);
  size_t done = 0;
  while (done < report.size()) {
    const ssize_t n = write(3, report.data() + done, report.size() - done);
    if (n <= 0) return 1;
    done += static_cast<size_t>(n);
  }
  // Plugins' destructors have no part in what they are.
  _exit(0);
}
