#!/usr/bin/env bash
# DNS for other people's resolvers: dig, kdig and drill over UDP and TCP, leases, and another
# server behind us (dnsmasq) that only machines on our subnet reach.
# shellcheck source=Tests/Lab/lab.sh disable=SC2119
. "$(dirname "$0")/lab.sh"

ask_dig() { on 1 dig "@$SERVER" +tries=2 +time=2 "$@"; }
short() { ask_dig +short "$@"; }
status() { ask_dig "$@" | sed -n 's/.*status: \([A-Z]*\),.*/\1/p'; }
flags() { ask_dig "$@" | sed -n 's/^;; flags: \([a-z ]*\);.*/\1/p'; }
authority() { ask_dig +noall +authority "$@" | awk '{print $1, $4}'; }
stranger() { on 2 dig "@$SERVER" +tries=1 +time=2 "$@" | sed -n 's/.*status: \([A-Z]*\),.*/\1/p'; }
# shellcheck disable=SC2016
pipelined() { # two questions in one piece, and half of a third: two answers
  on 1 timeout 20 perl -MIO::Socket::INET -e '
    my $s = IO::Socket::INET->new(PeerAddr => "'"$SERVER"':53", Timeout => 5) or die;
    my $q = sub { my $m = pack("n6", $_[0], 0x100, 1, 0, 0, 0) . "\3www\3lab\4test\0\0\1\0\1";
      pack("n", length $m) . $m };
    print $s $q->(1) . $q->(2) . substr($q->(3), 0, 9); $s->flush;
    my @ids;
    for (1, 2) { read($s, my $l, 2) == 2 or die; read($s, my $m, unpack("n", $l)); push @ids, unpack("n", $m) }
    print join(" ", @ids), "\n";'
}
# shellcheck disable=SC2016
closes() { # closes OCTETS: the server closes a stream that sends them and no more
  on 1 timeout 25 perl -MIO::Socket::INET -e '
    my $s = IO::Socket::INET->new(PeerAddr => "'"$SERVER"':53", Timeout => 5) or die;
    print $s pack("H*", $ARGV[0]); $s->flush;
    exit(defined(read($s, my $x, 1)) ? 0 : 1)' "$1"
}

# shellcheck disable=SC2016
slow() { # slow NAME: the clients of case 36, all at once; when each was closed, in seconds
  on 1 timeout 60 perl -MIO::Socket::INET -MIO::Select -MTime::HiRes=time,sleep -e '
    my ($server, $flood) = @ARGV; my $began = time; my %at;
    my $new = sub { IO::Socket::INET->new(PeerAddr => "$server:53", Timeout => 5) };
    my $q = pack("n", 30) . pack("n6", 1, 0x100, 1, 0, 0, 0) . "\3www\3lab\4test\0\0\1\0\1";
    my ($silent, $lying, $idle, $slow) = map { $new->() } 1 .. 4;
    syswrite $lying, "\xff\xff\0"; syswrite $idle, $q; sysread $idle, my $answer, 4096;
    my %open = (silent => $silent, lying => $lying, idle => $idle, slow => $slow); my $next = 0;
    while (%open && time - $began < 25) {
      if ($open{slow} && $next < length $q) { syswrite $slow, substr($q, $next, 1); $next++ if $next < 20 }
      for my $name (keys %open) {
        next unless IO::Select->new($open{$name})->can_read(0);
        my $got = sysread $open{$name}, my $x, 4096;
        next if $got;
        $at{$name} = time - $began; delete $open{$name} }
      sleep 0.5 }
    printf "%s %d\n", $_, $at{$_} // 99 for sort keys %at, keys %open;' "$SERVER"
}
# shellcheck disable=SC2016
flood() { # more connections than a port takes, of a client that says nothing by any of them
  ip netns exec "$LAB-c2" perl -MIO::Socket::INET -e 'my @all;
    for (1 .. 700) { push @all, IO::Socket::INET->new(PeerAddr => "$ARGV[0]:53", Timeout => 2) }
    sleep 30' "$SERVER" &
  flooding=$!
  pids+=("$flooding")
}
closed_in_time() { # all four, and none before its ten seconds nor long after
  sort "$WORK/slow"
  [ "$(wc -l <"$WORK/slow")" = 4 ] && awk '$2 < 8 || $2 > 16 {exit 1}' "$WORK/slow"
}

# shellcheck disable=SC2016
raw() { # raw HEX…: the code of the answer to these octets
  on 1 timeout 10 perl -MIO::Socket::INET -e '
    my $s = IO::Socket::INET->new(PeerAddr => "'"$SERVER"':53", Proto => "udp") or die;
    send($s, pack("H*", join "", @ARGV), 0); recv($s, my $m, 4096, 0); print unpack("x3C", $m) & 15' "$@"
}
many=()
for number in $(seq 40); do many+=("--txt-record=many.example,$number$(printf 'm%.0s' $(seq 200))"); done

lab_up
machine 1
machine 2
namespace "$LAB-net"
# The world outside: a cable from the server to another server.
ip -n "$SRV" link add w0 type veth peer name w0 netns "$LAB-net"
ip -n "$SRV" addr add 192.0.2.1/24 dev w0
ip -n "$SRV" link set w0 up
ip -n "$LAB-net" addr add 192.0.2.53/24 dev w0
ip -n "$LAB-net" link set w0 up
ip netns exec "$LAB-net" dnsmasq --no-daemon --no-resolv --no-hosts --conf-file=/dev/null --port=53 \
  --pid-file= --user=root --address=/open.example/198.51.100.7 --address=/rebind.example/10.77.0.1 \
  --local=/missing.example/ --host-record=real.example,198.51.100.8 --cname=alias.example,real.example --txt-record=long.example,"$(printf 'x%.0s' $(seq 200))","$(printf 'y%.0s' $(seq 200))","$(printf 'z%.0s' $(seq 200))" \
  "${many[@]}" >"$WORK/dnsmasq.log" 2>&1 &
pids+=("$!")
# A stranger: on the same cable, of no subnet of ours.
ip -n "$LAB-c2" addr add 172.31.0.2/24 dev e0
ip -n "$LAB-c2" route add 10.77.0.0/24 dev e0
ip -n "$SRV" route add 172.31.0.0/24 dev s0
cp "$TOP/Fixtures/configurations/names.hosts" "$WORK/"
configure "$TOP/Fixtures/configurations/names.yaml"
check "bootwire starts" serve

address=$(lease 1 -x hostname:rogue)
same "machines are told that we answer names" "$SERVER" "$(sed -n 's/^dns=//p' "$WORK/lease-1" | head -n 1)"

same "A" 10.77.0.9 "$(short www.lab.test)"
same "AAAA" 2001:db8::9 "$(short www.lab.test AAAA)"
same "an answer has authority" "qr aa rd ra" "$(flags www.lab.test)"
same "AAAA of a name without is no error" NOERROR "$(status mail.lab.test AAAA)"
same "and names the zone" "lab.test. SOA" "$(authority mail.lab.test AAAA)"
same "a missing name is NXDOMAIN" NXDOMAIN "$(status nothing.lab.test)"
same "and names the zone too" "lab.test. SOA" "$(authority nothing.lab.test)"
same "CNAME is followed" "$(printf 'www.lab.test.\n10.77.0.9')" "$(short ftp.lab.test)"
same "MX" "10 mail.lab.test." "$(short lab.test MX)"
same "TXT" '"hello"' "$(short lab.test TXT)"
same "SRV" "0 5 5060 mail.lab.test." "$(short _sip._tcp.lab.test SRV)"
same "several TXT" '"one" "three" "two"' "$(short long.lab.test TXT | sort | paste -sd ' ')"
same "PTR" www.lab.test. "$(short -x 10.77.0.9)"
same "a reservation" 10.77.0.7 "$(short rack2.lab.test)"
same "and its way back" rack2.lab.test. "$(short -x 10.77.0.7)"
same "SOA" 1 "$(short lab.test SOA | grep -c 'hostmaster.lab.test.')"
same "NS is us" "$SERVER" "$(short "$(short lab.test NS)")"
same "the reverse zone has its NS" "$(short lab.test NS)" "$(short 0.77.10.in-addr.arpa NS)"
same "the hosts file is served" 10.77.0.20 "$(short scanner.lab.test)"
same "with IPv6" 2001:db8::20 "$(short printer.lab.test AAAA)"
same "by its first name back" printer.lab.test. "$(short -x 10.77.0.20)"

same "a machine is known by its lease" "$address" "$(short rack1.lab.test)"
same "its lease leads back to its name" rack1.lab.test. "$(short -x "$address")"
same "Case 37: what it calls itself is not its name" NXDOMAIN "$(status rogue.lab.test)"

slow >"$WORK/slow" &
slowing=$!
same "TCP answers alike" 10.77.0.9 "$(short +tcp www.lab.test)"
same "Case 36: TCP takes several questions at once" "1 2" "$(pipelined)"
check "Case 36: a length that lies ends the stream" closes ffff00
check "Case 36: a message without a header ends it at once" closes 000101
for way in +notcp +tcp; do
  same "kdig is content, $way" 10.77.0.9 "$(on 1 kdig "@$SERVER" "$way" +short www.lab.test)"
done
same "drill is content" 10.77.0.9 "$(on 1 drill "www.lab.test" "@$SERVER" | awk '/^www/ && $4 == "A" {print $5}' )"
echo "nameserver $SERVER" >"$WORK/resolv.conf"
same "the C library is content" 10.77.0.9 "$(on 1 sh -c "mount --bind '$WORK/resolv.conf' /etc/resolv.conf &&
  getent ahostsv4 www.lab.test" | awk '{print $1; exit}')"

same "Case 34: EDNS names our size" 1 "$(ask_dig +bufsize=4096 www.lab.test | grep -c 'EDNS: version: 0, flags:; udp: 1232')"
same "Case 38: EDNS version 1 is BADVERS" BADVERS "$(status +edns=1 +noednsneg www.lab.test)"
same "without EDNS none comes back" 0 "$(ask_dig +noedns www.lab.test | grep -c EDNS)"
same "letters come back as sent" 1 "$(ask_dig WwW.LaB.tEsT | grep -c '^WwW.LaB.tEsT.*10.77.0.9')"
same "Case 33: what is not ours is REFUSED to a stranger" REFUSED "$(stranger open.example)"
same "Case 33: who may ask for our own names" NOERROR "$(stranger www.lab.test)"
same "Case 33: AXFR is refused" 1 "$(ask_dig +tcp lab.test AXFR | grep -c 'Transfer failed')"
same "Case 33: our version is not told" REFUSED "$(status version.bind TXT CH)"
same "Case 33: ANY is answered with one type" 1 "$(ask_dig +noall +answer lab.test ANY | wc -l)"
same "what lies between a name and its zone exists" NOERROR "$(status _tcp.lab.test)"
same "and has nothing" 0 "$(ask_dig +noall +answer _tcp.lab.test ANY | wc -l)"
same "there is nothing below a name that is a leaf" NXDOMAIN "$(status below.www.lab.test)"
same "Case 32: two questions at once are FORMERR" 1 "$(raw 000101000002000000000000 03777777036c616204746573740000010001 03777777036c616204746573740000010001)"
same "Case 38: an inverse query is not implemented" NOTIMP "$(status +opcode=iquery lab.test)"
same "Case 33: NOTIFY is refused" REFUSED "$(status +opcode=notify lab.test SOA)"
same "Case 33: UPDATE is refused" REFUSED "$(status +opcode=update lab.test SOA)"
same "Case 38: STATUS is not implemented" NOTIMP "$(status +opcode=status lab.test)"

same "another server is asked for our machines" 198.51.100.7 "$(short open.example)"
same "over TCP too" 198.51.100.7 "$(short +tcp open.example)"
same "and what it says is kept" 198.51.100.7 "$(short open.example)"
same "what it does not know is NXDOMAIN" NXDOMAIN "$(status missing.example)"
same "Case 37: a private address from outside is taken out" "" "$(short rebind.example)"
same "a long answer comes" 1 "$(short long.example TXT | grep -c xxx)"
same "Case 34: an answer too long for a datagram is fetched by TCP" 40 "$(short +tcp many.example TXT | wc -l)"
same "Case 34: and its client is told to come by TCP too" "qr tc rd ra" "$(flags +ignore many.example TXT)"
same "dig comes by itself" 40 "$(short many.example TXT | wc -l)"
same "an alias out of the zone is followed for our machines" "$(printf 'alias.example.\nreal.example.\n198.51.100.8')" "$(short far.lab.test)"
same "over TCP too" 198.51.100.8 "$(short +tcp far.lab.test | tail -n 1)"
same "and its end that is missing is NXDOMAIN" NXDOMAIN "$(status gone.lab.test)"
same "a stranger hears the alias alone" 1 "$(on 2 dig "@$SERVER" +noall +answer far.lab.test | wc -l)"
wait "$slowing"
check "Case 36: a byte at a time, silence, a lying length and idleness end in ten seconds each" closed_in_time
flood
sleep 1
same "Case 36: who asks is answered while another holds 700 connections" 10.77.0.9 "$(short +tcp www.lab.test)"
same "Case 36: by UDP as well" 10.77.0.9 "$(short www.lab.test)"
kill -9 "$flooding" 2>/dev/null
wait "$flooding" 2>/dev/null
kill "${pids[0]}" 2>/dev/null
before=$SECONDS
same "Case 35: a dead server is SERVFAIL" SERVFAIL "$(ask_dig +tries=1 +time=12 other.example | sed -n 's/.*status: \([A-Z]*\),.*/\1/p')"
check "Case 35: within ten seconds" [ $((SECONDS - before)) -le 10 ]
check "status counts queries" sh -c "'$BOOTWIRE' status --control '$CONTROL' | grep -q dns"

# Where somebody else has the port, the start says who.
stop_server
ip netns exec "$SRV" dnsmasq --no-daemon --no-resolv --no-hosts --conf-file=/dev/null --port=53 --pid-file= \
  --user=root >>"$WORK/dnsmasq.log" 2>&1 &
holder=$!
pids+=("$holder")
server_pid=
until_true 5 ip netns exec "$SRV" dig @127.0.0.1 +tries=1 +time=1 x.example
: >"$LOG"
launch
failed_to_start() { ! wait "$server_pid"; }
check "Case 58: a start with port 53 taken fails" failed_to_start
check "Case 58: and names who has it" grep -q 'port 53 on s0 is taken by dnsmasq' "$LOG"
check "Case 58: and what to do" grep -q 'bind-interfaces' "$LOG"
# Where nobody asked for names, it is told and stops nothing.
sed -i -e '/^dns:/,/^machines:/{/^machines:/!d}' -e 's/dns: true, //' "$CONFIG"
: >"$LOG"
check "without names in the configuration it starts all the same" serve
check "and says what it does without" grep -q 'port.taken' "$LOG"
stop_server
# Somebody who has the port on another address of this box is in nobody's way.
configure "$TOP/Fixtures/configurations/names.yaml"
kill "$holder" 2>/dev/null
wait "$holder" 2>/dev/null
ip netns exec "$SRV" dnsmasq --no-daemon --no-resolv --no-hosts --conf-file=/dev/null --port=53 --pid-file= \
  --user=root --bind-interfaces --listen-address=127.0.0.1 >>"$WORK/dnsmasq.log" 2>&1 &
pids+=("$!")
server_pid=
until_true 5 ip netns exec "$SRV" dig @127.0.0.1 +tries=1 +time=1 x.example
: >"$LOG"
check "Case 58: it starts beside a server that has port 53 on another address" serve
same "and answers" 10.77.0.9 "$(short www.lab.test)"
same "by TCP too" 10.77.0.9 "$(short +tcp www.lab.test)"
finish
