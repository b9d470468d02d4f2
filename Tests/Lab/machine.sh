#!/usr/bin/env bash
# A network to try bootwire on, and a machine in it: for the README's commands. All is in a network
# namespace, bootwire, out of which nothing leads, and in FOLDER.
#   machine.sh network FOLDER   the network: bootwire's interface is s0 = 10.77.0.1/24. Makes what the
#                               machine installs, below FOLDER/files
#   machine.sh boot FOLDER      switches the machine on, or off and on: a BIOS, a network card, a disk that
#                               is empty at first. Shows its console until it asks who logs in
#   machine.sh down FOLDER      takes the network away, and all that runs in it
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
name=bootwire
# As in Fixtures/configurations/node/catalog/rack1.yaml.
mac=52:54:00:77:02:01
limit=${LIMIT:-300}

die() {
  echo "machine.sh: $*" >&2
  exit 2
}
[ $# = 2 ] || die "say network, boot or down, and the site's folder"
[ "$(id -u)" = 0 ] || die "a network namespace needs root: run it with sudo"
[ -d "$2" ] || die "there is no folder $2"
folder=$(cd "$2" && pwd)
disk=$folder/rack1.disk
console=$folder/rack1.console
pid=$folder/rack1.pid

network() {
  "$here/packages.sh" lab
  if ! ip netns list | grep -qw "$name"; then
    ip netns add "$name"
    ip -n "$name" link set lo up
    ip -n "$name" link add s0 type bridge stp_state 0 forward_delay 0
    ip -n "$name" addr add 10.77.0.1/24 brd + dev s0
    ip -n "$name" tuntap add port1 mode tap
    ip -n "$name" link set port1 master s0 up
    ip -n "$name" link set s0 up
  fi
  mkdir -p "$folder/files"
  "$here/installer.sh" "$folder/files"
  echo "The network is there, with bootwire's interface s0; what rack1 installs is in $2/files."
}

boot() {
  ip netns list | grep -qw "$name" || die "there is no network: machine.sh network $2 makes it"
  if [ -s "$pid" ] && kill "$(cat "$pid")" 2>/dev/null; then
    while kill -0 "$(cat "$pid")" 2>/dev/null; do sleep 0.1; done
  fi
  [ -e "$disk" ] || truncate -s 1G "$disk"
  : >"$console"
  ip netns exec "$name" qemu-system-x86_64 -machine "pc,graphics=off" -accel tcg -m 512 -display none -monitor none \
    -device "virtio-net-pci,netdev=lan,bootindex=1,mac=$mac" -netdev "tap,id=lan,ifname=port1,script=no,downscript=no" \
    -device "virtio-blk-pci,drive=disk,bootindex=2" -drive "file=$disk,format=raw,if=none,id=disk" \
    -serial "file:$console" -daemonize -pidfile "$pid"
  echo "rack1 is switched on; its console:"
  local shown=0 lines end=$((SECONDS + limit))
  until grep -aq 'rack1 login:' "$console"; do
    lines=$(grep -ac '' "$console" || true)
    text "$((shown + 1)),${lines}p"
    shown=$lines
    [ "$SECONDS" -lt "$end" ] || die "it does not ask who logs in, after $limit seconds"
    sleep 0.5
  done
  text "$((shown + 1)),\$p"
}
# Lines of the console, without what moves a terminal's cursor.
text() { sed -n "$1" "$console" | tr -d '\r' | sed 's/\x1b\[[0-9;?=]*[A-Za-z]//g; s/\x1bc//g; s/^/  /' | grep -a '[^ ]' || true; }

down() {
  local pid
  for pid in $(ip netns pids "$name" 2>/dev/null); do kill "$pid" 2>/dev/null || true; done
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    [ -n "$(ip netns pids "$name" 2>/dev/null)" ] || break
    sleep 0.2
  done
  for pid in $(ip netns pids "$name" 2>/dev/null); do kill -9 "$pid" 2>/dev/null || true; done
  ip netns del "$name" 2>/dev/null || true
}

case $1 in
network | boot | down) "$1" "$@" ;;
*) die "say network, boot or down, not $1" ;;
esac
