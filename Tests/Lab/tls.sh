#!/usr/bin/env bash
# HTTPS for curl and openssl, with certificates by `bootwire certificates init`, as the unit's user.
# shellcheck source=Tests/Lab/lab.sh disable=SC2119
. "$(dirname "$0")/lab.sh"

BASE=https://$SERVER
TLS=$WORK/tls
web() { on 1 curl -sS --max-time 30 --cacert "$TLS/ca.pem" "$@"; }
code() { web -o /dev/null -w '%{http_code}' "$@" 2>/dev/null; }
identical() { # identical FILE URL [curl argument…]
  local file=$1
  shift
  web -o "$WORK/got" "$@" && cmp "$WORK/files/$file" "$WORK/got"
}
client() { # client [openssl argument…]: what both agree on
  on 1 timeout 10 openssl s_client -connect "$SERVER:443" -CAfile "$TLS/ca.pem" -verify_return_error \
    -verify_ip "$SERVER" -brief "$@" </dev/null 2>&1
}
agreed() { client "$@" | sed -n 's/^Protocol version: //p; s/^Ciphersuite: //p' | paste -s -d ' '; }
# Busybox's wget does not say which signatures it verifies. This is its part for TLS; where openssl is
# installed, wget would take that.
busybox_client() {
  # shellcheck disable=SC2016
  on 1 timeout 20 bash -c 'exec 3<>"/dev/tcp/$1/443" &&
    printf "GET /files/bytes-16384 HTTP/1.1\r\nHost: $1\r\nConnection: close\r\n\r\n" | busybox ssl_client -s 3 -n "$1"' \
    - "$SERVER" >"$WORK/got"
  tail -c 16384 "$WORK/got" | cmp "$WORK/files/bytes-16384" -
}
established() { ip netns exec "$SRV" ss -Htn state established '( sport = :443 )' | wc -l; }
resident() { sed -n 's/^VmRSS:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$server_pid/status"; }
certificates() { timeout 60 "$BOOTWIRE" certificates "$@"; }
refused() { ! "$@"; }
mode() { stat -c %a "$1"; }
shown() { certificates show --from "$TLS" | grep -q 'boot.lab.test 10.77.0.1'; }
told() {
  local said
  said=$("$BOOTWIRE" check "$CONFIG")
  grep -q "$1" <<<"$said"
}
all_there() { [ "$(established)" -ge 200 ]; }
all_gone() { [ "$(established)" = 0 ]; }
serial() {
  on 1 openssl s_client -connect "$SERVER:443" </dev/null 2>/dev/null | openssl x509 -noout -serial
}
renewed() { [ "$(serial)" != "$before" ]; }
recorded() { grep -q "$1" "$LOG"; }

lab_up
machine 1
ip -n "$LAB-c1" addr add 10.77.0.50/24 brd + dev e0
for size in 0 1 1468 16384 1048576 33554555; do head -c "$size" /dev/urandom >"$WORK/files/bytes-$size"; done

check "certificates are made" certificates init --into "$TLS" --name boot.lab.test --address "$SERVER"
check "and shown" shown
for key in ca.key server-rsa.key server-ecdsa.key; do same "$key is its owner's only" 600 "$(mode "$TLS/$key")"; done
check "openssl verifies them" openssl verify -x509_strict -purpose sslserver -verify_ip "$SERVER" \
  -verify_hostname boot.lab.test -CAfile "$TLS/ca.pem" "$TLS/server-rsa.pem"
check "nothing is overwritten" refused certificates init --into "$TLS" --address "$SERVER"
chown -R "$NOBODY:$NOBODY" "$TLS"

configure
sed -i "s#https: false#https: 443#" "$CONFIG"
cat >>"$CONFIG" <<END
tls:
  certificate: [$TLS/server-rsa.pem, $TLS/server-ecdsa.pem]
  key: [$TLS/server-rsa.key, $TLS/server-ecdsa.key]
END
check "bootwire starts" serve_as_unit

for size in 0 1 1468 16384 1048576 33554555; do
  check "a file of $size bytes by TLS 1.3" identical "bytes-$size" "$BASE/files/bytes-$size"
  check "and by TLS 1.2" identical "bytes-$size" --tls-max 1.2 "$BASE/files/bytes-$size"
done
check "a name of the certificate serves as well" identical bytes-1 --resolve "boot.lab.test:443:$SERVER" \
  https://boot.lab.test/files/bytes-1
same "a name that is not in it is refused" 000 "$(code --resolve "other.lab.test:443:$SERVER" https://other.lab.test/)"
same "a miss is answered with 404" 404 "$(code "$BASE/files/nothing-here")"
check "the boot script is one" bash -c "[[ \$1 == '#!ipxe'* ]]" - "$(web "$BASE/machines/lab-bios/boot.ipxe")"
check "HTTP stays as it is" test "$(on 1 curl -sS -o /dev/null -w '%{http_code}' "http://$SERVER/files/bytes-1")" = 200

same "Case 44: EDK II's way: DHE-RSA, no SNI" "TLSv1.2 DHE-RSA-AES128-GCM-SHA256" \
  "$(agreed -tls1_2 -noservername -cipher DHE-RSA-AES256-GCM-SHA384:DHE-RSA-AES128-GCM-SHA256)"
same "Case 44: or RSA key exchange" "TLSv1.2 AES128-GCM-SHA256" "$(agreed -tls1_2 -noservername -cipher AES128-GCM-SHA256)"
same "Case 44: iPXE's way: ECDHE-RSA" "TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256" "$(agreed -tls1_2 -sigalgs RSA+SHA256)"
same "Case 44: ECDSA for who knows it" "TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256" "$(agreed -tls1_2)"
same "TLS 1.3 for everybody else" "TLSv1.3 TLS_AES_256_GCM_SHA384" "$(agreed)"
check "busybox, which does not say what it verifies, by RSA key exchange" busybox_client
check "Case 44: no certificate that we make has name constraints" bash -c "! cat '$TLS'/*.pem | openssl storeutl -noout -text /dev/stdin | grep -q 'Name Constraints'"
same "no TLS 1.1" "" "$(agreed -tls1_1 -cipher 'ALL:@SECLEVEL=0')"
same "without our authority there is no answer" 000 "$(code --cacert /etc/hosts "$BASE/files/bytes-1")"
on 1 openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=other -keyout "$WORK/other.key" -out "$WORK/other.pem" 2>/dev/null
same "nor with another one" 000 "$(code --cacert "$WORK/other.pem" "$BASE/files/bytes-1")"
check "which the log tells" until_true 5 recorded 'handshake.failed.*unknown ca'

# Two hundred machines that read slowly: what each costs, and that the rest are served meanwhile.
before=$(resident)
mapfile -t urls < <(for _ in $(seq 200); do echo "$BASE/files/bytes-33554555"; done)
ip netns exec "$LAB-c1" curl -sS --cacert "$TLS/ca.pem" --parallel --parallel-immediate --parallel-max 200 --limit-rate 4k \
  -o /dev/null "${urls[0]}" "${urls[@]:1}" >/dev/null 2>&1 &
fleet=$!
pids+=("$fleet")
check "200 slow readers" until_true 20 all_there
check "another is served beside them" identical bytes-1048576 "$BASE/files/bytes-1048576"
after=$(resident)
echo "# resident: $before kB, with 200 slow readers $after kB"
check "each costs less than 64 kB" test $((after - before)) -lt $((200 * 64))
kill "$fleet" 2>/dev/null
wait "$fleet" 2>/dev/null
check "nothing is left of them" until_true 15 all_gone

# New certificates while a download runs.
ip netns exec "$LAB-c1" curl -sS --cacert "$TLS/ca.pem" --limit-rate 8M -o "$WORK/download" "$BASE/files/bytes-33554555" &
download=$!
before=$(serial)
mkdir "$TLS/old"
mv "$TLS"/server-* "$TLS/old/"
check "the authority makes new certificates" certificates init --into "$TLS" --address "$SERVER"
chown -R "$NOBODY:$NOBODY" "$TLS"
kill -HUP "$server_pid"
check "Case 44: SIGHUP takes them" until_true 10 renewed
check "Case 44: the download goes on to its end" wait "$download"
check "Case 44: with every byte" cmp "$WORK/files/bytes-33554555" "$WORK/download"
cp "$TLS/server-rsa.pem" "$TLS/server-rsa.key" "$WORK/"
openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=short -addext "subjectAltName=IP:$SERVER" -days 10 \
  -keyout "$TLS/server-rsa.key" -out "$TLS/server-rsa.pem" 2>/dev/null
chmod 644 "$TLS/server-rsa.key"
kill -HUP "$server_pid"
check "Case 44: a certificate that ends in ten days is told of" until_true 10 recorded 'certificate.expiring.*days=[0-9]'
cp "$WORK/server-rsa.pem" "$TLS/server-rsa.pem"
cp "$TLS/server-ecdsa.key" "$TLS/server-rsa.key"
before=$(serial)
kill -HUP "$server_pid"
check "Case 44: a key of another certificate is refused" until_true 10 recorded 'configuration.refused'
same "and changes nothing" "$before" "$(serial)"
check "the mistake has its place" told "bootwire.yaml:[0-9]*:[0-9]*: error: this is not the key"
finish
