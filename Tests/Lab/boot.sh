#!/usr/bin/env bash
# Boots one machine from nothing but its network: firmware in QEMU, bootwire the only server.
#   boot.sh [bios|uefi]     UNPRIVILEGED=1: bootwire under the unit's user and capabilities
# Succeeds only when bootwire itself has recorded the machine's report; prints the boot's timeline.
# shellcheck source=Tests/Lab/lab.sh disable=SC2119
. "$(dirname "$0")/lab.sh"

FIRMWARE=${1:-bios}
MACHINE=lab-$FIRMWARE
CACHE=${CACHE:-$TOP/.build/lab}
SERIAL=$WORK/serial.log
guest=

case $FIRMWARE in
# SeaBIOS starts the iPXE that QEMU's virtio card has in its ROM.
bios)
  qemu=(-machine "pc,graphics=off" -m 256 -device "virtio-net-pci,netdev=lan,mac=52:54:00:77:00:01,bootindex=1")
  limit=120
  ;;
# An empty ROM takes iPXE off the card, so that it is EDK II that does PXE; it is told to leave
# IPv6 alone, which would be tried first for a minute.
uefi)
  cp /usr/share/OVMF/OVMF_VARS_4M.fd "$WORK/vars.fd"
  qemu=(-machine "q35,smm=off" -m 512 -nodefaults -device virtio-rng-pci
    -drive "if=pflash,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd"
    -drive "if=pflash,format=raw,file=$WORK/vars.fd"
    -fw_cfg "name=opt/org.tianocore/IPv6PXESupport,string=n"
    -device "virtio-net-pci,netdev=lan,mac=52:54:00:77:00:02,bootindex=1,romfile=")
  limit=180
  ;;
*) die "firmware is bios or uefi, not $FIRMWARE" ;;
esac

lines() { sed 's/^/  /'; }

explain() { # what a person wants to see when a machine did not boot
  echo
  echo "The machine's console ends:"
  tr -d '\r' <"$SERIAL" | sed 's/\x1b\[[0-9;?]*[A-Za-z]//g' | grep -a . | tail -n 25 | lines
  echo "bootwire's log:"
  tail -n 60 "$LOG" | lines
}

timeline() { ask timeline "$MACHINE"; }
reported() { timeline | grep -q machine.reported; }
running() { kill -0 "$guest" 2>/dev/null; }

"$TOP/Tests/Lab/payload.sh" "$CACHE" || die "no kernel and initramfs to boot"
cp "$CACHE/linux" "$CACHE/initrd.gz" "$WORK/files/"
configure
if [ "$FIRMWARE" = uefi ]; then
  "$BOOTWIRE" loaders install --config "$CONFIG" | lines || die "no loader for this firmware"
fi

lab_up
tap tap0
if [ -n "${UNPRIVILEGED:-}" ]; then serve_as_unit || exit 1; else serve || exit 1; fi

echo "A $FIRMWARE machine is switched on; bootwire is process $server_pid$([ -z "${UNPRIVILEGED:-}" ] || echo ", user $NOBODY")."
: >"$SERIAL"
started=$SECONDS
ip netns exec "$LAN" qemu-system-x86_64 -accel tcg,thread=multi -smp 1 -display none -monitor none -no-reboot \
  -uuid 4c4c4544-0042-4c10-8056-b4c04f4c4142 -serial "file:$SERIAL" "${qemu[@]}" \
  -netdev tap,id=lan,ifname=tap0,script=no,downscript=no >"$WORK/qemu.log" 2>&1 &
guest=$!
pids+=("$guest")

outcome="has not reported after $limit seconds"
while [ $((SECONDS - started)) -lt "$limit" ]; do
  if reported; then
    outcome=
    break
  fi
  kill -0 "$server_pid" 2>/dev/null || {
    outcome="was left alone: bootwire ended"
    break
  }
  running || {
    # A machine that is done switches itself off; its report may have come with its last breath.
    reported && outcome= || outcome="switched itself off without a report"
    break
  }
  sleep 0.5
done
seconds=$((SECONDS - started))

echo
if [ -n "$outcome" ]; then
  [ ! -s "$WORK/qemu.log" ] || lines <"$WORK/qemu.log"
  explain
  echo "The timeline that bootwire has of it:"
  timeline | lines
  echo "FAILED: $MACHINE $outcome."
  exit 1
fi
timeline
echo
echo "Booted: $MACHINE ($FIRMWARE) reported $seconds seconds after power-on."
