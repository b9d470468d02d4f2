#!/usr/bin/env bash
# bootwire as proxyDHCP beside a DHCP server that is not ours: dnsmasq gives every address, bootwire
# tells boot ROMs what to boot, and says nothing to anybody else.
# shellcheck source=Tests/Lab/lab.sh disable=SC2119
. "$(dirname "$0")/lab.sh"
# shellcheck source=Tests/Lab/neighbours.sh
. "$(dirname "$0")/neighbours.sh"

OURS=10.77.0.1
BIOS=PXEClient:Arch:00000:UNDI:002001
EFI=PXEClient:Arch:00007:UNDI:003000
of_lease() { sed -n "s/^$2=//p" "$WORK/lease-$1" 2>/dev/null; }
of_dnsmasq() { [[ ${1:-} =~ ^10\.77\.0\.2[1-4][0-9]$ ]]; }
rom() { on 2 "$TOP/Tests/Lab/pxe.pl" "$@"; }
ours() { grep " server=$OURS\$" <<<"$said"; }
told() { [[ $(ours) == *"$1"* ]]; }

lab_up
foreign_up
machine 1
machine 2
mkdir -p "$WORK/loaders/ipxe"
# A boot program by its first instruction, a jump to 7c0:5; nobody runs it here.
{ printf '\352\005\000\300\007' && head -c 2000 /dev/urandom; } >"$WORK/loaders/ipxe/undionly.kpxe"
configure_networks "$TOP/Fixtures/configurations/beside-a-server.yaml"
check "bootwire starts" serve

first=$(lease 1)
check "an ordinary machine gets an address of the other server" of_dnsmasq "$first"
same "and nothing from bootwire" 10.77.0.2 "$(of_lease 1 serverid)"
check "bootwire gives no lease" bash -c "! grep -qE 'address\.offered|lease\.granted' '$LOG'"

said=$(rom discover e0 0 "$BIOS")
same "a BIOS boot ROM hears bootwire once" 1 "$(ours | wc -l)"
check "and the other server too" grep -q 'server=10.77.0.2$' <<<"$said"
check "bootwire offers no address" told "your=0.0.0.0 "
check "but itself as the next server" told "next=$OURS "
check "and says that it is PXE" told "class=PXEClient"
check "with the loader's name" told "file=loaders/ipxe/undionly.kpxe "

on 2 ip addr add 10.77.0.250/24 brd + dev e0
for port in 68 4011 40000; do
  said=$(rom ask e0 0 "$BIOS" "$OURS" "$port")
  check "port 4011 answers a question from port $port" told "file=loaders/ipxe/undionly.kpxe "
  check "from port 4011" told "from=$OURS:4011 "
done
said=$(rom discover e0 7 "$EFI")
check "firmware without a loader hears nothing from bootwire" [ -z "$(ours)" ]
kill -9 "$foreign"
wait "$foreign" 2>/dev/null
rm -f "$WORK/lease-1"
check "with the other server gone, nobody gives addresses" [ -z "$(lease 1 -t 2)" ]
check "bootwire still answers" ask status
finish
