#!/usr/bin/env bash
# Makes what the lab's machine boots, from Debian packages: payload.sh FOLDER
#   FOLDER/linux      the kernel that Debian makes for virtual machines: small, and virtio in modules
#   FOLDER/initrd.gz  busybox, the modules of a virtio network card and init.sh
# The packages are downloaded (apt verifies them) and unpacked, not installed; both are kept.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
folder=$(cd "$1" && pwd)

if [ "$folder/initrd.gz" -nt "$here/init.sh" ] && [ "$folder/initrd.gz" -nt "$here/payload.sh" ]; then exit 0; fi
[ "$(dpkg --print-architecture)" = amd64 ] || {
  echo "payload.sh: the lab's machines are x86-64, and so must this one be" >&2
  exit 2
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"

# The package linux-image-cloud-amd64 is empty but for its dependency on the newest kernel.
apt-cache show linux-image-cloud-amd64 >/dev/null 2>&1 || apt-get update -qq
kernel=$(apt-cache depends --important linux-image-cloud-amd64 | sed -n 's/.*Depends: \(linux-image-[^ ]*\).*/\1/p' | head -n 1)
[ -n "$kernel" ] || {
  echo "payload.sh: apt knows no linux-image-cloud-amd64" >&2
  exit 2
}
(cd "$work" && apt-get download -qq -o APT::Sandbox::User=root "$kernel")
dpkg -x "$work/$kernel"_*.deb "$work/kernel"

root=$work/root
mkdir -p "$root"/{bin,dev,proc,sys,modules,tmp,etc}
cp "$(command -v busybox)" "$root/bin/busybox"
cp "$here/init.sh" "$root/init"
cp "$here/bound.sh" "$root/bin/bound"
chmod 755 "$root/init" "$root/bin/bound"
# In the order in which each finds the symbols that it needs.
number=100
for module in virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci failover net_failover virtio_net; do
  file=$(find "$work/kernel/lib/modules" -name "$module.ko" -print -quit)
  # A module that is not there is built in.
  [ -z "$file" ] || cp "$file" "$root/modules/$number-$module.ko"
  number=$((number + 1))
done

cp "$work"/kernel/boot/vmlinuz-* "$folder/linux.new"
mv "$folder/linux.new" "$folder/linux"
(cd "$root" && find . -print0 | LC_ALL=C sort -z | cpio --null --create --format=newc --quiet) | gzip -9n >"$folder/initrd.new"
mv "$folder/initrd.new" "$folder/initrd.gz"
