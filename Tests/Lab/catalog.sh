# shellcheck shell=bash disable=SC2034
# A catalog to apply and an appliance that has none yet, with the command line's answers at hand:
# sourced by the scripts beside it, never run.
# shellcheck source=Tests/Lab/lab.sh
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"

C=$WORK/catalog
run() { # run COMMAND…: over the control socket; $WORK/out and $WORK/err have what it said
  timeout 60 "$BOOTWIRE" "$@" --control "$CONTROL" >"$WORK/out" 2>"$WORK/err" </dev/null || {
    local status=$?
    cat "$WORK/err"
    return "$status"
  }
}
refused() { # refused COMMAND…: exits with 1 and a sentence, not with a crash or the usage
  run "$@"
  [ $? = 1 ] && [ -s "$WORK/err" ] && ! grep -q 'Usage:' "$WORK/err"
}
misused() { run "$@"; [ $? = 64 ]; }
out() { grep -qF -- "$1" "$WORK/out" || { cat "$WORK/out" "$WORK/err"; false; }; }
no_out() { ! grep -qF -- "$1" "$WORK/out"; }
err() { grep -qF -- "$1" "$WORK/err" || { cat "$WORK/err"; false; }; }
is_json() { python3 -c 'import json,sys; json.load(open(sys.argv[1]))' "$WORK/out"; }
are_json() { python3 -c 'import json,sys; [json.loads(l) for l in open(sys.argv[1])]' "$WORK/out"; }
generation() { run history -o json && python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))[0]["number"])' "$WORK/out"; }
mode() { stat -c %a "$1"; }

mkdir -p "$C/texts"
cat >"$C/objects.yaml" <<END
scripts:
  main: {file: texts/main.ipxe}
answers:
  debian: {kind: preseed, file: texts/debian.preseed}
hooks:
  ntp: {when: post-install, text: "echo ntp\n"}
snippets:
  greeting: {text: "hello"}
profiles:
  debian-12:
    kernel: debian/linux
    arguments: "auto=true url={{server.http}}{{machine.answers}}/preseed.cfg"
    answers: {preseed.cfg: debian}
    hooks: [ntp]
    install: {arm: operator, expires: 1h}
  plain:
    script: main
END
cat >"$C/machines.yaml" <<END
machines:
  - name: rack3-07
    mac: "$(mac 1)"
    profile: debian-12
    labels: {rack: "3"}
    values: {disk: /dev/sda}
  - name: rack4-01
    mac: 52:54:00:77:04:01
    profile: plain
    labels: {rack: "4"}
END
printf '#!ipxe\necho {{machine.name}}\n' >"$C/texts/main.ipxe"
printf '# {{machine.name}} {{values.disk}} {{secrets.root-password}}\n{{keys.authorized_keys}}' \
  >"$C/texts/debian.preseed"

lab_up
machine 1
machine 2
"$BOOTWIRE" certificates init --into "$WORK/tls" --address "$SERVER" --owner root >/dev/null 2>&1 ||
  not_ok "there are certificates"
cat >"$CONFIG" <<END
site: lab
state: $WORK/state
files: $WORK/files
loaders: $WORK/loaders
control: $CONTROL
interfaces:
  - {name: s0, dhcp: authoritative, dns: false}
subnets:
  - {network: 10.77.0.0/24, interface: s0, pools: [10.77.0.100-10.77.0.199], lease: 1h, probe: off}
tls: {certificate: $WORK/tls/server-ecdsa.pem, key: $WORK/tls/server-ecdsa.key}
admin: {listen: $SERVER}
profiles:
  from-file: {boot: local}
default-profile: discover
END
