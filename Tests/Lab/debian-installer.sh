#!/usr/bin/env bash
# Debian's own installer, of the package debian-installer-12-netboot-amd64, by the configuration in
# Fixtures/configurations/install: it boots in a BIOS machine, fetches its preseed file with
# its secrets, and its preseed/early_command runs the pre-install hooks and reports. No further: what
# it would install next comes from a mirror of Debian, and the lab has none.
# shellcheck source=Tests/Lab/lab.sh disable=SC2119,SC2317
. "$(dirname "$0")/lab.sh"
# shellcheck source=Tests/Lab/guest.sh
. "$(dirname "$0")/guest.sh"
# shellcheck source=Tests/Lab/apt.sh
. "$TOP/Tests/Lab/apt.sh"

node=debian-1
mac=52:54:00:77:0a:01
folder=$CACHE/debian-installer
package=debian-installer-12-netboot-amd64

# Its kernel and RAM disk, kept beside the lab's other files.
if [ ! -e "$folder/initrd.gz" ]; then
  mkdir -p "$folder"
  apt_for amd64 "$WORK/apt"
  unpack "$WORK/debian" "$package" || die "no package $package"
  images=$WORK/debian/usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64
  cp "$images/linux" "$folder/linux"
  cp "$images/initrd.gz" "$folder/initrd.new"
  mv "$folder/initrd.new" "$folder/initrd.gz"
  rm -rf "$WORK/debian"
fi

# The operator's folder as it is, but for the lab's paths and interface; a machine without a screen
# wants the console, and one that is emulated on a busy box must not be asked how its timer does.
CONFIG=$WORK/install
cp -r "$TOP/Fixtures/configurations/install" "$CONFIG"
sed -i -e "s#^state:.*#state: $WORK/state#" -e "s#^files:.*#files: $WORK/files#" -e "s#^loaders:.*#loaders: $WORK/loaders#" \
  -e "s#^control:.*#control: $CONTROL#" -e 's#\beth1\b#s0#' "$CONFIG/bootwire.yaml"
grep -q 'auto=true' "$CONFIG/debian.yaml" || die "the example's kernel arguments are others"
sed -i 's#auto=true#console=ttyS0 DEBIAN_FRONTEND=text quiet no_timer_check auto=true#' "$CONFIG/debian.yaml"
mkdir -p "$WORK/files/debian/12/amd64"
ln "$folder"/* "$WORK/files/debian/12/amd64/" 2>/dev/null || cp "$folder"/* "$WORK/files/debian/12/amd64/"

lab_up
tap tap0
serve || exit 1
check "the machine is armed" ask arm "$node"

firmware bios tap0
# Its RAM disk unpacks to 140 MB.
for i in "${!qemu[@]}"; do
  case ${qemu[i]} in
  256) qemu[i]=1024 ;;
  *mac=*) qemu[i]=${qemu[i]/mac=*/mac=$mac} ;;
  esac
done
DISK=$WORK/disk
truncate -s 4G "$DISK"
ip netns exec "$LAN" "${qemu[@]}" >"$WORK/qemu-bios.log" 2>&1 </dev/null &
guest[bios]=$!
pids+=("$!")
start=$SECONDS
says() { ask timeline "$node" | grep -qE "$1"; }
reached() { # reached NAME PATTERN: an event, in time
  if until_true "$(($(noise) * 120))" says "$2"; then ok "$1, $((SECONDS - start)) s after power-on"; else
    not_ok "$1" "$(console bios | tail -n 20)"
  fi
}
reached "Debian's installer has fetched its preseed file, with its secrets" 'secret.released .*preseed.cfg'
reached "preseed/early_command has reported" 'machine.reported '
reached "and has run the pre-install hooks" 'answer.rendered .*pre-install'
same "the machine is being installed" installing \
  "$(curl -sf --unix-socket "$CONTROL" "http://localhost/api/v1/machines/$node/provision" | jq -r .state)"
ask timeline "$node"
power_off bios
finish
