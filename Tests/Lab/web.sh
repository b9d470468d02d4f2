#!/usr/bin/env bash
# HTTP for curl, as firmware, iPXE and installers use it.
# shellcheck source=Tests/Lab/lab.sh disable=SC2119
. "$(dirname "$0")/lab.sh"

BASE=http://$SERVER
web() { on 1 curl -sS --path-as-is --max-time 30 "$@"; }
code() { web -o /dev/null -w '%{http_code}' "$@"; }
header() { # header NAME [curl argument…]: that header of the response to a HEAD
  local name=$1
  shift
  web -I "$@" | tr -d '\r' | sed -n "s/^$name: *//Ip"
}
identical() { # identical FILE URL [curl argument…]
  local file=$1
  shift
  web -o "$WORK/got" "$@" && cmp "$WORK/files/$file" "$WORK/got"
}
not_served() { # not_served URL: an error, and nothing of the secret
  local body status
  status=$(web -o "$WORK/body" -w '%{http_code}' "$1") || return 1
  body=$(cat "$WORK/body" 2>/dev/null)
  echo "$status $body"
  [[ $status == 40[0-9] && $body != *secret* && $body != *root:* ]]
}
reused() { # a second request on the first one's connection
  web -v -o /dev/null "$1" -o /dev/null "$2" 2>&1 | grep -qi 're-using existing connection'
}
recorded() { grep -q 'machine.reported address=10.77.0.50' "$LOG"; }
refused() { ! "$@"; }
of_the_machine() {
  local said
  said=$(ask timeline lab-bios) && grep -q machine.reported <<<"$said"
}

lab_up
machine 1
ip -n "$LAB-c1" addr add 10.77.0.50/24 brd + dev e0
mkdir -p "$WORK/files/debian/12" "$WORK/outside"
for size in 0 1 1468 1048576 33554555; do head -c "$size" /dev/urandom >"$WORK/files/bytes-$size"; done
head -c 5000 /dev/urandom >"$WORK/files/debian/12/linux"
echo secret >"$WORK/outside/secret"
ln -s "$WORK/outside/secret" "$WORK/files/link-out"
ln -s "$WORK/outside" "$WORK/files/folder-out"
configure
check "bootwire starts" serve

for size in 0 1 1468 1048576 33554555; do
  check "GET of $size bytes is byte-identical" identical "bytes-$size" "$BASE/files/bytes-$size"
done
check "a path without /files falls back to the tree" identical debian/12/linux "$BASE/debian/12/linux"
check "//x is served as /x" identical debian/12/linux "$BASE//files//debian//12/linux"
same "Case 45: and not by a redirect" 200 "$(code "$BASE//debian/12/linux")"
check "an HTTP/1.0 client is served" identical bytes-1468 -0 "$BASE/files/bytes-1468"

same "Case 42: HEAD tells the length" 1048576 "$(header Content-Length "$BASE/files/bytes-1048576")"
same "Case 42: HEAD of an empty file tells 0" 0 "$(header Content-Length "$BASE/files/bytes-0")"
same "Case 42: GET tells the same length" 1048576 \
  "$(web -D - -o /dev/null "$BASE/files/bytes-1048576" | tr -d '\r' | sed -n 's/^Content-Length: *//Ip')"
same "Case 45: no response is chunked" "" "$(header Transfer-Encoding "$BASE/boot.ipxe")"
check "Case 45: one connection serves two requests" reused "$BASE/files/bytes-1" "$BASE/files/bytes-1468"

head -c 200 "$WORK/files/bytes-1048576" | tail -c 100 >"$WORK/files/middle"
tail -c 5 "$WORK/files/bytes-1048576" >"$WORK/files/end"
check "Case 42: a range from the middle" identical middle -r 100-199 "$BASE/files/bytes-1048576"
same "is answered with 206" 206 "$(code -r 100-199 "$BASE/files/bytes-1048576")"
same "and says which it is" "bytes 100-199/1048576" \
  "$(web -r 100-199 -D - -o /dev/null "$BASE/files/bytes-1048576" | tr -d '\r' | sed -n 's/^Content-Range: *//Ip')"
check "Case 42: the last bytes" identical end -r -5 "$BASE/files/bytes-1048576"
same "Case 42: a range past the end is answered with 416" 416 "$(code -r 99999999- "$BASE/files/bytes-1048576")"

same "a miss is answered with 404" 404 "$(code --max-time 2 "$BASE/files/nothing-here")"
for path in /files/../outside/secret /files/../../../../../../etc/passwd /../outside/secret \
  /files/%2e%2e/outside/secret /files/..%2foutside/secret '/files/..%5coutside/secret' \
  /files/link-out /files/folder-out/secret /files/bytes-1%00.txt "/files/$WORK/outside/secret"; do
  check "Case 41: no way out by ${path//$WORK/}" not_served "$BASE$path"
done

check "the boot script is one" bash -c "[[ \$1 == '#!ipxe'* ]]" - "$(web "$BASE/machines/lab-bios/boot.ipxe")"
same "the answer file is the machine's" machine=lab-bios "$(web "$BASE/machines/lab-bios/answers/lab.txt" | head -n 1)"
same "an answer file that the profile has not is a miss" 404 "$(code "$BASE/machines/lab-bios/answers/other.txt")"
same "nobody's answer file is a miss" 404 "$(code "$BASE/machines/nobody/answers/lab.txt")"
for field in 'X-Forwarded-For: 10.77.0.7' 'Forwarded: for=10.77.0.7;host=evil.test' 'X-Forwarded-Host: evil.test' \
  'X-Real-IP: 10.77.0.7' 'Host: evil.test' 'Host: evil.test:8080'; do
  same "Case 43: the script is the same with $field" "$(web "$BASE/boot.ipxe")" "$(web -H "$field" "$BASE/boot.ipxe")"
done
check "Case 43: and names the address that was asked" grep -q "$SERVER" <(web -H 'Host: evil.test' "$BASE/machines/lab-bios/boot.ipxe")
check "no report is recorded yet" refused recorded
check "a report is taken" bash -c "[[ \$1 == 20[0-9] ]]" - "$(code --data 'mac=52:54:00:77:00:01 arch=x86_64' "$BASE/machines/lab-bios/report")"
check "and is recorded as of who sent it" until_true 5 recorded
check "and not as of the machine that he named, whose address he has not" refused of_the_machine
check "a file is not written to" bash -c "[[ \$1 == 40[0-9] || \$1 == 501 ]]" - "$(code -X PUT --data x "$BASE/files/bytes-1")"
head -c 20000000 /dev/zero >"$WORK/big"
check "Case 40: a report of 20 MB is refused" bash -c "[[ \$1 != 20[0-9] ]]" - "$(code --data-binary "@$WORK/big" "$BASE/machines/lab-bios/report" 2>/dev/null)"

jobs=()
for n in 1 2 3 4 5 6 7 8; do
  (on 1 curl -sS --max-time 60 -o "$WORK/parallel-$n" "$BASE/files/bytes-33554555" && cmp "$WORK/files/bytes-33554555" "$WORK/parallel-$n") &
  jobs+=("$!")
done
wrong=0
for job in "${jobs[@]}"; do wait "$job" || wrong=$((wrong + 1)); done
same "eight clients at once get 33 MB each" 0 "$wrong"
check "bootwire still answers" ask status
finish
