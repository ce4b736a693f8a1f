#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# systemd-networkd and NetworkManager, told to take every link there is, beside vifs of real guests and the
# emulated NIC of an HVM guest. Unless vifchain marks them they throw them off their bridge; that comes first.
cd "$(dirname "$0")/.." || exit 1
. ./lib.bash
. ./guests.bash
. ./links.bash

more_state() {
  section "NetworkManager" nmcli device
  section "its journal" journalctl --no-pager -n 80 -o cat -u NetworkManager
}

all_ports() { echo "$(vif_of hvm)" "$(vif_of hvm)-emu" "$(vif_of web)"; }
ports_are() { is "$(ports_of xenbr0)" "$*"; }
all_stand() { expect "ports of xenbr0" "$(all_ports | tr ' ' '\n' | sort | paste -sd' ')" "$(ports_of xenbr0)"; }
property() { udevadm info --query=property --property="$2" --value "/sys/class/net/$1"; }

# The HVM guest need not run: its ports are there when xl has made it.
guests_start() {
  echo 'vif.default.script="vif-chain"' >>/etc/xen/xl.conf
  define_pv_guest web 10.0.0.2 "mac=02:00:00:00:00:01, bridge=xenbr0"
  define_hvm_guest hvm "mac=02:00:00:00:00:02, bridge=xenbr0"
  create_guest web
  xl create -p /etc/xen/hvm.cfg >/out/hvm.create 2>&1 || fail "$(</out/hvm.create)"
  guest_is_up web
  all_stand
}

# --- vifchain's files -----------------------------------------------------------------------------

# The bridge stays marked: NetworkManager lets the ports of a bridge be that it may have.
guests_are_marked_no_more() {
  local file
  for file in /usr/lib/systemd/network/*vifchain*.network /usr/lib/NetworkManager/conf.d/*vifchain*.conf; do
    mv "$file" "$file.aside"
  done
  echo 'SUBSYSTEM=="net", ENV{ID_VIFCHAIN}!="1", ENV{ID_VIFCHAIN_PORT}="", ENV{NM_UNMANAGED}=""' >/etc/udev/rules.d/86-no-guests.rules
  udev_reads_again
  for file in $(all_ports); do expect "the mark of $file" "" "$(property "$file" NM_UNMANAGED)"; done
}
guests_are_marked_again() {
  local file
  for file in /usr/lib/{systemd/network,NetworkManager/conf.d}/*.aside; do
    [[ ! -e $file ]] || mv "$file" "${file%.aside}"
  done
  rm -f /etc/udev/rules.d/86-no-guests.rules
  udev_reads_again
}
udev_reads_again() {
  udevadm control --reload
  udevadm trigger --action=add --subsystem-match=net
  udevadm settle --timeout=20
}

all_is_as_before() {
  networkd_goes
  manager_goes
  guests_are_marked_again
  ports_go_back
}
# By hand.
ports_go_back() {
  local port
  for port in $(all_ports); do
    ip address flush dev "$port"
    ip link set "$port" up master xenbr0
  done
  all_stand
}

links_are_marked() {
  local link
  for link in $(all_ports) xenbr0; do expect "NetworkManager and $link" 1 "$(property "$link" NM_UNMANAGED)"; done
  expect "NetworkManager and eth0" "" "$(property eth0 NM_UNMANAGED)"
}

# A vif that comes while the daemon is at work. Its guest makes no difference: nobody has it up yet.
vif_comes() {
  attach_vif web 1 mac=02:00:00:00:00:03 bridge=xenbr0
  vif_is_connected web 1
}

# --- systemd-networkd -----------------------------------------------------------------------------

networkd_takes_everything() {
  mkdir -p /etc/systemd/network
  printf '[Match]\nName=*\n[Network]\nDHCP=yes\n' >"/etc/systemd/network/$1"
  systemctl start systemd-networkd
}
networkd_goes() {
  systemctl stop systemd-networkd.socket systemd-networkd
  rm -f /etc/systemd/network/*.network
}
networkd_says() { # LINK STATE
  is "$(sed -n 's/^ADMIN_STATE=//p' "/run/systemd/netif/links/$(<"/sys/class/net/$1/ifindex")")" "$2"
}

networkd_throws_them_off() {
  guests_are_marked_no_more
  networkd_takes_everything 50-all.network
  wait_for "xenbr0 has lost its ports" 30 ports_are ""
}

# A bridge is theirs, if their file comes before ours for bridges; ports never are.
networkd_leaves_them_alone() {
  networkd_takes_everything 05-all.network
  wait_for "networkd has eth0" 30 networkd_has_eth0
  vif_comes
  local link
  for link in $(all_ports) "$(vif_of web 1)"; do
    wait_for "networkd leaves $link" 20 networkd_says "$link" unmanaged
  done
  expect "the controller of the vif that came" xenbr0 "$(controller_of "$(vif_of web 1)")"
  detach_vif web 1
  all_stand
}
networkd_has_eth0() { networkd_says eth0 configuring || networkd_says eth0 configured; }

networkd_begins_anew() {
  systemctl restart systemd-networkd
  wait_for "networkd has eth0" 30 networkd_has_eth0
  wait_for "networkd leaves web's vif" 20 networkd_says "$(vif_of web)" unmanaged
  all_stand
  networkd_goes
}

# --- NetworkManager -------------------------------------------------------------------------------

# A profile for every Ethernet link there is, many at a time.
manager_takes_everything() {
  cat >/etc/NetworkManager/system-connections/all.nmconnection <<'PROFILE'
[connection]
id=all
type=ethernet
multi-connect=3
autoconnect=true
[ipv4]
method=manual
address1=192.0.2.200/24
[ipv6]
method=ignore
PROFILE
  chmod 600 /etc/NetworkManager/system-connections/all.nmconnection
  systemctl start NetworkManager
}
# It remembers the links that it had.
manager_goes() {
  systemctl stop NetworkManager
  rm -rf /run/NetworkManager/devices
  rm -f /etc/NetworkManager/system-connections/all.nmconnection
}
manager_says() { # LINK STATE
  is "$(nmcli --terse --fields DEVICE,STATE device | sed -n "s/^$1://p")" "$2"
}

manager_throws_them_off() {
  networkd_goes
  ports_go_back
  manager_takes_everything
  wait_for "xenbr0 has lost web's vif" 60 is_on_no_bridge "$(vif_of web)"
}
is_on_no_bridge() { is "$(controller_of "$1")" ""; }

manager_leaves_them_alone() {
  manager_takes_everything
  wait_for "NetworkManager has eth0" 30 manager_says eth0 connected
  vif_comes
  local link
  for link in $(all_ports) "$(vif_of web 1)" xenbr0; do
    wait_for "NetworkManager leaves $link" 20 manager_says "$link" unmanaged
  done
  expect "the controller of the vif that came" xenbr0 "$(controller_of "$(vif_of web 1)")"
  detach_vif web 1
  all_stand
}

manager_begins_anew() {
  systemctl restart NetworkManager
  wait_for "NetworkManager has eth0" 30 manager_says eth0 connected
  wait_for "NetworkManager leaves web's vif" 20 manager_says "$(vif_of web)" unmanaged
  all_stand
  manager_goes
}

destroy_all() {
  xl destroy web
  xl destroy hvm
  wait_for "no vif is left" 10 no_vif
}

step "a PV guest and an HVM guest start" guests_start
step "unless vifchain marks them, systemd-networkd throws vifs and the emulated NIC off the bridge" \
  networkd_throws_them_off
step "and NetworkManager the vif" manager_throws_them_off
step "vifchain's files come back, and the ports" all_is_as_before
step "udev marks vifs, emulated NICs and the bridge" links_are_marked
step "systemd-networkd takes eth0, and leaves them alone, and a vif that comes" networkd_leaves_them_alone
step "and those that are there when it begins" networkd_begins_anew
step "NetworkManager takes eth0, and leaves them alone, and a vif that comes" manager_leaves_them_alone
step "and those that are there when it begins" manager_begins_anew
step "xl destroy ends both guests" destroy_all
step "the kernel has nothing to complain about" kernel_is_content
finish
