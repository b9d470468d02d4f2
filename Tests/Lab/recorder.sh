#!/usr/bin/env bash
# The flight recorder: a BIOS machine whose kernel is not there leaves a recording, which names the file;
# once the file is there, the same recording boots, and so does the machine, and leaves none.
# Run by scenario.sh recorder, or by itself.
# shellcheck source=Tests/Lab/lab.sh disable=SC2119
. "$(dirname "$0")/lab.sh"
# shellcheck source=Tests/Lab/guest.sh
. "$(dirname "$0")/guest.sh"

firmware bios tap0
configure
echo 'recorder: {stall: 5s}' >>"$CONFIG"
provide bios
mv "$WORK/files/linux" "$WORK/linux-elsewhere"
lab_up
tap tap0
serve || exit 1
folder=$WORK/state/recordings

written() { timeline bios | grep -q recording.written; }
replayed() { "$BOOTWIRE" replay --config "$CONFIG" "$folder"/*.pcap; }
names_the_file() {
  replayed >"$WORK/replay.txt"
  cat "$WORK/replay.txt"
  grep -qE 'fails .*/files/linux' "$WORK/replay.txt"
}
alone_names_the_file() {
  "$BOOTWIRE" replay "$folder"/*.pcap >"$WORK/replay.txt"
  cat "$WORK/replay.txt"
  grep -qE "fails .*/files/linux" "$WORK/replay.txt"
}
boots() {
  replayed >"$WORK/replay.txt"
  cat "$WORK/replay.txt"
  grep -qE ' boots( |$)' "$WORK/replay.txt"
}
mode() { stat -c %a "$1"; }
recordings() { find "$folder" -name '*.pcap' | wc -l; }

echo "A bios machine is switched on whose kernel is not there; bootwire is process $server_pid."
power_on bios
check "a boot whose kernel is not there is recorded" until_true "${limit[bios]}" written
power_off bios
timeline bios | sed 's/^/  /'
same "there is one recording" 1 "$(recordings)"
same "the folder is its owner's alone" 700 "$(mode "$folder")"
same "the recording is its owner's alone" 600 "$(mode "$(find "$folder" -name '*.pcap')")"
check "replay names the file, by the configuration" names_the_file
check "replay names the file, of the recording alone" alone_names_the_file
cp "$WORK/linux-elsewhere" "$WORK/files/linux"
check "with the file back, replay says boots" boots
sed 's/^/  /' "$WORK/replay.txt"

power_on bios
await_reports bios || not_ok "with the file back, the machine boots" "${outcome[bios]}"
sleep 7
same "a boot that succeeds leaves no recording" 1 "$(recordings)"
finish
