#!/usr/bin/env bash
# Throws made-up bytes at everything that reads strangers': libFuzzer, each target for SECONDS, from
# the seeds of Fixtures and what earlier runs kept in .build-fuzz/corpus. FUZZ is the program that
# `make fuzz` builds. Ends with a line for each target; what breaks one lies in .build-fuzz/found, and
# is copied to Fixtures/findings/TARGET under a name that says what it is.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 2
seconds=${SECONDS_EACH:-30}
wanted=${1:-}
corpus=.build-fuzz/corpus
found=.build-fuzz/found
failed=0
mkdir -p "$corpus" "$found"

# Symbolizing a crash has hung for minutes; leaks are libFuzzer's own and the runtime's.
export ASAN_OPTIONS=symbolize=0:detect_leaks=0

for target in $("$FUZZ" list); do
  [ -z "$wanted" ] || [ "$wanted" = "$target" ] || continue
  dictionary=Tests/Fuzz/dictionaries/$target.dict
  options=(-max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -max_len=16384 -print_final_stats=1
    -artifact_prefix="$found/$target-")
  [ ! -f "$dictionary" ] || options+=(-dict="$dictionary")
  log=.build-fuzz/$target.log
  if timeout -k 10 $((seconds + 90)) "$FUZZ" "$target" "$corpus/$target" "${options[@]}" >"$log" 2>&1 </dev/null; then
    outcome=survived
  else
    outcome=BROKEN
    failed=1
  fi
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  cover=$(grep -oE 'cov: [0-9]+' "$log" | tail -n 1 | cut -d' ' -f2)
  printf '%-16s %-8s %9s runs  %6s edges\n' "$target" "$outcome" "${runs:-?}" "${cover:-?}"
  [ "$outcome" = survived ] || grep -hE 'broken promise|Fatal error|ERROR: |Test unit written' "$log" | head -n 5 | sed 's/^/    /'
done
[ "$failed" = 0 ] || echo "What broke them lies in $found."
exit "$failed"
