#!/usr/bin/env bash
# Installs, by Debian package name, what is missing of what bootwire is built and tested with.
#   packages.sh [PART]…      build, lab (default: both), capture, times, FIRMWARE or SCENARIO of the
#                            lab, or all
set -euo pipefail

# Headers and tools of the build: libpcap, SQLite, libyaml, OpenSSL, the linker and strip.
build=(binutils git libc6-dev libpcap-dev libsqlite3-dev libssl-dev libyaml-dev pkg-config)
# Machines and clients of the lab, the analysis of the systemd unit, the shell checker.
lab=(atftp bind9-dnsutils busybox-static cpio curl dnsmasq-base iproute2 ipxe-qemu
  isc-dhcp-client isc-dhcp-relay jq knot-dnsutils ldnsutils openssh-client openssh-server openssl ovmf perl-base procps
  python3-dnspython python3-unbound python3-venv
  qemu-system-x86
  shellcheck strace systemd tftp-hpa util-linux)
# Firmware, and the machines that only it runs on.
arm64=(qemu-system-arm qemu-efi-aarch64)
uboot=(qemu-system-arm u-boot-qemu)

wanted=()
[ $# -gt 0 ] || set -- build lab
for part in "$@"; do
  case $part in
  build) wanted+=("${build[@]}") ;;
  lab) wanted+=("${lab[@]}") ;;
  capture) wanted+=(tcpdump) ;;
  # Beside the lab's dnsmasq-base; peer.sh unpacks nginx.
  times) wanted+=(tcpdump u-boot-tools) ;;
  # What the lab has anyway.
  bios* | uefi* | relay | proxy | networks | https | install | debian-installer | recorder) ;;
  readme) wanted+=(sudo) ;;
  fleet) wanted+=(wrk) ;;
  # Time::HiRes of its perl scripts.
  soak) wanted+=(perl) ;;
  arm64* | secure) wanted+=("${arm64[@]}") ;;
  uboot) wanted+=("${uboot[@]}") ;;
  all) wanted+=("${arm64[@]}" "${uboot[@]}") ;;
  *)
    echo "packages.sh: $part is no part: see its first lines" >&2
    exit 2
    ;;
  esac
done

missing=()
for package in "${wanted[@]}"; do
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null || {
    echo "These packages are missing, and only root can install them: ${missing[*]}" >&2
    exit 1
  }
  as_root=(sudo)
fi
echo "Installing what is missing: ${missing[*]}"
install=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends
  -qq -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=120)
# A fresh machine has no list of packages, or an old one.
"${install[@]}" "${missing[@]}" </dev/null || {
  "${as_root[@]}" apt-get update -qq
  "${install[@]}" "${missing[@]}" </dev/null
}
