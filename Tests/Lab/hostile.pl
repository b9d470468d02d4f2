#!/usr/bin/env perl
# Strangers' packets: the files of Fixtures/findings and noise, changed at random places, to the ports
# of a boot server; connections that say nonsense, half a request, or nothing.
#   hostile.pl SERVER FOLDER RATE SEED     RATE packets a second, for ever
use strict;
use warnings;
use Socket;
use Time::HiRes 'sleep';

my ($server, $folder, $rate, $seed) = @ARGV;
srand $seed;
my @ports = ([67, 'dhcp'], [4011, 'dhcp'], [69, 'tftp'], [53, 'dns']);
my %seeds;
for my $file (glob "$folder/*/*") {
  next unless $file =~ m{/(dhcp|tftp|dns|http-head)/[^/]+$} && open my $in, '<:raw', $file;
  my $kind = $1;
  push @{$seeds{$kind}}, do { local $/; <$in> };
}
push @{$seeds{dhcp}}, pack('C4 N x232 N', 1, 1, 6, 0, 7, 0x63825363) . "\x35\1\1\xff";
push @{$seeds{tftp}}, "\0\1linux\0octet\0blksize\0001468\0", "\0\2x\0octet\0", "\0\4\0\1";
push @{$seeds{dns}}, pack('n6', 7, 0x100, 1, 0, 0, 0) . "\3www\4soak\4test\0\0\1\0\1";
push @{$seeds{'http-head'}}, "GET /files/big HTTP/1.1\r\nHost: a\r\n\r\n", "GET /boot.ipxe HTTP/1.1\r\n";

sub changed {
  my @list = @{$seeds{$_[0]}};
  my $bytes = $list[rand @list];
  substr($bytes, int rand length $bytes, 1) = chr int rand 256 for 0 .. rand 4;
  $bytes = substr $bytes, 0, rand length $bytes if rand() < 0.2;
  return $bytes . (rand() < 0.1 ? join '', map { chr int rand 256 } 0 .. rand 900 : '');
}

$SIG{PIPE} = 'IGNORE';
socket(my $socket, PF_INET, SOCK_DGRAM, 17) or die "socket: $!";
my @open;
while (1) {
  my $choice = $ports[rand @ports];
  send($socket, changed($choice->[1]), 0, pack_sockaddr_in($choice->[0], inet_aton($server)));
  # Answers are not read, but the next socket has another port.
  if (rand() < 0.02) { socket($socket, PF_INET, SOCK_DGRAM, 17) or die "socket: $!" }
  if (rand() < 0.2 && socket(my $stream, PF_INET, SOCK_STREAM, 6)) {
    $stream->blocking(0);
    connect($stream, pack_sockaddr_in(rand() < 0.2 ? 53 : 80, inet_aton($server)));
    push @open, $stream;
    close(shift @open) if @open > 60;
  }
  for my $stream (@open) { syswrite $stream, changed('http-head') if rand() < 0.05 }
  sleep 1 / $rate;
}
