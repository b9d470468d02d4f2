#!/usr/bin/env bash
# Makes what the lab's machines boot, from Debian packages: payload.sh FOLDER [amd64|arm64]
#   FOLDER/linux      the kernel that Debian makes for virtual machines: small, and virtio in modules
#   FOLDER/initrd.gz  busybox, the modules of a virtio network card and of EFI's variables, and init.sh
# The packages are downloaded (apt verifies them) and unpacked, not installed; what is made is kept.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
folder=$(cd "$1" && pwd)
architecture=${2:-amd64}
# shellcheck source=Tests/Lab/apt.sh
. "$here/apt.sh"

newer() { # newer FILE THAN…
  local file=$1
  shift
  for than in "$@"; do [ "$file" -nt "$than" ] || return 1; done
}
if newer "$folder/initrd.gz" "$here/init.sh" "$here/bound.sh" "$here/payload.sh" "$here/apt.sh"; then exit 0; fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
apt_for "$architecture" "$work/apt"

kernel=$(newest "linux-image-cloud-$architecture")
[ -n "$kernel" ] || {
  echo "payload.sh: apt knows no linux-image-cloud-$architecture" >&2
  exit 2
}
unpack "$work/kernel" "$kernel"
unpack "$work/busybox" busybox-static

root=$work/root
mkdir -p "$root"/{bin,dev,proc,sys,modules,tmp,etc}
cp "$work/busybox/bin/busybox" "$root/bin/busybox"
cp "$here/init.sh" "$root/init"
cp "$here/bound.sh" "$root/bin/bound"
chmod 755 "$root/init" "$root/bin/bound"
# In the order in which each finds the symbols that it needs.
number=100
for module in virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci failover net_failover virtio_net efivarfs; do
  file=$(find "$work/kernel/lib/modules" -name "$module.ko" -print -quit)
  # A module that is not there is built in.
  # As it is: where Secure Boot is on, the kernel takes only what Debian signed.
  [ -z "$file" ] || cp "$file" "$root/modules/$number-$module.ko"
  number=$((number + 1))
done

cp "$work"/kernel/boot/vmlinuz-* "$folder/linux.new"
mv "$folder/linux.new" "$folder/linux"
(cd "$root" && find . -print0 | LC_ALL=C sort -z | cpio --null --create --format=newc --quiet) | gzip -9n >"$folder/initrd.new"
mv "$folder/initrd.new" "$folder/initrd.gz"
