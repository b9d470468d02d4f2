#!/usr/bin/env bash
# Machines behind a relay that is not ours: ISC's dhcrelay, which adds option 82.
# shellcheck source=Tests/Lab/lab.sh disable=SC2119
. "$(dirname "$0")/lab.sh"
# shellcheck source=Tests/Lab/neighbours.sh
. "$(dirname "$0")/neighbours.sh"

of_lease() { sed -n "s/^$2=//p" "$WORK/lease-$1" 2>/dev/null; }
is_near() { [[ ${1:-} =~ ^10\.77\.0\.1[0-9][0-9]$ ]]; }
is_far() { [[ ${1:-} =~ ^10\.78\.0\.1[0-9][0-9]$ ]]; }
by_tftp() { on 1 timeout 10 busybox tftp -b 1468 -g -r file -l "$WORK/got" "$SERVER" && cmp "$WORK/files/file" "$WORK/got"; }
by_http() { on 1 curl -sS --max-time 10 -o "$WORK/got" "http://$SERVER/files/file" && cmp "$WORK/files/file" "$WORK/got"; }
renewed() { [ "$(grep -c 'lease of .* obtained' "$WORK/udhcpc-renew.log")" -ge 2 ]; }
rom() { on 2 "$TOP/Tests/Lab/pxe.pl" discover e0 0 PXEClient:Arch:00000:UNDI:002001; }

lab_up
relay_up
machine 1
machine 2
machine 3 br1
head -c 300000 /dev/urandom >"$WORK/files/file"
mkdir -p "$WORK/loaders/ipxe"
# A boot program by its first instruction, a jump to 7c0:5; nobody runs it here.
{ printf '\352\005\000\300\007' && head -c 2000 /dev/urandom; } >"$WORK/loaders/ipxe/undionly.kpxe"
configure_networks "$TOP/Fixtures/configurations/behind-a-relay.yaml"
check "bootwire starts" serve

first=$(lease 1)
check "a machine behind the relay gets an address of its own network" is_near "$first"
same "its router is that network's" 10.77.0.254 "$(of_lease 1 router)"
same "its server is bootwire, not the relay" "$SERVER" "$(of_lease 1 serverid)"
same "it has the same address when it starts again" "$first" "$(lease 1)"
same "also when it asks for broadcast replies" "$first" "$(lease 1 -B)"
second=$(lease 2)
check "so does a second machine" is_near "$second"
check "and not the first one's" [ "$first" != "$second" ]
check "a machine beside bootwire, at the same time, gets one of that network" is_far "$(lease 3)"
check "it has a file by TFTP through the router" by_tftp
check "and by HTTP" by_http
same "a boot ROM that is no iPXE is told its loader through the relay" 1 \
  "$(rom | grep -c "next=$SERVER file=loaders/ipxe/undionly.kpxe .*server=$SERVER\$")"

# It renews with bootwire itself, past the relay.
on 1 env "LEASE=$WORK/lease-renew" busybox udhcpc -i e0 -f -t 8 -T 1 -s "$TOP/Tests/Lab/bound.sh" >"$WORK/udhcpc-renew.log" 2>&1 &
client=$!
pids+=("$client")
until_true 10 test -s "$WORK/lease-renew"
kill -USR1 "$(pgrep -P "$client" busybox || echo "$client")"
check "it renews its lease with bootwire itself" until_true 10 renewed
same "and keeps its address" "$first" "$(sed -n 's/^ip=//p' "$WORK/lease-renew")"
finish
