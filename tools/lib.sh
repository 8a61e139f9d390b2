# Shared by ./dev, .ci/run and tools/shards/*.sh, which run in the repository's root.
# shellcheck shell=bash

say() { printf '== %s\n' "$*" >&2; }

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

jobs() { nproc 2>/dev/null || echo 2; }

# build_folder PRESET: where CMakePresets.json puts it.
build_folder() { if [[ $1 == default ]]; then echo build; else echo "build/$1"; fi; }

# build PRESET [TARGET...]: configures (a second or two when nothing changed) and builds.
build() {
  local preset=$1
  shift
  say "configure ($preset)"
  cmake --preset "$preset" >"$(log_file "configure-$preset")" ||
    { cat "$(log_file "configure-$preset")" >&2; return 1; }
  say "build ($preset, $(jobs) jobs)"
  cmake --build --preset "$preset" -j "$(jobs)" ${1:+--target "$@"}
}

# log_file NAME: a path under build/logs.
log_file() {
  mkdir -p build/logs
  echo "build/logs/$1.log"
}

# run_ctest PRESET [ARGUMENT...]: runs CTest and saves its summary, with the reasons of skipped
# tests before it, in build/logs/summary-PRESET.log.
run_ctest() {
  local preset=$1 result=0 output
  shift
  output=$(log_file "ctest-$preset")
  say "test ($preset)"
  ctest --preset "$preset" -j "$(jobs)" "$@" 2>&1 | tee "$output" || result=$?
  {
    awk '/^[0-9]+\/[0-9]+ Test: / { name = $3 }
         /^SKIPPED: / { sub(/^SKIPPED: /, ""); print "skipped: " name ": " $0 }' \
      "$(build_folder "$preset")/Testing/Temporary/LastTest.log" | sort -u
    sed -n '/tests passed,/,$p' "$output"
  } >"$(log_file "summary-$preset")"
  return "$result"
}

show_summary() {
  say "summary ($1)"
  cat "$(log_file "summary-$1")" >&2
}

shards() { find tools/shards -name '[0-9]*.sh' | sort; }

# shard_name FILE: 10-asan.sh -> asan
shard_name() { basename "$1" .sh | sed 's/^[0-9]*-//'; }
