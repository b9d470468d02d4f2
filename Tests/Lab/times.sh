#!/usr/bin/env bash
# How long machines wait for their kernel: bootwire beside dnsmasq and nginx, in one run.
#   times.sh [FIRMWARE…]    default, or all: each of guest.sh's
#     ROUNDS=N              how often each; the table has the medians (default 1)
#     TUNED=1               also the peer as an expert would tune it: peer.sh says how
#     RECORDINGS=FOLDER     keeps what was recorded, and the steps that were read from it
# For every firmware and round one boot by each server, in turns: the same QEMU command line, kernel,
# RAM disk and loaders. Counts from the machine's first DISCOVER to the first byte of its kernel, both
# as recorded on the machine's own cable. Fails when a machine got no kernel, or by other programs than
# from bootwire; or, by the medians, later than from the peer as Debian ships it.
# shellcheck source=Tests/Lab/lab.sh disable=SC2119
. "$(dirname "$0")/lab.sh"
# shellcheck source=Tests/Lab/guest.sh
. "$(dirname "$0")/guest.sh"
# shellcheck source=Tests/Lab/peer.sh
. "$(dirname "$0")/peer.sh"

case ${1:-all} in all) set -- "${FIRMWARES[@]}" ;; esac
servers=(bootwire peer)
[ -z "${TUNED:-}" ] || servers+=(tuned)
folder=${RECORDINGS:-$WORK/recordings}
mkdir -p "$folder"
for name in "$@"; do firmware "$name" tap0; done
configure
provide "$@"
peer_programs
peer_files "$@"
lab_up
declare -A seconds=()
bad=0

start() {
  case $1 in
  bootwire)
    # No lease of the round before.
    rm -rf "$WORK/state"
    mkdir "$WORK/state"
    serve || exit 1
    ;;
  peer) peer_up ;;
  tuned) peer_up tuned ;;
  esac
}

stop() {
  case $1 in
  bootwire) stop_server ;;
  *) peer_down ;;
  esac
  server_pid=
}

# programs STEPS: what the machine was given to run before its kernel.
programs() { sed -nE 's/^ *[0-9.]+ +([^ ]*\/)?([^ ]+\.(efi|k?pxe|0|uimg)): its first .*/\2/p' "$1" | xargs; }

boot() { # boot SERVER FIRMWARE ROUND
  local server=$1 name=$2 recording=$folder/$2-$1-$3 from by
  tap tap0
  record "$recording.pcap"
  start "$server"
  power_on "$name"
  if "$TOP/Tests/Lab/steps.pl" "$recording.pcap" "${limit[$name]}" linux >"$recording.txt"; then
    from=$(awk 'END { print $1 }' "$recording.txt")
    seconds[$server,$name]+="$from "
    by=$(programs "$recording.txt")
    echo "$name by $server: $from s${by:+ with $by}"
    if [ "$by" != "$(programs "$folder/$name-bootwire-$3.txt")" ]; then
      echo "  which is another way than bootwire's"
      bad=1
    fi
  else
    echo "$name by $server: no kernel in ${limit[$name]} s; what was said:"
    tail -n 15 "$recording.txt" | sed 's/^/  /'
    bad=1
  fi
  power_off "$name"
  stop "$server"
  end_record
  ip -n "$LAN" link del tap0
}

for ((round = 1; round <= ${ROUNDS:-1}; round++)); do
  for name in "$@"; do
    for server in "${servers[@]}"; do boot "$server" "$name" "$round"; done
  done
done

median() { # median NUMBER…: the lower one of two in the middle
  printf '%s\n' "$@" | sort -n | awk '{ value[NR] = $1 } END { print NR ? value[int((NR + 1) / 2)] : "-" }'
}

echo
echo "Seconds from the first DISCOVER to the kernel's first byte, medians of ${ROUNDS:-1}; load$(cut -d' ' -f1-3 /proc/loadavg | sed 's/^/ /'):"
for name in "$@"; do
  # shellcheck disable=SC2086
  for server in "${servers[@]}"; do echo "$name $server $(median ${seconds[$server,$name]:-})"; done
done | awk -v tuned="${TUNED:-}" '
  { if (!($1 in seen)) { order[++count] = $1; seen[$1] = 1 } value[$1, $2] = $3 }
  function ratio(name, peer) {
    if (value[name, "bootwire"] !~ /^[0-9]/ || value[name, peer] !~ /^[0-9]/ || value[name, peer] == 0) { bad = 1; return "-" }
    return sprintf("%.2f", value[name, "bootwire"] / value[name, peer])
  }
  END {
    printf "%-14s %9s %9s %6s", "FIRMWARE", "BOOTWIRE", "PEER", "RATIO"
    print tuned ? sprintf(" %9s %6s", "TUNED", "RATIO") : ""
    for (i = 1; i <= count; i++) {
      name = order[i]
      printf "%-14s %9s %9s %6s", name, value[name, "bootwire"], value[name, "peer"], ratio(name, "peer")
      print tuned ? sprintf(" %9s %6s", value[name, "tuned"], ratio(name, "tuned")) : ""
      if (ratio(name, "peer") > 1) { print "  later than from the peer"; bad = 1 }
    }
    exit bad
  }' || bad=1
exit "$bad"
