#!/usr/bin/env bash
# Every fuzzer for SIROCCO_FUZZ_SECONDS (60), from its corpus. A finding is kept in
# build/fuzz/findings; what libFuzzer learnt stays in build/fuzz/learnt and is used the next time.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source tools/lib.sh

build fuzz fuzzers
mkdir -p build/fuzz/findings
export ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1

failed=()
ran=0
for fuzzer in build/fuzz/tests/fuzz/fuzz_*; do
  [[ -x $fuzzer ]] || continue
  name=${fuzzer##*/fuzz_}
  learnt=build/fuzz/learnt/$name
  mkdir -p "$learnt"
  say "fuzz $name"
  "$fuzzer" -max_total_time="${SIROCCO_FUZZ_SECONDS:-60}" -timeout=10 -rss_limit_mb=2048 \
    -print_final_stats=1 -artifact_prefix="build/fuzz/findings/$name-" \
    "$learnt" "tests/fuzz/corpus/$name" >"$(log_file "fuzz-$name")" 2>&1 || failed+=("$name")
  grep -E '^stat::number_of_executed_units|^Done|ERROR|SUMMARY' "$(log_file "fuzz-$name")" || true
  ran=$((ran + 1))
done

((ran > 0)) || die "no fuzzer was built"
((${#failed[@]} == 0)) || die "findings in: ${failed[*]} (build/logs/fuzz-*.log, build/fuzz/findings)"
say "$ran fuzzers, no finding"
