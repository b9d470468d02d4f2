#!/usr/bin/env bash
# The unit and replay tests under sanitizers: sanitize.sh address|thread… They take their time, so CI
# does not run them. SWIFT is the compiler's driver.
# What is left out says why.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 2
failed=0
# The runtime's own few blocks at the end are no leaks of ours.
export ASAN_OPTIONS=detect_leaks=0 TSAN_OPTIONS=halt_on_error=0
for sanitizer in "$@"; do
  case $sanitizer in address | thread) ;; *)
    echo "sanitize.sh: address or thread" >&2
    exit 2
    ;;
  esac
  log=.build-$sanitizer.log
  echo "=== $sanitizer"
  # Freed memory that a sanitizer keeps back is no growth of ours.
  timeout -k 30 5400 "${SWIFT:-swift}" test --sanitize="$sanitizer" --scratch-path ".build-$sanitizer" \
    --skip MemoryTests >"$log" 2>&1 </dev/null
  status=$?
  grep -E 'Test run with|SUMMARY: |WARNING: ThreadSanitizer|ERROR: AddressSanitizer' "$log" | sort | uniq -c
  if [ "$status" != 0 ] || grep -qE 'SUMMARY: ' "$log"; then
    echo "$sanitizer: not clean; see $log"
    failed=1
  fi
done
exit "$failed"
