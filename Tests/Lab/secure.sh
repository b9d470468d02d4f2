#!/usr/bin/env bash
# Firmware that verifies: Secure Boot with Microsoft's keys enrolled, and HTTPS.
#   secure.sh secure   signed shim, GRUB and kernel by TFTP (Debian 12's GRUB), HTTP and HTTPS Boot
#                      (the next release's), and on arm64 by TFTP; an unsigned loader is refused
#   secure.sh https    UEFI HTTPS Boot with our authority in the firmware; without it, with another
#                      one, and with a certificate for somebody else; iPXE's script by HTTPS, with
#                      and without trust
#   secure.sh PART MACHINE…   only these machines of the part
# Every refusal must be seen on the machine's console, and none may report.
# shellcheck source=Tests/Lab/lab.sh disable=SC2119,SC2317,SC2329
. "$(dirname "$0")/lab.sh"
# shellcheck source=Tests/Lab/guest.sh
. "$(dirname "$0")/guest.sh"

declare -A MACHINES=(
  [secure]="secure secure-unsigned secure-http secure-https arm64-secure arm64-unsigned"
  [https]="https https-stranger https-foreign https-misnamed ipxe ipxe-stranger"
)
part=${1:-}
[ -n "${MACHINES[$part]:-}" ] || die "the part is secure or https, not \"$part\""
shift
[ $# -gt 0 ] || read -ra chosen <<<"${MACHINES[$part]}"
[ $# = 0 ] || chosen=("$@")

TLS=$WORK/tls
BOOKWORM=$CACHE/loaders-bookworm
CARDS=$(sed -n "s/^  - {name: lab-\([^,]*\), mac: \"\([^\"]*\)\".*/\1 \2/p" "$TOP/Fixtures/configurations/secure.yaml")
card_of() { awk -v name="$1" '$1 == name { print $2 }' <<<"$CARDS"; }

# firmware NAME TAP: as guest.sh's, for the machines of this script.
firmware() {
  local name=$1 vars=$WORK/vars-$1.fd board="q35,smm=off"
  local code=/usr/share/OVMF/OVMF_CODE_4M.fd keys=/usr/share/OVMF/OVMF_VARS_4M.fd
  local card more=() sent='(file.served|transfer.completed) +file=' grub
  card=virtio-net-pci,netdev=lan,bootindex=1,romfile=,mac=$(card_of "$name")
  grub=("${sent}loaders/signed/grub(x|aa)64.efi " 'menu.rendered +program=grub')
  # As in guest.sh: the last ACK may never leave the card.
  local begun='(file.served|transfer.started) +file='
  local kernel=("${sent}[^ ]*linux " "${begun}[^ ]*initrd.gz " lease.granted answer.rendered)
  local end=("${kernel[@]}" machine.reported) verified=("${kernel[@]}" 'machine.reported .*firmware=uefi secure-boot=on')
  # Without IPv6, which would be tried first for a minute; HTTP only where it is what is tested.
  more+=(-fw_cfg "name=opt/org.tianocore/IPv6PXESupport,string=n")
  case $name in
  *http*) more+=(-fw_cfg "name=opt/org.tianocore/IPv4PXESupport,string=n") ;;
  esac
  case $name in
  https-foreign) more+=(-fw_cfg "name=etc/edk2/https/cacerts,file=$TLS-foreign/ca.esl") ;;
  secure-https | https | https-misnamed) more+=(-fw_cfg "name=etc/edk2/https/cacerts,file=$TLS/ca.esl") ;;
  esac
  case $name in
  # What enforces Secure Boot is in System Management Mode, where the operating system cannot reach.
  secure*)
    board="q35,smm=on"
    code=/usr/share/OVMF/OVMF_CODE_4M.ms.fd keys=/usr/share/OVMF/OVMF_VARS_4M.ms.fd
    more+=(-global "driver=cfi.pflash01,property=secure,value=on" -global ICH9-LPC.disable_s3=1)
    ;;
  arm64*) code=/usr/share/AAVMF/AAVMF_CODE.ms.fd keys=/usr/share/AAVMF/AAVMF_VARS.ms.fd ;;
  esac
  case $name in
  arm64*) qemu=(qemu-system-aarch64 -machine "virt,gic-version=2" -cpu cortex-a57) ;;
  *) qemu=(qemu-system-x86_64 -machine "$board") ;;
  esac
  [ -e "$vars" ] || cp "$keys" "$vars"
  qemu+=(-m 1024 -nodefaults -device virtio-rng-pci -accel "tcg,thread=multi" -smp 1 -display none -monitor none
    -no-reboot -uuid 4c4c4544-0042-4c10-8056-b4c04f4c4142 -serial "file:$WORK/serial-$name.log"
    -drive "if=pflash,format=raw,readonly=on,file=$code" -drive "if=pflash,format=raw,file=$vars"
    "${more[@]}" -netdev "tap,id=lan,ifname=$2,script=no,downscript=no" -device "$card")
  case $name in
  secure | arm64-secure)
    steps=('efi pxe"' "${sent}loaders/signed/shim(x|aa)64.efi " "${grub[@]}" "${verified[@]}")
    ;;
  secure-http*) steps=('x86-64-efi http"' "file.served +file=loaders/signed/shimx64.efi " "${grub[@]}" "${verified[@]}") ;;
  https) steps=('x86-64-efi http"' "file.served +file=loaders/ipxe/ipxe-amd64.efi " script.rendered "${end[@]}") ;;
  ipxe) steps=('x86-64-efi pxe"' "transfer.completed +file=loaders/ipxe/ipxe-amd64.efi " script.rendered "${end[@]}") ;;
  *) steps=() ;;
  esac
}

# serve_by WAY [LOADERS]: bootwire anew, by plain HTTP or by HTTPS alone.
serve_by() {
  [ -z "$server_pid" ] || stop_server
  configure "$TOP/Fixtures/configurations/secure.yaml"
  [ -z "${2:-}" ] || sed -i "s#^loaders:.*#loaders: $2#" "$CONFIG"
  case $1 in
  http) ;;
  *)
    sed -i 's#http: 80#http: false#; s#https: false#https: 443#' "$CONFIG"
    local tls=$TLS
    [ "$1" != misnamed ] || tls=$TLS-misnamed
    printf 'tls:\n  certificate: [%s/server-rsa.pem, %s/server-ecdsa.pem]\n' "$tls" "$tls" >>"$CONFIG"
    printf '  key: [%s/server-rsa.key, %s/server-ecdsa.key]\n' "$tls" "$tls" >>"$CONFIG"
    [ "$1" = distrusted ] || echo "  trust: $TLS/ca.pem" >>"$CONFIG"
    ;;
  esac
  serve || exit 1
}

boots() { # boots NAME: it reports, by every step
  power_on "$1"
  await_reports "$1"
  local status=$?
  show_boot "$1"
  if [ "$status" = 0 ]; then ok "lab-$1 booted, ${took[$1]} s after power-on"; else not_ok "lab-$1 ${outcome[$1]}"; fi
}

sees() { console "$1" | grep -qE "$2"; }
says() { timeline "$1" | grep -qE "$2"; }
says_not() { ! says "$@"; }
logged() { grep -qE "$1" "$LOG"; }

# TCP connections that the server has taken.
# shellcheck disable=SC2016
opened() { ip netns exec "$SRV" awk '/^Tcp:/ { if (n++) print $7 }' /proc/net/snmp; }

# refused NAME CONSOLE EVENTS: what the console must say within the time; none of EVENTS may follow.
refused() {
  local name=$1 text=$2
  before=$(opened)
  power_on "$name"
  if until_true "${limit[$name]}" sees "$name" "$text"; then
    ok "lab-$name says, $((SECONDS - switched_on[$name])) s after power-on: $(console "$name" | grep -oE -m 1 "$text")"
  else
    not_ok "lab-$name does not say \"$text\"" "$(console "$name")"
  fi
  # A machine that went on all the same would be seen by its next question.
  sleep 3
  power_off "$name"
  timeline "$name" | sed 's/^/#   /'
  check "lab-$name did no more: no $3" says_not "$name" "$3|machine.reported"
}

lab_up
tap tap0
configure "$TOP/Fixtures/configurations/secure.yaml"
needed=(uefi)
[[ " ${chosen[*]} " != *" arm64"* ]] || needed+=(arm64)
provide "${needed[@]}"
"$BOOTWIRE" certificates init --into "$TLS" --name boot.lab.test --address "$SERVER" >"$WORK/said" || die "$(cat "$WORK/said")"
"$BOOTWIRE" certificates init --into "$TLS-foreign" --address "$SERVER" >"$WORK/said" || die "$(cat "$WORK/said")"
# By the same authority, for somebody else.
mkdir "$TLS-misnamed"
cp "$TLS"/ca.* "$TLS-misnamed/"
"$BOOTWIRE" certificates init --into "$TLS-misnamed" --name other.lab.test --address 10.77.0.9 >"$WORK/said" || die "$(cat "$WORK/said")"

verified() {
  ip netns exec "$SRV" timeout 10 openssl s_client -connect "$SERVER:443" -CAfile "$TLS/ca.pem" -verify_return_error "$@" </dev/null
}
not_verified() { ! verified "$@"; }

unreachable='Error: Could not retrieve NBP file size from HTTP server'
untrusted='https://10.77.0.1/boot.ipxe... Permission denied .https://ipxe.org/0216eb'
denied='(Access Denied|Security Violation)'
for name in "${chosen[@]}"; do
  echo "=== $name"
  case $name in
  secure | arm64-secure)
    [ -e "$BOOKWORM/manifest.json" ] || "$BOOTWIRE" loaders install --release bookworm --into "$BOOKWORM" | sed 's/^/  /'
    [ -e "$BOOKWORM/manifest.json" ] || die "no signed loaders of Debian 12"
    serve_by http "$BOOKWORM"
    boots "$name"
    ;;
  secure-http)
    serve_by http
    boots "$name"
    ;;
  # iPXE by the trust of its firmware alone; `trust` of the configuration is for the next.
  https)
    serve_by distrusted
    boots "$name"
    ;;
  secure-https | ipxe)
    serve_by https
    boots "$name"
    ;;
  secure-unsigned | arm64-unsigned)
    serve_by http
    # iPXE, had it been started, would have asked for its script.
    refused "$name" "$denied" 'menu.rendered|script.rendered'
    check "and it had fetched it" says "$name" 'transfer.completed +file=loaders/ipxe/ipxe-(amd64|arm64).efi'
    ;;
  https-stranger)
    serve_by https
    refused "$name" "$unreachable" file.served
    ;;
  https-foreign)
    serve_by https
    refused "$name" "$unreachable" file.served
    check "and it had asked" test "$(opened)" -gt "$before"
    ;;
  https-misnamed)
    serve_by misnamed
    check "the certificate is the authority's" verified
    check "but for somebody else" not_verified -verify_ip "$SERVER"
    refused "$name" "$unreachable" file.served
    check "and it had asked" test "$(opened)" -gt "$before"
    ;;
  ipxe-stranger)
    serve_by distrusted
    refused "$name" "$untrusted" 'script.rendered|file.served'
    check "and it had asked" test "$(opened)" -gt "$before"
    ;;
  *) die "no machine $name in the part $part" ;;
  esac
done
finish
