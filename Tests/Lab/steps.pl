#!/usr/bin/env perl
# What a booting machine and its servers said to each other, from a recording that still grows.
#   steps.pl RECORDING SECONDS KERNEL
# Prints a line for each step, with the seconds since the machine's first DISCOVER, until the first
# byte of the file KERNEL is on the wire: the first DATA of a TFTP transfer, or the first octet of
# an HTTP response behind its head. Succeeds when that has come within SECONDS; `kernel` is then the
# first word of the last line's name. Retransmissions count where they stand: it is what was seen.
use strict;
use warnings;
use Time::HiRes qw(sleep time);

my ($recording, $seconds, $kernel) = @ARGV;
my $end = time + $seconds;
my ($first, $offered, %transfer, %requested, %head);
$| = 1;

sub step { printf "%8.3f  %s\n", $_[0] - $first, $_[1] if defined $first }

sub done {
  step($_[0], "kernel by $_[1]");
  exit 0;
}

sub is_kernel { $_[0] =~ m{(?:^|/)\Q$kernel\E$} }

# DHCP's options are not many, and each server writes them in an order of its own.
sub dhcp {
  my ($time, $message, $from) = @_;
  return if length $message < 244;
  my @names = ('', qw(DISCOVER OFFER REQUEST DECLINE ACK NAK RELEASE INFORM));
  my (%option, $at);
  for ($at = 240; $at + 1 < length $message and (my $code = ord substr($message, $at, 1)) != 255;) {
    if ($code == 0) { $at++; next }
    my $length = ord substr($message, $at + 1, 1);
    $option{$code} = substr($message, $at + 2, $length);
    $at += 2 + $length;
  }
  return unless defined $option{53} and ord $option{53} < @names;
  my $name = $names[ord $option{53}];
  $first //= $time if $name eq 'DISCOVER';
  $offered = 1 if $name eq 'OFFER';
  my $file = unpack('Z128', substr($message, 108, 128)) || unpack('Z*', $option{67} // '');
  my $class = defined $option{77} ? ' ' . ($option{77} =~ /iPXE/ ? 'iPXE' : 'user class') : '';
  step($time, "DHCP $name" . (defined $option{60} ? " $option{60}" : '') . $class
      . ($from == 67 || $from == 4011 and $file ne '' ? " file=$file" : ''));
}

sub tftp {
  my ($time, $source, $from, $target, $to, $data) = @_;
  return if length $data < 4;
  my $code = unpack('n', $data);
  if ($to == 69 and $code == 1) {
    my ($name) = unpack('x2 Z*', $data);
    $transfer{"$target $source $from"} = [$name];
    return step($time, "TFTP $name");
  }
  my $transfer = $transfer{"$source $target $to"} or return;
  # One port may ask twice, so the answers of the later transfer are the ones that count.
  if ($code == 3) {
    done($time, 'TFTP') if is_kernel($transfer->[0]);
    step($time, "     $transfer->[0]: its first block") unless $transfer->[1]++;
  } elsif ($code == 5) {
    step($time, "     $transfer->[0]: refused") unless $transfer->[1]++;
  }
}

sub http {
  my ($time, $source, $from, $target, $to, $data) = @_;
  if ($to == 80 and $data =~ /^(GET|HEAD) (\S+) HTTP/) {
    ($requested{"$source $from"}, $head{"$source $from"}) = ([$1, $2], '');
    return step($time, "HTTP $1 $2");
  }
  my $asking = "$target $to";
  my $request = $requested{$asking} or return;
  return unless $from == 80 and length $data;
  $head{$asking} .= $data;
  return unless $head{$asking} =~ /^HTTP\S+ (\d+).*?\r\n\r\n(.?)/s;
  delete $requested{$asking} if $request->[0] eq 'HEAD' or $1 != 200 or length $2;
  if ($request->[0] eq 'GET' and $1 == 200 and length $2) {
    done($time, 'HTTP') if is_kernel($request->[1]);
    step($time, "     $request->[1]: its first octet");
  } elsif ($1 != 200) {
    step($time, "     $request->[1]: $1");
  }
}

sub frame {
  my ($time, $frame) = @_;
  return if length $frame < 34;
  my $kind = unpack('x12 n', $frame);
  if ($kind == 0x86dd and length $frame > 54 and ord(substr($frame, 20, 1)) == 58) {
    my $what = ord substr($frame, 54, 1);
    step($time, 'IPv6 router solicitation') if $what == 133;
    step($time, 'IPv6 router advertisement') if $what == 134;
  }
  # A server looks for an address's owner before it offers it; later it is only neighbours' talk.
  if ($kind == 0x0806 and !$offered and length $frame >= 42 and unpack('x20 n', $frame) == 1) {
    step($time, 'ARP who has ' . join('.', unpack('x38 C4', $frame)));
  }
  return unless $kind == 0x0800;
  my ($version, $fragment, $protocol, $source, $target) = unpack('x14 C x5 n x C x2 N N', $frame);
  # The later fragments of a datagram have no ports.
  return if $fragment & 0x1fff;
  my $packet = substr($frame, 14, unpack('x16 n', $frame));
  my $body = substr($packet, 4 * ($version & 15));
  return if length $body < 8;
  my ($from, $to) = unpack('n n', $body);
  if ($protocol == 1) {
    step($time, 'ping') if ord $body == 8;
  } elsif ($protocol == 17) {
    my $data = substr($body, 8);
    if ($from == 67 or $to == 67 or $from == 4011 or $to == 4011) { dhcp($time, $data, $from) }
    else { tftp($time, $source, $from, $target, $to, $data) }
  } elsif ($protocol == 6 and length $body >= 20) {
    http($time, $source, $from, $target, $to, substr($body, 4 * (unpack('x12 C', $body) >> 4)));
  }
}

open(my $file, '<:raw', $recording) or die "$recording: $!";
sub take { # a piece of the recording, as soon as it is there
  my $piece = '';
  while (length $piece < $_[0]) {
    my $got = sysread($file, $piece, $_[0] - length $piece, length $piece);
    die "$recording: $!" unless defined $got;
    next if $got;
    exit 1 if time > $end;
    sleep 0.1;
  }
  return $piece;
}

my ($magic, $link) = unpack('V x16 V', take(24));
die "$recording is no recording of an Ethernet, or of another machine" unless $magic == 0xa1b2c3d4 and $link == 1;
while (1) {
  my ($second, $fraction, $length) = unpack('V V V', take(16));
  frame($second + $fraction / 1e6, take($length));
}
