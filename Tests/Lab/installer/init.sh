#!/bin/busybox sh
# The lab's installer, and what starts the system that it has written: the kernel's command line
# says which, by `install=URL` of its answer file or `root=UUID=…`.
#
# The answer file is shell, made by bootwire for this machine: MACHINE, DOMAIN, DISK, ROOT_PASSWORD
# (as in shadow(5)), AUTHORIZED_KEYS, HOST_KEY (may be empty: then one is made), and the URLs FILES,
# HOOKS and REPORT.
# shellcheck shell=dash source=/dev/null disable=SC2153
/bin/busybox --install -s /bin
export PATH=/sbin:/usr/bin:/bin
mount -t devtmpfs devtmpfs /dev
mount -t proc proc /proc
mount -t sysfs sysfs /sys
echo "LAB Linux $(uname -r) is up"

argument() { tr ' ' '\n' </proc/cmdline | sed -n "s/^$1=//p"; }
say() { echo "LAB $*"; }
REPORT=
report() { # report KEY=VALUE…: one line each
  [ -n "$REPORT" ] || return 0
  printf '%s\n' "$@" >/tmp/report
  timeout 20 wget -q -O /dev/null --post-file /tmp/report "$REPORT"
}
fail() {
  say "FAILED: $*"
  report state=failed "reason=$*"
  sync
  poweroff -f
  sleep 60
}

for module in /modules/*.ko; do
  case $module in
  *-efivarfs.ko) [ -d /sys/firmware/efi ] || continue ;;
  esac
  insmod "$module" || say "no $module"
done

root=$(argument root)
if [ -n "$root" ]; then
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    disk=$(findfs "$root") && break
    sleep 0.2
  done
  mount -t ext4 "$disk" /mnt || {
    say "FAILED: no root file system $root"
    poweroff -f
  }
  mount --move /dev /mnt/dev
  umount /proc /sys
  exec switch_root /mnt /bin/busybox init
fi

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

# fetch URL FILE; an empty file where there is none.
fetch() { timeout 60 wget -q -O "$2" "$1"; }
fetch "$(argument install)" /tmp/answer || fail "no answer file"
. /tmp/answer || fail "the answer file is no shell"
report state=installing || fail "the report was not taken"
say "installing $MACHINE on $DISK"

hooks() { # hooks WHEN: runs them, in the installer's own world
  fetch "$HOOKS/$1" "/tmp/$1" || fail "no hooks $1"
  TARGET=/target sh -e "/tmp/$1" </dev/null || fail "a hook $1 ended with $?"
  say "ran $1"
}
hooks pre-install

# One table for both kinds of firmware: an EFI system partition, from which extlinux starts too.
printf 'label: gpt\nsize=96MiB, type=U, attrs=LegacyBIOSBootable\ntype=L\n' |
  sfdisk -q --wipe always "$DISK" || fail "no partition table"
part=$DISK
case $DISK in
*[0-9]) part=${DISK}p ;;
esac
for _ in 1 2 3 4 5 6 7 8 9 10; do
  [ -b "${part}2" ] && break
  sleep 0.2
done
uuid=$(cat /proc/sys/kernel/random/uuid)
mkfs.fat -F 32 -n BOOT "${part}1" >/tmp/mkfs 2>&1 || fail "no boot file system"
/sbin/mke2fs -q -F -t ext4 -U "$uuid" -L root "${part}2" || fail "no root file system"
mkdir -p /target
mount -t ext4 "${part}2" /target || fail "the root file system does not mount"
mkdir -p /target/boot/efi
fetch "$FILES/system.tar.gz" /tmp/system.tar.gz || fail "no system"
tar -xzf /tmp/system.tar.gz -C /target || fail "the system does not unpack"
rm /tmp/system.tar.gz
say "unpacked"

# What makes it this machine.
umask 077
echo "$MACHINE" >/target/etc/hostname
printf '127.0.0.1 localhost\n127.0.1.1 %s.%s %s\n' "$MACHINE" "$DOMAIN" "$MACHINE" >/target/etc/hosts
printf 'root:%s:19000:0:99999:7:::\nsshd:*:19000:0:99999:7:::\n' "$ROOT_PASSWORD" >/target/etc/shadow
mkdir -p /target/root/.ssh
printf '%s' "$AUTHORIZED_KEYS" >/target/root/.ssh/authorized_keys
key=/target/etc/ssh/ssh_host_ed25519_key
mount -t proc proc /target/proc
mount --bind /dev /target/dev
if [ -n "$HOST_KEY" ]; then
  printf '%s\n' "$HOST_KEY" >"$key"
  chroot /target ssh-keygen -y -f /etc/ssh/ssh_host_ed25519_key >"$key.pub" || fail "the host key is none"
else
  chroot /target ssh-keygen -q -t ed25519 -N '' -C "$MACHINE" -f /etc/ssh/ssh_host_ed25519_key ||
    fail "no host key"
fi
HOST_KEY_PUBLIC=$(cut -d " " -f 1,2 "$key.pub")
umask 022
chmod 644 /target/etc/hostname /target/etc/hosts
cat /proc/sys/kernel/random/uuid >/target/etc/installation
echo "$card" >/target/etc/card

# The boot loader.
mount -t vfat "${part}1" /target/boot/efi || fail "the boot file system does not mount"
for file in linux installer.gz; do
  fetch "$FILES/$file" "/target/boot/efi/$file" || fail "no $file"
done
arguments="root=UUID=$uuid console=ttyS0 quiet panic=-1"
if [ -d /sys/firmware/efi ]; then
  firmware=uefi
  mkdir -p /target/boot/efi/EFI/BOOT /target/boot/efi/loader/entries
  cp /boot/BOOTX64.EFI /target/boot/efi/EFI/BOOT/
  printf 'default node.conf\ntimeout 0\n' >/target/boot/efi/loader/loader.conf
  printf 'title %s\nlinux /linux\ninitrd /installer.gz\noptions %s\n' "$MACHINE" "$arguments" \
    >/target/boot/efi/loader/entries/node.conf
else
  firmware=bios
  mkdir -p /target/boot/efi/extlinux
  printf 'DEFAULT node\nLABEL node\nLINUX /linux\nINITRD /installer.gz\nAPPEND %s\n' "$arguments" \
    >/target/boot/efi/extlinux/extlinux.conf
  extlinux --install /target/boot/efi/extlinux >/tmp/extlinux 2>&1 || fail "no boot loader: $(cat /tmp/extlinux)"
  dd if=/boot/gptmbr.bin of="$DISK" bs=440 count=1 conv=notrunc 2>/dev/null || fail "no boot record"
fi
say "made it start by $firmware"

fetch "$HOOKS/first-boot" /target/etc/first-boot || fail "no hooks first-boot"
hooks post-install
system=$(sed -n 's/^PRETTY_NAME="\(.*\)"/\1/p' /target/etc/os-release)
umount /target/dev /target/proc /target/boot/efi
sync
umount /target || fail "the disk is still in use"
report state=installed "hostname=$MACHINE" "address=$address" "host-key=$HOST_KEY_PUBLIC" "os=$system" \
  "kernel=$(uname -r)" "cpu=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" \
  "memory=$(sed -n 's/^MemTotal: *//p' /proc/meminfo)" \
  "disk=$DISK $(cat "/sys/block/${DISK##*/}/size") sectors" || fail "the report was not taken"
say "installed"
sync
reboot -f
sleep 60
