# shellcheck shell=bash
# Machines with firmware, in QEMU: sourced by the boots, after lab.sh.
#
#   power_on FIRMWARE [TAP]   switches a machine on; its console goes to $WORK/serial-FIRMWARE.log
#   await_reports FIRMWARE…   waits until bootwire has recorded the report of each
#   show_boot FIRMWARE        its timeline, or what a person wants to see of a boot that failed
#
# A machine's name in the configuration is lab-FIRMWARE.
# shellcheck disable=SC2154

FIRMWARES=(bios bios-pxelinux bios-undionly uefi uefi-snponly uefi-http uefi-grub arm64 arm64-http uboot)
CACHE=${CACHE:-$TOP/.build/lab}
declare -A guest=() switched_on=() limit=() outcome=() took=()

# The seconds that a boot may take with two cores of TCG to itself; more when others use them too.
noise() { awk -v cores="$(nproc)" '{ n = 1 + int($1 / cores); print (n > 4 ? 4 : n) }' /proc/loadavg; }

architecture_of() {
  case $1 in
  arm64* | uboot) echo arm64 ;;
  *) echo amd64 ;;
  esac
}

# firmware NAME TAP: sets `qemu`, the machine's whole command line, and `steps`, what its timeline
# must hold in this order.
firmware() {
  local card="virtio-net-pci,netdev=lan,bootindex=1,romfile=,mac" vars=$WORK/vars-$1.fd
  local pc=(qemu-system-x86_64 -machine "pc,graphics=off" -m 256)
  local q35=(qemu-system-x86_64 -machine "q35,smm=off" -m 512 -nodefaults -device virtio-rng-pci
    -drive "if=pflash,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd"
    -drive "if=pflash,format=raw,file=$vars")
  local virt=(qemu-system-aarch64 -machine "virt,gic-version=2" -cpu cortex-a57 -m 512 -nodefaults
    -device virtio-rng-pci)
  local aavmf=(-drive "if=pflash,format=raw,readonly=on,file=/usr/share/AAVMF/AAVMF_CODE.fd"
    -drive "if=pflash,format=raw,file=$vars")
  # EDK II is told to leave IPv6 alone, which would be tried first for a minute; and PXE, for HTTP.
  local ipv4=(-fw_cfg "name=opt/org.tianocore/IPv6PXESupport,string=n")
  local http=("${ipv4[@]}" -fw_cfg "name=opt/org.tianocore/IPv4PXESupport,string=n")
  local address='address.offered' ipxe='discover.received .* ipxe"' script='script.rendered' menu='menu.rendered'
  # iPXE beside its loader finds this, and needs no DHCP of its own where it knows the firmware's lease.
  local autoexec='menu.rendered +program=autoexec'
  local sent='(file.served|transfer.completed) +file='
  local lease=(lease.granted)
  if [ -n "${BESIDE_A_SERVER:-}" ]; then
    # Somebody else gives the addresses; the boot comes by an OFFER without one, or from port 4011.
    address='boot.(offered|acknowledged)' lease=()
  fi
  # Behind a router iPXE looks for the server on its own wire, for 20 seconds, and then asks DHCP.
  [ -z "${BEHIND_A_RELAY:-}" ] || autoexec=$ipxe
  # The last ACK may never leave the card that the kernel takes. That init speaks says that all came.
  local begun='(file.served|transfer.started) +file='
  local end=("${sent}[^ ]*linux " "${begun}[^ ]*initrd.gz " "${lease[@]}" 'answer.rendered' 'machine.reported')
  case $1 in
  # SeaBIOS starts the iPXE that QEMU's virtio card has in its ROM; so has BIOS_CARD=rtl8139.
  bios)
    qemu=("${pc[@]}" -device "${BIOS_CARD:-virtio-net-pci},netdev=lan,bootindex=1,mac=52:54:00:77:00:01")
    steps=("$ipxe" "$address" "$script" "${end[@]}")
    ;;
  # Debian has no ROM that is not iPXE, and nothing takes the marks of iPXE away from QEMU's: so
  # it gets the operator's script, which chains the loader by TFTP. Proven: PXELINUX on UNDI, all
  # that it fetches, and the machine that it starts. Not proven here: that a ROM other than iPXE
  # is given a loader's name: relay.sh and proxy.sh ask as such a ROM does, Tests/ServicesTests has
  # packets of real ones.
  bios-pxelinux)
    qemu=("${pc[@]}" -device "virtio-net-pci,netdev=lan,bootindex=1,mac=52:54:00:77:00:11")
    steps=("$ipxe" "$address" "$script" "${sent}loaders/signed/pxelinux.0 " "$menu" "${end[@]}")
    ;;
  # Likewise; undionly.kpxe then asks DHCP itself, with the ROM's UNDI as its network card.
  bios-undionly)
    qemu=("${pc[@]}" -device "virtio-net-pci,netdev=lan,bootindex=1,mac=52:54:00:77:00:12")
    steps=("$ipxe" "$address" "$script" "${sent}loaders/ipxe/undionly.kpxe "
      "$ipxe|$autoexec" "$script" "${end[@]}")
    ;;
  # An empty ROM takes iPXE off the card, so that it is EDK II that does PXE.
  uefi)
    qemu=("${q35[@]}" "${ipv4[@]}" -device "$card=52:54:00:77:00:02")
    steps=('x86-64-efi pxe"' "$address" "${sent}loaders/ipxe/ipxe-amd64.efi " "$autoexec" "$script" "${end[@]}")
    ;;
  uefi-snponly)
    qemu=("${q35[@]}" "${ipv4[@]}" -device "$card=52:54:00:77:00:13")
    steps=('x86-64-efi pxe"' "$address" "${sent}loaders/snponly/snponly.efi " "$autoexec" "$script" "${end[@]}")
    ;;
  uefi-http)
    qemu=("${q35[@]}" "${http[@]}" -device "$card=52:54:00:77:00:14")
    steps=('x86-64-efi http"' "$address" "${sent}loaders/ipxe/ipxe-amd64.efi " "$autoexec" "$script" "${end[@]}")
    ;;
  # shim and GRUB as Debian signs them; without Secure Boot here.
  uefi-grub)
    qemu=("${q35[@]}" "${ipv4[@]}" -device "$card=52:54:00:77:00:15")
    steps=('x86-64-efi pxe"' "$address" "${sent}loaders/signed/shimx64.efi " "${sent}loaders/signed/grubx64.efi " "$menu" "${end[@]}")
    ;;
  arm64)
    qemu=("${virt[@]}" "${aavmf[@]}" "${ipv4[@]}" -device "$card=52:54:00:77:00:21")
    steps=('arm64-efi pxe"' "$address" "${sent}loaders/ipxe/ipxe-arm64.efi " "$autoexec" "$script" "${end[@]}")
    ;;
  arm64-http)
    qemu=("${virt[@]}" "${aavmf[@]}" "${http[@]}" -device "$card=52:54:00:77:00:22")
    steps=('arm64-efi http"' "$address" "${sent}loaders/ipxe/ipxe-arm64.efi " "$autoexec" "$script" "${end[@]}")
    ;;
  # U-Boot's board has this hardware address, whatever QEMU says; Linux after it has QEMU's.
  uboot)
    qemu=("${virt[@]}" -bios /usr/lib/u-boot/qemu_arm64/u-boot.bin -device "$card=52:52:52:52:52:52")
    steps=('discover.received .* uboot"' "$address" "$menu" "${end[@]}")
    ;;
  *) die "firmware is one of ${FIRMWARES[*]}, or all; not $1" ;;
  esac
  case $1 in
  uefi*) cp /usr/share/OVMF/OVMF_VARS_4M.fd "$vars" ;;
  arm64*) cp /usr/share/AAVMF/AAVMF_VARS.fd "$vars" ;;
  esac
  qemu+=(-accel "tcg,thread=multi" -smp 1 -display none -monitor none
    -uuid 4c4c4544-0042-4c10-8056-b4c04f4c4142 -serial "file:$WORK/serial-$1.log"
    -netdev "tap,id=lan,ifname=$2,script=no,downscript=no")
  # A machine with a disk asks the network first all the same, and starts again when it likes.
  if [ -n "${DISK:-}" ]; then
    qemu+=(-drive "file=$DISK,format=raw,if=none,id=disk,cache=unsafe" -device "virtio-blk-pci,drive=disk,bootindex=2")
  else
    qemu+=(-no-reboot)
  fi
}

# provide FIRMWARE…: the files and loaders that these machines will ask for, after `configure`.
provide() {
  local name architecture
  for name in "$@"; do
    architecture=$(architecture_of "$name")
    case $architecture in
    amd64)
      "$TOP/Tests/Lab/payload.sh" "$CACHE" || die "no kernel and initramfs to boot"
      cp "$CACHE/linux" "$CACHE/initrd.gz" "$WORK/files/"
      ;;
    *)
      "$TOP/Tests/Lab/payload.sh" "$CACHE/$architecture" "$architecture" || die "no kernel and initramfs to boot"
      mkdir -p "$WORK/files/$architecture"
      cp "$CACHE/$architecture/linux" "$CACHE/$architecture/initrd.gz" "$WORK/files/$architecture/"
      ;;
    esac
    case $name in
    bios | uboot) ;;
    *) install_loaders ;;
    esac
  done
}

# What `bootwire loaders install` gets, once for all boots of one run.
install_loaders() {
  [ ! -e "$WORK/loaders/ipxe" ] || return 0
  if [ -n "${LOADERS:-}" ] && [ -d "$LOADERS/ipxe" ]; then
    cp -a "$LOADERS/." "$WORK/loaders/"
    return
  fi
  "$BOOTWIRE" loaders install --config "$CONFIG" | sed 's/^/  /' || die "no loader for this firmware"
  [ -z "${LOADERS:-}" ] || cp -a "$WORK/loaders/." "$LOADERS/"
}

power_on() { # power_on FIRMWARE [TAP]
  local name=$1 tap=${2:-tap0} base=60
  firmware "$name" "$tap"
  [ "$(architecture_of "$name")" = amd64 ] || base=90
  limit[$name]=${LIMIT:-$((base * $(noise)))}
  : >"$WORK/serial-$name.log"
  ip netns exec "$LAN" "${qemu[@]}" >"$WORK/qemu-$name.log" 2>&1 </dev/null &
  guest[$name]=$!
  pids+=("$!")
  switched_on[$name]=$SECONDS
}

power_off() { # power_off FIRMWARE: pulls the plug
  kill -9 "${guest[$1]}" 2>/dev/null
  wait "${guest[$1]}" 2>/dev/null
}

timeline() { ask timeline "lab-$1"; }
reported() { timeline "$1" | grep -q machine.reported; }

# missing_step FIRMWARE: the first step that its timeline does not hold in its place, if any.
missing_step() {
  local name=$1 step from=1 line history
  history=$(timeline "$name")
  firmware "$name" tap0
  for step in "${steps[@]}"; do
    line=$(tail -n "+$from" <<<"$history" | grep -nE -m 1 -- "$step" | cut -d: -f1)
    [ -n "$line" ] || {
      echo "$step"
      return
    }
    from=$((from + line))
  done
}

# ended FIRMWARE: whether its boot is over; says how in `outcome`, empty when all is well.
ended() {
  local name=$1 step
  took[$name]=$((SECONDS - switched_on[$name]))
  if reported "$name"; then
    step=$(missing_step "$name")
    outcome[$name]=${step:+reported, but its timeline has no \"$step\" where it should be}
  elif ! kill -0 "$server_pid" 2>/dev/null; then
    outcome[$name]="was left alone: bootwire ended"
  elif ! kill -0 "${guest[$name]}" 2>/dev/null && ! reported "$name"; then
    # A machine that is done switches itself off; its report may have come with its last breath.
    outcome[$name]="switched itself off without a report"
  elif [ "${took[$name]}" -ge "${limit[$name]}" ]; then
    outcome[$name]="has not reported after ${limit[$name]} seconds"
  else
    return 1
  fi
}

await_reports() { # await_reports FIRMWARE…: true when all have reported
  local name waiting=("$@") still bad=0
  while [ ${#waiting[@]} -gt 0 ]; do
    sleep 0.5
    still=()
    for name in "${waiting[@]}"; do
      if ended "$name"; then
        power_off "$name"
        [ -z "${outcome[$name]}" ] || bad=1
      else
        still+=("$name")
      fi
    done
    waiting=("${still[@]}")
  done
  return "$bad"
}

# after FIRMWARE EVENT: seconds from its first DISCOVER to the first such event, or a dash.
after() {
  timeline "$1" | awk -v event="$2" 'match($0, event) { sub("s$", "", $1); printf "%.1f", $1; found = 1; exit }
    END { if (!found) printf "-" }'
}

console() { tr -d '\r' <"$WORK/serial-$1.log" | sed 's/\x1b\[[0-9;?]*[A-Za-z]//g' | grep -a .; }

show_boot() {
  local name=$1
  echo
  if [ -z "${outcome[$name]}" ]; then
    timeline "$name"
    echo
    echo "Booted: lab-$name reported ${took[$name]} seconds after power-on."
    return
  fi
  sed 's/^/  /' "$WORK/qemu-$name.log"
  echo "The console of lab-$name ends:"
  console "$name" | tail -n 25 | sed 's/^/  /'
  echo "bootwire's log:"
  tail -n 60 "$LOG" | sed 's/^/  /'
  echo "The timeline that bootwire has of it:"
  timeline "$name" | sed 's/^/  /'
  echo "FAILED: lab-$name ${outcome[$name]}."
}

# record FILE: everything on the machines' switch from here on, for Wireshark.
record() {
  ip netns exec "$LAN" tcpdump -i "${2:-tap0}" -s 0 -U -Z root -w "$1" >"$WORK/tcpdump.log" 2>&1 &
  recorder=$!
  pids+=("$recorder")
  until_true 5 grep -q listening "$WORK/tcpdump.log" || die "tcpdump does not record: $(cat "$WORK/tcpdump.log")"
}

end_record() { # what is still in flight belongs to it
  sleep 0.5
  kill "$recorder" 2>/dev/null
  wait "$recorder" 2>/dev/null
}

# watch_boots [INTERFACE] [FOLDER] [NAMESPACE]: bootwire records the machines there, each into a file
# below FOLDER, until end_watch; may be said for several interfaces.
watchers=()
watch_boots() {
  local said=$WORK/record-${#watchers[@]}
  ip netns exec "${3:-$LAN}" "$BOOTWIRE" record --interface "${1:-tap0}" --directory "${2:-$WORK/recorded}" \
    >"$said.out" 2>"$said.err" &
  watchers+=("$!")
  pids+=("$!")
  until_true 10 grep -q 'Ctrl-C ends it' "$said.err" || die "bootwire does not record: $(cat "$said.err")"
}

end_watch() { # what is still in flight belongs to it
  local watcher
  sleep 0.5
  for watcher in "${watchers[@]}"; do
    kill -INT "$watcher" 2>/dev/null
    wait "$watcher" 2>/dev/null
  done
  watchers=()
}

# replay_boots: what was just recorded boots again without a machine: in its own world, and by the
# configuration that it booted with.
replay_boots() {
  local bad=0 files
  files=("$WORK"/recorded/*.pcap)
  [ -e "${files[0]}" ] || {
    echo "FAILED: bootwire recorded nothing."
    return 1
  }
  echo
  echo "Replayed in its own world:"
  "$BOOTWIRE" replay "${files[@]}" || bad=1
  echo "Replayed by the configuration:"
  "$BOOTWIRE" replay --config "$CONFIG" "${files[@]}" | tee "$WORK/replay.out"
  [ "${PIPESTATUS[0]}" = 0 ] || bad=1
  # Each of them: a machine's line begins with its hardware address.
  grep -E '^  ([0-9a-f]{2}:){5}' "$WORK/replay.out" >"$WORK/verdicts" || bad=1
  ! grep -vE ': boots$' "$WORK/verdicts" || bad=1
  [ "$bad" = 0 ] || echo "FAILED: the recording does not boot again."
  return "$bad"
}
