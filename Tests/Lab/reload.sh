#!/usr/bin/env bash
# Case 53: a thousand reloads under load, one in ten of a bad configuration. No boot is dropped, a bad
# configuration changes nothing, and what is under way ends with the bytes that it began with.
# shellcheck source=Tests/Lab/lab.sh disable=SC2119
. "$(dirname "$0")/lab.sh"

ROUNDS=10
MACHINES=(1 2)
RELOAD=http://control/api/v1/reload

reload() { # reload TIMES: their statuses, each with its number
  local urls=() left
  for ((left = $1; left > 0; left--)); do urls+=(-o /dev/null "$RELOAD"); done
  curl -sS --max-time 60 --unix-socket "$CONTROL" -X POST -w '%{http_code}\n' "${urls[@]}" | sort | uniq -c | awk '{print $1 " of " $2}'
}
answer() { on 3 curl -sS --max-time 10 "http://$SERVER/machines/lab-bios/answers/lab.txt"; }
boot() { # boot N: as firmware, loader and installer do, one after the other
  lease "$1" >/dev/null || return 1
  on "$1" timeout 20 busybox tftp -b 1468 -g -r small -l "$WORK/small-$1" "$SERVER" || return 1
  cmp -s "$WORK/files/small" "$WORK/small-$1" || return 1
  on "$1" curl -sS --max-time 20 "http://$SERVER/boot.ipxe" | grep -q '^#!ipxe' || return 1
  on "$1" curl -sS --max-time 20 -o "$WORK/http-$1" "http://$SERVER/files/small" || return 1
  cmp -s "$WORK/files/small" "$WORK/http-$1"
}
boots() { # boots N: again and again until it is told to stop
  local good=0 bad=0
  until [ -e "$WORK/stop" ]; do
    if boot "$1" >>"$WORK/boot-$1.log" 2>&1; then good=$((good + 1)); else bad=$((bad + 1)); fi
    sleep 0.2
  done
  echo "$good $bad" >"$WORK/boots-$1"
}

lab_up
for n in "${MACHINES[@]}" 3; do machine "$n"; done
ip -n "$LAB-c3" addr add 10.77.0.50/24 brd + dev e0
head -c 200000 /dev/urandom >"$WORK/files/small"
head -c 33554555 /dev/urandom >"$WORK/files/large"
cp "$WORK/files/large" "$WORK/before"
configure
cp "$CONFIG" "$WORK/good.yaml"
sed 's/dhcp: authoritative/dhcp: authoritive/' "$CONFIG" >"$WORK/bad.yaml"
check "bootwire starts" serve

jobs=()
for n in "${MACHINES[@]}"; do
  boots "$n" &
  jobs+=("$!")
done
on 3 curl -sS --max-time 120 --limit-rate 6M -o "$WORK/by-http" "http://$SERVER/files/large" &
by_http=$!
on 3 timeout 120 busybox tftp -b 1024 -g -r large -l "$WORK/by-tftp" "$SERVER" &
by_tftp=$!
pids+=("${jobs[@]}" "$by_http" "$by_tftp")
sleep 0.5
# Another release of the file, while both are on their way.
head -c 33554555 /dev/urandom >"$WORK/files/next"
mv "$WORK/files/next" "$WORK/files/large"
kept=0
for round in $(seq "$ROUNDS"); do
  echo "round=$round" >"$WORK/lab.txt.mustache"
  good=$(reload 90)
  cp "$WORK/bad.yaml" "$CONFIG"
  echo "round=none" >"$WORK/lab.txt.mustache"
  bad=$(reload 10)
  cp "$WORK/good.yaml" "$CONFIG"
  if [ "$good" = "90 of 200" ] && [ "$bad" = "10 of 422" ] && [ "$(answer)" = "round=$round" ]; then
    kept=$((kept + 1))
  else
    echo "# round $round: $good, $bad, $(answer)"
  fi
done
: >"$WORK/stop"
same "Case 53: each of ten rounds took 90 reloads, refused ten bad ones, and kept the good one" "$ROUNDS" "$kept"
check "Case 53: a download under way ended" wait "$by_http"
check "Case 53: with the bytes that it began with" cmp "$WORK/before" "$WORK/by-http"
check "Case 53: a TFTP transfer under way ended" wait "$by_tftp"
check "Case 53: with the bytes that it began with" cmp "$WORK/before" "$WORK/by-tftp"
check "Case 53: who asks now gets the new file" on 3 sh -c "curl -sS 'http://$SERVER/files/large' | cmp - '$WORK/files/large'"
for job in "${jobs[@]}"; do wait "$job"; done
good=0 bad=0
for n in "${MACHINES[@]}"; do
  read -r one other <"$WORK/boots-$n"
  good=$((good + one)) bad=$((bad + other))
done
echo "# $good boots during 1,000 reloads"
check "Case 53: machines booted meanwhile" test "$good" -ge 10
same "Case 53: and none of their boots was dropped" 0 "$bad"
check "Case 53: the same process still answers" kill -0 "$server_pid"
finish
