#!/usr/bin/env bash
# A disk that is full while a machine installs: nothing is given that cannot be kept, nothing is lost
# that was refused, and what the disk says after a restart is what memory said before it. And who
# names another's address a machine's gets nothing of that machine's.
# shellcheck source=Tests/Lab/catalog.sh disable=SC2119
. "$(dirname "$0")/catalog.sh"

mount -t tmpfs -o size=2m,mode=750 state "$WORK/state" || die "no tmpfs here"
trap 'umount -l "$WORK/state" 2>/dev/null; lab_down' EXIT
fill() { dd if=/dev/zero of="$WORK/state/ballast" bs=4k 2>/dev/null; true; }
empty() { rm -f "$WORK/state/ballast"; }
fetch() { on 1 curl -s -o "$WORK/body" -w '%{http_code}' --max-time 10 "$@"; }
script() { on 1 curl -s --max-time 10 "http://$SERVER/boot.ipxe" >"$WORK/script"; }

check "bootwire starts" serve
printf 'hunter2-canary\n' | "$BOOTWIRE" secrets set root-password --control "$CONTROL" >/dev/null
check "the folder is applied" run apply -f "$C"
address=$(lease 1)
check "it has an address" test -n "$address"
check "it is armed" run arm rack3-07
script
base=$(grep -o "http://[^ ]*/machines/[0-9a-f]*/answers" "$WORK/script" | head -n 1)
base=${base%/answers}
check "it has a token" test -n "$base"

echo "# full"
fill
same "its answer is not given" 503 "$(fetch "$base/answers/preseed.cfg")"
check "nor a part of it" sh -c "! grep -q hunter2 '$WORK/body'"
same "nor counted as given" 503 "$(fetch "$base/answers/preseed.cfg")"
empty
same "with room again it is given" 200 "$(fetch "$base/answers/preseed.cfg")"
check "whole" grep -q hunter2-canary "$WORK/body"
same "once" 404 "$(fetch "$base/answers/preseed.cfg")"
fill
for _ in 1 2; do
  same "its report is not taken" 503 "$(fetch --data-binary state=installed "$base/report")"
done
empty
same "with room again it is taken" 200 "$(fetch --data-binary state=installed "$base/report")"
same "once" 404 "$(fetch --data-binary state=installed "$base/report")"
stop_server KILL
check "bootwire starts again" serve
check "it is installed" sh -c "'$BOOTWIRE' describe machine rack3-07 --control '$CONTROL' | grep -q 'installed since'"
script
check "and boots from its disk" sh -c "! grep -q debian/linux '$WORK/script'"

echo "# another's address"
ip -n "$LAB-c2" addr replace 10.77.0.200/24 brd + dev e0
check "it is armed again" run arm rack3-07
cat >"$WORK/name.py" <<'END'
# A REQUEST to port 4011 in the name of the hardware argv[1], from the address argv[2].
import socket, sys
mac = bytes.fromhex(sys.argv[1].replace(":", ""))
own = socket.inet_aton(sys.argv[2])
options = b"\x63\x82\x53\x63\x35\x01\x03\x3c\x20PXEClient:Arch:00000:UNDI:002001\x5d\x02\x00\x00\xff"
message = b"\x01\x01\x06\x00" + b"\x07" * 4 + b"\x00" * 4 + own + b"\x00" * 12 + mac.ljust(16, b"\x00")
message += b"\x00" * 192 + options
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    s.bind((sys.argv[2], 4011))
    s.sendto(message, (sys.argv[3], 4011))
END
check "another says to be it on port 4011" on 2 python3 "$WORK/name.py" "$(mac 1)" 10.77.0.200 "$SERVER"
check "and is heard" until_true 5 grep -q 'boot.unsupported mac=52:54:00:77:01:01' "$LOG"
on 2 curl -s --max-time 10 "http://$SERVER/boot.ipxe?mac=$(mac 1)" >"$WORK/script"
check "and gets no token" sh -c "! grep -q '/answers' '$WORK/script'"
script
check "which the machine has" grep -q "/answers" "$WORK/script"

finish
