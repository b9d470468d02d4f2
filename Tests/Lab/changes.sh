#!/usr/bin/env bash
# bootwire check --against: what a changed configuration does to recorded machines, against a file and
# against what serve runs; and serve that refuses what would break one.
# shellcheck source=Tests/Lab/lab.sh disable=SC2119
. "$(dirname "$0")/lab.sh"
# shellcheck source=Tests/Lab/recorded.sh
. "$(dirname "$0")/recorded.sh"

B=$WORK/boots
mkdir -p "$B" "$WORK/none"
for name in arm64-http bios uboot uefi-http; do
  cp "$TOP/Fixtures/replays/$name.pcap" "$TOP/Fixtures/replays/$name.pcap.elided" "$B/"
  files_of "$B/$name.pcap"
done
configure
cp "$CONFIG" "$WORK/old.yaml"

ends() { # ends STATUS COMMAND…
  local status=$1
  shift
  "$@" >"$WORK/out" 2>"$WORK/err"
  local seen=$?
  cat "$WORK/out" "$WORK/err"
  [ "$seen" = "$status" ]
}
against() { "$BOOTWIRE" check "$1" --against "$B" "${@:2}"; }
says() { grep -qF -- "$1" "$WORK/out" "$WORK/err"; }
change() { sed "$1" "$WORK/old.yaml" >"$2"; } # change EXPRESSION FILE

check "without an old configuration only who boots is told" ends 0 against "$CONFIG"
check "and why nothing is compared" says "so nothing is compared"
check "of all four" says "4 of 4 machines in 4 recordings boot or are answered as needed, 0 do not"

check "an appliance that cannot be asked is not the same as none" ends 1 against "$CONFIG" --control "$CONFIG/none"
check "and the way out is named" says "--was FILE names the one of before"

change 's/^site: lab/site: lab # and a comment/' "$WORK/harmless.yaml"
echo '  - {name: another, mac: "52:54:00:77:00:99"}' >>"$WORK/harmless.yaml"
check "a harmless change is none" ends 0 against "$WORK/harmless.yaml" --was "$WORK/old.yaml"
check "and says so" says "none of 4 machines in 4 recordings would be answered differently"
change 's/lease: 1h/lease: 2h/' "$WORK/lease.yaml"
check "another lease time is a difference" ends 2 against "$WORK/lease.yaml" --was "$WORK/old.yaml"
check "of one cause" says "would be answered differently: lease time 1h → 2h (4 machines)"
# Nothing of that set is installed for arm64; U-Boot asks for no loader.
change '/^  busybox-arm64:/a\    loader: signed' "$WORK/break.yaml"
check "a line that breaks one firmware is told" ends 3 against "$WORK/break.yaml" --was "$WORK/old.yaml"
check "by how many machines" says "1 of 4 machines in 4 recordings would be answered differently, 1 of them would not boot any more"
check "with the machine" says "arm64-http.pcap  52:54:00:77:00:22  arm64-efi http  lab-arm64-http"
check "the cause" says "would not boot any more: No loader of the set signed is installed for arm64-efi"
check "and the option" says "OFFER option 67 (boot file): http://10.77.0.1/loaders/ipxe/ipxe-arm64.efi → none"
check "as JSON too" ends 3 against "$WORK/break.yaml" --was "$WORK/old.yaml" --json
check "which is JSON" python3 -c 'import json, sys
report = json.load(open(sys.argv[1]))
assert report["broken"] == report["different"] == 1 and report["groups"][0]["kind"] == "breaks"
assert report["groups"][0]["machines"][0]["mac"] == "52:54:00:77:00:22"' "$WORK/out"
no_bar() { ! grep -q '\[#' "$WORK/out" "$WORK/err"; }
check "no bar is shown to nobody" no_bar
script -qec "'$BOOTWIRE' check '$CONFIG' --against '$B' --was '$WORK/old.yaml'" /dev/null >"$WORK/out" 2>&1 </dev/null
check "on a terminal there is one" says "4 of 4 recordings"

echo "not a recording" >"$B/text.pcap"
check "what is no recording is told, and the others are played" ends 1 against "$CONFIG" --was "$WORK/old.yaml"
check "with its name" says "text.pcap: unknown file format"
rm "$B/text.pcap"
check "a folder without recordings is refused" ends 1 "$BOOTWIRE" check "$CONFIG" --was "$WORK/old.yaml" --against "$WORK/none"
check "and one that is not there" ends 1 "$BOOTWIRE" check "$CONFIG" --was "$WORK/old.yaml" --against "$WORK/nowhere"
change 's/^profiles:/profile:/' "$WORK/mistaken.yaml"
check "mistakes of the old one are told" ends 1 against "$CONFIG" --was "$WORK/mistaken.yaml"
check "with their places" says "mistaken.yaml:"
check "it is called wrongly without recordings" ends 64 "$BOOTWIRE" check "$CONFIG" --was "$WORK/old.yaml"

echo "# what serve runs"
lab_up
echo "reload: {against: $B}" >>"$CONFIG"
cp "$CONFIG" "$WORK/demanding.yaml"
serve || exit 1
check "what runs is compared with" ends 0 against "$CONFIG"
check "and is the same" says "none of 4 machines in 4 recordings would be answered differently"
cat >"$WORK/applied.yaml" <<END
secrets: {word: {value: hunter2}}
machines: [{name: applied, mac: "52:54:00:77:00:98", profile: busybox}]
END
check "objects are applied" "$BOOTWIRE" apply -f "$WORK/applied.yaml" --control "$CONTROL"
sed 's/lease: 1h/lease: 2h/' "$WORK/demanding.yaml" >"$CONFIG"
check "the file that serve was given may be edited: what runs is known" ends 2 against "$CONFIG"
check "with the difference" says "lease time 1h → 2h (4 machines)"
running() { curl -sS --unix-socket "$CONTROL" http://control/api/v1/configuration >"$WORK/running"; }
check "the running configuration is told" running
check "with what was applied" grep -q 52:54:00:77:00:98 "$WORK/running"
check "and without a secret" sh -c "! grep -q hunter2 '$WORK/running'"

echo "# a reload that would break a machine"
reload() { curl -sS --max-time 60 --unix-socket "$CONTROL" -X POST http://control/api/v1/reload; }
reloads() { reload | grep -q '"generation"'; }
{ cat "$WORK/break.yaml" && echo "reload: {against: $B}"; } >"$CONFIG"
reload >"$WORK/out"
check "is refused" says "52:54:00:77:00:22 arm64-efi http lab-arm64-http would not boot any more"
check "with its cause" says "No loader of the set signed is installed for arm64-efi"
check "as a bad configuration" says '"status":422'
check "and the log tells it" grep -q "configuration.refused" "$LOG"
cp "$WORK/demanding.yaml" "$CONFIG"
check "the good one is taken" reloads
cat >"$WORK/bad.yaml" <<END
profiles: {gone: {match: {architecture: [x86-64-efi], firmware: [ipxe, http], subnet: 10.77.0.0/24}, kernel: gone/linux}}
END
refused() { ! "$BOOTWIRE" apply -f "$WORK/bad.yaml" --control "$CONTROL"; }
check "an apply that breaks one is refused too" refused
cat "$WORK/said" >"$WORK/out"
check "with the machine" says "would not boot any more"
cp "$WORK/break.yaml" "$CONFIG"
check "without the demand it is taken" reloads
finish
