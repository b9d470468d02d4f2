#!/usr/bin/env perl
# Writes a kernel to standard output that boot programs take and that then does nothing for ever: what
# recordings of boots are made with, because its 100 KB are few packets.
#   standin.pl amd64|arm64 [BYTES]
# An EFI program (PE/COFF), and what the other programs look for: Linux's boot protocol on x86
# (Documentation/arch/x86/boot.rst), the head of arm64's Image (Documentation/arch/arm64/booting.rst).
# Behind its first instruction is noise from a fixed seed, so that no server can compress it.
use strict;
use warnings;

my $arm = ($ARGV[0] // '') eq 'arm64';
my ($start, $size) = (0x800, $ARGV[1] // 0x19000);
my $image = "\0" x $start;
sub put { substr($image, $_[0], length $_[1]) = $_[1] }

if ($arm) {
  # "MZ" is an instruction too; then a branch to the code, and how long the image is.
  put(0, pack 'a2 v V Q< Q< Q<', 'MZ', 0x9100, 0x14000000 | ($start - 4) / 4, 0, $size, 0x0a);
  put(0x38, "ARM\x64");
} else {
  put(0, 'MZ');
  # Three sectors of setup behind the first, then protected-mode code; a jump to itself is the entry.
  put(0x1f1, pack 'C v V', $start / 512 - 1, 0, ($size - $start) / 16);
  put(0x1fe, pack 'v v a4 v', 0xaa55, 0xfeeb, 'HdrS', 0x020f);
  put(0x211, "\x01");
  put(0x214, pack 'V', 0x100000);
  put(0x22c, pack 'V V C C v V', 0x7fffffff, 0x200000, 1, 21, 0x0b, 2047);
  put(0x258, pack 'Q< V V', 0x1000000, $size, 0);
}
put(0x3c, pack 'V', 0x280);
my $count = $size - $start;
put(0x280, pack 'a4 v v V V V v v', "PE\0\0", $arm ? 0xaa64 : 0x8664, 1, 0, 0, 0, 240, 0x0206);
put(0x298, pack 'v C C V V V V V Q< V V', 0x20b, 2, 20, $count, 0, 0, 0x1000, 0x1000, 0, 0x1000, 0x200);
put(0x298 + 40, pack 'v6 V V V V v v Q<4 V V', 0, 0, 0, 0, 0, 0, 0, 0x1000 + (($count + 0xfff) & ~0xfff),
  $start, 0, 10, 0, 0x100000, 0x1000, 0x100000, 0x1000, 0, 16);
put(0x298 + 240, pack 'a8 V V V V V V v v V', '.text', $count, 0x1000, $count, $start, 0, 0, 0, 0, 0x60000020);
srand 77;
$image .= $arm ? pack('V', 0x14000000) : "\xeb\xfe";
$image .= chr int rand 256 while length $image < $size;
binmode STDOUT;
print $image;
