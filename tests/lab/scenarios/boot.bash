#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The host boots by a real systemd, with real udev and NICs on PCI that come late, go and come again.
# The machine has five: eth0, eth1, eth2, which is going to be called late0, and eth3 with a cable to eth4, where a
# router is. In the end vifchaind runs there.
cd "$(dirname "$0")/.." || exit 1
. ./lib.bash
. ./links.bash
. ./daemon_unit.bash

# dom0-init runs this when the host has booted, with boot.toml as its file.
unit() { systemctl show --value -p "$1" "$2"; }
is_port() { [[ -e /sys/class/net/$1/master && $(basename "$(readlink -f "/sys/class/net/$1/master")") == "$2" ]]; }
slot_of() { basename "$(readlink -f "/sys/class/net/$1/device")"; }
plug_out() { echo 1 >"/sys/bus/pci/devices/$1/remove"; }
plug_in() { echo 1 >/sys/bus/pci/rescan; }
property() { udevadm info --query=property --property="$2" --value "/sys/class/net/$1"; }
journal_of() { journalctl --no-pager -o cat -u "$1"; }
nothing_is_queued() { is "$(systemctl list-jobs --no-legend | grep -c vifchain)" 0; }
udev_and_units_rest() {
  udevadm settle --timeout=20
  wait_for "no job of vifchain" 20 nothing_is_queued
}

unit_has_run() {
  expect "its state" "active" "$(unit ActiveState vifchain.service)"
  expect "its exit code" 3 "$(unit ExecMainStatus vifchain.service)"
  expect_in "its journal" "xenbrlate: skipped (late0: no such link on this host)" \
    "$(journal_of vifchain.service)"
}

unit_was_done_before_the_network() {
  local end network
  end=$(unit ExecMainExitTimestampMonotonic vifchain.service)
  network=$(unit ActiveEnterTimestampMonotonic network.target)
  ((end > 0 && end <= network)) || fail "vifchain was done at $end, the network at $network"
  note "vifchain took $(((end - $(unit ExecMainStartTimestampMonotonic vifchain.service)) / 1000)) ms, its wait of 10 s for late0 among them"
}

chains_stand() {
  is_port eth0 bond1
  is_port eth1 bond1
  is_port bond1.3 xenbrlan
  [[ ! -e /sys/class/net/xenbrlate ]]
  expect_in "this host's address" "10.0.3.1/24" "$(ip -o addr show dev xenbrlan)"
}

links_are_marked() {
  local link
  for link in bond1 bond1.3 xenbrlan; do
    expect "mark of $link" 1 "$(property "$link" ID_VIFCHAIN)"
    expect "NetworkManager and $link" 1 "$(property "$link" NM_UNMANAGED)"
  done
  for link in eth0 eth2; do expect "mark of $link" "" "$(property "$link" ID_VIFCHAIN)"; done
}

# An administrator's file that takes everything but the bond's NICs.
networkd_leaves_our_links_alone() {
  mkdir -p /run/systemd/network
  printf '[Match]\nName=eth2 bond1* xenbr*\n[Network]\nLinkLocalAddressing=no\n' >/run/systemd/network/80-all.network
  systemctl start systemd-networkd
  wait_for "networkd has eth2" 30 networkd_says eth2 configured
  local link
  for link in bond1 bond1.3 xenbrlan; do networkd_says "$link" unmanaged; done
  systemctl stop systemd-networkd.socket systemd-networkd
  rm /run/systemd/network/80-all.network
  chains_stand
}
networkd_says() { # LINK STATE: or "configuring", while there is no carrier
  local state
  state=$(sed -n 's/^ADMIN_STATE=//p' "/run/systemd/netif/links/$(<"/sys/class/net/$1/ifindex")")
  [[ $state == "$2" || $2 == configured && $state == configuring ]] || fail "networkd says of $1: $state"
}

# The file says that router advertisements count on xenbrra; the first comes when the host has booted.
router_is_heard_after_boot() {
  is_port eth3 xenbrra
  expect "xenbrra's MAC" "$(cat /sys/class/net/eth3/address)" "$(cat /sys/class/net/xenbrra/address)"
  ip netns add router
  ip link set eth4 netns router
  ip -n router link set eth4 up
  ip -n router address add 2001:db8:7::1/64 dev eth4 nodad
  ip -n router address add 2001:db8:99::1/128 dev lo nodad
  ip -n router link set lo up
  wait_for "the router's own address" 20 has_address router eth4 fe80:
  ip netns exec router setsid ./router.py eth4 2001:db8:7:: 0.5 20 30 20 >/run/router.said 2>&1 9>&- &
  wait_for "xenbrra's address" 30 has_address "" xenbrra "2001:db8:7::ff:fe00:1003/64"
  wait_for "something behind the router answers" 20 ping -q -c 1 -W 1 2001:db8:99::1
  vifchain plan >/run/plan || true # late0 is missing
  expect_no "the plan" xenbrra "$(cat /run/plan)"
  pkill -f router.py
}
has_address() { # NAMESPACE LINK PART
  ip ${1:+-n "$1"} -o -6 address show dev "$2" -tentative | finds -F "$3"
}

# Two bonds, one of ours and one of somebody else, neither with a word of monitoring; their cables are pulled
# at the same moment, so that who stays where it was has had its time.
bond_of_ours_fails_over() {
  local cable
  for cable in 1 2 3 4; do
    ip link add "plug$cable" type veth peer name "far$cable"
    ip link set "far$cable" up
  done
  ip link add bond8 type bond mode active-backup
  ip link set plug3 master bond8
  ip link set plug4 master bond8
  ip link set bond8 up
  cp /etc/xen/vifchain.toml /run/file.before
  printf '\n[bond.bond9]\nports = ["plug1", "plug2"]\nmode = "active-backup"\n[bridge.xenbr9]\nports = ["bond9"]\n' \
    >>/etc/xen/vifchain.toml
  vifchain up xenbr9
  expect "miimon of ours" 100 "$(cat /sys/class/net/bond9/bonding/miimon)"
  expect "miimon of theirs" 0 "$(cat /sys/class/net/bond8/bonding/miimon)"
  local ours theirs
  ours=$(active_port_of bond9) theirs=$(active_port_of bond8)
  ip link set "far${ours#plug}" down
  ip link set "far${theirs#plug}" down
  wait_for "bond9 goes on by its other port" 20 has_other_port_than bond9 "$ours"
  expect "the port of theirs, which is pulled" "$theirs 0" "$(active_port_of bond8) $(cat "/sys/class/net/$theirs/carrier")"
  vifchain down xenbr9
  cp /run/file.before /etc/xen/vifchain.toml
  ip link del bond8
  for cable in 1 2 3 4; do ip link del "plug$cable"; done
}
active_port_of() { cat "/sys/class/net/$1/bonding/active_slave"; }
has_other_port_than() { [[ $(active_port_of "$1") && $(active_port_of "$1") != "$2" ]]; }

nic_joins_its_bond_again() {
  local slot
  slot=$(slot_of eth1)
  plug_out "$slot"
  wait_for "eth1 is gone" 10 gone /sys/class/net/eth1
  plug_in
  wait_for "eth1 in bond1" 30 is_port eth1 bond1
  udev_and_units_rest
  expect "vifchain plan" "(late0)" "$(vifchain plan 2>&1 | grep -o 'late0: no such link' | sed 's/.*/(late0)/')"
}

late_nic_brings_its_chain() {
  local slot
  slot=$(slot_of eth2)
  mkdir -p /etc/systemd/network
  printf '[Match]\nMACAddress=02:00:00:00:10:02\n[Link]\nName=late0\n' >/etc/systemd/network/10-late.link
  udevadm control --reload
  plug_out "$slot"
  wait_for "eth2 is gone" 10 gone /sys/class/net/eth2
  plug_in
  wait_for "late0 in xenbrlate" 30 is_port late0 xenbrlate
  udev_and_units_rest
  vifchain plan
}

nothing_else_starts_the_unit() {
  ip link add veth7 type veth peer name veth8
  ip link add br7 type bridge
  ip link add bond7 type bond
  ip tuntap add tap7 mode tap
  ip link add link eth0 name eth0.77 type vlan id 77
  udev_and_units_rest
  journalctl --no-pager -o cat >/run/journal
  local link
  for link in veth7 veth8 br7 bond7 tap7 eth0.77 bond1 xenbrlan; do
    expect_no "the journal" "NIC $link for" "$(cat /run/journal)"
    expect "what $link wants" "" "$(property "$link" SYSTEMD_WANTS)"
  done
  expect_in "the journal" "NIC eth0 for" "$(cat /run/journal)"
  ip link del veth7
  ip link del br7
  ip link del bond7
  ip link del eth0.77
  ip link del tap7
}

unit_takes_nothing_away() {
  ip -d link >/run/before
  systemctl stop vifchain
  chains_still_stand
  systemctl start vifchain
  systemctl restart vifchain
  systemctl reload vifchain
  chains_still_stand
  expect "its exit code" 0 "$(unit ExecMainStatus vifchain.service)"
}
chains_still_stand() {
  is_port eth1 bond1
  is_port bond1.3 xenbrlan
  is_port late0 xenbrlate
}

what_was_taken_down_stays_down() {
  vifchain down --all
  local slot
  slot=$(slot_of late0)
  plug_out "$slot"
  wait_for "late0 is gone" 10 gone /sys/class/net/late0
  plug_in
  wait_for "late0 is back" 30 test -e /sys/class/net/late0
  udev_and_units_rest
  gone /sys/class/net/xenbrlate
  systemctl restart vifchain
  chains_still_stand
}

# Without systemd: the rule's other branch, on the program that it calls.
without_systemd_udev_need_not_wait() {
  ip link set late0 nomaster
  local began=${EPOCHREALTIME/./}
  /usr/lib/udev/vifchain-nic late0
  (((${EPOCHREALTIME/./} - began) < 3000000)) || fail "udev would have waited"
  wait_for "late0 in xenbrlate" 30 is_port late0 xenbrlate
}

udev_takes_the_rules() {
  expect_no "udevd's journal" "85-vifchain" "$(journal_of systemd-udevd.service)"
  udevadm test /sys/class/net/eth0 2>&1 | tee /run/test | finds 85-vifchain
  expect_no "udevadm test" "Invalid" "$(grep 85-vifchain /run/test)"
}

everything_ran_well() {
  expect "units that failed" "" "$(systemctl --failed --no-legend --plain | grep -v lab.service)"
  expect_no "systemd's journal" "ordering cycle" "$(journalctl --no-pager -o cat)"
}

step "vifchain.service makes what can stand, and names the rest" unit_has_run
step "it was done before the network was said to be there" unit_was_done_before_the_network
step "chains and this host's address are there" chains_stand
step "udev marks the links of vifchain, and no other" links_are_marked
step "udev takes the rules" udev_takes_the_rules
step "systemd-networkd leaves them alone, whatever else it takes" networkd_leaves_our_links_alone
step "a bridge with ra = true hears of its address and its gateway when the host has booted" router_is_heard_after_boot
step "a bond of vifchain fails over without a word in the file, one of others does not" bond_of_ours_fails_over
step "a NIC that is pulled out and put back joins its bond" nic_joins_its_bond_again
step "a NIC that comes late, and under another name at first, brings the chain that waits for it" \
  late_nic_brings_its_chain
step "only NICs start the unit: no veth, tap, bridge, bond or VLAN link" nothing_else_starts_the_unit
step "stop, restart and reload take nothing away" unit_takes_nothing_away
step "what was taken down stays down when its NIC comes again" what_was_taken_down_stays_down
step "without systemd udev need not wait for it" without_systemd_udev_need_not_wait
step "a store is there, and a vif that nobody serves" store_and_vif_are_there
step "vifchaind serves it, with a hook, in the bounds of its unit" daemon_serves_the_vif
step "they are narrow" daemon_has_no_more_than_it_needs
step "and wide enough to heal ports, bridges and VLAN links" daemon_heals_in_its_bounds
step "a DHCP client that it starts lives outside of them" daemon_starts_dhcp_outside_its_bounds
step "journald knows which vif and which domain a line is about" journal_knows_what_lines_are_about
step "it takes another file when systemd says so, and a wrong one it does not" daemon_is_reloaded
step "it comes again when it is killed" daemon_comes_again_when_it_is_killed
step "it ends when it is told to, and takes nothing away" daemon_ends_well
step "no unit failed, and nothing waits for itself" everything_ran_well
step "the kernel has nothing to complain about" kernel_is_content
finish
