#!/usr/bin/env bash
# Boots machines in networks that are not bootwire's alone.
#   scenario.sh relay      a BIOS and a UEFI machine behind ISC's dhcrelay
#   scenario.sh proxy      the same beside dnsmasq, which gives the addresses: bootwire is proxyDHCP,
#                          asked by iPXE's ROM and, at port 4011, by EDK II
#   scenario.sh networks   a BIOS machine on one of bootwire's interfaces and a UEFI machine on another,
#                          both at once
#   scenario.sh secure     Secure Boot with Microsoft's keys: secure.sh says which machines
#   scenario.sh https      UEFI HTTPS Boot and iPXE over HTTPS, likewise
#   scenario.sh install [bios|uefi]   a machine from bare metal to a node: install.sh
#   scenario.sh debian-installer      Debian's own installer, to its preseed file
#   scenario.sh recorder  a machine whose kernel is not there leaves a recording that says so: recorder.sh
#   scenario.sh readme     the commands of README.md that lead to a node; not among all
#   scenario.sh all        each of them, one after the other
# Succeeds only when bootwire has recorded each machine's report and every step before it.
# shellcheck source=Tests/Lab/lab.sh disable=SC2119,SC2317
. "$(dirname "$0")/lab.sh"
# shellcheck source=Tests/Lab/guest.sh
. "$(dirname "$0")/guest.sh"
# shellcheck source=Tests/Lab/neighbours.sh
. "$(dirname "$0")/neighbours.sh"

relayed() { grep -q "Forwarded BOOTREPLY" "$WORK/relay.log"; }

scenario=${1:-}
case $scenario in
secure | https)
  "$TOP/Tests/Lab/secure.sh" "$scenario"
  exit
  ;;
install | debian-installer | readme | recorder)
  "$TOP/Tests/Lab/$scenario.sh" "${@:2}"
  exit
  ;;
esac
if [ "$scenario" = all ]; then
  bad=0
  export LOADERS=$WORK/loaders-of-all
  mkdir "$LOADERS"
  for scenario in relay proxy networks secure https "install bios" "install uefi" debian-installer recorder; do
    echo "=== $scenario"
    read -ra words <<<"$scenario"
    "$TOP/Tests/Lab/scenario.sh" "${words[@]}" || bad=1
  done
  exit "$bad"
fi
machines=(bios uefi)
lab_up
case $scenario in
relay)
  relay_up
  network=behind-a-relay
  export BEHIND_A_RELAY=1
  ;;
proxy)
  foreign_up
  network=beside-a-server
  export BESIDE_A_SERVER=1
  ;;
networks)
  second_network_up
  network=on-two-networks
  ;;
*) die "the scenario is relay, proxy, networks, secure, https, install, debian-installer, recorder, readme or all, not \"$scenario\"" ;;
esac
configure_networks "$TOP/Fixtures/configurations/$network.yaml"
provide "${machines[@]}"
tap tap0
serve || exit 1
[ -z "${CAPTURE:-}" ] || record "$CAPTURE"
watch_boots tap0

bad=0
if [ "$scenario" = networks ]; then
  tap tap1 br1
  watch_boots tap1
  power_on bios tap0
  power_on uefi tap1
  # Each has half of this machine.
  for name in "${machines[@]}"; do limit[$name]=$((limit[$name] * 2)); done
  await_reports "${machines[@]}" || bad=1
else
  for name in "${machines[@]}"; do
    echo "A $name machine is switched on; bootwire is process $server_pid."
    power_on "$name"
    await_reports "$name" || bad=1
  done
fi
[ -z "${CAPTURE:-}" ] || end_record
end_watch
for name in "${machines[@]}"; do show_boot "$name"; done

expect() { # expect WHAT COMMAND…
  if "${@:2}"; then echo "ok - $1"; else
    echo "FAILED: not true that $1"
    bad=1
  fi
}
[ "$bad" != 0 ] || expect "what was recorded boots again" replay_boots
says() { timeline "$1" | grep -qE "$2"; }
case $scenario in
relay)
  expect "replies came through the relay" relayed
  expect "lab-bios has its reservation through the relay" says bios 'lease=10\.77\.0\.7 '
  expect "lab-uefi has its reservation through the relay" says uefi 'lease=10\.77\.0\.8 '
  ;;
proxy)
  expect "EDK II asked at port 4011" says uefi boot.acknowledged
  expect "every address is the other server's" bash -c "! grep -qE 'address\.offered|lease\.granted' '$LOG'"
  ;;
networks)
  expect "lab-bios is on the first network" says bios 'lease=10\.77\.0\.'
  expect "lab-uefi is on the second network" says uefi 'lease=10\.78\.0\.'
  ;;
esac
exit "$bad"
