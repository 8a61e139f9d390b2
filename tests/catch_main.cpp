// The main function of every unit test program.
#define CATCH_CONFIG_RUNNER
#include "catch.hpp"

int main(int argc, char** argv) {
  // Catch returns the number of failures, which could be 77, CTest's code for a skipped test.
  return Catch::Session().run(argc, argv) == 0 ? 0 : 1;
}
