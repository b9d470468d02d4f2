#!/usr/bin/env bash
# Ten thousand names for other people's resolver libraries: the C library's, dnspython and
# libunbound agree with the zone, while it is loaded anew and after messages that nobody should send.
# shellcheck source=Tests/Lab/lab.sh disable=SC2119
. "$(dirname "$0")/lab.sh"

HALF=5000
CAPTURES=${CAPTURES:-$TOP/../shared/captures/public}

names() { on 1 /usr/bin/python3 "$TOP/Tests/Lab/names.py" "$@"; }
# check_said NAME COMMAND…: as check, and shows what the command said.
check_said() {
  check "$@"
  sed 's/^/# /' "$WORK/said"
}
resident() { sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$1/status"; }
# numbered FIRST LAST: `NAME ADDRESS` lines, 250 to each third octet.
numbered() { seq "$1" "$2" | awk '{printf "node-%05d.lab.test 10.80.%d.%d\n", $1, int($1 / 250), $1 % 250 + 1}'; }
hosts() { awk '{print $2, $1}' "$WORK/expected-hosts"; }
serving() { [ "$(on 1 dig "@$SERVER" +short +tries=1 +time=2 "$1")" = "$2" ]; }
# The C library asks whom /etc/resolv.conf names; only in the namespace of this command.
by_libc() {
  on 1 sh -c "mount --bind '$WORK/resolv.conf' /etc/resolv.conf && mount --bind '$WORK/nsswitch.conf' /etc/nsswitch.conf &&
    exec /usr/bin/python3 '$TOP/Tests/Lab/names.py' agree libc $SERVER '$WORK/expected' $((2 * HALF))"
}

lab_up
machine 1
namespace "$LAB-net"
ip -n "$SRV" link add w0 type veth peer name w0 netns "$LAB-net"
ip -n "$SRV" addr add 192.0.2.1/24 dev w0
ip -n "$SRV" link set w0 up
ip -n "$LAB-net" addr add 192.0.2.53/24 dev w0
ip -n "$LAB-net" link set w0 up

# One half by the hosts file, the other by records.
numbered 0 $((HALF - 1)) >"$WORK/expected-hosts"
numbered $HALF $((2 * HALF - 1)) >"$WORK/expected-records"
cat "$WORK/expected-hosts" "$WORK/expected-records" >"$WORK/expected"
hosts >"$WORK/many.hosts"
configure "$TOP/Fixtures/configurations/many-names.yaml"
awk '{sub(".lab.test", "", $1); printf "    %s: {A: %s}\n", $1, $2}' "$WORK/expected-records" >>"$CONFIG"
echo "nameserver $SERVER" >"$WORK/resolv.conf"
echo "hosts: dns" >"$WORK/nsswitch.conf"

began=$(date +%s%N)
check "bootwire starts with ten thousand names" serve
echo "# $(wc -l <"$WORK/expected") names: $((($(date +%s%N) - began) / 1000000)) ms from the start to the first answer, $(resident "$server_pid") KiB resident"
lease 1 >/dev/null

check_said "every name agrees with the C library, there and back" by_libc
check_said "a sample agrees with dnspython" names agree dnspython "$SERVER" "$WORK/expected" 2500
check_said "a sample agrees with libunbound, strict as can be" names agree libunbound "$SERVER" "$WORK/expected" 1500

# Reloads, while somebody asks without a pause.
names steady "$SERVER" node-07000.lab.test 10.80.28.1 6 >"$WORK/steady" 2>&1 &
asking=$!
pids+=("$asking")
reloads=0
for number in 1 2 3; do
  { hosts; echo "10.80.199.$number newcomer-$number"; } >"$WORK/many.hosts"
  kill -HUP "$server_pid"
  until_true 5 serving "newcomer-$number.lab.test" "10.80.199.$number" && reloads=$((reloads + 1))
done
wait "$asking"
same "who asks during three reloads is answered each time" "0 3" "$? $reloads"
sed 's/^/# /' "$WORK/steady"
check "the last file is served" serving newcomer-3.lab.test 10.80.199.3
check "and no name of the one before" serving newcomer-2.lab.test ""
echo "# $(resident "$server_pid") KiB resident after the reloads"

# What nobody should send.
was=$server_pid
check_said "made-up messages leave it answering" names mutants "$SERVER" www.lab.test 4000
if [ -d "$CAPTURES" ]; then
  check_said "the DNS of published captures leaves it answering" names captures "$SERVER" www.lab.test "$CAPTURES"
else
  echo "# no captures of other people here ($CAPTURES): not sent"
fi
ip netns exec "$LAB-net" /usr/bin/python3 "$TOP/Tests/Lab/names.py" upstream 192.0.2.53 2>"$WORK/upstream.log" &
pids+=("$!")
damaged() {
  local questions=() number
  for number in $(seq 300); do questions+=("n$number.example" A +tries=1 +time=1 +noedns); done
  # Most are answered with SERVFAIL; that the server lives is what counts.
  on 1 timeout 60 dig "@$SERVER" +noall "${questions[@]}" >/dev/null
  serving www.lab.test 10.77.0.9
}
check "nor do damaged answers of another server hurt" damaged
check "it is the same process" [ -d "/proc/$was" ]
echo "# $(resident "$server_pid") KiB resident after all that"
check "and status counts what was malformed" sh -c "'$BOOTWIRE' status --control '$CONTROL' --json | grep -q '\"dns.malformed\"'"
finish
