#!/usr/bin/env bash
# All tests with the address and undefined-behaviour sanitizers.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source tools/lib.sh

build asan
result=0
run_ctest asan || result=$?
show_summary asan
exit "$result"
