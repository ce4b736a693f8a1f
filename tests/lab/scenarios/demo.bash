#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The story in short, to be looked at: three guests, two VLANs, one LACP bond, and the chains as a tree.
cd "$(dirname "$0")/.." || exit 1
. ./lib.bash
. ./switch.bash
. ./guests.bash
. ./tree.bash

the_file() {
  cat >/etc/xen/vifchain.toml <<'TOML'
[bond.bond1]
ports     = ["eth0", "eth3"]
mode      = "802.3ad"
miimon    = 100
lacp_rate = "fast"

[bridge.xenbrlan]
ports = ["bond1.3"]

[bridge.xenbrdmz]
ports = ["bond1.2"]
TOML
  echo 'vif.default.script="vif-chain"' >>/etc/xen/xl.conf
  define_guest web 02:00:00:00:00:01 xenbrdmz 10.0.2.11
  define_guest db 02:00:00:00:00:02 xenbrlan 10.0.3.12
  define_guest web2 02:00:00:00:00:03 xenbrdmz 10.0.2.13
}

start_guest() {
  create_guest "$1"
  guest_is_up "$1"
}

both_links_aggregate() {
  [[ $(</sys/class/net/bond1/bonding/ad_num_ports) == 2 ]] ||
    fail "links aggregated: $(</sys/class/net/bond1/bonding/ad_num_ports)"
}

web_is_kept_out() {
  in_guest web ip route add 10.0.3.0/24 dev eth0
  cannot_ping web "${host_address[lan]}"
}

wire() {
  expect "tags of web's frames" 2 "$(tags_of 02:00:00:00:00:01)"
  expect "tags of db's frames" 3 "$(tags_of 02:00:00:00:00:02)"
}

step "dom0's eth0 and eth3 are plugged into an LACP switch" switch_up
step "/etc/xen/vifchain.toml names one bond and two bridges" the_file
echo
sed 's/^./    &/' /etc/xen/vifchain.toml
echo
echo "    links of dom0: $(ip -br link | awk '{sub(/@.*/, "", $1); print $1}' | paste -sd' ')"
echo
step "xl create web, with bridge=xenbrdmz" start_guest web
step "xl create db, with bridge=xenbrlan" start_guest db
step "xl create web2, with bridge=xenbrdmz" start_guest web2
step "both links of the bond aggregate with the switch" \
  wait_for "two links aggregated" 20 both_links_aggregate
step "web reaches the host behind the switch on VLAN 2" guest_reaches web "${host_address[dmz]}"
step "web2 reaches it too" guest_reaches web2 "${host_address[dmz]}"
step "db reaches the host behind the switch on VLAN 3" guest_reaches db "${host_address[lan]}"
step "web2 reaches its neighbour web" guest_reaches web2 10.0.2.11
step "web cannot reach VLAN 3" web_is_kept_out
step "on the wire web's frames carry tag 2, db's tag 3" wire
echo
chain_tree | sed 's/^./    &/'
finish
