#!/usr/bin/env bash
# Addresses of the pool that somebody else has: they are found before they are offered, on the wire by
# ARP, behind a relay by ping; also after the leases were lost, whose machines go on living by them.
# shellcheck source=Tests/Lab/lab.sh disable=SC2119
. "$(dirname "$0")/lab.sh"
# shellcheck source=Tests/Lab/neighbours.sh
. "$(dirname "$0")/neighbours.sh"

told() { [ "$(grep 'address.occupied' "$LOG" | grep -c "occupied=$1\>")" -ge 1 ]; }
is_new() { [ -n "$1" ] && [ "$1" != 10.77.0.101 ] && [ "$1" != 10.77.0.103 ]; }
squat() { # squat N ADDRESS: machine N has it, without asking
  on "$1" ip addr add "$2/24" dev e0
}

lab_up
for n in 1 2 3 9; do machine "$n"; done
squat 9 10.77.0.100
squat 9 10.77.0.102
# It answers nothing but ARP, as a host behind a firewall does.
sysctl_in "$LAB-c9" net/ipv4/icmp_echo_ignore_all 1
configure
sed -i -e 's/probe: off/probe: ahead/' "$CONFIG"
# After a power cut the switch is the last to run: silence until then proves nothing.
ip -n "$LAN" link set p1 down
check "bootwire starts" serve
sleep 4
ip -n "$LAN" link set p1 up
check "the first address of the pool is found in use" until_true 5 told 10.77.0.100
check "so is the third" until_true 5 told 10.77.0.102
check "and the log says by whom" grep -q "address.occupied.*$(mac 9)" "$LOG"
sleep 2.5
same "the first machine gets the second address" 10.77.0.101 "$(lease 1)"
same "the second machine gets the fourth" 10.77.0.103 "$(lease 2)"
refused=$(lease 3 -r 10.77.0.100)
check "who asks for one in use gets another" [ -n "$refused" ]
check "which is not that one" [ "$refused" != 10.77.0.100 ]

# The leases are lost; machines 1 and 2 live on at their addresses, and nothing is to be probed.
stop_server KILL
for file in "$WORK"/state/leases.sqlite*; do head -c 5000 /dev/urandom >"$file"; done
sed -i -e 's/probe: ahead/probe: off/' "$CONFIG"
on 9 ip addr flush dev e0
check "bootwire starts with its leases lost" serve
on 3 ip link set e0 address 52:54:00:77:03:03
check "a new machine gets an address that is none of theirs" is_new "$(lease 3)"
same "a machine that starts again has the address that it had" 10.77.0.101 "$(lease 1)"
same "so has the other" 10.77.0.103 "$(lease 2)"
stop_server

# Behind a relay there is no ARP.
for n in 1 2; do on "$n" ip addr flush dev e0; done
sysctl_in "$LAB-c9" net/ipv4/icmp_echo_ignore_all 0
relay_up
squat 9 10.77.0.100
on 9 ip route add default via 10.77.0.254
configure_networks "$TOP/Fixtures/configurations/behind-a-relay.yaml"
sed -i -e 's/probe: off/probe: ahead/' "$CONFIG"
rm -f "$WORK"/state/leases.sqlite*
: >"$LOG"
check "bootwire starts beside the relay" serve
check "an address behind it is found in use" until_true 5 told 10.77.0.100
sleep 2.5
same "and the next one is given" 10.77.0.101 "$(lease 1)"
finish
