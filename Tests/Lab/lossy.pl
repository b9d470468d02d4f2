#!/usr/bin/env perl
# A cable that loses frames: lossy.pl INTERFACE INTERFACE PERCENT SEED makes two taps and carries
# frames between them. Which are lost is the seed's, so that two runs differ by their machines only.
use strict;
use warnings;

my ($one, $other, $percent, $seed) = @ARGV;
srand $seed;
sub cable {
  open my $tap, '+<', '/dev/net/tun' or die "/dev/net/tun: $!";
  # TUNSETIFF with IFF_TAP and IFF_NO_PI.
  ioctl $tap, 0x400454ca, pack 'a16 S x22', $_[0], 0x1002 or die "$_[0]: $!";
  return $tap;
}
my @taps = (cable($one), cable($other));
while (1) {
  my $ready = '';
  vec($ready, fileno $_, 1) = 1 for @taps;
  select $ready, undef, undef, undef;
  for my $end (0, 1) {
    next unless vec $ready, fileno $taps[$end], 1;
    my $count = sysread $taps[$end], my $frame, 65536;
    next unless $count;
    syswrite $taps[1 - $end], $frame if rand(100) >= $percent;
  }
}
