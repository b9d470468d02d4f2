#!/usr/bin/env bash
# The API for curl over HTTPS with tokens, and for schemathesis, which asks all that the served
# description allows and much that it does not.
# shellcheck source=Tests/Lab/lab.sh disable=SC2119
. "$(dirname "$0")/lab.sh"

# Versions that agree with one another; no other is taken.
TOOLS=(schemathesis==4.32.5 hypothesis==6.170.15 openapi-spec-validator==0.7.2)
ADMIN=10.88.0.1
BASE=https://$ADMIN:8443/api/v1
TLS=$WORK/tls

web() { on 1 curl -sS --max-time 30 --cacert "$TLS/ca.pem" "$@"; }
as() { # as TOKEN PATH [curl argument…]: the status
  local token=$1 path=$2
  shift 2
  web -o "$WORK/body" -w '%{http_code}' -H "Authorization: Bearer $token" "$@" "$BASE/$path" 2>/dev/null
}
own() { # own PATH [curl argument…]: over the control socket
  local path=$1
  shift
  curl -sS --max-time 30 --unix-socket "$CONTROL" "$@" "http://control/api/v1/$path"
}
token() { # token NAME ROLE [SITE]: makes one and prints it
  own tokens -H 'Content-Type: application/json' -d "{\"name\":\"$1\",\"role\":\"$2\"${3:+,\"site\":\"$3\"}}" |
    sed -n 's/.*"token":"\(bw_[0-9a-f]*\)".*/\1/p'
}
change() { # change METHOD PATH [JSON [curl argument…]]: the status
  local method=$1 path=$2 body=${3:-}
  shift $(($# > 3 ? 3 : $#))
  own "$path" -X "$method" -o "$WORK/body" -w '%{http_code}' ${body:+-H 'Content-Type: application/json' -d "$body"} "$@"
}
mode() { stat -c %a "$1"; }
says() { grep -q "$1" "$WORK/body"; }
recorded() { grep -q "$1" "$LOG"; }
followed() { grep -q "$1" "$WORK/stream"; }
closed() { ! on 1 timeout 3 bash -c "exec 3<>/dev/tcp/$1/8443"; }
never() { ! grep -rqF "$@"; }
tools() { # in a folder of their own, kept for the next run
  local folder=${TOOLS_FOLDER:-$TOP/.build/lab-tools}
  python3 -m venv "$folder" && "$folder/bin/pip" install --quiet --disable-pip-version-check "${TOOLS[@]}" &&
    PATH=$folder/bin:$PATH
}
conforms() { # schemathesis: no 5xx, and nothing that the description does not have
  # It keeps what it has found below the folder that it is called from.
  timeout --kill-after=5 150 ip netns exec "$LAB-c1" env -C "$WORK" PATH="$PATH" HOME="$WORK" schemathesis run \
    --url "https://$ADMIN:8443/" --tls-verify "$TLS/ca.pem" --header "Authorization: Bearer $1" \
    --checks not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance \
    --phases examples,coverage,fuzzing --max-examples 5 --max-failures 10 --seed 1 --rate-limit 80/s \
    --request-timeout 10 --exclude-path /api/v1/events --exclude-path '/api/v1/tokens/{id}' \
    "$WORK/openapi.json" >"$WORK/schemathesis.log" 2>&1
  local status=$?
  grep -E ' generated|=== .* in ' "$WORK/schemathesis.log" | sed 's/^/# /'
  [ "$status" = 0 ] || tail -n 60 "$WORK/schemathesis.log"
  return "$status"
}

lab_up
machine 1
# The operators' network is another one than the machines'.
ip -n "$SRV" addr add "$ADMIN/24" brd + dev s0
ip -n "$LAB-c1" addr add 10.88.0.50/24 brd + dev e0
ip -n "$LAB-c1" addr add 10.77.0.50/24 brd + dev e0

check "certificates are made" timeout 60 "$BOOTWIRE" certificates init --into "$TLS" --address "$ADMIN"
chown -R "$NOBODY:$NOBODY" "$TLS"
configure
cp "$CONFIG" "$WORK/without.yaml"
cat >>"$CONFIG" <<END
admin: {listen: $ADMIN, port: 8443, certificate: $TLS/server-ecdsa.pem, key: $TLS/server-ecdsa.key}
END
check "bootwire starts" serve_as_unit
same "the control socket is for owner and group" 660 "$(mode "$CONTROL")"
same "nothing that is kept is for others" "" "$(find "$WORK/state" -type f -perm /007)"

same "without a token nothing is told" 401 "$(web -o /dev/null -w '%{http_code}' "$BASE/status")"
same "nor with a wrong one" 401 "$(as bw_0000 status)"
same "there is no token at first" '{"items":[]}' "$(own tokens)"
check "the listener is at its own address only" closed "$SERVER"
same "and boot ports know nothing of it" 404 "$(on 1 curl -sS -o /dev/null -w '%{http_code}' "http://$SERVER/api/v1/status")"

reader=$(token looker reader)
operator=$(token worker operator)
admin=$(token chief admin)
check "a token has 256 bits" test "${#admin}" = 67
same "a reader looks" 200 "$(as "$reader" status)"
same "and changes nothing" 403 "$(as "$reader" reload -X POST)"
same "an operator reloads" 200 "$(as "$operator" reload -X POST)"
same "and makes no token" 403 "$(as "$operator" tokens -H 'Content-Type: application/json' -d '{"name":"x","role":"admin"}')"
same "an admin sees the tokens" 200 "$(as "$admin" tokens)"
same "what is no JSON is refused" 415 "$(as "$admin" tokens -d name=x)"
same "an unknown field is refused" 422 "$(as "$admin" tokens -H 'Content-Type: application/json' -d '{"name":"x","role":"reader","rolle":1}')"
check "with its place" says '"column":29'
same "a gigabyte is refused" 413 "$(as "$admin" apply -H 'Content-Type: application/json' -H 'Content-Length: 1073741824' -X POST)"
head -c 1000000 /dev/zero | tr '\0' '[' >"$WORK/brackets"
same "a million brackets are refused" 400 "$(as "$admin" tokens -H 'Content-Type: application/json' --data-binary "@$WORK/brackets")"
same "and the next is answered" 200 "$(as "$admin" status)"

on 1 timeout 60 curl -sSN --cacert "$TLS/ca.pem" -H "Authorization: Bearer $reader" -H 'Accept: text/event-stream' \
  "$BASE/events?since=0" >"$WORK/stream" 2>/dev/null &
pids+=("$!")
check "events come as a stream" until_true 10 followed 'event: appliance.started'
as "$operator" reload -X POST >/dev/null
check "as they happen, with who made them" until_true 10 followed '"by":"token worker"'
check "the log has them too" recorded 'api.used .*by="token worker" request="POST reload"'
for secret in "$reader" "$operator" "$admin"; do
  check "no token is in log, events or on disk" never "$secret" "$LOG" "$WORK/stream" "$WORK/state"
done

installs='{"spec":{"kernel":"linux","initrd":["initrd.gz"],"install":{"expires":"1h"}}}'
machine='{"spec":{"mac":"52:54:00:88:00:01","profile":"installed","site":"fra1","labels":{"rack":"1"}}}'
same "a profile is made" 200 "$(change PUT profiles/installed "$installs")"
same "and a machine" 200 "$(change PUT machines/node-1 "$machine")"
check "of the site that was said" says '"site":"fra1"'
tag=$(own machines/node-1 -D - -o /dev/null | sed -n 's/^ETag: \(.*\)\r$/\1/p')
same "it is not made again" 412 "$(change PUT machines/node-1 "$machine" -H 'If-None-Match: *')"
same "nor replaced where it is another now" 412 "$(change PUT machines/node-1 "$machine" -H 'If-Match: "g999"')"
same "but where it is the same" 200 "$(change PUT machines/node-1 "${machine/rack\":\"1/rack\":\"2}" -H "If-Match: $tag")"
same "a mistake has its place" 422 "$(change PUT machines/node-2 '{"spec":{"mac":"52:54:00:88:00:01"}}')"
same "what a file has is read-only" 409 "$(change PUT machines/lab-bios "$machine")"
check "machines are found by label" grep -q '"name":"node-1"' <(own 'machines?label=rack=2')
check "all is exported" grep -q 'node-1' <(own export)
fra=$(token fra operator fra1)
nbg=$(token nbg operator nbg1)
same "a token of its site sees it" 200 "$(as "$fra" machines/node-1)"
same "another site's does not" 404 "$(as "$nbg" machines/node-1)"
same "nor arms it" 404 "$(as "$nbg" machines/node-1/arm -X POST)"
same "a reader does not see what it would get" 403 "$(as "$reader" machines/node-1/render)"
same "an operator does" 200 "$(as "$operator" machines/node-1/render)"
check "which is its script" says '/machines/node-1/boot.ipxe'
same "it is armed" 200 "$(as "$fra" machines/node-1/arm -X POST)"
check "for an hour" says '"state":"armed"'
same "and disarmed" 200 "$(as "$fra" machines/node-1/disarm -X POST)"
check "which its history tells" grep -q '"cause":"token fra","state":"armed"' <(own machines/node-1/provision)
same "it is deleted" 204 "$(as "$fra" machines/node-1 -X DELETE)"
same "nobody has it now" 404 "$(change GET machines/node-1)"

id=$(own tokens | grep -o '"id":"[0-9a-f]*","[^}]*"name":"looker"' | cut -d'"' -f4)
same "a token is revoked" 204 "$(as "$admin" "tokens/$id" -X DELETE)"
same "at once" 401 "$(as "$reader" status)"

check "tools for the description are there" tools
own openapi.json >"$WORK/openapi.json"
check "the description is OpenAPI 3.1" openapi-spec-validator "$WORK/openapi.json"
conforms "$admin" >"$WORK/conforms"
outcome=$?
cat "$WORK/conforms"
check "what is answered is what the description says" test "$outcome" = 0
check "bootwire still answers" ask status

cp "$WORK/without.yaml" "$CONFIG"
kill -HUP "$server_pid"
check "without \"admin\" there is no listener" until_true 10 closed "$ADMIN"
finish
