#!/usr/bin/env bash
# bootwire replay over Fixtures/replays: every recorded boot boots again, in its own world and by the
# configuration that it was recorded with, and each time in the same words.
# shellcheck source=Tests/Lab/lab.sh disable=SC2119
. "$(dirname "$0")/lab.sh"
# shellcheck source=Tests/Lab/neighbours.sh
. "$(dirname "$0")/neighbours.sh"

REPLAYS=$TOP/Fixtures/replays
recordings=("$REPLAYS"/*.pcap)

# The files that a recording's list names, of their lengths: what they held is in no recording.
files_of() { # files_of RECORDING
  local state count digest name path
  while read -r state count digest name; do
    if [ "$state" != elided ] || [ "$digest" = - ]; then continue; fi
    path=${name#*://*/}
    path=${path#files/}
    case $path in
    loaders/*) path=$WORK/$path ;;
    *) path=$WORK/files/$path ;;
    esac
    mkdir -p "$(dirname "$path")"
    case $path in
    *.efi) "$TOP/Tests/Lab/standin.pl" "$(case $path in *arm64* | *aa64*) echo arm64 ;; *) echo amd64 ;; esac)" "$count" ;;
    # A boot program by its first instruction, a jump to 7c0:5.
    *.kpxe | *.pxe | *.0) printf '\352\005\000\300\007' && head -c $((count - 5)) /dev/zero ;;
    # A module of Syslinux: ELF for i386.
    *.c32) printf '\177ELF\001\001\001' && head -c 9 /dev/zero && printf '\001\000\003\000' && head -c $((count - 20)) /dev/zero ;;
    *) head -c "$count" /dev/zero ;;
    esac >"$path"
  done < <(grep -v '^#' "$1.elided")
}

by_configuration() { # by_configuration RECORDING: as a recording of its machine was made
  rm -rf "$WORK/files" "$WORK/loaders"
  mkdir -p "$WORK/files" "$WORK/loaders"
  files_of "$1"
  case $(basename "$1") in
  relay-*) configure_networks "$TOP/Fixtures/configurations/behind-a-relay.yaml" ;;
  proxy-*) configure_networks "$TOP/Fixtures/configurations/beside-a-server.yaml" ;;
  *) configure ;;
  esac
  "$BOOTWIRE" replay --config "$CONFIG" "$1" | tee "$WORK/replay.out"
  [ "${PIPESTATUS[0]}" = 0 ] && grep -qE ': boots$' "$WORK/replay.out"
}

check "there are recordings" [ -e "${recordings[0]}" ]
started=$(date +%s%N)
check "every recording replays as its golden transcript says" "$BOOTWIRE" replay --against "$REPLAYS/golden" "${recordings[@]}"
took=$((($(date +%s%N) - started) / 1000000 + 1))
cat "$WORK/said"
check "two processes say the same" bash -c "
  '$BOOTWIRE' replay --transcript ${recordings[*]@Q} >'$WORK/one'
  '$BOOTWIRE' replay --transcript ${recordings[*]@Q} >'$WORK/two'
  [ -s '$WORK/one' ] && cmp '$WORK/one' '$WORK/two'"
for recording in "${recordings[@]}"; do
  name=$(basename "$recording" .pcap)
  case $name in
  dnsmasq-* | generated-*) ;;
  *) check "$name boots by the configuration that it was recorded with" by_configuration "$recording" ;;
  esac
done
packets=$(perl -e 'my $n = 0; local $/; for (@ARGV) { open my $f, "<:raw", $_ or die; my $o = <$f>;
  for (my $i = 24; $i + 16 <= length $o; $n++) { $i += 16 + unpack "N", substr $o, $i + 8, 4 } } print $n' "${recordings[@]}")
echo "# replayed $packets packets of ${#recordings[@]} recordings in $took ms: $((packets * 1000 / took)) a second"
finish
