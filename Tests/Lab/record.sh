#!/usr/bin/env bash
# bootwire record: a file for each machine, with its DHCP, TFTP, DNS and HTTP in it and nobody
# else's; bounded in bytes and in machines; elided when asked.
# shellcheck source=Tests/Lab/lab.sh disable=SC2119
. "$(dirname "$0")/lab.sh"

RECORDED=$WORK/recorded
recorder=

record() { # record DIRECTORY OPTION…: starts recording what passes the server's interface
  local directory=$1
  shift
  # The last recording's words must not be taken for this one's.
  rm -f "$WORK/record.err"
  ip netns exec "$SRV" "$BOOTWIRE" record --interface s0 --directory "$directory" "$@" \
    >"$WORK/record.out" 2>"$WORK/record.err" &
  recorder=$!
  pids+=("$recorder")
  until_true 10 grep -q 'Ctrl-C ends it' "$WORK/record.err"
}
end_recording() { # end_recording SIGNAL: and wait for it
  kill "-$1" "$recorder" && wait "$recorder"
}
file_of() { # file_of N [DIRECTORY]: the recording of machine N
  find "${2:-$RECORDED}" -name "$(mac "$1" | tr : -)_*Z.pcap"
}
files_in() { find "$1" -type f | wc -l; }
holds() { grep -acF -- "$2" "$1"; }
has() { [ "$(holds "$1" "$2")" -gt 0 ]; }
has_not() { [ -s "$1" ] && [ "$(holds "$1" "$2")" = 0 ]; }
size() { stat -c %s "$1"; }
largest() { find "$1" -type f -printf '%s\n' | sort -n | tail -n 1; }

# shellcheck disable=SC2016
send_tagged() { # machine 3 sends machine 1's first recorded message as its own, on VLAN 7
  on 3 perl -e 'open(my $f, "<:raw", $ARGV[0]) or die; local $/; my $file = <$f>;
    my $frame = substr($file, 40, unpack("N", substr($file, 32, 4)));
    $frame =~ s/\x52\x54\0\x77\x01\x01/\x52\x54\0\x77\x01\x03/g;
    substr($frame, 12, 0) = "\x81\0\0\x07";
    open(my $n, "<", "/sys/class/net/e0/ifindex") or die;
    socket(my $s, 17, 3, 0) or die $!;
    send($s, $frame, 0, pack("S n i S C C a8", 17, 0x8100, <$n> + 0, 1, 0, 6, "\xff" x 6)) or die $!' "$WORK/one.pcap"
}
tagged() { # the recording has it, tag and all
  [ "$(LC_ALL=C grep -caP '\x81\x00\x00\x07\x08\x00\x45' "$(file_of 3 "$WORK/chosen")")" -gt 0 ]
}

lab_up
machine 1
machine 2
machine 3
# Their bytes can be told from all others, wherever a frame begins.
perl -e 'print "TFTP-FILE-BYTES\n" x 40000' >"$WORK/files/one.bin"
perl -e 'print "HTTP-FILE-BYTES\0" x 40000' >"$WORK/files/two.bin"
perl -e 'print "#!ipxe\necho SCRIPT-LINE\nboot\n"' >"$WORK/files/script.ipxe"
configure
check "bootwire starts" serve

check "recording starts" record "$RECORDED"
for n in 1 2; do check "machine $n gets an address" test -n "$(lease "$n")"; done
check "a file by TFTP" on 1 busybox tftp -b 1468 -g -r one.bin -l "$WORK/got" "$SERVER"
check "a file by TFTP in fragments" on 1 busybox tftp -b 8192 -g -r one.bin -l "$WORK/got" "$SERVER"
check "a file by HTTP" on 2 curl -sS -o "$WORK/got" "http://$SERVER/files/two.bin"
check "a script by HTTP" on 2 curl -sS -o "$WORK/got" "http://$SERVER/files/script.ipxe"
check "recording ends by INT" end_recording INT
same "there are two recordings" 2 "$(files_in "$RECORDED")"
same "each has its line" 2 "$(grep -Ec '^/.*Z\.pcap: [0-9]+ packets, [0-9]+ bytes$' "$WORK/record.out")"
one=$(file_of 1)
two=$(file_of 2)
check "TFTP is in the first" has "$one" TFTP-FILE-BYTES
check "both times, fragments too" [ "$(size "$one")" -gt $((2 * 16 * 40000)) ]
check "HTTP is in the second" has "$two" HTTP-FILE-BYTES
check "with its head" has "$two" "GET /files/script.ipxe"
check "and neither in the other" has_not "$one" HTTP-FILE-BYTES
check "nor the other way" has_not "$two" TFTP-FILE-BYTES
same "only their owner may read them" 600 "$(stat -c %a "$one")"
cp "$one" "$WORK/one.pcap"
cp "$two" "$WORK/two.pcap"

check "a recording that elides starts" record "$WORK/elided" --elide
for n in 1 2; do check "machine $n gets an address" test -n "$(lease "$n")"; done
check "a file by TFTP in fragments" on 1 busybox tftp -b 8192 -g -r one.bin -l "$WORK/got" "$SERVER"
check "a file by TFTP in windows" on 1 atftp --option "windowsize 8" --option "blksize 1400" -g -r one.bin -l "$WORK/got" "$SERVER"
check "a file by HTTP" on 2 curl -sS -o "$WORK/got" "http://$SERVER/files/two.bin"
check "a script by HTTP" on 2 curl -sS -o "$WORK/got" "http://$SERVER/files/script.ipxe"
check "a report by HTTP" on 2 curl -sS --data REPORT-LINE "http://$SERVER/machines/rack1/report"
check "recording ends" end_recording INT
one=$(file_of 1 "$WORK/elided")
two=$(file_of 2 "$WORK/elided")
same "nothing but the recordings and their lists is left" 4 "$(files_in "$WORK/elided")"
check "no byte of TFTP's file is left" has_not "$one" FILE-BYTES
check "nor of HTTP's" has_not "$two" FILE-BYTES
check "nor of the report" has_not "$two" REPORT-LINE
check "the script is" has "$two" SCRIPT-LINE
check "and the heads are" has "$two" "GET /files/two.bin"
digest() { sha256sum "$WORK/files/$1" | cut -d ' ' -f 1; }
same "the list has TFTP's file twice" 2 "$(grep -c "^elided 640000 $(digest one.bin) tftp://$SERVER/one.bin$" "$one.elided")"
same "and HTTP's once" 1 "$(grep -c "^elided 640000 $(digest two.bin) http://$SERVER/files/two.bin$" "$two.elided")"
same "and the script as kept" 1 "$(grep -c "^kept 29 $(digest script.ipxe) http://$SERVER/files/script.ipxe$" "$two.elided")"
elide() { "$BOOTWIRE" record --elide --from "$1" --to "$2"; }
check "a recording is elided afterwards" elide "$WORK/one.pcap" "$WORK/copy.pcap"
check "smaller, for frames end where their files began" [ "$(size "$WORK/one.pcap")" -gt $((4 * $(size "$WORK/copy.pcap"))) ]
check "without the file" has_not "$WORK/copy.pcap" FILE-BYTES
elide_again() { ! elide "$WORK/one.pcap" "$WORK/copy.pcap"; }
check "and never over another" elide_again

check "recording starts with limits" record "$WORK/bounded" --bytes 100000 --machines 1
check "a machine gets its address again" test -n "$(lease 1)"
check "and another" test -n "$(lease 2)"
check "a file by TFTP" on 1 busybox tftp -b 1468 -g -r one.bin -l "$WORK/got" "$SERVER"
check "recording ends by TERM" end_recording TERM
same "one machine is recorded" 1 "$(files_in "$WORK/bounded")"
check "its file is no larger than it may be" [ "$(largest "$WORK/bounded")" -le 100000 ]
check "and nearly as large" [ "$(largest "$WORK/bounded")" -gt 95000 ]
check "it says how much was left out" grep -Eq 'it is full, and [1-9][0-9]* packets more were left out' "$WORK/record.out"
check "and that there were more machines" grep -q -- 'more machines than --machines' "$WORK/record.err"

check "recording of one machine starts" record "$WORK/chosen" --mac "$(mac 3)"
check "it gets an address" test -n "$(lease 3)"
check "as does another" test -n "$(lease 1)"
check "it sends a message with a VLAN tag" send_tagged
check "recording ends" end_recording INT
check "a frame with a VLAN tag is recorded with it" tagged
same "it alone is recorded" "$(file_of 3 "$WORK/chosen")" "$(find "$WORK/chosen" -type f)"

refused() { ! "$BOOTWIRE" record "$@" >"$WORK/refusal" 2>&1; }
check "an interface that is not there is refused" refused --interface nothere0 --directory "$WORK"
check "by its name" grep -q nothere0 "$WORK/refusal"
finish
