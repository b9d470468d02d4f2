#!/usr/bin/env bash
# The command line on a machine's way to a node: approved, armed, watched while it installs, and
# forgotten; and a machine that nobody knows, discovered and approved.
# shellcheck source=Tests/Lab/catalog.sh disable=SC2119
. "$(dirname "$0")/catalog.sh"

check "bootwire starts" serve
printf 'hunter2-canary\n' | "$BOOTWIRE" secrets set root-password --control "$CONTROL" >/dev/null
check "the folder is applied" run apply -f "$C"
check "a key pair is made" run keys generate ops --private "$WORK/ops"
echo "# a machine"
address=$(lease 1)
check "it has an address" test -n "$address"
check "it is told to boot locally" sh -c "ip netns exec $LAB-c1 curl -s http://$SERVER/boot.ipxe >'$WORK/script'"
check "for it is not armed" sh -c "! grep -q 'debian/linux' '$WORK/script'"
check "what it would get is shown" run render rack3-07
check "its answer" out preseed.cfg
check "with the site's key" out "ssh-ed25519"
check "without the secret" no_out hunter2
check "one text alone" run render rack3-07 --path preseed.cfg
check "begins with itself" grep -q '^# rack3-07' "$WORK/out"
check "a text that it does not get is refused" refused render rack3-07 --path nothing.cfg
check "which lists those that it gets" err preseed.cfg
check "what is unknown is not armed" refused arm nobody
check "nor for a time that is none" misused arm rack3-07 --expires 2
"$BOOTWIRE" arm rack3-07 --expires 1h --wait --control "$CONTROL" >"$WORK/wait" 2>&1 </dev/null &
waiting=$!
pids+=("$waiting")
armed() { run describe machine rack3-07 && out "armed since"; }
check "it is armed" until_true 10 armed
on 1 curl -s "http://$SERVER/boot.ipxe" >"$WORK/script"
check "its script installs" grep -q debian/linux "$WORK/script"
base=$(grep -o "http://[^ ]*/machines/[0-9a-f]*/answers" "$WORK/script" | head -n 1)
base=${base%/answers}
check "by a token" test -n "$base"
check "it gets its answer" sh -c "ip netns exec $LAB-c1 curl -s '$base/answers/preseed.cfg' | grep -q hunter2-canary"
on 1 curl -s --data-binary "state=installed
hostname=rack3-07
address=$address
host-key=$(cut -d' ' -f1,2 "$WORK/ops.pub")
os=Debian 12" "$base/report" >/dev/null
ended() { ! kill -0 "$waiting" 2>/dev/null; }
check "who waits hears of it" until_true 30 ended
wait "$waiting"
same "and ends well" 0 "$?"
check "having seen it install" grep -q installing "$WORK/wait"
check "and be installed" grep -q installed "$WORK/wait"
check "it is a node" run nodes list
check "with its system" out "Debian 12"
check "described" run nodes describe rack3-07
check "with its key" out ssh-ed25519
check "for ssh" run nodes known-hosts
check "by its address" out "$address"
check "and for DNS" run nodes sshfp
check "as records" out SSHFP
check "nobody is trusted without a new key" refused nodes trust nobody
check "it is forgotten" run nodes forget rack3-07
check "but once" refused nodes forget rack3-07
check "the machine is described" run describe machine rack3-07
check "with its history" out installing
check "another is armed" run arm rack3-07
check "and disarmed" run disarm rack3-07
check "of two, one that is unknown" refused arm nobody rack3-07
check "does not stop the other" out "rack3-07 is armed"
check "where it stands is forgotten" run forget rack3-07
check "and said" out "rack3-07 is forgotten"
check "of nobody there is nothing to forget" refused forget nobody

echo "# a host key made in advance"
check "it is made" run keys host rack3-07
check "and its public half is told" out "rack3-07 ssh-ed25519 "
check "the private half is a secret" run get secrets
check "by this name" out host-key.rack3-07
run export
check "which no export tells" no_out "PRIVATE KEY"
check "nor for a machine that is not there" refused keys host nobody

echo "# discovery"
lease 2 >/dev/null
on 2 curl -s "http://$SERVER/boot.ipxe?mac=$(mac 2)&round=0&manufacturer=Evil%1b%5B2J&product=Box%20One&serial=S1" \
  >"$WORK/script"
check "a machine that came is listed" run discovered
check "by its address" out "$(mac 2)"
check "with what it said" out "Box One"
check "made harmless" sh -c "! grep -q \$(printf '\\033') '$WORK/out'"
check "as JSON too" run discovered -o json
check "which is JSON" is_json
check "what is no address is misuse" misused approve nonsense --name x
check "who did not come is not approved" refused approve 52:54:00:99:99:99 --name x
check "it is approved" run approve "$(mac 2)" --name rack5-01 --profile plain --label rack=5
check "as a machine" run get machine rack5-01
check "with its label" out "rack=5"
run discovered
check "and waits no longer" no_out "$(mac 2)"

check "the release is told" run events --machine rack3-07
check "as an event" out "secret.released"
check "without the secret" no_out hunter2
check "no log line holds one" sh -c "! grep -q hunter2 '$LOG'"
finish
