#!/usr/bin/env bash
# kill -9 while ten machines boot, again and again: every machine keeps its address, no two have
# one, and no lease that was acknowledged is gone.
# shellcheck source=Tests/Lab/lab.sh disable=SC2119
. "$(dirname "$0")/lab.sh"

MACHINES=(1 2 3 4 5 6 7 8 9 10)
declare -A acknowledged=()

remember() { # what the machines were told, whether bootwire lived to see it or not
  local n now
  for n in "${MACHINES[@]}"; do
    now=$(sed -n 's/^ip=//p' "$WORK/lease-$n" 2>/dev/null)
    [ -n "$now" ] || continue
    if [ -z "${acknowledged[$n]:-}" ]; then
      acknowledged[$n]=$now
    elif [ "${acknowledged[$n]}" != "$now" ]; then
      not_ok "machine $n keeps its address" "had ${acknowledged[$n]}, now $now"
      acknowledged[$n]=$now
    fi
  done
}

all_listed() {
  local n list
  list=$(ask leases list) || return 1
  for n in "${!acknowledged[@]}"; do
    grep -i "$(mac "$n")" <<<"$list" | grep -qw "${acknowledged[$n]}" || {
      echo "machine $n was given ${acknowledged[$n]}, which is not listed:"
      echo "$list"
      return 1
    }
  done
}

lab_up
for n in "${MACHINES[@]}"; do machine "$n"; done
configure
check "bootwire starts" serve

round=0
for delay in 0.05 0.1 0.15 0.2 0.3 0.5; do
  round=$((round + 1))
  jobs=()
  for n in "${MACHINES[@]}"; do
    lease "$n" >/dev/null &
    jobs+=("$!")
  done
  sleep "$delay"
  kill -9 "$server_pid"
  wait "$server_pid" 2>/dev/null
  remember
  told=${#acknowledged[@]}
  check "start $round after a kill, $told machines with an address" serve
  check "no acknowledged lease is gone after kill $round" all_listed
  for job in "${jobs[@]}"; do wait "$job"; done
  remember
done

same "ten machines have an address" 10 "${#acknowledged[@]}"
same "and ten different ones" 10 "$(printf '%s\n' "${acknowledged[@]}" | sort -u | wc -l)"
for n in "${MACHINES[@]}"; do
  same "machine $n has its address after all that" "${acknowledged[$n]:-none}" "$(lease "$n")"
done
finish
