#!/usr/bin/env bash
# MINUTES of everything at once, by the optimized binary: machines that come and go, transfers whole and
# broken off, names, the API, installations, strangers' packets; while clients are killed, the disk is
# full, the interface goes down and the configuration changes, for better and for worse, every few
# seconds. Every half minute memory, descriptors, threads, database and log are noted; after a fifth of
# the time they must not grow. Less than five minutes show that it runs, and no more.
#
# Bounds, of the last third against the first after warming up, by their medians: resident memory 6 MiB
# more; descriptors 40 more, while connections come and go, and as many as at the start 90 s after
# all clients have gone, but 6; threads 4 more; write-ahead log 16 MiB; log lines 4 for each machine
# that comes and 50 a second for all else.
# shellcheck source=Tests/Lab/lab.sh disable=SC2119
. "$(dirname "$0")/lab.sh"

minutes=${MINUTES:-30}
rate=${RATE:-60}
every=30
[ "$minutes" -gt 5 ] || every=5
FIGURES=${FIGURES:-$TOP/.build/soak.tsv}
load=()

begin() { # begin NAMESPACE COMMAND…: load that runs until the end
  ip netns exec "$LAB-$1" "${@:2}" >>"$WORK/load.log" 2>&1 &
  load+=("$!")
  pids+=("$!")
}
base() { # base ROUND: the configuration, whose script says which round it is
  cat <<END
site: soak
state: $WORK/state
files: $WORK/files
loaders: $WORK/loaders
control: $CONTROL
interfaces: [{name: s0, dhcp: authoritative, tftp: true, dns: true, http: 80}]
subnets:
  - {network: 10.77.0.0/16, interface: s0, pools: [10.77.16.0-10.77.127.255], lease: 4h, probe: off}
dns: {zone: soak.test, records: {www: {A: 10.77.0.9}}}
answers: {a: {kind: preseed, text: "host {{machine.hostname}}\n"}}
profiles:
  plain: {kernel: linux, initrd: [initrd.gz], arguments: round=$1}
  install:
    kernel: linux
    arguments: "url={{server.http}}{{machine.answers}}/preseed.cfg"
    answers: {preseed.cfg: a}
    install: {arm: operator}
default-profile: plain
machines: [{name: rack4, mac: "$(mac 4)", profile: install}]
END
}

lab_up
ip -n "$SRV" addr del "$SERVER/24" dev s0
ip -n "$SRV" addr add "$SERVER/16" brd + dev s0
for n in 1 2 3 4 5; do
  machine "$n"
  ip -n "$LAB-c$n" addr add "10.77.0.$((20 + n))/16" brd + dev e0
done
# A disk of its own for the state, which is full for a while.
mount -t tmpfs -o size=48m,mode=755 tmpfs "$WORK/state" || die "no tmpfs"
trap 'umount -l "$WORK/state"; lab_down' EXIT
head -c 3000000 /dev/urandom >"$WORK/files/linux"
head -c 700000 /dev/urandom >"$WORK/files/initrd.gz"
head -c 200000000 /dev/zero >"$WORK/files/big"
echo small >"$WORK/files/small"
base 0 >"$CONFIG"
check "bootwire starts" serve || exit 1
for n in 4 5; do check "machine $n has an address" [ -n "$(lease "$n")" ]; done
pid=$server_pid
resident() { awk '/^VmRSS/ {print $2}' "/proc/$pid/status"; }
descriptors() { find "/proc/$pid/fd" -mindepth 1 2>/dev/null | wc -l; }
threads() { find "/proc/$pid/task" -mindepth 1 -maxdepth 1 | wc -l; }
bytes() { stat -c %s "$@" 2>/dev/null | awk '{sum += $1} END {print sum + 0}'; }
idle=$(descriptors)

# Load, each kind from a machine of its own.
begin c1 "$TOP/Tests/Lab/storm.pl" e0 2500 "$rate" "$WORK/acknowledged"
begin c2 "$TOP/Tests/Lab/hostile.pl" "$SERVER" "$TOP/Fixtures/findings" 60 7
# What remembers strangers is full before anything is judged; then others come.
begin c2 bash -c "'$TOP/Tests/Lab/flood.pl' e0 20000 1
while :; do sleep 15; '$TOP/Tests/Lab/flood.pl' e0 200 \$((RANDOM * 8)); done"
begin c3 bash -c "while :; do
  curl -s --max-time 20 -o /dev/null http://$SERVER/files/{small,linux,small,initrd.gz,small,none} http://$SERVER/boot.ipxe
  curl -s --max-time 0.2 -o /dev/null http://$SERVER/files/big
  curl -s --max-time 2 --limit-rate 200k -o /dev/null http://$SERVER/files/big
  sleep 0.2
done"
begin c3 bash -c "while :; do
  curl -s --max-time 20 -o /dev/null tftp://$SERVER/initrd.gz
  curl -s --max-time 20 --tftp-blksize 1468 -o /dev/null tftp://$SERVER/linux
  timeout -s KILL 0.1 curl -s -o /dev/null tftp://$SERVER/linux
  timeout -s KILL 0.02 curl -s -o /dev/null tftp://$SERVER/linux
done"
begin c5 bash -c "while :; do
  for name in www.soak.test box.soak.test none.soak.test rack4.soak.test; do echo \$name; echo \$name AAAA; done >'$WORK/names'
  dig @$SERVER +tries=1 +time=1 -f '$WORK/names' >/dev/null
  dig @$SERVER +tcp +tries=1 +time=1 www.soak.test >/dev/null
  sleep 0.2
done"
begin c5 bash -c "while :; do
  for path in status leases machines subnets events?limit=50 objects nodes; do
    curl -s --max-time 5 -o /dev/null --unix-socket '$CONTROL' http://control/api/v1/\$path
  done
  timeout -s KILL 1 curl -sN -o /dev/null --unix-socket '$CONTROL' http://control/api/v1/events
  sleep 0.3
done"

installs=0
install_once() { # rack4 is armed, asks for its script and its answer, and reports
  local script
  ask arm rack4 >/dev/null || return 1
  script=$(on 4 curl -s --max-time 5 "http://$SERVER/boot.ipxe")
  local place=${script#*url=}
  place=${place%%/preseed.cfg*}
  on 4 curl -sf --max-time 5 -o /dev/null "$place/preseed.cfg" &&
    on 4 curl -sf --max-time 5 --data-binary $'state=installed\nhostname=rack4\n' "${place%/answers}/report" &&
    installs=$((installs + 1))
}
renew() { on 4 env "LEASE=$WORK/lease-4" busybox udhcpc -i e0 -f -q -n -t 4 -T 1 -s "$TOP/Tests/Lab/bound.sh" >/dev/null 2>&1; }

round=0
took=0
reloads=0
lost=()
says_round() { on 5 curl -s --max-time 5 "http://$SERVER/boot.ipxe" | grep -q "round=$1\b"; }
reload_well() {
  round=$((round + 1))
  reloads=$((reloads + 1))
  base "$round" >"$CONFIG"
  kill -HUP "$pid"
  if until_true 10 says_round "$round"; then took=$((took + 1)); else lost+=("$round"); fi
}
reload_badly() { # it must keep what it had
  { base bad; echo "nonsense: ["; } >"$CONFIG"
  kill -HUP "$pid"
  sleep 0.5
  says_round "$round" || lost+=("bad after $round")
}
fill_disk() {
  head -c 100000000 /dev/zero >"$WORK/state/ballast" 2>/dev/null
  sleep 4
  rm -f "$WORK/state/ballast"
}
fault() {
  case $(($1 % 5)) in
  0) fill_disk ;;
  1)
    ip -n "$SRV" link set s0 down
    sleep 2
    ip -n "$SRV" link set s0 up
    ;;
  2) # all clients of one kind die at once; their loops begin anew
    local victim
    for victim in $(ip netns pids "$LAB-c3"); do
      [ "$(cat "/proc/$victim/comm" 2>/dev/null)" != curl ] || kill -9 "$victim" 2>/dev/null
    done
    ;;
  3) # loss for a while: netem's, or else of whatever a slow wire with a short queue has no room for
    { tc -n "$LAN" qdisc replace dev p1 root netem loss 5% ||
      tc -n "$LAN" qdisc replace dev p1 root tbf rate 8mbit burst 4kb limit 6kb; } 2>/dev/null &&
      lossy=$((lossy + 1))
    ;;
  4) tc -n "$LAN" qdisc del dev p1 root 2>/dev/null ;;
  esac
}
lossy=0

printf 'second\tresident_kib\tdescriptors\tthreads\tdatabase\twal\tlog\tlines\tacknowledged\tinstalls\treloads\n' >"$FIGURES"
note() {
  printf '%s\t' "$((SECONDS - started))" "$(resident)" "$(descriptors)" "$(threads)" "$(bytes "$WORK"/state/*.sqlite "$WORK"/state/*.db)" \
    "$(bytes "$WORK"/state/*-wal)" "$(bytes "$LOG")" "$(wc -l <"$LOG")" "$(wc -l <"$WORK/acknowledged")" "$installs" >>"$FIGURES"
  echo "$took" >>"$FIGURES"
  tail -n 1 "$FIGURES" | sed 's/^/# /'
}

started=$SECONDS
end=$((started + minutes * 60))
next=$started
turn=0
while [ "$SECONDS" -lt "$end" ] && kill -0 "$pid" 2>/dev/null; do
  if [ "$SECONDS" -ge "$next" ]; then
    note
    next=$((next + every))
  fi
  turn=$((turn + 1))
  reload_well
  [ $((turn % 3)) != 0 ] || reload_badly
  [ $((turn % 4)) != 0 ] || fault $((turn / 4))
  [ $((turn % 10)) != 0 ] || renew
  install_once || :
  sleep 2
done
note

check "it is still the same process" kill -0 "$pid"
for job in "${load[@]}"; do
  kill -9 "$job"
  wait "$job"
done 2>/dev/null
for n in 1 2 3 4 5; do
  for job in $(ip netns pids "$LAB-c$n"); do kill -9 "$job" 2>/dev/null; done
done
same "every good reload took, and no bad one" "$reloads" "$took${lost[*]:+ but not }${lost[*]:-}"
check "machines were installed" [ "$installs" -gt 0 ]

# What was acknowledged last of each machine is what is listed.
awk '{last[$1] = $2} END {for (m in last) if (last[m] != "-") print m, last[m]}' "$WORK/acknowledged" | sort >"$WORK/expected"
ask leases list | awk '{print tolower($2), $1}' | sort >"$WORK/listed"
comm -23 "$WORK/expected" "$WORK/listed" >"$WORK/gone"
check "machines were given addresses" test -s "$WORK/expected"
same "no acknowledged lease is lost" "" "$(head -n 5 "$WORK/gone")"
twice=$(awk '$2 ~ /^10\./ {print $2}' "$WORK/listed" | sort | uniq -d | head -n 3)
same "no address is given twice" "" "$twice"

median() { # median COLUMN FIRST|LAST: of the third after warming up
  awk -F'\t' -v column="$1" -v part="$2" -v from=$((minutes * 12)) '
    NR > 1 && $1 >= from {values[++count] = $column}
    END {
      third = int(count / 3); if (third < 1) third = 1
      start = part == "FIRST" ? 1 : count - third + 1
      for (i = 0; i < third; i++) list[i + 1] = values[start + i] + 0
      for (i = 1; i <= third; i++) for (j = i + 1; j <= third; j++) if (list[j] < list[i]) {t = list[i]; list[i] = list[j]; list[j] = t}
      print list[int((third + 1) / 2)]
    }' "$FIGURES"
}
peak() { awk -F'\t' -v column="$1" 'NR > 1 && $column + 0 > most {most = $column + 0} END {print most + 0}' "$FIGURES"; }
at_most() { # at_most NAME LIMIT VALUE
  if [ "$3" -le "$2" ]; then ok "$1: $3, at most $2"; else not_ok "$1" "$3, more than $2"; fi
}
at_most "resident memory grows by KiB" 6144 $(($(median 2 LAST) - $(median 2 FIRST)))
at_most "descriptors grow by" 40 $(($(median 3 LAST) - $(median 3 FIRST)))
at_most "threads grow by" 4 $(($(median 4 LAST) - $(median 4 FIRST)))
at_most "the databases grow by bytes" $((1 << 20)) $(($(median 5 LAST) - $(median 5 FIRST)))
at_most "the write-ahead logs' peak" $((16 << 20)) "$(peak 6)"
lines=$(awk -F'\t' -v from=$((minutes * 12)) '
  NR > 1 && $1 >= from && !second {second = $1; line = $8} {last = $1; lines = $8}
  END {print (last > second ? int((lines - line) / (last - second)) : 0)}' "$FIGURES")
at_most "lines of the log a second" $((rate * 4 + 50)) "$lines"
back() { [ "$(descriptors)" -le $((idle + 6)) ]; }
if until_true 150 back; then ok "descriptors are what they were: $idle, $(descriptors)"; else not_ok "descriptors are what they were" "$idle, $(descriptors)"; fi
echo "# a lossy wire $lossy times; figures: $FIGURES"
awk -F'\t' 'NR == 2 || $1 >= '"$((minutes * 12))"' && !warm++ {print "# " $0} {last = $0} END {print "# " last}' "$FIGURES"
stop_server
finish
