#!/usr/bin/env bash
# kill -9 while ten machines boot, again and again with ten new ones: every machine keeps its
# address, no two have one, and no lease that was acknowledged is gone.
# shellcheck source=Tests/Lab/lab.sh disable=SC2119
. "$(dirname "$0")/lab.sh"

MACHINES=(1 2 3 4 5 6 7 8 9 10)
# Address by hardware address, of everything that bootwire ever acknowledged.
declare -A acknowledged=()
round=0

card() { printf '52:54:00:77:%02x:%02x' "$((16 + round))" "$1"; }
told() { find "$WORK" -maxdepth 1 -name 'lease-*' -size +0 | wc -l; }

remember() { # what the machines were told, whether bootwire lived to see it or not
  local n now before
  for n in "${MACHINES[@]}"; do
    now=$(sed -n 's/^ip=//p' "$WORK/lease-$n" 2>/dev/null)
    [ -n "$now" ] || continue
    before=${acknowledged[$(card "$n")]:-$now}
    [ "$before" = "$now" ] || moved+=("machine $n of round $round had $before, now $now")
    acknowledged[$(card "$n")]=$now
  done
}

all_listed() {
  local client list
  list=$(ask leases list) || return 1
  for client in "${!acknowledged[@]}"; do
    grep -i "$client" <<<"$list" | grep -qw "${acknowledged[$client]}" || {
      echo "$client was given ${acknowledged[$client]}, which is not listed:"
      echo "$list"
      return 1
    }
  done
}

lab_up
for n in "${MACHINES[@]}"; do machine "$n"; done
configure
check "bootwire starts" serve

moved=()
for last in 3 5 6 7 8 10; do
  round=$((round + 1))
  jobs=()
  for n in "${MACHINES[@]}"; do
    rm -f "$WORK/lease-$n"
    ip -n "$LAB-c$n" link set e0 address "$(card "$n")"
  done
  for n in "${MACHINES[@]}"; do
    lease "$n" >/dev/null &
    jobs+=("$!")
    # Machines are never switched on all in the same millisecond; so some are done, some half-way
    # and some have not begun when the kill comes.
    sleep 0.03
    [ "$n" != "$last" ] || kill -9 "$server_pid"
  done
  wait "$server_pid" 2>/dev/null
  remember
  count=$(told)
  check "it starts after kill $round, with $count of ten machines told" serve
  check "no acknowledged lease is gone after kill $round" all_listed
  for job in "${jobs[@]}"; do wait "$job"; done
  remember
  # The machines boot once more: everybody as before.
  jobs=()
  for n in "${MACHINES[@]}"; do
    lease "$n" >/dev/null &
    jobs+=("$!")
  done
  for job in "${jobs[@]}"; do wait "$job"; done
  remember
  same "ten machines have an address in round $round" 10 "$(told)"
done

same "no machine's address ever changed" "" "${moved[*]:-}"
same "no address was given twice" "${#acknowledged[@]}" "$(printf '%s\n' "${acknowledged[@]}" | sort -u | wc -l)"

# A power cut can leave worse behind: a store that is no store must not keep a site from booting.
stop_server KILL
for file in "$WORK"/state/*; do
  [ ! -f "$file" ] || head -c 5000 /dev/urandom >"$file"
done
check "bootwire starts with its store destroyed" serve
check "and says so" grep -Eq 'warning|error' <(tail -n 20 "$LOG" | grep -v configuration.warned)
check "and a machine gets an address" test -n "$(lease 1)"
finish
