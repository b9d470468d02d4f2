#!/usr/bin/env bash
# What comes of an installation: the report of real shells, nodes in DNS as dig and ssh-keygen see them,
# and whether their sshd answers.
# shellcheck source=Tests/Lab/lab.sh disable=SC2119
. "$(dirname "$0")/lab.sh"

ask_dig() { on 1 dig "@$SERVER" +tries=2 +time=2 "$@"; }
short() { ask_dig +short "$@"; }
status() { ask_dig "$@" | sed -n 's/.*status: \([A-Z]*\),.*/\1/p'; }
said() { grep -q "$1.*$2" "$LOG"; }

system() { # system FOLDER NAME: as an installer leaves it
  mkdir -p "$1/etc/ssh"
  echo "$2" >"$1/etc/hostname"
  echo 'PRETTY_NAME="Lab OS 1"' >"$1/etc/os-release"
  ssh-keygen -q -N '' -t ed25519 -C root@lab -f "$1/etc/ssh/ssh_host_ed25519_key"
  ssh-keygen -q -N '' -t ecdsa -C root@lab -f "$1/etc/ssh/ssh_host_ecdsa_key"
}
fetch_hook() { # fetch_hook N: machine N boots and fetches its last hook
  local hooks
  on "$1" curl -sS --max-time 10 "http://$SERVER/boot.ipxe?mac=$(mac "$1")" >"$WORK/script-$1"
  hooks=$(grep -o "/machines/[0-9a-f]\{32\}/hooks" "$WORK/script-$1" | head -n 1)
  [ -n "$hooks" ] || { cat "$WORK/script-$1"; return 1; }
  on "$1" curl -sSf --max-time 10 "http://$SERVER$hooks/post-install" >"$WORK/hook-$1"
}
reports() { # reports N SHELL…: machine N, with its new system below root-N, reports from this shell
  local n=$1
  shift
  fetch_hook "$n" && on "$n" env "ROOT=$WORK/root-$n" REPORT_TRIES=2 REPORT_PAUSE=1 "$@" "$WORK/hook-$n"
}
only() { # only NAME…: a PATH of busybox under these names and nothing else; curl is curl
  local folder=$WORK/only-$1 name
  mkdir -p "$folder"
  for name in "$@" sh cat sed grep head tr cut printf mktemp rm sleep ip uname hostname; do
    ln -sf "$(command -v busybox)" "$folder/$name"
  done
  [ "$1" != curl ] || ln -sf "$(command -v curl)" "$folder/curl"
  echo "$folder"
}
fingerprints() { # fingerprints FOLDER: of type 2, as ssh-keygen makes them
  local key
  for key in "$1"/etc/ssh/*.pub; do ssh-keygen -r rack -f "$key"; done |
    awk '$5 == 2 {print $4, $5, toupper($6)}' | sort
}
told_fingerprints() { short "$1" SSHFP | awk '{print $1, $2, $3 $4}' | sort; }

lab_up
for n in 1 2 3; do
  machine "$n"
  system "$WORK/root-$n" "host$n"
done
cp "$TOP/Fixtures/configurations/install/report.mustache" "$WORK/"
echo kernel >"$WORK/files/vmlinuz"
cat >"$CONFIG" <<YAML
site: lab
state: $WORK/state
files: $WORK/files
loaders: $WORK/loaders
control: $CONTROL
interfaces: [{name: s0, dhcp: authoritative, tftp: true, dns: true, http: 80}]
subnets: [{network: 10.77.0.0/24, interface: s0, pools: [10.77.0.100-10.77.0.199]}]
dns: {zone: lab.test, records: {www: {A: 10.77.0.9}}}
hooks:
  report: {when: post-install, text: "{{> report}}\nreport installed\n"}
profiles:
  lab:
    kernel: vmlinuz
    arguments: "answers={{machine.answers}} hooks={{machine.hooks}}"
    hooks: [report]
    install: {arm: first-contact}
default-profile: lab
machines:
  - {name: rack1, mac: "$(mac 1)"}
  - {name: rack2, mac: "$(mac 2)", address: 10.77.0.7}
  - {name: rack3, mac: "$(mac 3)"}
YAML
check "bootwire starts" serve
one=$(lease 1)
lease 2 >/dev/null
lease 3 >/dev/null
same "a machine that is no node yet has no keys" "" "$(short rack1.lab.test SSHFP)"

check "dash reports" reports 1 dash
check "busybox reports by its own wget" reports 2 env "PATH=$(only wget)" sh
check "busybox reports by curl" reports 3 env "PATH=$(only curl)" sh
check "the snippet is clean" shellcheck -s sh "$WORK/hook-1"
reports_late() { # nobody takes a token twice: that is said, and not to whom it spoke
  ! on 1 env "ROOT=$WORK/root-1" REPORT_TRIES=1 dash "$WORK/hook-1" >"$WORK/late" 2>&1 &&
    [ -s "$WORK/late" ] && ! grep -q machines "$WORK/late"
}
check "a report too late fails, and does not say where it went" reports_late
for n in 1 2 3; do check "rack$n is registered" said node.registered "rack$n"; done

same "A" "$one" "$(short rack1.lab.test)"
same "PTR" rack1.lab.test. "$(short -x "$one")"
same "a reservation stays" 10.77.0.7 "$(short rack2.lab.test)"
for n in 1 2 3; do
  same "SSHFP of rack$n is what ssh-keygen makes" "$(fingerprints "$WORK/root-$n")" "$(told_fingerprints "rack$n.lab.test")"
done
same "over TCP too" 2 "$(short +tcp rack1.lab.test SSHFP | wc -l)"
same "a name without SSHFP is no error" NOERROR "$(status www.lab.test SSHFP)"
same "a missing name is NXDOMAIN for SSHFP too" NXDOMAIN "$(status rack9.lab.test SSHFP)"
same "ANY is answered with one type" A "$(ask_dig +noall +answer rack1.lab.test ANY | awk '{print $4}' | sort -u)"
same "AXFR is refused" 1 "$(ask_dig +tcp lab.test AXFR | grep -c 'Transfer failed')"

# Machine 1 has an sshd, machine 2 refuses, machine 3 is silent.
printf '%s\n' "HostKey $WORK/root-1/etc/ssh/ssh_host_ed25519_key" 'PidFile none' 'UsePAM no' 'StrictModes no' \
  >"$WORK/sshd_config"
mkdir -p /run/sshd
ip netns exec "$LAB-c1" "$(command -v sshd)" -D -e -f "$WORK/sshd_config" >>"$WORK/sshd.log" 2>&1 &
sshd=$!
pids+=("$sshd")
ip -n "$LAB-c3" link set e0 down
check "a node with an sshd is reachable within seconds" until_true 20 said node.reachable rack1
check "who refuses is not" sh -c "! grep -q 'node.reachable.*rack2' '$LOG'"
check "who is silent is not" sh -c "! grep -q 'node.reachable.*rack3' '$LOG'"

stop_server
check "bootwire starts again" serve
same "the pinned keys survive" "$(fingerprints "$WORK/root-1")" "$(told_fingerprints rack1.lab.test)"
same "the address too" "$one" "$(short rack1.lab.test)"

kill "$sshd" 2>/dev/null
check "a node whose sshd has ended is unreachable within two minutes" until_true 130 said node.unreachable rack1
same "and nothing else is changed by it" "$one" "$(short rack1.lab.test)"
finish
