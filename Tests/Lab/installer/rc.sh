#!/bin/busybox sh
# The installed system's start, once at each: its name, its network, its first-boot hooks.
# shellcheck shell=dash
export PATH=/bin:/sbin:/usr/bin:/usr/sbin
[ -x /bin/sh ] || /bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tmpfs tmpfs /run
mkdir -p /dev/pts /run/sshd
mount -t devpts devpts /dev/pts
hostname -F /etc/hostname
ip link set lo up
card=$(cat /etc/card)
ip link set "$card" up
udhcpc -i "$card" -b -t 10 -T 1 -x "hostname:$(hostname)" -s /bin/bound >/run/udhcpc 2>&1
if [ -e /etc/first-boot ]; then
  # Taken away first: whatever it does, it does it once.
  mv /etc/first-boot /var/lib/first-boot
  sh -e /var/lib/first-boot >/var/log/first-boot 2>&1 </dev/null
  echo "ended with $?" >>/var/log/first-boot
fi
echo "LAB $(hostname) runs from its disk"
