#!/usr/bin/env bash
# The tests labelled "tsan" (loader and executor) with the thread sanitizer.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source tools/lib.sh

build tsan
result=0
run_ctest tsan || result=$?
show_summary tsan
exit "$result"
