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
# ProtectSystem=strict and the two folders that the unit may write, by the means that systemd has too.
strictly() {
  cat >"$WORK/strictly" <<'END'
#!/bin/sh
state=$1 run=$2
shift 2
mount --make-rprivate / || exit 3
for own in "$state" "$run"; do mount --bind "$own" "$own" || exit 3; done
while read -r _ place _; do
  case $place in
  "$state" | "$run" | /proc* | /sys* | /dev*) ;;
  *) mount -o remount,bind,ro "$place" 2>/dev/null ;;
  esac
done </proc/self/mounts
if touch "$state/../not-writable" 2>/dev/null; then exit 4; fi
exec "$@"
END
  chmod 755 "$WORK/strictly"
  umask 027
  install -m 755 "$BOOTWIRE" "$WORK/bootwire"
  BOOTWIRE=$WORK/bootwire
  serve unshare -m "$WORK/strictly" "$WORK/state" "$WORK/run" "${UNIT[@]}"
}
as_it() { nsenter -m -t "$server_pid" -- "${UNIT[@]}" "$@"; }
written() { # what its user owns or has changed since the start, where it has no business
  find "$WORK" /etc /var /tmp /run /srv /home /root -xdev -maxdepth 3 \( -path "$WORK/state" -o -path "$WORK/run" \) -prune -o \
    -user "$NOBODY" -newer "$WORK/begin" -print 2>/dev/null | grep -vx -e "$WORK/bootwire.log" -e "$WORK/notify"
}

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

chown -R "$NOBODY:$NOBODY" "$WORK/state" "$WORK/run"
touch "$WORK/begin"
check "Case 57: bootwire starts where only its state and its control socket can be written" strictly
check "it tells systemd that it is ready" until_true 5 notified READY=1
check "and that it is alive" until_true 5 notified WATCHDOG=1
same "Case 57: its user and group are the unit's" "$NOBODY $NOBODY $NOBODY $NOBODY" "$(of_process Uid)"
same "Case 57: its capabilities are two" "$two" "$(of_process CapEff)"
same "Case 57: and it can get no more" "$two" "$(of_process CapBnd)"
same "Case 57: nor by running a program" 1 "$(of_process NoNewPrivs)"

check "a machine gets an address" test -n "$(lease 1)"
check "a file by TFTP" by_tftp
check "a file by HTTP" by_http
check "an answer file" test -n "$(on 1 curl -sS --max-time 10 "http://$SERVER/machines/lab-bios/answers/lab.txt")"
check "the leases are listed" ask leases list
check "a stranger may not ask over the control socket" refused as_stranger
same "Case 57: the control socket is for owner and group" 660 "$(stat -c %a "$CONTROL")"
same "Case 57: the leases are not for strangers" 0 "$(find "$WORK/state" -type f -perm /o+rwx | wc -l)"
check "Case 57: it writes its state" bash -c "find '$WORK/state' -type f -newer '$WORK/begin' | grep -q ."
same "Case 57: and nothing outside of state and control socket" "" "$(written)"
# As the process itself would: with its user, its two capabilities and in its mounts.
for path in /etc/bootwire-test /usr/bootwire-test "$WORK/files/new" "$WORK/bootwire.yaml" "$WORK/loaders/new"; do
  check "Case 57: a write of ${path/$WORK/…} fails" refused as_it sh -c "echo x >>'$path'"
done
check "Case 57: a write into its state does not" as_it sh -c "echo x >'$WORK/state/probe' && rm '$WORK/state/probe'"
kill -HUP "$server_pid"
check "it tells systemd that it reloads" until_true 5 notified RELOADING=1
stop_server TERM
check "and that it stops" notified STOPPING=1
check "it ends when it is told to" bash -c "! kill -0 $server_pid 2>/dev/null"
finish
