#!/usr/bin/env bash
# Makes a small operating system and its installer, from Debian packages: installer.sh FOLDER
#   FOLDER/linux          Debian's kernel for virtual machines
#   FOLDER/installer.gz   busybox, what writes disks and boot loaders, and installer/init.sh
#   FOLDER/system.tar.gz  what the installer unpacks on the disk: busybox and OpenSSH's server; the
#                         same kernel and initramfs start it from there
# The packages are downloaded (apt verifies them) and unpacked, not installed; what is made is kept.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
folder=$(cd "$1" && pwd)
# shellcheck source=Tests/Lab/apt.sh
. "$here/apt.sh"

stale=
for than in "$here"/installer/* "$here/bound.sh" "$here/installer.sh" "$here/apt.sh"; do
  [ "$folder/system.tar.gz" -nt "$than" ] || stale=1
done
[ -n "$stale" ] || exit 0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
apt_for amd64 "$work/apt"
kernel=$(newest linux-image-cloud-amd64)
[ -n "$kernel" ] || {
  echo "installer.sh: apt knows no linux-image-cloud-amd64" >&2
  exit 2
}
tools=(busybox-static e2fsprogs fdisk dosfstools extlinux syslinux-common systemd-boot-efi)
server=(openssh-server openssh-client)
# What their programs are linked with; what is missing here is said below.
libraries=(libc6 libaudit1 libblkid1 libcap-ng0 libcap2 libcom-err2 libcrypt1 libext2fs2 libfdisk1
  libgcrypt20 libgpg-error0 libgssapi-krb5-2 libk5crypto3 libkeyutils1 libkrb5-3 libkrb5support0
  liblz4-1 liblzma5 libnsl2 libpam0g libpcre2-8-0 libreadline8 libselinux1 libsmartcols1 libssl3
  libsystemd0 libtinfo6 libtirpc3 libuuid1 libwrap0 libzstd1 zlib1g)
debian=$work/debian
unpack "$debian" "$kernel" "${tools[@]}" "${server[@]}" "${libraries[@]}"
version=$(basename "$debian"/lib/modules/*)

# link ROOT FILE: the libraries that FILE needs, and what these need.
link() {
  local library found
  while read -r library; do
    [ ! -e "$1/lib/x86_64-linux-gnu/$library" ] || continue
    found=$(find "$debian/lib" "$debian/usr/lib" -name "$library" -print -quit)
    [ -n "$found" ] || {
      echo "installer.sh: $2 needs $library, which none of the packages has" >&2
      return 2
    }
    install -D -m 755 "$(readlink -f "$found")" "$1/lib/x86_64-linux-gnu/$library"
    link "$1" "$found"
  done < <(readelf -d "$2" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
}
program() { # program ROOT PATH…: programs of the packages with all that they need
  local root=$1 path
  shift
  mkdir -p "$root/lib64" "$root/lib/x86_64-linux-gnu"
  install -m 755 "$debian/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2" "$root/lib/x86_64-linux-gnu/"
  ln -sf /lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 "$root/lib64/ld-linux-x86-64.so.2"
  for path in "$@"; do
    install -D -m 755 "$debian/$path" "$root/$path"
    link "$root" "$debian/$path"
  done
}
busybox() { # busybox ROOT: with the folders that every root has
  mkdir -p "$1"/{bin,sbin,usr/bin,usr/sbin,dev,proc,sys,run,tmp,etc,root,mnt,var/empty,var/log,var/lib}
  install -m 755 "$debian/bin/busybox" "$1/bin/busybox"
  install -m 755 "$here/bound.sh" "$1/bin/bound"
  chmod 1777 "$1/tmp"
  chmod 700 "$1/root"
}

# The initramfs: it installs, or starts what was installed.
root=$work/installer
busybox "$root"
install -m 755 "$here/installer/init.sh" "$root/init"
program "$root" sbin/mke2fs sbin/sfdisk sbin/mkfs.fat usr/bin/extlinux
cp "$debian/etc/mke2fs.conf" "$root/etc/"
install -D -m 644 "$debian/usr/lib/EXTLINUX/gptmbr.bin" "$root/boot/gptmbr.bin"
install -D -m 644 "$debian/usr/lib/systemd/boot/efi/systemd-bootx64.efi" "$root/boot/BOOTX64.EFI"
# In the order in which each finds the symbols that it needs; what is not there is built in.
mkdir "$root/modules"
number=100
for module in virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci failover \
  net_failover virtio_net virtio_blk virtio-rng nls_ascii nls_cp437 fat vfat efivarfs; do
  file=$(find "$debian/lib/modules" -name "$module.ko" -print -quit)
  [ -z "$file" ] || cp "$file" "$root/modules/$number-$module.ko"
  number=$((number + 1))
done
cp "$debian/boot/vmlinuz-$version" "$folder/linux.new"
mv "$folder/linux.new" "$folder/linux"
(cd "$root" && find . -print0 | LC_ALL=C sort -z | cpio --null --create --format=newc --quiet) |
  gzip -9n >"$folder/installer.new"
mv "$folder/installer.new" "$folder/installer.gz"

# The system on the disk.
system=$work/system
busybox "$system"
mkdir -p "$system"/{boot,etc/init.d,run/sshd,var/empty}
program "$system" usr/sbin/sshd usr/bin/ssh-keygen
install -m 755 "$here/installer/rc.sh" "$system/etc/init.d/rc"
cp "$here/installer/inittab" "$system/etc/inittab"
install -D -m 644 "$here/installer/sshd_config" "$system/etc/ssh/sshd_config"
printf 'root:x:0:0:root:/root:/bin/sh\nsshd:x:100:65534::/run/sshd:/bin/false\n' >"$system/etc/passwd"
printf 'root:x:0:\nnogroup:x:65534:\n' >"$system/etc/group"
echo /bin/sh >"$system/etc/shells"
cat >"$system/etc/os-release" <<RELEASE
ID=bootwire-lab
NAME="bootwire lab"
PRETTY_NAME="bootwire lab on Debian's kernel $version"
RELEASE
tar -C "$system" --owner=0 --group=0 -c . | gzip -6n >"$folder/system.new"
mv "$folder/system.new" "$folder/system.tar.gz"
