#!/usr/bin/env perl
# A network card's boot ROM, as far as its DHCP goes: says what each server answers to it.
#   pxe.pl discover INTERFACE ARCHITECTURE CLASS          a DISCOVER, broadcast from port 68 to 67
#   pxe.pl ask INTERFACE ARCHITECTURE CLASS SERVER PORT   a REQUEST from PORT to SERVER's port 4011
# ARCHITECTURE is option 93's code, CLASS option 60. Prints a line for each answer in a second:
#   from=ADDRESS:PORT your=… next=… file=… class=… vendor=HEX server=…
use strict;
use warnings;
use Socket;

my ($what, $interface, $architecture, $class, $server, $port) = @ARGV;
open(my $file, '<', "/sys/class/net/$interface/address") or die "no interface $interface";
my $card = <$file>;
$card =~ tr/0-9a-f//cd;
my $own = $what eq 'ask' ? `ip -4 -o addr show dev $interface` =~ /inet ([0-9.]+)/ ? inet_aton($1) : die "no address" : "\0" x 4;

socket(my $socket, PF_INET, SOCK_DGRAM, 17) or die "socket: $!";
setsockopt($socket, SOL_SOCKET, SO_BROADCAST, 1) or die "broadcast: $!";
setsockopt($socket, SOL_SOCKET, 25, pack('Z16', $interface)) or die "SO_BINDTODEVICE: $!";
bind($socket, pack_sockaddr_in($what eq 'ask' ? $port : 68, INADDR_ANY)) or die "bind: $!";

sub option { pack('CC/a*', $_[0], $_[1]) }
my $message = pack('C4 N n n a4 a4 a4 a4 H32 x64 x128 N', 1, 1, 6, 0, 0x77001234, 4, 0x8000, $own, ("\0" x 4) x 3, $card . '0' x 20, 0x63825363);
$message .= option(53, pack('C', $what eq 'ask' ? 3 : 1)) . option(55, pack('C*', 1, 3, 43, 54, 60, 66, 67))
  . option(57, pack('n', 1260)) . option(97, "\0" . pack('H32', '4c4c454400424c108056b4c04f4c4142'))
  . option(93, pack('n', $architecture)) . option(94, "\1\2\1") . option(60, $class) . "\xff";
$message .= "\0" x (548 - length $message) if length $message < 548;
send($socket, $message, 0, pack_sockaddr_in($what eq 'ask' ? 4011 : 67, inet_aton($server // '255.255.255.255'))) or die "send: $!";

$| = 1;
local $SIG{ALRM} = sub { exit 0 };
alarm 1;
while (defined(my $from = recv($socket, my $reply, 4096, 0))) {
  next if length $reply < 241 or substr($reply, 4, 4) ne substr($message, 4, 4) or ord $reply != 2;
  my ($sender_port, $sender) = unpack_sockaddr_in($from);
  my (%options, $at);
  for ($at = 240; $at + 1 < length $reply and (my $code = ord substr($reply, $at, 1)) != 255;) {
    if ($code == 0) { $at++; next }
    my $length = ord substr($reply, $at + 1, 1);
    $options{$code} = substr($reply, $at + 2, $length);
    $at += 2 + $length;
  }
  my $name = unpack('Z128', substr($reply, 108, 128)) || $options{67} // '';
  printf "from=%s:%d your=%s next=%s file=%s class=%s vendor=%s server=%s\n", inet_ntoa($sender), $sender_port,
    inet_ntoa(substr($reply, 16, 4)), inet_ntoa(substr($reply, 20, 4)), $name, $options{60} // '',
    unpack('H*', $options{43} // ''), defined $options{54} ? inet_ntoa($options{54}) : '';
}
