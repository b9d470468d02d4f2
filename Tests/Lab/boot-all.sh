#!/usr/bin/env bash
# Boots a machine of every firmware, one after the other, and prints what became of them.
#   boot-all.sh [FIRMWARE…]     default: all of guest.sh's
# Seconds count from the machine's first DISCOVER, but for the last column, which counts from
# power-on. Succeeds when all have reported.
# shellcheck source=Tests/Lab/lab.sh disable=SC2119
. "$(dirname "$0")/lab.sh"
# shellcheck source=Tests/Lab/guest.sh
. "$(dirname "$0")/guest.sh"

[ $# -gt 0 ] || set -- "${FIRMWARES[@]}"
export RESULTS=$WORK/results LOADERS=$WORK/loaders
: >"$RESULTS"
bad=0
table=$(printf '%-14s %-8s %8s %8s %8s %10s' FIRMWARE OUTCOME SCRIPT KERNEL REPORT POWER-ON)
for name in "$@"; do
  echo "=== $name"
  outcome=booted
  "$TOP/Tests/Lab/boot.sh" "$name" || {
    outcome=FAILED
    bad=1
  }
  read -r _ script kernel report total < <(grep "^$name " "$RESULTS" || echo "$name - - - -")
  table+=$'\n'$(printf '%-14s %-8s %8s %8s %8s %10s' "$name" "$outcome" "$script" "$kernel" "$report" "$total")
done
echo
echo "$table"
exit "$bad"
