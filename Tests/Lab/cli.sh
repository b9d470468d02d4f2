#!/usr/bin/env bash
# The command line through the life of a catalog: applied, looked at, changed, rolled back, exported;
# keys, tokens and events; and a person's mistakes at each step.
# shellcheck source=Tests/Lab/catalog.sh disable=SC2119
. "$(dirname "$0")/catalog.sh"

check "without an appliance a command says so" refused get machines
check "and what to do" err 'serve'
check "bootwire starts" serve

echo "# apply"
printf 'hunter2-canary\n' | "$BOOTWIRE" secrets set root-password --control "$CONTROL" >"$WORK/out" 2>&1
same "a secret is set from stdin" "set secret/root-password" "$(cat "$WORK/out")"
check "a dry run is good" run apply -f "$C" --dry-run
check "and says what it would make" out "created machine/rack3-07"
check "and that it did not" out "nothing was applied (--dry-run)"
run get machines
check "nothing was made" no_out rack3-07
check "the folder is applied" run apply -f "$C"
check "a line for each object" out "created profile/debian-12"
check "and a sum" out "created"
check "it is applied again" run apply -f "$C"
check "and nothing changes" out "unchanged"
before=$(generation)
another() {
  sed 's/rack4-01/rack4-02/; s/04:01/04:02/' "$C/machines.yaml" | sed '/rack3-07/,/values/d' |
    "$BOOTWIRE" apply -f - --control "$CONTROL" >"$WORK/out" 2>"$WORK/err"
}
check "one comes from stdin" another
check "and is created" out "created machine/rack4-02"

echo "# get and describe"
check "a table" run get machines
check "has the machine" out rack3-07
check "and where it is from" out "generation"
check "by its label" run get m -l rack=4
check "the one" out rack4-01
check "not the other" no_out rack3-07
check "as JSON" run get machine rack3-07 -o json
check "which is JSON" is_json
check "with its spec" out '"mac"'
check "as YAML" run get machine rack3-07 -o yaml
check "which has the name" out "name: rack3-07"
check "profiles of files are there too" run get profiles
check "with their place" out "bootwire.yaml:"
check "a machine is described" run describe machine rack3-07
check "with its spec" out "disk: /dev/sda"
check "a secret is listed" run get secrets -o json
check "without its value" no_out hunter2
check "what is not there is refused" refused get machine nobody
check "in one sentence" err nobody
check "a kind that is none is misuse" misused get machinez
check "which lists the kinds" err machines

echo "# changes"
sed -i 's#/dev/sda#/dev/nvme0n1#' "$C/machines.yaml"
check "a difference is shown" run apply -f "$C" --dry-run --diff
check "as lines" out "+"
check "with the new value" out "/dev/nvme0n1"
check "it is applied" run apply -f "$C"
check "as a change" out "changed machine/rack3-07"
check "the history has it" run history
after=$(generation)
check "each edit is a generation" test "$after" -gt "$before"
check "one generation is shown" run history "$after"
check "with what it changed" out "machine/rack3-07"
check "it is rolled back" run rollback "$before"
run get machine rack3-07 -o yaml
check "to what it was" out "/dev/sda"
check "a generation that was not is refused" refused rollback 999999
check "what a file has is not deleted" refused delete profile from-file
check "which says where it is" err "bootwire.yaml:"
check "what was applied is" run delete machine rack4-01
check "and is gone" refused get machine rack4-01
# The roll-back took it away.
check "one that no file has" another
check "pruning asks first" refused apply -f "$C" --prune
check "and says what it would delete" err "would delete machine/rack4-02"
run get machines
check "nothing was deleted" out rack4-02
check "an export" run export -o "$WORK/export.yaml"
same "is its owner's only" 600 "$(mode "$WORK/export.yaml")"
check "and has no secret" sh -c "! grep -q hunter2 '$WORK/export.yaml'"
check "and is not overwritten" refused export -o "$WORK/export.yaml"
check "it is good to apply" run apply -f "$WORK/export.yaml" --dry-run

echo "# mistakes"
state=$(generation)
mistake() { # mistake NAME LINE:COLUMN TEXT <YAML
  cat >"$WORK/bad.yaml"
  check "$1 is refused" refused apply -f "$WORK/bad.yaml"
  check "at $WORK/bad.yaml:$2" err "bad.yaml:$2"
  check "as what it is" err "$3"
}
mistake "no YAML" 1:9: "YAML" <<<'hooks: [}'
mistake "an unknown key" 1:16 "kernal" <<<'profiles: {a: {kernal: x}}'
mistake "a file that is not there" 1:24 "not in the folder" <<<'scripts: {main: {file: nothing.ipxe}}'
mistake "a way out of the folder" 1:24 "named absolutely" <<<'scripts: {main: {file: ../../etc/passwd}}'
mistake "an unknown variable" 1:2 "machine.nmae" <<<'scripts: {x: {text: "echo {{machine.nmae}}"}}'
mistake "a private key" 1:22 "private key" <<<'keys: {ops: {public: "-----BEGIN OPENSSH PRIVATE KEY-----"}}'
cat >"$WORK/tie.yaml" <<END
profiles:
  a: {boot: local, match: {architecture: [x86-bios]}}
  b: {boot: local, match: {architecture: [x86-bios]}}
END
check "a tie is refused" refused apply -f "$WORK/tie.yaml"
check "with both names" err "match the same machines equally"
check "a file that is not there is refused" refused apply -f "$WORK/nothing.yaml"
check "a folder without YAML is refused" refused apply -f "$WORK/files"
same "mistakes changed nothing" "$state" "$(generation)"

echo "# keys"
check "a key pair is made" run keys generate ops --private "$WORK/ops"
same "its private half is its owner's only" 600 "$(mode "$WORK/ops")"
check "and is a key" ssh-keygen -y -f "$WORK/ops"
check "it is not made twice" refused keys generate ops2 --private "$WORK/ops"
check "a private key is refused" refused keys add mine "$WORK/ops"
check "before it is sent" err "this is a private key"
check "a public one is added" run keys add other "$WORK/ops.pub"
check "not in place of another" refused keys add other "$WORK/ops.pub"
check "they are listed" run keys list
check "by name" out other
check "nothing private passed" sh -c "! grep -rqa 'PRIVATE KEY' '$WORK/state' '$LOG'"

echo "# tokens and HTTPS"
check "a token is made" run tokens create ci --role operator --into "$WORK/token"
same "its owner's only" 600 "$(mode "$WORK/token")"
check "it is listed" run tokens list
check "by name" out ci
check "without itself" no_out "$(cat "$WORK/token")"
remote() {
  ip netns exec "$SRV" timeout 30 "$BOOTWIRE" "$@" --server "https://$SERVER:8443" --ca "$WORK/tls/ca.pem" \
    --token-file "$WORK/token" >"$WORK/out" 2>"$WORK/err" </dev/null
}
not_remote() { remote "$@"; [ $? = 1 ] && [ -s "$WORK/err" ]; }
check "HTTPS answers to it" remote get machines
check "likewise" out rack3-07
check "an operator has no tokens" not_remote tokens list
check "nor secrets" not_remote secrets delete root-password
id=$(run tokens list -o json && python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))[0]["id"])' "$WORK/out")
check "it is revoked" run tokens revoke "$id"
check "and opens nothing" not_remote get machines
check "a token never goes by http" misused get machines --server "http://$SERVER" --token-file "$WORK/token"

echo "# events"
check "a machine has an address" test -n "$(lease 1)"
check "what happened is told" run events --machine rack3-07
check "of the machine by its name" out "lease.granted  rack3-07"
check "as JSON lines" run events -o json
check "which are JSON" are_json
check "and hold no secret" no_out hunter2
"$BOOTWIRE" events --follow -o json --control "$CONTROL" >"$WORK/follow" 2>&1 </dev/null &
follower=$!
pids+=("$follower")
sleep 2
told=$(wc -l <"$WORK/follow")
lease 1 >/dev/null
heard() { tail -n "+$((told + 1))" "$WORK/follow" | grep -q lease.granted; }
check "what happens is told as it happens" until_true 5 heard
kill "$follower"
check "the older questions are answered still" run status
check "a completion script is made" sh -c "'$BOOTWIRE' --generate-completion-script bash | bash -n"
check "no log line holds a secret" sh -c "! grep -q hunter2 '$LOG'"
finish
