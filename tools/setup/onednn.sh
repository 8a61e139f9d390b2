#!/usr/bin/env bash
# Sees that oneDNN 3 can be found by CMake. Where the system has none (Debian 12 has 2.6), two
# PyPI wheels that hold it for GNU OpenMP are fetched, checked against onednn.sha256 and unpacked
# into one tree, .deps/onednn, which the root CMakeLists.txt searches. No Python is needed later.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source tools/lib.sh
source tools/setup/wheels.sh

readonly version=2023.2.0
readonly tree=.deps/onednn

# probe FOLDER: does CMake find oneDNN 3 or later, with FOLDER on its search path?
probe() {
  local folder
  folder=$(mktemp -d)
  cat >"$folder/CMakeLists.txt" <<'CMAKE'
cmake_minimum_required(VERSION 3.25)
project(probe LANGUAGES C CXX)
find_package(dnnl CONFIG REQUIRED)
if(dnnl_VERSION VERSION_LESS 3)
  message(FATAL_ERROR "found ${dnnl_VERSION}")
endif()
message(STATUS "FOUND ${dnnl_VERSION} in ${dnnl_DIR}")
CMAKE
  local result=0
  cmake -G Ninja -S "$folder" -B "$folder/build" -DCMAKE_PREFIX_PATH="$1" 2>&1 |
    sed -n 's/^-- FOUND //p' | grep . || result=1
  rm -rf "$folder"
  return "$result"
}

# Both wheels go into one tree: the CMake package looks for the library beside itself.
unpack() {
  local folder=$1 wheel
  rm -rf "$tree"
  mkdir -p "$tree"
  for wheel in "$folder"/*.whl; do
    unzip -qo "$wheel" -d "$folder/unpacked"
  done
  cp -r "$folder"/unpacked/*.data/data/. "$tree/"
  # Wheels cannot hold links, so the library came three times.
  ln -sf libdnnl.so.3.2 "$tree/lib/libdnnl.so.3"
  ln -sf libdnnl.so.3 "$tree/lib/libdnnl.so"
}

if is_ready onednn; then exit 0; fi
mkdir -p .deps

if found=$(probe ""); then
  say "oneDNN $found (the system's)"
else
  [[ $(uname -m) == x86_64 ]] ||
    die "no oneDNN 3 found, and the wheels are for x86_64 only; install it so that CMake finds it," \
      "or set SIROCCO_SKIP_ONEDNN=1"
  say "fetching oneDNN (onednn-cpu-gomp and onednn-devel-cpu-gomp $version, 39 MB, from PyPI)"
  download=$(mktemp -d)
  trap 'rm -rf "$download"' EXIT
  fetch_wheels onednn "$download" --platform manylinux1_x86_64 --implementation py --abi none \
    "onednn-cpu-gomp==$version" "onednn-devel-cpu-gomp==$version"
  unpack "$download"
  found=$(probe "$PWD/$tree") || die "oneDNN was unpacked into $tree but CMake does not find it"
  say "oneDNN $found"
fi
now_ready onednn
