#!/usr/bin/env bash
# A machine from bare metal to a node, by the operator's own commands: install.sh [bios|uefi]
# It is armed, boots its installer by network, reports, starts from its disk, is reached by SSH with
# the site's key and the host key that was pinned, and is not installed again. The installer and
# what it installs are installer.sh's. Prints its timeline.
# shellcheck source=Tests/Lab/lab.sh disable=SC2119,SC2317
. "$(dirname "$0")/lab.sh"
# shellcheck source=Tests/Lab/guest.sh
. "$(dirname "$0")/guest.sh"

firmware=${1:-bios}
case $firmware in
bios) address=10.77.0.31 mac=52:54:00:77:00:01 ;;
uefi) address=10.77.0.32 mac=52:54:00:77:00:02 ;;
*) die "a machine is installed by bios or uefi, not \"$firmware\"" ;;
esac
node=lab-$firmware

tell() { timeout 30 "$BOOTWIRE" "$@" --control "$CONTROL"; } # a command of the operator's
provision() { # provision FILTER: of what the appliance knows of it
  timeout 10 curl -sf --unix-socket "$CONTROL" "http://localhost/api/v1/machines/$node/provision" | jq -r "$1"
}
state() { provision .state; }
is() { [ "$(state)" = "$1" ]; }
reaches() { # reaches COMMAND…: by SSH, as the operator would: with the site's key and what was pinned
  ip netns exec "$SRV" timeout 30 ssh -i "$WORK/operator" -o IdentitiesOnly=yes -o BatchMode=yes -o ConnectTimeout=5 \
    -o StrictHostKeyChecking=yes -o GlobalKnownHostsFile=/dev/null -o "UserKnownHostsFile=${HOSTS:-$WORK/known_hosts}" \
    -o LogLevel=ERROR "root@$address" "$@"
}
holds() { grep -aqF -e "$1" "${@:2}"; }
holds_no() { [ -s "$2" ] && ! holds "$@"; }
fails() { ! "$@"; }

lab_up
tap tap0
configure "$TOP/Fixtures/configurations/node/bootwire.yaml"
cp -r "$TOP/Fixtures/configurations/node/catalog" "$WORK/catalog"
rm "$WORK/catalog/rack1.yaml"
cat >"$WORK/catalog/$node.yaml" <<MACHINE
machines:
  - {name: $node, mac: "$mac", address: $address, profile: node, labels: {rack: lab}}
hooks:
  # An installer that is in doubt asks twice; what held a secret is gone then.
  ask-again:
    when: pre-install
    text: |
      if wget -q -O /dev/null {{server.http | shell}}{{machine.answers | shell}}/node.conf; then exit 9; fi
MACHINE
sed -i 's/hooks: \[/hooks: [ask-again, /' "$WORK/catalog/node.yaml"
"$TOP/Tests/Lab/installer.sh" "$CACHE/installer" || die "no installer"
cp "$CACHE"/installer/* "$WORK/files/"
[ "$firmware" = bios ] || install_loaders
serve || exit 1
watch_boots tap0

# The operator's part. Of the secrets no trace may be found afterwards but in the machine's own answer.
root_password=$(openssl passwd -6 -salt "canary$$" "$(openssl rand -hex 16)")
canaries=("$root_password")
check "a key pair is made, its private half by the operator only" tell keys generate operator --private "$WORK/operator"
check "the catalog passes a dry run" tell apply -f "$WORK/catalog" --dry-run
check "and is applied" tell apply -f "$WORK/catalog"
check "the root password is set" tell secrets set root-password <<<"$root_password"
# One kind of machine keeps the host key that it is given, the other makes its own.
if [ "$firmware" = bios ]; then
  ssh-keygen -q -t ed25519 -N '' -C "$node" -f "$WORK/host"
  canaries+=("$(sed -n 3p "$WORK/host")")
  check "its host key is set" tell secrets set host-key --machine "$node" --from-file "$WORK/host"
fi
same "the machine is approved" approved "$(state)"
check "its texts can be seen before" tell render "$node"
cp "$WORK/said" "$WORK/rendered"
check "with its answer file" holds MACHINE= "$WORK/rendered"

# As long as two boots may take.
timeout 600 "$BOOTWIRE" arm "$node" --wait --control "$CONTROL" >"$WORK/armed" 2>&1 &
arming=$!
pids+=("$arming")
check "it is armed" until_true 10 is armed

DISK=$WORK/disk
truncate -s 1G "$DISK"
power_on "$firmware"
echo "# A $firmware machine with an empty disk is switched on; bootwire is process $server_pid."
if until_true "${limit[$firmware]}" is installed; then ok "it is installed, $((SECONDS - switched_on["$firmware"])) s after power-on"; else
  not_ok "it is not installed: $(state)" "$(console "$firmware" | tail -n 20)"
  timeline "$firmware"
  finish
  exit 1
fi
wait "$arming"
same "who waited for it is told so" 0 $?
check "step by step" grep -q 'installed' "$WORK/armed"
sed 's/^/#   /' "$WORK/armed"
provision '.history | sort_by(.time)[] | "#   \(.time)  \(.state)  \(.cause)"'
same "it went through every state" "armed installing installed" \
  "$(provision '.history | sort_by(.time)[].state' | grep -v approved | uniq | xargs)"
same "each for a cause" 0 "$(provision '[.history[] | select((.cause // "") == "")] | length')"

# The second network boot goes to the disk, and what starts there is the node.
tell nodes known-hosts >"$WORK/known_hosts"
check "its host key is pinned" grep -q "$address.* ssh-ed25519 " "$WORK/known_hosts"
[ "$firmware" != bios ] || check "and is the one that was given" holds "$(cut -d ' ' -f 2 "$WORK/host.pub")" "$WORK/known_hosts"
check "it starts from its disk, and SSH knows it" until_true "${limit[$firmware]}" reaches true
echo "# reached $((SECONDS - switched_on["$firmware"])) s after power-on"
same "it has its name" "$node" "$(reaches cat /etc/hostname)"
marks() { reaches 'cat /etc/installation; wc -l </var/lib/first-boot-ran; cat /proc/sys/kernel/random/boot_id'; }
first=$(marks)
same "its first-boot hook ran" 1 "$(sed -n 2p <<<"$first")"
check "and went well" reaches "grep -qx 'ended with 0' /var/log/first-boot"
check "its post-install hook ran" reaches grep -q 'Installed by bootwire at site first as node' /etc/motd
same "its root password is the one that was set" "$root_password" "$(reaches cat /etc/shadow | sed -n 's/^root:\([^:]*\):.*/\1/p')"
ssh-keygen -q -t ed25519 -N '' -f "$WORK/other"
echo "$address $(cut -d ' ' -f 1,2 "$WORK/other.pub")" >"$WORK/other_hosts"
HOSTS=$WORK/other_hosts check "SSH refuses it under another host key" fails reaches true

# What the token opened is shut.
token=$(grep -aohE 'GET /machines/[0-9a-f]{32}/answers/node.conf' "$WORK"/recorded/* | head -n 1 | cut -d ' ' -f 2)
check "its one-time address was seen on the wire" test -n "$token"
spent() { [ "$(ip netns exec "$SRV" curl -s -o /dev/null -w '%{http_code}' "http://$SERVER$1")" = 404 ]; }
check "its answer is gone for others" spent "$token"
check "and for itself" fails reaches "wget -q -O /dev/null http://$SERVER$token"
check "so is its report's address" fails reaches "wget -q -O /dev/null --post-data state=failed http://$SERVER${token%/answers*}/report"
same "which changed nothing" installed "$(state)"
check "each refusal is in the log" grep -q answer.refused "$LOG"
check "so is each release of a secret" grep -q secret.released "$LOG"

# A third boot, by the operator's hand.
again() { marks >"$WORK/marks" && [ "$(sed -n 3p "$WORK/marks")" != "$(sed -n 3p <<<"$first")" ]; }
reaches reboot
check "it boots by network a third time, and starts from its disk" until_true "${limit[$firmware]}" again
same "it was not installed again" "$(sed -n 1p <<<"$first")" "$(sed -n 1p "$WORK/marks")"
same "its first boot was its first" 1 "$(sed -n 2p "$WORK/marks")"
same "it is installed" installed "$(state)"

# The registry.
listed() { tell nodes list | grep -E "^$node .* reachable"; }
check "the list of nodes says that it is reachable" until_true 30 listed
resolve() { ip netns exec "$SRV" dig +short +time=2 "@$SERVER" "$@"; }
same "it is in DNS" "$address" "$(resolve "$node.first.test" A)"
same "by its address too" "$node.first.test." "$(resolve -x "$address")"
key=$(reaches cat /etc/ssh/ssh_host_ed25519_key.pub)
same "SSHFP has its key's digest" "4 2 $(cut -d ' ' -f 2 <<<"$key" | base64 -d | sha256sum | cut -d ' ' -f 1)" \
  "$(resolve "$node.first.test" SSHFP | awk '$2 == 2 { print $1, $2, tolower($3 $4) }')"

# Secrets and tokens.
end_watch
recording=$(find "$WORK/recorded" -name "*${mac//:/-}*" -print -quit)
"$BOOTWIRE" record --elide --from "$recording" --to "$WORK/elided.pcap" >"$WORK/said" 2>&1 || not_ok "the recording is elided" "$(cat "$WORK/said")"
timeline "$firmware" >"$WORK/timeline"
tell events -o json >"$WORK/events"
tell export >"$WORK/exported"
tell describe machine "$node" >"$WORK/described"
for canary in "${canaries[@]}"; do
  # Where it must be: else the rest would prove nothing.
  check "a secret went over the wire" holds "$canary" "$WORK"/recorded/*
  for file in "$LOG" "$WORK"/{rendered,timeline,events,exported,described,armed,elided.pcap}; do
    check "and is not in ${file##*/}" holds_no "$canary" "$file"
  done
done
plain=$(cut -d / -f 3 <<<"$token")
for file in "$LOG" "$WORK"/{rendered,timeline,events,exported,described,armed}; do
  check "the token is not in ${file##*/}" holds_no "$plain" "$file"
done

echo
cat "$WORK/timeline"
[ "$failed" = 0 ] || console "$firmware" | tail -n 30 | sed 's/^/# /'
power_off "$firmware"
finish
