#!/usr/bin/env bash
# Two networks, and two addresses on one of them: each machine is answered on its own network, and
# every reply leaves from the address that was asked.
# shellcheck source=Tests/Lab/lab.sh disable=SC2119
. "$(dirname "$0")/lab.sh"

of_lease() { sed -n "s/^$2=//p" "$WORK/lease-$1" 2>/dev/null; }
by_tftp() { # by_tftp N ADDRESS [seconds]
  rm -f "$WORK/got"
  on "$1" timeout "${3:-10}" busybox tftp -g -r file -l "$WORK/got" "$2" && cmp "$WORK/files/file" "$WORK/got"
}
by_http() {
  rm -f "$WORK/got"
  on "$1" curl -sS --max-time "${3:-10}" -o "$WORK/got" "http://$2/files/file" && cmp "$WORK/files/file" "$WORK/got"
}
silence() { ! "$@"; }

lab_up
add_switch br1
plug "$SRV" s1 br1
ip -n "$SRV" addr add 10.77.0.3/24 dev s0
ip -n "$SRV" addr add 10.78.0.1/24 brd + dev s1
machine 1 br0
machine 2 br1
head -c 100000 /dev/urandom >"$WORK/files/file"
configure "$TOP/Fixtures/configurations/two-networks.yaml"
check "bootwire starts" serve

lease 1 >"$WORK/one" &
one=$!
lease 2 >"$WORK/two" &
wait "$one" "$!"
check "a machine on the first network has an address there" grep -q '^10\.77\.0\.1..$' "$WORK/one"
check "a machine on the second network has an address there" grep -q '^10\.78\.0\.1..$' "$WORK/two"
same "Case 18: the first network's server is its own address" 10.77.0.1 "$(of_lease 1 serverid)"
same "the second network's server is its own address" 10.78.0.1 "$(of_lease 2 serverid)"
check "TFTP on the second network" by_tftp 2 10.78.0.1
check "HTTP on the second network" by_http 2 10.78.0.1

# The machine now drops whatever comes from 10.77.0.1: the reverse path of it is a black hole.
sysctl_in "$LAB-c1" net/ipv4/conf/all/rp_filter 1
sysctl_in "$LAB-c1" net/ipv4/conf/e0/rp_filter 1
ip -n "$LAB-c1" route add blackhole 10.77.0.1/32
check "(nothing from the first address reaches the machine)" silence by_tftp 1 10.77.0.1 2
check "Case 18: TFTP is answered from the second address when that was asked" by_tftp 1 10.77.0.3
check "Case 18: HTTP is answered from the second address when that was asked" by_http 1 10.77.0.3

# An interface that is made anew is another one to the kernel: what was bound to the old one is deaf.
ip -n "$SRV" link del s1
check "Case 18: a missing interface is told of" until_true 10 grep -q 'interface s1 does not exist' "$LOG"
check "Case 18: TFTP on the other network goes on" by_tftp 1 10.77.0.3
plug "$SRV" s1 br1
ip -n "$SRV" addr add 10.78.0.1/24 brd + dev s1
ip -n "$LAB-c2" neigh flush dev e0
check "Case 18: an interface made anew is served again, unasked" until_true 15 by_http 2 10.78.0.1 1
finish
