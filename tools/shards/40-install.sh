#!/usr/bin/env bash
# A clean install into a fresh prefix; every example and plugin is then built from a copy of its own
# folder against that prefix alone, and the installed program runs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source tools/lib.sh

build default
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake --install build --prefix "$work/prefix" >"$(log_file install)"

# build_alone FOLDER
build_alone() {
  local name copy="$work/source/$1"
  name=$(basename "$1")
  mkdir -p "$(dirname "$copy")"
  cp -r "$1" "$copy"
  say "$1 alone"
  cmake -G Ninja -S "$copy" -B "$work/build/$1" -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_PREFIX_PATH="$work/prefix;$PWD/.deps/onednn" >"$(log_file "alone-$name")" 2>&1 &&
    cmake --build "$work/build/$1" -j "$(jobs)" >>"$(log_file "alone-$name")" 2>&1 ||
    { cat "$(log_file "alone-$name")" >&2; die "$1 does not build against an installed copy"; }
}

built=0
for list in plugins/*/CMakeLists.txt examples/*/CMakeLists.txt; do
  [[ -f $list ]] || continue
  build_alone "$(dirname "$list")"
  built=$((built + 1))
done
((built > 0)) || die "no plugin or example was found"

for plugin in "$work"/prefix/lib/sirocco/plugins/*.so $(find "$work/build" -name '*.so'); do
  nm -D --defined-only "$plugin" | grep -q ' T sirocco_plugin_query$' ||
    die "$(basename "$plugin") does not export sirocco_plugin_query"
done

"$work/prefix/bin/sirocco" plugins
say "$built folders build alone"
