#!/usr/bin/env bash
# Records the boots of Fixtures/replays: real firmware in QEMU, elided before they are kept.
#   captures.sh [NAME…]     which; all of them without one
#     FOLDER=DIRECTORY      where to (default Fixtures/replays); what is there is written over
#     WHOLE=DIRECTORY       keeps the recordings as they were before they were elided, too
# The machines boot standin.pl's kernel, so that recordings stay small, and are switched off when they
# have it and its RAM disk. Each recording is replayed at once, in its own world and, where bootwire
# booted it, by the configuration that it booted with.
# shellcheck source=Tests/Lab/lab.sh disable=SC2119
. "$(dirname "$0")/lab.sh"
# shellcheck source=Tests/Lab/guest.sh
. "$(dirname "$0")/guest.sh"
# shellcheck source=Tests/Lab/neighbours.sh
. "$(dirname "$0")/neighbours.sh"
# shellcheck source=Tests/Lab/peer.sh
. "$(dirname "$0")/peer.sh"

NAMES=(bios bios-rtl8139 bios-pxelinux bios-undionly bios-loss uefi uefi-snponly uefi-http uefi-grub
  proxy-bios proxy-uefi relay-bios relay-uefi arm64 arm64-http uboot dnsmasq-bios dnsmasq-uefi)
FOLDER=${FOLDER:-$TOP/Fixtures/replays}
mkdir -p "$FOLDER"
[ $# -gt 0 ] || set -- "${NAMES[@]}"
if [ $# -gt 1 ]; then
  bad=0
  export LOADERS=${LOADERS:-$WORK/loaders-of-all}
  mkdir -p "$LOADERS"
  for name in "$@"; do
    echo "=== $name"
    FOLDER=$FOLDER "$TOP/Tests/Lab/captures.sh" "$name" || bad=1
  done
  exit "$bad"
fi

name=$1
# By bootwire, unless the name says otherwise.
case $name in
bios-rtl8139 | bios-loss | *-bios) machine=bios ;;
*-uefi) machine=uefi ;;
*) machine=$name ;;
esac
case " ${FIRMWARES[*]} " in *" $machine "*) ;; *) die "the recordings are ${NAMES[*]}, not \"$name\"" ;; esac

# What machines boot here, in place of `provide`'s.
stand_in() {
  local folder=$WORK/files architecture
  architecture=$(architecture_of "$machine")
  [ "$architecture" = amd64 ] || folder=$WORK/files/$architecture
  mkdir -p "$folder"
  "$TOP/Tests/Lab/standin.pl" "$architecture" >"$folder/linux"
  head -c 102400 /dev/urandom >"$folder/initrd.gz"
  case $machine in
  bios | uboot) ;;
  *) install_loaders ;;
  esac
}

has_all() {
  case $name in
  dnsmasq-*) grep -q 'GET /initrd.gz ' "$PEER.access" 2>/dev/null ;;
  *) timeline "$machine" | grep -qE '(file.served|transfer.completed) +file=[^ ]*initrd.gz ' ;;
  esac
}

keep() { # keep FOLDER NAME: elides the machine's recording
  local files recording=$FOLDER/$2.pcap
  files=("$WORK/$1"/*.pcap)
  if [ ${#files[@]} != 1 ] || [ ! -e "${files[0]}" ]; then
    echo "FAILED: $name has ${#files[@]} recordings"
    return 1
  fi
  [ -z "${WHOLE:-}" ] || cp "${files[0]}" "$WHOLE/$2.pcap"
  rm -f "$recording" "$recording.elided"
  "$BOOTWIRE" record --elide --from "${files[0]}" --to "$recording" || return 1
  chmod 644 "$recording" "$recording.elided"
  echo "$recording: $(stat -c %s "$recording") bytes"
  "$BOOTWIRE" replay "$recording" || return 1
  case $name in dnsmasq-*) return ;; esac
  "$BOOTWIRE" replay --config "$CONFIG" "$recording"
}

firmware "$machine" tap0
switch=br0
[ "$name" != bios-rtl8139 ] || export BIOS_CARD=rtl8139
lab_up
case $name in
relay-*)
  relay_up
  configure_networks "$TOP/Fixtures/configurations/behind-a-relay.yaml"
  export BEHIND_A_RELAY=1
  ;;
proxy-*)
  foreign_up
  configure_networks "$TOP/Fixtures/configurations/beside-a-server.yaml"
  export BESIDE_A_SERVER=1
  ;;
bios-loss)
  add_switch br2
  switch=br2
  ip netns exec "$LAN" "$TOP/Tests/Lab/lossy.pl" lossy0 lossy1 5 7 &
  pids+=("$!")
  until_true 5 ip -n "$LAN" link set lossy1 master br2 up
  ip -n "$LAN" link set lossy0 master br0 up
  configure
  ;;
*) configure ;;
esac
stand_in
tap tap0 "$switch"
case $name in
dnsmasq-*)
  peer_programs
  peer_files "$machine"
  peer_up
  ;;
*) serve || exit 1 ;;
esac
watch_boots tap0 "$WORK/near"
case $name in relay-bios) watch_boots s0 "$WORK/far" "$SRV" ;; esac

power_on "$machine" tap0
until_true "${limit[$machine]}" has_all
status=$?
end_watch
power_off "$machine"
if [ "$status" != 0 ]; then
  outcome[$machine]="has no RAM disk after ${limit[$machine]} seconds"
  case $name in dnsmasq-*) cat "$PEER.log" ;; *) show_boot "$machine" ;; esac
  exit 1
fi
case $name in
# Where the server records its TFTP, a frame is a window, whose blocks no cut takes out.
relay-bios)
  keep near "$name" && keep far "$name-server"
  ;;
*) keep near "$name" ;;
esac
