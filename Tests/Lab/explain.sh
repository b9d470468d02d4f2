#!/usr/bin/env bash
# bootwire explain: what a machine that just booted is told and why, by the running appliance and
# by a configuration alone.
# shellcheck source=Tests/Lab/lab.sh disable=SC2119
. "$(dirname "$0")/lab.sh"

PXE=PXEClient:Arch:00000:UNDI:002001
rom() { on 1 "$TOP/Tests/Lab/pxe.pl" discover e0 0 "$PXE"; }
explain() { ask explain "$@" >"$WORK/explained"; }
says() { grep -qF -- "$1" "$WORK/explained"; }
refused() { ! "$BOOTWIRE" explain --control "$CONTROL" "$@" >"$WORK/refusal" 2>&1; }

lab_up
machine 1
mkdir -p "$WORK/loaders/ipxe"
# What begins as a loader for BIOS does.
{ printf '\352\005\000\300\007' && head -c 2000 /dev/urandom; } >"$WORK/loaders/ipxe/undionly.kpxe"
configure
cat >>"$CONFIG" <<END
  - {name: rack3-07, mac: "$(mac 1)", profile: busybox}
END
check "bootwire starts" serve

check "a machine that was not seen is refused" refused "$(mac 1)"
check "with what to do" grep -q -- '--config' "$WORK/refusal"
check "the machine boots" rom
check "it is explained" explain "$(mac 1)"
check "by its name" says "+ It is the machine rack3-07, told by its mac."
check "with its profile" says "+ Its machine has the profile busybox."
check "and its firmware" says "x86-bios pxe"
check "its reply says where it goes" says "because it set the broadcast flag"
check "an option says where it is from" says "loader of profile busybox"
same "no part is without an origin" 0 "$(grep -c '— $' "$WORK/explained")"
check "it is found by its name" explain rack3-07
check "it has an address" test -n "$(lease 1)"
check "and is found by that" explain "$(lease 1)"
check "as the system that it runs" says "it runs a system now"
check "and as its firmware" explain rack3-07 --firmware pxe
check "which boots" says "x86-bios pxe"
check "JSON is for programs" explain rack3-07 --format json
check "and has the rules" says '"text" : "It is the machine rack3-07, told by its mac."'
check "the configuration alone says the same" \
  sh -c "'$BOOTWIRE' explain rack3-07 --config '$CONFIG' --architecture x86-bios >'$WORK/explained'"
check "of the same machine" says "+ Its machine has the profile busybox."
same "explaining leased nothing" 1 "$(ask leases --json | grep -c '"address"')"
finish
