#!/usr/bin/env bash
# Runs the commands of README.md's section "From nothing to a node", as written, one by one, and looks
# whether the last one has reached the node. At most ten; root runs them, as whom sudo asks nothing.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 2
die() {
  echo "readme.sh: $*" >&2
  exit 2
}
mapfile -t commands < <(awk '/^## / { inside = $0 == "## From nothing to a node" } inside && sub(/^    /, "")' README.md)
[ ${#commands[@]} -gt 0 ] || die "README.md has no commands from nothing to a node"
[ ${#commands[@]} -le 10 ] || die "these are ${#commands[@]} commands, not ten"
[ ! -e site ] || die "there is a folder site already, and the commands make one"
! ip netns list | grep -qw bootwire || die "there is a network namespace bootwire already"

said=$(mktemp)
down() {
  Tests/Lab/machine.sh down site >/dev/null 2>&1
  [ "$status" = 0 ] || sed 's/^/# /' site/log 2>/dev/null | tail -n 40
  rm -rf site "$said"
}
status=1
trap down EXIT
trap 'exit 130' INT TERM HUP

for command in "${commands[@]}"; do
  echo "\$ $command"
  # In this shell, as at a prompt: the commands that run on belong to it.
  eval "$command" >"$said" 2>&1 </dev/null || {
    cat "$said"
    echo "FAILED: $command"
    exit 1
  }
  tail -n 40 "$said"
  # Nobody types faster; and what runs on has started by then.
  sleep 2
done
grep -qx 'Installed by bootwire at site first as node.' "$said" || {
  echo "FAILED: the last command has not reached the node"
  exit 1
}
status=0
echo "Booted: ${#commands[@]} commands of README.md lead to a node."
