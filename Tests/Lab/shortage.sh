#!/usr/bin/env bash
# Case 55: no descriptors, no route, no link, nobody who listens, a line that is full. bootwire neither
# ends nor spins, and serves again when the shortage is over.
# shellcheck source=Tests/Lab/lab.sh disable=SC2119
. "$(dirname "$0")/lab.sh"

ticks() { awk '{print $14 + $15}' "/proc/$server_pid/stat"; }
quiet() { # quiet NAME [COMMAND…]: for a second of it bootwire uses little of the processor
  local name=$1 before after
  shift
  before=$(ticks)
  "$@"
  sleep 1
  after=$(ticks)
  # A hundredth of a second each; a busy loop has 100 of them.
  check "Case 55: no busy loop: $name" test $((after - before)) -lt 50
}
by_tftp() { on 1 timeout 20 busybox tftp -b 1468 -g -r file -l "$WORK/got" "$SERVER" && cmp "$WORK/files/file" "$WORK/got"; }
by_http() { on 1 curl -sS --max-time 20 -o "$WORK/got" "http://$SERVER/files/file" && cmp "$WORK/files/file" "$WORK/got"; }
serves() { # serves NAME: again
  check "Case 55: TFTP after $1" by_tftp
  check "Case 55: HTTP after $1" by_http
}
# shellcheck disable=SC2016
crowd() { # crowd COUNT TEXT: so many connections that send TEXT and stay
  ip netns exec "$LAB-c2" perl -MIO::Socket::INET -e '$SIG{PIPE} = "IGNORE"; my @all;
    for (1 .. $ARGV[1]) { my $s = IO::Socket::INET->new(PeerAddr => "$ARGV[0]:80", Timeout => 2) or next;
      syswrite $s, $ARGV[2]; push @all, $s } sleep 60' "$SERVER" "$1" "$2" &
  holder=$!
  pids+=("$holder")
  sleep 0.7
}
leave() {
  kill -9 "$holder" 2>/dev/null
  wait "$holder" 2>/dev/null
}
# shellcheck disable=SC2016
ask_and_go() { # read requests whose answers find nobody: the kernel says so by ICMP
  on 3 perl -MIO::Socket::INET -e 'for (1 .. 50) {
    my $s = IO::Socket::INET->new(PeerAddr => "$ARGV[0]:69", Proto => "udp") or die;
    send $s, "\0\1file\0octet\0tsize\0" . "0\0", 0; close $s }' "$SERVER"
}

lab_up
machine 1
machine 2
machine 3
ip -n "$LAB-c1" addr add 10.77.0.50/24 brd + dev e0
ip -n "$LAB-c2" addr add 10.77.0.51/24 brd + dev e0
ip -n "$LAB-c3" addr add 10.77.0.52/24 brd + dev e0
head -c 300000 /dev/urandom >"$WORK/files/file"
configure
check "bootwire starts" serve
check "a file by TFTP" by_tftp
check "a file by HTTP" by_http

# Room for eight descriptors more than it has.
open=$(find "/proc/$server_pid/fd" | wc -l)
prlimit --pid "$server_pid" --nofile=$((open + 8)):16384
crowd 40 ""
serves "EMFILE, with the rest idle: they give way"
leave
crowd 40 "GET /files/file HTTP/1.1"
quiet "EMFILE on accept, with nobody idle"
on 1 timeout 3 busybox tftp -g -r file -l "$WORK/none" "$SERVER" >/dev/null 2>&1
quiet "EMFILE on a transfer's port"
check "Case 55: DHCP needs no descriptor" test -n "$(lease 2)"
leave
prlimit --pid "$server_pid" --nofile=16384:16384
serves "EMFILE"

quiet "fifty transfers whose clients have gone: ICMP port unreachable" ask_and_go
ip -n "$SRV" route del 10.77.0.0/24 dev s0
quiet "ENETUNREACH" ask_and_go
ip -n "$SRV" route add 10.77.0.0/24 dev s0 src "$SERVER"
serves "ENETUNREACH"
ip -n "$SRV" link set s0 down
quiet "a link that is down" ask_and_go
ip -n "$SRV" link set s0 up
serves "a link that was down"
check "Case 18: DHCP after a link that was down" test -n "$(lease 3)"
if tc -n "$SRV" qdisc add dev s0 root tbf rate 128kbit burst 3000 limit 500000 2>/dev/null; then
  on 2 timeout 3 curl -sS --tftp-blksize 1428 -o /dev/null "tftp://$SERVER/file" >/dev/null 2>&1 &
  on 1 timeout 3 curl -sS -o /dev/null "http://$SERVER/files/file" >/dev/null 2>&1 &
  quiet "a line that is full: EAGAIN and ENOBUFS on send"
  tc -n "$SRV" qdisc del dev s0 root
  serves "a line that was full"
else
  echo "# this kernel shapes no traffic: EAGAIN and ENOBUFS are left out"
fi
check "Case 55: it is the same process" kill -0 "$server_pid"
finish
