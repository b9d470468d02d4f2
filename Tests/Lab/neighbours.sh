# shellcheck shell=bash
# Other people's servers and relays in the lab: sourced by the tests, after lab.sh.

# The networks of lab.yaml in place of its own: FILE says interfaces and subnets.
configure_networks() { # configure_networks FILE
  { sed '/^interfaces:/,/^profiles:/{/^profiles:/!d}' "$TOP/Fixtures/configurations/lab.yaml" && cat "$1"; } >"$WORK/networks.yaml"
  configure "$WORK/networks.yaml"
}

# Puts a relay between the machines and bootwire, which moves to a switch of its own:
#   machines ── br0 ── near 10.77.0.254  relay  far 10.78.0.254 ── br1 ── s0 10.78.0.1
relay_up() {
  SERVER=10.78.0.1
  add_switch br1
  # The server's cable was the first one.
  ip -n "$LAN" link set p1 master br1
  ip -n "$SRV" addr flush dev s0
  ip -n "$SRV" addr add "$SERVER/24" brd + dev s0
  namespace "$LAB-relay"
  plug "$LAB-relay" near br0
  plug "$LAB-relay" far br1
  ip -n "$LAB-relay" addr add 10.77.0.254/24 brd + dev near
  ip -n "$LAB-relay" addr add 10.78.0.254/24 brd + dev far
  sysctl_in "$LAB-relay" net/ipv4/ip_forward 1
  ip -n "$SRV" route add 10.77.0.0/24 via 10.78.0.254
  # -a: adds option 82, and drops replies that do not bring it back.
  ip netns exec "$LAB-relay" dhcrelay -4 -d --no-pid -a -id near -iu far "$SERVER" >"$WORK/relay.log" 2>&1 &
  pids+=("$!")
}

# A DHCP server that is not ours, on the machines' switch: it gives addresses and knows no boot.
foreign_up() {
  namespace "$LAB-other"
  plug "$LAB-other" o0 br0
  ip -n "$LAB-other" addr add 10.77.0.2/24 brd + dev o0
  ip netns exec "$LAB-other" dnsmasq --keep-in-foreground --conf-file=/dev/null --user=root --port=0 \
    --interface=o0 --bind-interfaces --no-ping --dhcp-authoritative --dhcp-leasefile="$WORK/foreign.leases" \
    --dhcp-range=10.77.0.210,10.77.0.240,255.255.255.0,1h --dhcp-option=option:router,10.77.0.2 \
    --log-dhcp --log-facility=- >"$WORK/foreign.log" 2>&1 &
  foreign=$!
  pids+=("$foreign")
}

# A second network for bootwire: its interface s1, 10.78.0.1 on the switch br1.
second_network_up() {
  add_switch br1
  plug "$SRV" s1 br1
  ip -n "$SRV" addr add 10.78.0.1/24 brd + dev s1
}
