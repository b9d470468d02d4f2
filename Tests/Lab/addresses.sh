#!/usr/bin/env bash
# Addresses for other people's DHCP clients: busybox udhcpc and ISC dhclient.
# shellcheck source=Tests/Lab/lab.sh disable=SC2119
. "$(dirname "$0")/lab.sh"

of_lease() { sed -n "s/^$2=//p" "$WORK/lease-$1" 2>/dev/null; }
in_pool() { [[ ${1:-} =~ ^10\.77\.0\.1[0-9][0-9]$ ]]; }
listed() { ask leases list | grep -i "$(mac "$1")" | grep -qw "$2"; }
unlisted() { ! listed "$@"; }

dhclient_lease() { # dhclient_lease N: prints the address that ISC's client got
  rm -f "$WORK/dhclient-$1.leases" "$WORK/dhclient-$1.pid"
  on "$1" timeout 30 dhclient -4 -1 -v -cf /dev/null -sf /bin/true -lf "$WORK/dhclient-$1.leases" \
    -pf "$WORK/dhclient-$1.pid" e0 >>"$WORK/dhclient-$1.log" 2>&1
  # It goes to the background first, and says its number then.
  until_true 3 test -s "$WORK/dhclient-$1.pid" || true
  [ ! -s "$WORK/dhclient-$1.pid" ] || kill "$(cat "$WORK/dhclient-$1.pid")" 2>/dev/null
  sed -n 's/.*fixed-address \(.*\);/\1/p' "$WORK/dhclient-$1.leases" 2>/dev/null | tail -n 1
}

lab_up
for n in 1 2 3; do machine "$n"; done
configure
check "bootwire starts" serve

first=$(lease 1)
check "udhcpc gets an address of the pool" in_pool "$first"
same "udhcpc is told the network mask" 255.255.255.0 "$(of_lease 1 subnet)"
same "udhcpc is told the router" 10.77.0.1 "$(of_lease 1 router)"
same "udhcpc is told the domain" lab.test "$(of_lease 1 domain)"
same "udhcpc is told the lease time" 3600 "$(of_lease 1 lease)"
same "udhcpc is told the server's own address" "$SERVER" "$(of_lease 1 serverid)"
check "the lease is listed over the control socket" listed 1 "$first"
same "a machine that starts again has the same address" "$first" "$(lease 1)"
same "a machine that names its address has it" "$first" "$(lease 1 -r "$first")"
same "a broadcast reply reaches a client that asks for one" "$first" "$(lease 1 -B)"

second=$(dhclient_lease 2)
check "dhclient gets an address of the pool" in_pool "$second"
check "dhclient's router is the subnet's" grep -q 'option routers 10.77.0.1;' "$WORK/dhclient-2.leases"
same "dhclient has the same address when it starts again" "$second" "$(dhclient_lease 2)"
check "two machines have two addresses" [ "$first" != "$second" ]

# An address that belongs to somebody else, asked for by name: refused, and another one given.
third=$(lease 3 -r "$first")
check "an address that is leased is not given twice" [ "$third" != "$first" ]
check "and the machine that asked for it has another" in_pool "$third"

# udhcpc takes its address away before its RELEASE is through ARP, so dhclient shows this.
on 2 ip addr add "$second/24" brd + dev e0
on 2 timeout 20 dhclient -4 -r -cf /dev/null -sf /bin/true -lf "$WORK/dhclient-2.leases" \
  -pf "$WORK/dhclient-2.pid" e0 >>"$WORK/dhclient-2.log" 2>&1
check "a released address is no lease any more" until_true 5 unlisted 2 "$second"

# A flood of clients that do not exist, in two waves: what boots comes again, and has an address.
check "DISCOVERs of clients that do not exist" on 2 "$TOP/Tests/Lab/flood.pl" e0 3000 1
on 3 ip link set e0 address 52:54:00:77:02:03
fourth=$(lease 3)
check "leave an address for a machine that boots" in_pool "$fourth"
check "more of them, of other clients" on 2 "$TOP/Tests/Lab/flood.pl" e0 3000 2
same "leave it to it" "$fourth" "$(lease 3)"
same "and the first machine has its own" "$first" "$(lease 1)"

# A reservation, for a machine whose operating system asks like any other.
on 3 ip link set e0 address 52:54:00:77:00:01
same "a reserved machine gets its reservation" 10.77.0.7 "$(lease 3)"
finish
