#!/usr/bin/env bash
# bootwire replay over Fixtures/replays: every recorded boot boots again, in its own world and by the
# configuration that it was recorded with, and each time in the same words.
# shellcheck source=Tests/Lab/lab.sh disable=SC2119
. "$(dirname "$0")/lab.sh"
# shellcheck source=Tests/Lab/neighbours.sh
. "$(dirname "$0")/neighbours.sh"
# shellcheck source=Tests/Lab/recorded.sh
. "$(dirname "$0")/recorded.sh"

REPLAYS=$TOP/Fixtures/replays
recordings=("$REPLAYS"/*.pcap)

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
