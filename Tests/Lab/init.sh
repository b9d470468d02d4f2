#!/bin/busybox sh
# The whole operating system of the lab's machine. It gets an address, its answer file from the URL
# that the kernel's command line names, and reports to where the answer file says; then it is done.
# shellcheck shell=dash
/bin/busybox --install -s /bin
export PATH=/bin
mount -t devtmpfs devtmpfs /dev
mount -t proc proc /proc
mount -t sysfs sysfs /sys
echo "LAB Linux $(uname -r) is up"

fail() {
  echo "LAB FAILED: $*"
  dmesg | tail -n 20
  poweroff -f
}

for module in /modules/*.ko; do
  case $module in
  *-efivarfs.ko) [ -d /sys/firmware/efi ] || continue ;;
  esac
  insmod "$module" || echo "LAB no $module"
done
card=
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  for path in /sys/class/net/e*; do [ -e "$path" ] && card=${path##*/}; done
  [ -n "$card" ] && break
  sleep 0.2
done
[ -n "$card" ] || fail "no network card"
ip link set lo up
ip link set "$card" up
LEASE=/tmp/lease udhcpc -i "$card" -f -q -n -t 10 -T 1 -s /bin/bound || fail "no lease"
address=$(sed -n 's/^ip=//p' /tmp/lease)

answer=$(tr ' ' '\n' </proc/cmdline | sed -n 's/^answer=//p')
[ -n "$answer" ] || fail "no answer= on the kernel's command line"
# Debian's busybox has no wget -T: it ends in a segmentation fault.
timeout 20 wget -q -O /tmp/answer "$answer" || fail "no answer file at $answer"
echo "LAB answer file: $(wc -c </tmp/answer) bytes"
report=$(sed -n 's/^report=//p' /tmp/answer)
machine=$(sed -n 's/^machine=//p' /tmp/answer)
[ -n "$report" ] || fail "the answer file names no report URL"

firmware=bios secure_boot=off
if [ -d /sys/firmware/efi ]; then
  firmware=uefi
  # What firmware says of itself, behind four octets of attributes; and what the kernel made of it.
  mount -t efivarfs efivarfs /sys/firmware/efi/efivars
  variable=/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c
  [ "$(tail -c 1 "$variable" 2>/dev/null | hexdump -v -e '1/1 "%u"')" = 1 ] && secure_boot=on
  dmesg | grep -iE 'secureboot|locked down' | sed 's/^/LAB /'
fi
text="machine=$machine mac=$(cat "/sys/class/net/$card/address") ip=$address kernel=$(uname -r) arch=$(uname -m) firmware=$firmware secure-boot=$secure_boot"
timeout 20 wget -q -O /dev/null --post-data "$text" "$report" || fail "the report was not taken at $report"
echo "LAB reported: $text"
poweroff -f
