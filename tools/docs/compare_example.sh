#!/usr/bin/env bash
# Makes docs/examples: compares the backends on the demo model and takes a picture of the page. Arguments
# go to `sirocco compare`, e.g. -r 30 on a machine that has nothing else to do.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source tools/lib.sh

build default sirocco plugins cuda-emulated
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
out=docs/examples

say "comparing"
build/bin/sirocco compare models/demo \
  --backends cpu-onednn,opencl,reference,build/tests/plugins/cuda.so \
  -p 64 -n 16 --text docs/demo-samples.md --json "$@" >"$work/full.json"
# Plugins are files of this checkout, wherever it lies.
sed "s|$PWD/||g" "$work/full.json" >"$work/report.json"
build/bin/sirocco compare --from "$work/report.json" --html "$out/compare.html" >"$out/compare.txt"

# picture FILE WIDTH HEIGHT
picture() {
  chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$work/profile" \
    --virtual-time-budget=5000 --window-size="$2,$3" --screenshot="$PWD/$1" \
    "file://$PWD/$out/compare.html" 2>"$(log_file picture)" ||
    { cat "$(log_file picture)" >&2; die "no picture of $out/compare.html could be taken"; }
}
picture "$out/compare.png" 1200 1500
say "$out: compare.html, compare.txt, compare.png"
