#!/usr/bin/env bash
# A thousand topologies that no other run has drawn, and the howto that builds a copy of the tree.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source tools/lib.sh

build default
python=$(sed -n 's/^SIROCCO_PYTHON:STRING=//p' build/CMakeCache.txt)
[[ -n $python ]] || die "no python3 with numpy was found"
say "random topologies"
"$python" -B tests/e2e/random_topologies/test.py --sirocco build/bin/sirocco --first 50 --count 1000
say "docs/howto/add-an-op.md"
SIROCCO_SOURCE_DIR=$PWD SIROCCO_BUILD_DIR=$PWD/build SIROCCO_PYTHON=$python \
  "$python" -B tests/e2e/howto.py op
