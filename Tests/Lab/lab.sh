# shellcheck shell=bash
# A network of its own for one test: sourced by the scripts beside it, never run.
#
#   NAME-lan   the switch: bridge br0, taps for QEMU and one veth end for each machine
#   NAME-srv   where bootwire runs: s0 = 10.77.0.1/24, plugged into br0
#   NAME-cN    machine N without firmware: e0, no address
#
# NAME is unique for every run, so that two labs can run side by side, and nothing in a lab
# reaches the world outside. Whatever ends the script, the trap takes the lab down.
set -uo pipefail

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BOOTWIRE=${BOOTWIRE:-$TOP/.build/debug/bootwire}
SERVER=10.77.0.1
LAB=bw$$
LAN=$LAB-lan
SRV=$LAB-srv
# An unprivileged user that no machine has: nothing but its capabilities can help it.
NOBODY=64077
# The unit's user and capabilities, exactly; systemd/bootwire.service says the same in its words.
CAPABILITIES=-all,+net_bind_service,+net_raw
UNIT=(setpriv --reuid "$NOBODY" --regid "$NOBODY" --clear-groups --no-new-privs
  "--bounding-set=$CAPABILITIES" "--inh-caps=$CAPABILITIES" "--ambient-caps=$CAPABILITIES")

die() {
  echo "$(basename "$0"): $*" >&2
  exit 2
}

[ "$(id -u)" = 0 ] || die "network namespaces need root: run it by make, or with sudo"
[ -x "$BOOTWIRE" ] || die "no $BOOTWIRE: run make build first"

WORK=$(mktemp -d "${TMPDIR:-/tmp}/bootwire-lab.XXXXXX")
LOG=$WORK/bootwire.log
CONTROL=$WORK/run/control.sock
CONFIG=$WORK/bootwire.yaml
mkdir -p "$WORK"/{state,files,loaders,run}
chmod 755 "$WORK"
pids=()
namespaces=()
server_pid=
passed=0
failed=0

lab_down() {
  local pid name
  for pid in "${pids[@]}"; do
    kill -9 "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
  done
  for name in "${namespaces[@]}"; do
    # Whatever a client has left running in there: nobody else's processes can be.
    for pid in $(ip netns pids "$name" 2>/dev/null); do kill -9 "$pid" 2>/dev/null; done
    ip netns del "$name" 2>/dev/null
  done
  if [ -n "${KEEP:-}" ]; then echo "# kept: $WORK"; else rm -rf "$WORK"; fi
}
trap lab_down EXIT
trap 'exit 130' INT TERM HUP

namespace() {
  ip netns add "$1" || die "this machine cannot make network namespaces"
  namespaces+=("$1")
  ip -n "$1" link set lo up
}

# A sysctl of the namespace: written in place, so that procps is not needed.
sysctl_in() { ip netns exec "$1" sh -c "echo $3 >/proc/sys/$2"; }

lab_up() {
  namespace "$LAN"
  namespace "$SRV"
  # The bridge's own IPv6 traffic would only be noise.
  sysctl_in "$LAN" net/ipv6/conf/all/disable_ipv6 1
  add_switch br0
  plug "$SRV" s0 br0
  ip -n "$SRV" addr add "$SERVER/24" brd + dev s0
}

add_switch() {
  ip -n "$LAN" link add "$1" type bridge stp_state 0 forward_delay 0
  ip -n "$LAN" link set "$1" up
}

ports=0
plug() { # plug NAMESPACE INTERFACE SWITCH [MAC]: a cable from there to the switch
  ports=$((ports + 1))
  ip -n "$LAN" link add "p$ports" type veth peer name "$2" netns "$1"
  ip -n "$LAN" link set "p$ports" master "$3" up
  [ -z "${4:-}" ] || ip -n "$1" link set "$2" address "$4"
  ip -n "$1" link set "$2" up
}

tap() { # tap NAME [SWITCH]: a port of the switch for QEMU
  ip -n "$LAN" tuntap add "$1" mode tap || die "no tap interface: is /dev/net/tun there?"
  ip -n "$LAN" link set "$1" master "${2:-br0}" up
}

mac() { printf '52:54:00:77:01:%02x' "$1"; }

machine() { # machine N [SWITCH]: a machine with an operating system and no address yet
  namespace "$LAB-c$1"
  plug "$LAB-c$1" e0 "${2:-br0}" "$(mac "$1")"
}

on() { # on N COMMAND…: as machine N
  local n=$1
  shift
  ip netns exec "$LAB-c$n" "$@"
}

# lease N [udhcpc argument…]: machine N asks for an address; prints the one that it got.
lease() {
  local n=$1
  shift
  rm -f "$WORK/lease-$n"
  on "$n" env "LEASE=$WORK/lease-$n" busybox udhcpc -i e0 -f -q -n -t 8 -T 1 -s "$TOP/Tests/Lab/bound.sh" "$@" \
    >>"$WORK/udhcpc-$n.log" 2>&1
  [ -s "$WORK/lease-$n" ] && sed -n 's/^ip=//p' "$WORK/lease-$n"
}

# configure [FILE]: a configuration of Fixtures/ with this lab's paths in it.
configure() {
  local from=${1:-$TOP/Fixtures/configurations/lab.yaml}
  sed -e "s#^state:.*#state: $WORK/state#" -e "s#^files:.*#files: $WORK/files#" \
    -e "s#^loaders:.*#loaders: $WORK/loaders#" -e "s#^control:.*#control: $CONTROL#" "$from" >"$CONFIG"
  cp "$TOP"/Fixtures/configurations/*.mustache "$WORK/"
}

launch() { # launch [WRAPPER…]: starts bootwire and does not wait
  ip netns exec "$SRV" "$@" "$BOOTWIRE" serve --config "$CONFIG" >>"$LOG" 2>&1 &
  server_pid=$!
  pids+=("$server_pid")
}

serve() { # serve [WRAPPER…]: starts bootwire and waits until it answers
  launch "$@"
  until_true 15 ask status || {
    echo "# bootwire does not answer; its log ends:"
    tail -n 20 "$LOG" | sed 's/^/# /'
    return 1
  }
}

serve_as_unit() { # serve_as_unit [WRAPPER…]: under the unit's user and capabilities
  umask 027
  chown -R "$NOBODY:$NOBODY" "$WORK/state" "$WORK/run"
  # The binary may be below a folder that only its owner enters.
  install -m 755 "$BOOTWIRE" "$WORK/bootwire"
  BOOTWIRE=$WORK/bootwire
  serve "${UNIT[@]}" "$@"
}

ask() { # ask COMMAND…: a question over the control socket
  timeout 10 "$BOOTWIRE" "$@" --control "$CONTROL" 2>/dev/null
}

stop_server() { # stop_server [SIGNAL]
  kill "-${1:-TERM}" "$server_pid" 2>/dev/null
  local tries=100
  while [ "$tries" -gt 0 ] && kill -0 "$server_pid" 2>/dev/null; do
    sleep 0.1
    tries=$((tries - 1))
  done
  kill -9 "$server_pid" 2>/dev/null
  wait "$server_pid" 2>/dev/null
}

until_true() { # until_true SECONDS COMMAND…: tries it until it succeeds
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || return 1
    [ -z "$server_pid" ] || kill -0 "$server_pid" 2>/dev/null || return 1
    sleep 0.1
  done
}

ok() {
  passed=$((passed + 1))
  echo "ok - $1"
}

not_ok() { # not_ok NAME [what was seen instead…]
  failed=$((failed + 1))
  echo "not ok - $1"
  shift
  [ $# = 0 ] || printf '%s\n' "$@" | tail -n 12 | sed 's/^/#   /'
}

check() { # check NAME COMMAND…: ok when it succeeds; runs in this shell, so that it may start things
  local name=$1
  shift
  if "$@" >"$WORK/said" 2>&1; then ok "$name"; else not_ok "$name" "$*" "$(cat "$WORK/said")"; fi
}

same() { # same NAME EXPECTED ACTUAL
  if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "expected: $2" "seen:     $3"; fi
}

# The last line of every test; its exit status is the script's.
finish() {
  echo "# $(basename "$0"): $passed passed, $failed failed"
  if [ "$failed" -gt 0 ] && [ -s "$LOG" ]; then
    echo "# bootwire's log ends:"
    tail -n 15 "$LOG" | sed 's/^/# /'
  fi
  [ "$failed" = 0 ] && [ "$passed" -gt 0 ]
}
