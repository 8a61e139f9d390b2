#!/usr/bin/env bash
# The OpenCL plugin on whatever device there is: every dense golden model in every dtype. Under Oclgrind:
# golden models checked for races and memory errors, and what one decoded token reads.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source tools/lib.sh

build default
ctest --test-dir build -j "$(jobs)" --output-on-failure --no-tests=error -L long -R opencl
