#!/usr/bin/env perl
# Many machines that come, renew, come back and go, for ever; what they were acknowledged is written
# down, so that nothing of it can be lost unseen.
#   storm.pl INTERFACE MACHINES RATE FILE     RATE machines a second; FILE has a line for each
#                                             acknowledgement: hardware address, address; or -, when it
#                                             gives the address back
use strict;
use warnings;
use IO::Handle;
use Socket;
use Time::HiRes 'time';

my ($interface, $machines, $rate, $file) = @ARGV;
open(my $log, '>>', $file) or die "$file: $!";
$log->autoflush(1);
socket(my $socket, PF_INET, SOCK_DGRAM, 17) or die "socket: $!";
setsockopt($socket, SOL_SOCKET, SO_BROADCAST, 1) or die "broadcast: $!";
setsockopt($socket, SOL_SOCKET, SO_RCVBUF, 1 << 20) or die "buffer: $!";
setsockopt($socket, SOL_SOCKET, 25, pack('Z16', $interface)) or die "SO_BINDTODEVICE: $!";
bind($socket, pack_sockaddr_in(68, INADDR_ANY)) or die "bind: $!";
my $to = pack_sockaddr_in(67, INADDR_BROADCAST);
my %address;

# What it sends is lost when the interface is down, as it would be on a wire.
sub say_it {
  my ($type, $number, $options, $own) = @_;
  my $card = pack('nN', 0x0a77, $number);
  send($socket, pack('C4 N n n a4 x12 a6 x10 x64 x128 N', 1, 1, 6, 0, $number, 0, 0x8000, $own // "\0\0\0\0",
    $card, 0x63825363) . pack('C3', 53, 1, $type) . $options . "\x37\x04\x01\x03\x06\x43\xff" . "\0" x 40, 0, $to);
}

sub begin {
  my ($number) = @_;
  my ($known, $what) = ($address{$number}, rand 100);
  if (defined $known && $what < 3) {
    print $log sprintf("0a:77:%s -\n", join ':', unpack '(H2)*', pack('N', $number));
    delete $address{$number};
    return say_it(7, $number, "\x36\x04" . inet_aton('10.77.0.1'), $known);
  }
  return say_it(3, $number, "\x32\x04$known") if defined $known && $what < 70;
  say_it(1, $number, '');
}

sub hear {
  my ($message) = @_;
  return if length $message < 243 || ord $message != 2 || substr($message, 28, 2) ne "\x0a\x77";
  my $number = unpack 'N', substr($message, 4, 4);
  my ($your, %options, $at) = (substr($message, 16, 4));
  for ($at = 240; $at + 1 < length $message && (my $code = ord substr($message, $at, 1)) != 255;) {
    if ($code == 0) { $at++; next }
    my $count = ord substr($message, $at + 1, 1);
    $options{$code} = substr($message, $at + 2, $count);
    $at += 2 + $count;
  }
  my $type = ord($options{53} // "\0");
  say_it(3, $number, "\x32\x04$your\x36\x04" . ($options{54} // '')) if $type == 2;
  delete $address{$number} if $type == 6;
  return unless $type == 5;
  $address{$number} = $your;
  print $log sprintf("0a:77:%s %s\n", join(':', unpack '(H2)*', pack('N', $number)), inet_ntoa($your));
}

my ($next, $turn) = (time, 0);
while (1) {
  my $ready = '';
  vec($ready, fileno $socket, 1) = 1;
  my $wait = $next - time;
  if (select($ready, undef, undef, $wait > 0 ? $wait : 0) > 0) {
    hear($_) if defined recv($socket, local $_, 4096, 0);
  }
  if (time >= $next) {
    begin(1 + $turn++ % $machines);
    $next += 1 / $rate;
    $next = time if $next < time - 1;
  }
}
