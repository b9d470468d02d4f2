#!/usr/bin/env bash
# bootwire against other people's clients: every test of this folder, one after the other, each
# bounded in time. Prints their lines and, last, how many passed and failed.
#   all.sh [TEST…]     a test is the name of a script without .sh
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
[ $# -gt 0 ] || set -- unit mistakes addresses transfers web tls api cli machines names resolvers nodes record replays changes explain interfaces relay proxy rogue privileges crash probing full shortage reload examples
output=$(mktemp)
trap 'rm -f "$output"' EXIT

for test in "$@"; do
  echo "# $test"
  timeout --kill-after=20 240 "$here/$test.sh" 2>&1
  status=$?
  # A script that ends early has not said all that it should: its last line would be missing.
  [ "$status" -le 1 ] || echo "not ok - $test runs to its end (status $status)"
done | tee "$output"

passed=$(grep -c '^ok ' "$output")
failed=$(grep -c '^not ok ' "$output")
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
