# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# Guests in VLANs of one bridge: who is in which, who reaches whom, and what is on the wire.

each_is_in_its_vlans() {
  expect "VLANs of web" "10 PVID Egress Untagged" "$(vlans_of web-net)"
  expect "VLANs of db" "20 PVID Egress Untagged" "$(vlans_of "$(vif_of db)")"
  expect "VLANs of trunk" "10 PVID Egress Untagged, 20, 30" "$(vlans_of "$(vif_of trunk)")"
  local guest
  for guest in web db trunk; do vif_is_connected "$guest"; done
}

uplink_has() { expect "VLANs of eth0" "$1" "$(vlans_of eth0)"; }

nobody_is_in_vlan_1() {
  expect "members of VLAN 1" "" "$(bridge vlan show vid 1 | awk 'NR > 1' | paste -sd' ')"
  expect_in "xenbrtrunk" "vlan_filtering 1 " "$(ip -d link show xenbrtrunk)"
  expect_in "xenbrtrunk" "vlan_default_pvid 0 " "$(ip -d link show xenbrtrunk)"
}

trunk_has_links_for_its_tagged_vlans() {
  local vlan
  for vlan in 20 30; do
    in_guest trunk "vconfig add eth0 $vlan >/dev/null; ip link set eth0.$vlan up"
    in_guest trunk ip address add "10.0.$vlan.13/24" dev "eth0.$vlan"
  done
}

same_vlan_reaches() {
  guest_reaches_at_once web "$ten" "$trunk_ip"
  guest_reaches_at_once db "$twenty" 10.0.20.13
  guest_reaches_at_once trunk "$ten" "$twenty" "$thirty"
}

# Each guest believes the others to be on its own wire: it really asks, and nobody answers.
other_vlans_do_not() {
  local guest
  for guest in web db; do in_guest "$guest" ip route add 10.0.0.0/16 dev eth0; done
  guest_reaches_none_of web "$twenty" "$db_ip" "$thirty"
  guest_reaches_none_of db "$ten" "$web_ip" "$thirty"
}

tags_do_not_help() {
  in_guest web "vconfig add eth0 20 >/dev/null; ip link set eth0.20 up"
  in_guest web "ip address add 10.0.20.99/24 dev eth0.20"
  guest_reaches_none_of web "$twenty" "$db_ip"
  in_guest web vconfig rem eth0.20
}

wire_carries_the_tags() {
  expect "tags of web's frames" 10 "$(tags_in /out/eth0.pcap "$web_mac")"
  expect "tags of db's frames" 20 "$(tags_in /out/eth0.pcap "$db_mac")"
  expect "tags of trunk's frames" "10 20 30" "$(tags_in /out/eth0.pcap "$trunk_mac")"
}

no_filter_no_vlan() {
  local sentence
  sentence=$(refuse_vif web 1 bridge=xenbrplain.10)
  note "$sentence"
  expect_in "the sentence" "vlan_filtering = true in [bridge.xenbrplain]" "$sentence"
}

no_vlan_no_way_in() {
  local sentence
  sentence=$(refuse_vif web 1 bridge=xenbrtrunk)
  note "$sentence"
  expect_in "the sentence" vlan_default_pvid "$sentence"
}

wrong_vlan_is_refused() { # WORD PART-OF-SENTENCE
  local sentence
  sentence=$(refuse_vif web 1 "bridge=$1")
  note "$sentence"
  expect_in "the sentence" "$2" "$sentence"
}

wrong_spec_is_refused() {
  local sentence mac=02:00:00:00:00:19
  echo "$mac 10/20" >>/etc/xen/vlans
  sentence=$(refuse_vif web 1 "mac=$mac" bridge=xenbrtrunk script=vif-vlan)
  note "$sentence"
  expect_in "the sentence" vlan "$sentence"
  echo "$mac 10p/30+10x2" >>/etc/xen/vlans
  sed -i "0,/^$mac/{/^$mac/d}" /etc/xen/vlans
}

spec_of_terms() {
  attach_vif web 1 mac=02:00:00:00:00:19 bridge=xenbrtrunk script=vif-vlan
  expect "VLANs" "10 PVID Egress Untagged, 30, 40, 50" "$(vlans_of "$(vif_of web 1)")"
  uplink_has "10, 20, 30, 40, 50"
  detach_vif web 1
}

trunk_goes() {
  xl destroy trunk
  uplink_has "10, 20"
}

vlans_steps() {
  step "each guest is in the VLANs that it asked for, by bridge= and by the node vlan" \
    each_is_in_its_vlans
  step "the uplink carries exactly the VLANs that guests need" uplink_has "10, 20, 30"
  step "nobody is in VLAN 1, and the bridge filters" nobody_is_in_vlan_1
  step "the trunk guest makes links for its tagged VLANs" trunk_has_links_for_its_tagged_vlans
  step "guests reach hosts and guests of their VLANs, the trunk guest those of all three" \
    same_vlan_reaches
  step "no guest reaches another VLAN" other_vlans_do_not
  step "nor by frames that it tags itself" tags_do_not_help
  step "on the wire each guest's frames carry its tags and no other" wire_carries_the_tags
  step "a VLAN on a bridge that filters none is refused with the line to change" no_filter_no_vlan
  step "a vif without a VLAN on a bridge that filters is refused" no_vlan_no_way_in
  step "VLAN 4095 is refused" wrong_vlan_is_refused xenbrtrunk.4095 4095
  step "two VLANs without a PVID are refused" wrong_spec_is_refused
  step "vlan=10p/30+10x2 is VLAN 10 untagged and three more, on vif and uplink" spec_of_terms
  step "the uplink has lost those VLANs again" uplink_has "10, 20, 30"
  step "the trunk guest goes, and its VLAN leaves the uplink" trunk_goes
}
