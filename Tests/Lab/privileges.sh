#!/usr/bin/env bash
# bootwire under the unit's user and capabilities exactly: it serves, and can do no more than that.
# `make boot UNPRIVILEGED=1` boots a machine's firmware the same way.
# shellcheck source=Tests/Lab/lab.sh disable=SC2119
. "$(dirname "$0")/lab.sh"

of_process() { sed -n "s/^$1:[[:space:]]*//p" "/proc/$server_pid/status" | tr '\t' ' '; }
by_tftp() { on 1 timeout 10 busybox tftp -g -r file -l "$WORK/got" "$SERVER" && cmp "$WORK/files/file" "$WORK/got"; }
by_http() { on 1 curl -sS --max-time 10 -o "$WORK/got" "http://$SERVER/files/file" && cmp "$WORK/files/file" "$WORK/got"; }
as_stranger() { setpriv --reuid 64078 --regid 64078 --clear-groups "$BOOTWIRE" status --control "$CONTROL"; }
notified() { grep -qx "$1" "$WORK/notified"; }
refused() { ! "$@"; }

# CAP_NET_BIND_SERVICE is 10, CAP_NET_RAW 13.
two=0000000000002400

lab_up
machine 1
head -c 100000 /dev/urandom >"$WORK/files/file"
configure

# systemd's side of readiness and watchdog: what sd_notify(3) sends, line by line.
perl -MSocket -e '$| = 1; umask 0; socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or die;
  bind($s, pack_sockaddr_un($ARGV[0])) or die; my $m;
  while (defined recv($s, $m, 4096, 0)) { print "$m\n" }' "$WORK/notify" >"$WORK/notified" &
pids+=("$!")
until_true 5 test -S "$WORK/notify"
export NOTIFY_SOCKET=$WORK/notify WATCHDOG_USEC=1000000

check "bootwire starts" serve_as_unit
check "it tells systemd that it is ready" until_true 5 notified READY=1
check "and that it is alive" until_true 5 notified WATCHDOG=1
same "its user and group are the unit's" "$NOBODY $NOBODY $NOBODY $NOBODY" "$(of_process Uid)"
same "its capabilities are two" "$two" "$(of_process CapEff)"
same "and it can get no more" "$two" "$(of_process CapBnd)"
same "nor by running a program" 1 "$(of_process NoNewPrivs)"

check "a machine gets an address" test -n "$(lease 1)"
check "a file by TFTP" by_tftp
check "a file by HTTP" by_http
check "an answer file" test -n "$(on 1 curl -sS --max-time 10 "http://$SERVER/machines/lab-bios/answers/lab.txt")"
check "the leases are listed" ask leases list
check "a stranger may not ask over the control socket" refused as_stranger
same "the control socket is for owner and group" 660 "$(stat -c %a "$CONTROL")"
same "the leases are not for strangers" 0 "$(find "$WORK/state" -type f -perm /o+rwx | wc -l)"
kill -HUP "$server_pid"
check "it tells systemd that it reloads" until_true 5 notified RELOADING=1
stop_server TERM
check "and that it stops" notified STOPPING=1
check "it ends when it is told to" bash -c "! kill -0 $server_pid 2>/dev/null"
finish
