#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The host as moving.bash left it, booted anew: its NICs, vifchain's file, and nothing of what
# it was set up with before.
cd "$(dirname "$0")/.." || exit 1
. ./lib.bash
. ./switch.bash
. ./guests.bash
. ./links.bash
. ./moving.bash
. ./checks.bash

only_nics() {
  expect "the links" "eth0 eth3 lo" "$(links)"
  expect_failure command -v ifup
  expect_failure command -v brctl
}

boot_makes_all_of_it() {
  /etc/init.d/vifchain start >/out/start 2>&1 || fail "$(</out/start)"
  expect "links of ours" "bond1 bond1.4 vlan2 vlan3 xenbrdmz xenbrlan xenbrnew" "$(links group 30307)"
  expect "mode" "802.3ad 4" "$(</sys/class/net/bond1/bonding/mode)"
  expect "lacp_rate" "fast 1" "$(</sys/class/net/bond1/bonding/lacp_rate)"
  expect "ports of xenbrdmz" vlan2 "$(ports_of xenbrdmz)"
  expect "ports of xenbrlan" vlan3 "$(ports_of xenbrlan)"
}

dom0_is_where_it_was() {
  expect_in "its address" "10.0.3.2/24" "$(ip -o addr show dev xenbrlan)"
  expect_in "its gateway" "via 10.0.3.1 dev xenbrlan" "$(ip route show default)"
  wait_for "the gateway answers" 20 ping -q -c 1 -W 1 10.0.3.1
}

nothing_to_do() { vifchain plan >/out/plan 2>&1 || fail "$(</out/plan)"; }

script_is_ours() {
  expect "web's script" /etc/xen/scripts/vif-chain "$(xenstore-read "$(backend_of web)/script")"
}

step "after its reboot the host has NICs, and none of the old programs" eval "switch_up; only_nics"
step "vifchain at boot makes bond, VLANs and bridges" boot_makes_all_of_it
step "dom0 has its address and its gateway" dom0_is_where_it_was
step "guests start, and reach the hosts on their VLANs" start_guests
step "vif-chain has put them on their bridges" script_is_ours
step "vifchain plan has nothing to do" nothing_to_do
step "vifchain check --on asks another host over ssh whether a guest finds its bridge there" other_host_is_asked
step "a host that is away is told with what ssh said" other_host_that_is_away
step "xl destroy ends all guests" destroy_all
step "the kernel has nothing to complain about" kernel_is_content
finish
