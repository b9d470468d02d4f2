#!/usr/bin/env bash
# A person's mistakes: in the configuration, in a configuration that is reloaded, and a port that
# somebody else has.
# shellcheck source=Tests/Lab/lab.sh disable=SC2119
. "$(dirname "$0")/lab.sh"

MISTAKES=$TOP/Fixtures/configurations/ten-mistakes.yaml
answer() { on 1 curl -sS --max-time 10 "http://$SERVER/machines/lab-bios/answers/lab.txt"; }
changed() { [ "$(answer | head -n 1)" = changed=yes ]; }
log_says() { tail -n +"$from_line" "$LOG" | grep -q "$1"; }
ended() { ! kill -0 "$server_pid" 2>/dev/null; }

taken() { # taken WHAT PID: bootwire must end, and say who has the port
  local program
  program=$(cat "/proc/$2/comm") || not_ok "the holder of $1 runs" "$(cat "$WORK/udhcpd.log")"
  from_line=$(($(wc -l <"$LOG") + 1))
  launch
  local tries=50
  while [ "$tries" -gt 0 ] && ! ended; do
    sleep 0.1
    tries=$((tries - 1))
  done
  check "Case 58: bootwire does not start without $1" ended
  check "Case 58: and says which process has it" log_says "\\b$2\\b"
  check "Case 58: and which program that is" log_says "$program"
  check "Case 58: and what to do about it" log_says "${3:-stop it, or turn this service off on s0}"
  kill -9 "$server_pid" 2>/dev/null
}

# The file says itself where its mistakes are.
said=$("$BOOTWIRE" check "$MISTAKES" 2>&1)
status=$?
check "a configuration with mistakes is refused" test "$status" != 0
same "ten mistakes give ten messages" 10 "$(grep -c "ten-mistakes.yaml:[0-9]*:[0-9]*: " <<<"$said")"
while IFS=: read -r line text; do
  [[ $text =~ \#\ column\ ([0-9]+):\ (.*) ]] || continue
  column=${BASH_REMATCH[1]} what=${BASH_REMATCH[2]}
  if grep -q "ten-mistakes.yaml:$line:$column: " <<<"$said"; then
    ok "$what is reported at line $line, column $column"
  else
    not_ok "$what is reported at line $line, column $column" "$(grep "yaml:$line:" <<<"$said" || echo "$said")"
  fi
done < <(grep -n '# column [0-9]*:' "$MISTAKES")
for good in lab smallest two-networks; do
  check "$good.yaml is accepted" "$BOOTWIRE" check "$TOP/Fixtures/configurations/$good.yaml"
done
check "a file that is not there is refused" bash -c "! '$BOOTWIRE' check '$WORK/nothing.yaml'"

lab_up
machine 1
ip -n "$LAB-c1" addr add 10.77.0.50/24 brd + dev e0
configure
check "bootwire starts" serve
before=$(answer)
same "the answer file is the configuration's" machine=lab-bios "$(head -n 1 <<<"$before")"

cp "$CONFIG" "$WORK/good.yaml"
cp "$WORK/lab.txt.mustache" "$WORK/good.mustache"
from_line=$(($(wc -l <"$LOG") + 1))
sed -i -e 's/^site: lab/site: changed/' -e 's/dhcp: authoritative/dhcp: authoritive/' "$CONFIG"
printf 'changed=yes\n' >"$WORK/lab.txt.mustache"
kill -HUP "$server_pid"
check "Case 53: a bad reload is complained about" until_true 10 log_says authoritive
same "Case 53: and changes nothing" "$before" "$(answer)"
cp "$WORK/good.yaml" "$CONFIG"
printf 'changed={{machine.nmae}}\n' >"$WORK/lab.txt.mustache"
kill -HUP "$server_pid"
check "an unknown variable in a template is complained about" until_true 10 log_says machine.nmae
same "Case 53: and changes nothing either" "$before" "$(answer)"
printf 'changed=yes\n' >"$WORK/lab.txt.mustache"
kill -HUP "$server_pid"
check "a good reload changes what it says" until_true 10 changed
check "and the machine still gets its address" test -n "$(lease 1)"
stop_server TERM
cp "$WORK/good.mustache" "$WORK/lab.txt.mustache"

ip netns exec "$SRV" busybox httpd -f -p "$SERVER:80" -h "$WORK/files" &
holder=$!
pids+=("$holder")
sleep 0.5
taken "its HTTP port" "$holder"
kill -9 "$holder"
wait "$holder" 2>/dev/null
printf 'start 10.77.0.20\nend 10.77.0.21\ninterface s0\nlease_file %s\npidfile %s\n' "$WORK/udhcpd.leases" "$WORK/udhcpd.pid" >"$WORK/udhcpd.conf"
: >"$WORK/udhcpd.leases"
ip netns exec "$SRV" busybox udhcpd -f "$WORK/udhcpd.conf" >"$WORK/udhcpd.log" 2>&1 &
holder=$!
pids+=("$holder")
sleep 0.5
taken "its DHCP port" "$holder"
kill -9 "$holder"
wait "$holder" 2>/dev/null
for port in 67 69; do
  case $port in
  67) part=--dhcp-range=10.77.0.20,10.77.0.21 remedy='no-dhcp-interface=s0' ;;
  69) part=--enable-tftp remedy='without enable-tftp' ;;
  esac
  ip netns exec "$SRV" dnsmasq --no-daemon --conf-file=/dev/null --port=0 --pid-file= --user=root \
    --dhcp-leasefile="$WORK/dnsmasq.leases" --tftp-root="$WORK/files" "$part" >"$WORK/udhcpd.log" 2>&1 &
  holder=$!
  pids+=("$holder")
  sleep 0.5
  taken "port $port, which dnsmasq has" "$holder" "$remedy"
  kill -9 "$holder"
  wait "$holder" 2>/dev/null
done
check "with the ports free, it starts" serve
finish
