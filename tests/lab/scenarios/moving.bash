#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A host of 2008 moves to vifchain, step by step as vifchain-moving(7) has them: bonding by modprobe
# options, VLANs and bridges by stanzas of ifupdown, a wrapper of network-bridge for xend. Its guests run
# all the while. What it has in the end is what moved.bash boots with.
cd "$(dirname "$0")/.." || exit 1
. ./lib.bash
. ./switch.bash
. ./guests.bash
. ./links.bash
. ./moving.bash
. ./checks.bash

# --- the old host ---------------------------------------------------------------------------------

# Debian's own programs, and the host's files. The module has been loaded without its options, and the
# switch has a bond as well.
old_files() {
  cp -a /opt/classic/root/. /
  cp -a /opt/classic/host/in/. /
  modprobe -r bonding
}
old_host() {
  ifup -a 2>/out/ifup || fail "$(</out/ifup)"
}

old_chains_stand() {
  expect "mode" "802.3ad 4" "$(</sys/class/net/bond1/bonding/mode)"
  expect "lacp_rate" "fast 1" "$(</sys/class/net/bond1/bonding/lacp_rate)"
  expect "ports of bond1" "eth0 eth3" "$(tr ' ' '\n' </sys/class/net/bond1/bonding/slaves | sort | paste -sd' ')"
  expect "ports of xenbrdmz" vlan2 "$(ports_of xenbrdmz)"
  expect "ports of xenbrlan" vlan3 "$(ports_of xenbrlan)"
  expect_in "this host's address" "10.0.3.2/24" "$(ip -o addr show dev xenbrlan)"
  expect "links of ours" "" "$(links group 30307)"
}

stock_script_serves_them() {
  xenstore-read "$(backend_of web)/script" >/out/script
  expect "web's script" /etc/xen/scripts/vif-bridge "$(</out/script)"
}

# --- the move -------------------------------------------------------------------------------------

files_are_imported() {
  vifchain import >/etc/xen/vifchain.toml 2>/out/import
  expect_same "what import says" /opt/classic/host/vifchain.toml /etc/xen/vifchain.toml
  vifchain check >/out/check 2>&1 || fail "$(</out/check)"
}

# The same without the files: what the kernel has.
kernel_is_imported() {
  vifchain import --from-kernel >/out/kernel.toml 2>/out/import
  vifchain plan --config /out/kernel.toml >/out/plan 2>&1 || fail "$(</out/kernel.toml)" "$(</out/plan)"
}

plan_is_empty() {
  vifchain plan >/out/plan 2>&1 || fail "$(</out/plan)"
  expect_in "plan" "Nothing to do" "$(</out/plan)"
}

adopt() {
  vifchain apply --adopt >/out/adopt 2>&1 || fail "$(</out/adopt)"
  expect "links of ours" "bond1 vlan2 vlan3 xenbrdmz xenbrlan" "$(links group 30307)"
  plan_is_empty
  vifchain plan --adopt >/out/plan 2>&1 || fail "$(</out/plan)"
}

# Every port, option, address and route is what it was: the group and our mark aside, ifupdown's word
# "onlink" for a gateway that is on the link anyway, the addresses that ports make for themselves, and
# that of a bridge to which the file gives none: the host is not on it.
host_state() {
  all_about_links | sed -E 's/ group [a-z0-9]+ / /; s/ addrgenmode [a-z0-9]+//'
  ip -o -4 address
  ip -o -6 address show scope global
  ip route show table all | sed -E 's/ proto (boot|118)//; s/ onlink//; /fe80:.* dev (vlan[23]|xenbrdmz) /d'
  bridge -d link
}
adopting_changes_nothing_else() {
  host_state >/out/before
  while_guests_ping adopt
  host_state >/out/after
  expect_same "the host" /out/before /out/after
  expect "IPv6 addresses of xenbrdmz" "" "$(ip -o -6 address show dev xenbrdmz)"
}

# From now on vif-chain has the vifs that come; those that are there are taken away by the script that
# they came by.
new_guests_come_by_vif_chain() {
  echo 'vif.default.script="vif-chain"' >>/etc/xen/xl.conf
  attach_vif web 1 mac=02:00:00:00:00:04 bridge=xenbrlan
  vif_is_connected web 1
  expect "its script" /etc/xen/scripts/vif-chain "$(xenstore-read "$(backend_of web 1)/script")"
  detach_vif web 1
}

# What is left of the old set-up is lo.
old_files_go() {
  printf 'auto lo\niface lo inet loopback\n' >/etc/network/interfaces
  rm /etc/modprobe.d/bonding.conf /etc/xen/xend-config.sxp /etc/xen/scripts/network-xen-multi-bridge
  plan_is_empty
  guest_reaches_at_once web 10.0.2.1
  guest_reaches_at_once db 10.0.3.1
}

# A change that the old files would have wanted a night for.
first_change() {
  printf '\n[bridge.xenbrnew]\nports = ["bond1.4"]\n' >>/etc/xen/vifchain.toml
  apply_new() { vifchain apply >/out/apply 2>&1 || fail "$(</out/apply)"; }
  while_guests_ping apply_new
  expect "ports of xenbrnew" bond1.4 "$(ports_of xenbrnew)"
}

keep_for_the_next_boot() { tar -C / -cf /out/kept.tar etc/xen/vifchain.toml etc/xen/xl.conf etc/network/interfaces; }

step "the host has its files of 2008, and the programs that they are for" old_files
step "eth0 and eth3 are plugged into an LACP switch with a host on VLAN 2 and one on VLAN 3" switch_up
step "ifupdown, ifenslave, vlan and bridge-utils set the host up, from its files" old_host
step "bond, VLANs and bridges are there, and vifchain has none of them" old_chains_stand
step "guests start, by Xen's own vif-bridge" start_guests
step "Xen's own script has put them on their bridges" stock_script_serves_them

step "vifchain import makes a file of theirs, as a person would have" files_are_imported
step "vifchain plan has nothing to do with it" plan_is_empty
step "nor with what vifchain import --from-kernel says" kernel_is_imported
step "vifchain apply --adopt makes the links vifchain's, and changes nothing else: no packet is lost" \
  adopting_changes_nothing_else
step "xl.conf names vif-chain, and a vif that comes is served by it" new_guests_come_by_vif_chain
step "vifchain check --all finds nothing in the way of the guests that run" nothing_is_in_the_way_of_the_guests
step "vifchain check --domain finds what xl would take without a word" a_wrong_guest_is_found_before_it_starts
step "vifchain check reads ${#taken_texts[@]} texts of vif= as this host's xl does" vifs_are_read_as_xl_does
step "of ${#refused_texts[@]} that xl refuses, it says so" what_xl_refuses_is_said
step "the old files go, and nothing happens" old_files_go
step "a new VLAN and its bridge are three lines, and no packet is lost" first_change
step "what the host has is kept for its next boot" keep_for_the_next_boot
step "xl destroy ends all guests" destroy_all
step "the kernel has nothing to complain about" kernel_is_content
finish
