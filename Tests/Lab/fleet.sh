#!/usr/bin/env bash
# How a catalog of many machines does: `make fleet [MACHINES=10000] [CLIENTS=1000]`, with the optimized
# binary. Prints what each step took, and what machines waited for their scripts and answers while
# CLIENTS of them asked at once. A measurement: nothing here passes or fails by its time.
# shellcheck source=Tests/Lab/lab.sh disable=SC2119
. "$(dirname "$0")/lab.sh"

machines=${MACHINES:-10000}
clients=${CLIENTS:-1000}
C=$WORK/catalog
mkdir -p "$C"
cat >"$CONFIG" <<END
site: fleet
state: $WORK/state
files: $WORK/files
loaders: $WORK/loaders
control: $CONTROL
interfaces: [{name: s0, dhcp: authoritative, dns: false}]
subnets: [{network: 10.77.0.0/16, interface: s0, pools: [10.77.200.0-10.77.250.255], lease: 1h, probe: off}]
END
{
  echo "keys: {ops: {public: \"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKHEChAnPkS1nIGg4MFVwiv1TTKBuPqGzDCnCXyMB4xg ops\"}}"
  echo "answers: {disk: {kind: preseed, file: disk.preseed}}"
  echo "profiles:"
  for rack in $(seq 0 19); do
    echo "  rack-$rack:"
    echo "    match: {labels: {rack: r$rack}}"
    echo "    kernel: debian/linux"
    echo "    initrd: [debian/initrd.gz]"
    echo "    arguments: \"url={{server.http}}{{machine.answers}}/preseed.cfg host={{machine.name}}\""
    echo "    answers: {preseed.cfg: disk}"
  done
} >"$C/profiles.yaml"
printf '%s\n' 'd-i partman-auto/disk string {{values.disk | preseed}}' '{{#keys.authorized}}# {{.}}' \
  '{{/keys.authorized}}' >"$C/disk.preseed"
one() { # one NUMBER: a machine, chosen its profile by its rack
  printf '  - {name: m%05d, mac: "52:54:01:%02x:%02x:%02x", labels: {rack: r%d}, values: {disk: /dev/sda}}\n' \
    "$1" $(($1 >> 16)) $(($1 >> 8 & 255)) $(($1 & 255)) $(($1 % 20))
}
{
  echo "machines:"
  for number in $(seq 1 "$machines"); do one "$number"; done
} >"$C/machines.yaml"
{
  echo "machines:"
  one $((machines + 1))
} >"$WORK/another.yaml"

took() { # took WHAT COMMAND…
  local started
  started=$(date +%s%N)
  "${@:2}" >"$WORK/said" 2>&1 || { tail -n 3 "$WORK/said"; die "$1"; }
  echo "$1: $((($(date +%s%N) - started) / 1000000)) ms"
}
resident() { awk '/VmRSS/ {print int($2 / 1024) " MiB"}' "/proc/$server_pid/status"; }
tell() { "$BOOTWIRE" "$@" --control "$CONTROL"; }

lab_up
ip -n "$SRV" addr del "$SERVER/24" dev s0
ip -n "$SRV" addr add "$SERVER/16" brd + dev s0
machine 1
on 1 ip addr add 10.77.0.2/16 dev e0
serve || exit 1
echo "resident, empty: $(resident)"
took "apply $machines machines" tell apply -f "$C"
took "apply them again, unchanged" tell apply -f "$C"
took "add one" tell apply -f "$WORK/another.yaml"
took "describe one" tell describe machine m00042
took "render all that one gets" tell render m00042
took "list the first hundred" tell get machines --site fleet
echo "resident: $(resident)"

cat >"$WORK/ask.lua" <<END
local path = os.getenv("ASK")
math.randomseed(tonumber(os.getenv("SEED")))
request = function()
  return wrk.format("GET", string.format(path, math.random(1, $machines)))
end
done = function(summary, latency)
  io.write(string.format("%d answers, %d/s, p50 %.1f ms, p99 %.1f ms, longest %.1f ms, %d not 200, %d lost\n",
    summary.requests, summary.requests / summary.duration * 1e6, latency:percentile(50) / 1000,
    latency:percentile(99) / 1000, latency.max / 1000, summary.errors.status,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
END
crowd() { # crowd WHAT PATH
  echo "$1, $clients at once: $(on 1 env "ASK=$2" SEED=7 wrk -t 1 -c "$clients" -d 10 --timeout 10 -s "$WORK/ask.lua" "http://$SERVER" | tail -n 1)"
}
crowd "scripts" "/machines/m%05d/boot.ipxe"
crowd "answers" "/machines/m%05d/answers/preseed.cfg"
echo "resident: $(resident)"
stop_server
took "start with all of them, and answer" serve
echo "resident: $(resident)"
