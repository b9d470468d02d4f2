#!/usr/bin/env bash
# Others on a wire where bootwire gives the addresses: a DHCP server that is not ours, and one machine
# that is a thousand clients.
# shellcheck source=Tests/Lab/lab.sh disable=SC2119
. "$(dirname "$0")/lab.sh"
# shellcheck source=Tests/Lab/neighbours.sh
. "$(dirname "$0")/neighbours.sh"

told() { grep -q "$@" "$LOG"; }
hardware() { ip -n "$1" -br link show "$2" | awk '{print $3}'; }

lab_up
machine 1
machine 2
configure
check "bootwire starts" serve
check "a machine gets an address" test -n "$(lease 1)"
check "Case 20: on a wire of its own nobody is seen" bash -c "! grep -q server.seen '$LOG'"

foreign_up
rogue=$(hardware "$LAB-other" o0)
# Only what is sent to everyone comes by here.
lease 2 -B >/dev/null
check "Case 20: a server that is not ours is told of, with its MAC, its address and what it says" \
  until_true 5 told -E "server\.seen .*server=10\.77\.0\.2 hardware=$rogue interface=s0 offer=10\.77\.0\.2[0-9]+ .*options=53,54"
check "Case 20: once" [ "$(grep -c 'server\.seen.*hardware=' "$LOG")" = 1 ]
kill -9 "$foreign"
wait "$foreign" 2>/dev/null

check "DISCOVERs of clients that do not exist, for some seconds" \
  on 2 sh -c "for wave in 1 2 3 4 5 6; do '$TOP/Tests/Lab/flood.pl' e0 400 \$wave; sleep 0.5; done"
check "Case 16: a flood is told of" told 'flood\.seen .*interface=s0'
check "Case 16: and the machine that makes it, by the address of its frames" \
  until_true 10 told "flood\\.traced .*interface=s0 source=$(mac 2) clients="
check "Case 16: who has a lease keeps it" test -n "$(lease 1)"
check "bootwire still answers" ask status
finish
