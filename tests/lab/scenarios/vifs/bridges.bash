# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# Bridges that vifchain did not make, makes on demand, or finds by another name; jumbo frames; and
# chains that go with their last vif.

extra_mac=02:00:00:00:00:11

foreign_bridge_is_only_used() {
  # Without a MAC of its own a bridge has that of a port, and none when the last one leaves.
  ip link add brforeign address 02:0b:00:00:00:01 type bridge ageing_time 12300
  ip address add 10.0.40.1/24 dev brforeign
  ip link set brforeign up
  settings brforeign >/out/foreign.before
  attach_vif web 1 "mac=$extra_mac" bridge=brforeign
  vif_is_connected web 1
  expect "its controller" brforeign "$(controller_of "$(vif_of web 1)")"
  in_guest web ip address add 10.0.40.11/24 dev eth1
  guest_reaches_at_once web 10.0.40.1
  detach_vif web 1
  settings brforeign >/out/foreign.after
  expect_same "brforeign" /out/foreign.before /out/foreign.after
}
# Whether a bridge has carrier, and how large a packet the NICs split, is up to its ports.
settings() { all_about_links dev "$1" | sed -E "s/^[0-9]+: [^>]*>//; s/ state [A-Z]+//; s/ numtxqueues.*//"; }

old_name_is_understood() {
  ip link add eth9 up type bridge
  attach_vif web 1 "mac=$extra_mac" bridge=xenbr9
  expect "its controller" eth9 "$(controller_of "$(vif_of web 1)")"
  detach_vif web 1
  ip link delete eth9
}

template_makes_a_chain() {
  attach_vif web 1 "mac=$extra_mac" bridge=xenbr110
  expect_in "eth3.110" "vlan protocol 802.1Q id 110 " "$(ip -d link show eth3.110)"
  expect "eth3.110's controller" xenbr110 "$(controller_of eth3.110)"
  expect "the vif's controller" xenbr110 "$(controller_of "$(vif_of web 1)")"
  in_guest web ip address add 10.0.10.91/32 dev eth1
  in_guest web ip route add "$ten/32" dev eth1 src 10.0.10.91
  guest_reaches_at_once web "$ten"
}

a_vif_that_comes_meanwhile_wins() {
  attach_vif web 2 bridge=xenbr110
  detach_vif web 1
  sleep 2 # longer than linger
  expect "ports of xenbr110" "eth3.110 $(vif_of web 2)" "$(ports_of xenbr110)"
}

chain_goes_with_its_last_vif() {
  detach_vif web 2
  wait_for "xenbr110 is gone" 10 gone /sys/class/net/xenbr110
  wait_for "eth3.110 is gone" 10 gone /sys/class/net/eth3.110
  expect_in "eth3" UP "$(ip -br link show eth3)"
}

template_keeps_to_its_vids() {
  local sentence
  sentence=$(refuse_vif web 1 bridge=xenbr242)
  note "$sentence"
  expect_in "the sentence" "xenbr242" "$sentence"
}

# With xl there is no vif without a bridge, it writes xenbr0: this script takes the node away.
nameless_vif_gets_the_usual_bridge() {
  cat >/etc/xen/scripts/vif-nameless <<'SCRIPT'
#!/bin/bash
xenstore-rm "$XENBUS_PATH/bridge"
exec /etc/xen/scripts/vif-chain "$@"
SCRIPT
  chmod +x /etc/xen/scripts/vif-nameless
  attach_vif web 1 "mac=$extra_mac" script=vif-nameless
  expect "its controller" xenbrplain "$(controller_of "$(vif_of web 1)")"
  detach_vif web 1
}

jumbo_chain() {
  attach_vif web 1 "mac=$extra_mac" bridge=xenbrjumbo
  local link
  for link in eth3 eth3.9 xenbrjumbo "$(vif_of web 1)"; do
    expect "MTU of $link" 9000 "$(mtu_of "$link")"
  done
  vif_is_connected web 1 9000
}

jumbo_frames_pass() {
  listen eth3 /out/jumbo.pcap
  in_guest web "ip link set eth1 mtu 9000; ip address add 10.0.9.11/24 dev eth1"
  wait_for "a large packet is answered" 20 in_guest web ping -q -c 1 -W 2 -s 8900 "$nine"
  expect "fragments" "" "$(tcpdump -nn -r /out/jumbo.pcap 'vlan and ip[6:2] & 0x3fff != 0' 2>/dev/null)"
}

small_port_does_not_shrink_it() {
  attach_vif web 2 bridge=xenbrjumbo mtu=1400
  vif_is_connected web 2 1400
  expect "MTU of xenbrjumbo" 9000 "$(mtu_of xenbrjumbo)"
  detach_vif web 2
  detach_vif web 1
}

bridges_steps() {
  step "a bridge of the administrator's is used, and not a setting of it changes" \
    foreign_bridge_is_only_used
  step "bridge=xenbr9 finds the bridge eth9" old_name_is_understood
  step "bridge=xenbr110 makes VLAN 110 and its bridge on demand" template_makes_a_chain
  step "a vif that comes while the last one goes keeps them" a_vif_that_comes_meanwhile_wins
  step "with the last vif they go, and the NIC stays" chain_goes_with_its_last_vif
  step "a VLAN that the template is not for is refused" template_keeps_to_its_vids
  step "a vif that names no bridge gets the usual one" nameless_vif_gets_the_usual_bridge
  step "a bridge of MTU 9000 raises the NIC, the VLAN, the vif and what the guest is told" jumbo_chain
  step "packets of 8900 bytes pass whole" jumbo_frames_pass
  step "a vif of MTU 1400 leaves the others theirs" small_port_does_not_shrink_it
}
