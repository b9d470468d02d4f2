#!/bin/sh
# What udhcpc calls with each change of a machine's lease: sets the address, writes the lease to
# $LEASE for the test to read. What it says comes in variables.
# shellcheck disable=SC2154
case $1 in
bound | renew)
  ip addr flush dev "$interface"
  ip addr add "$ip/${mask:-24}" dev "$interface"
  for hop in ${router:-}; do
    ip route add default via "$hop" 2>/dev/null
    break
  done
  [ -z "${LEASE:-}" ] || set | sed "s/='\(.*\)'\$/=\1/" >"$LEASE"
  ;;
deconfig) ip addr flush dev "$interface" ;;
esac
exit 0
