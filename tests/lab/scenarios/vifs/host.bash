# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The host of all topics: its file, its cables, three guests on a bridge that filters VLANs; and how
# it is left.

web_mac=02:00:00:00:00:01 db_mac=02:00:00:00:00:02 trunk_mac=02:00:00:00:00:03
web_ip=10.0.10.11 db_ip=10.0.20.12 trunk_ip=10.0.10.13
ten=10.0.10.1 twenty=10.0.20.1 thirty=10.0.30.1 nine=10.0.9.1

write_the_file() {
  cat >/etc/xen/vifchain.toml <<'TOML'
[vif]
bridge = "xenbrplain"
wait   = 2

[bridge.xenbrtrunk]
ports          = ["eth0"]
vlan_filtering = true
vif            = { bpdu_guard = true, mcast_flood = false, antispoof = "mac" }

[bridge.xenbrplain]

[bridge."xenbr{vid}"]
ports    = ["eth3.{vid}"]
vids     = "100-199"
teardown = "last-vif"
linger   = 1

[bridge.xenbrjumbo]
ports = ["eth3.9"]
mtu   = 9000

[bridge.xenbrfenced]
ports = ["eth3.50"]
vif   = { isolated = true, receive_rate = "200kbit" }

# Sends on whatever it gets: a query that somebody forges keeps no frames back.
[bridge.xenbropen]
ports          = ["eth5"]
ageing_time    = 0
mcast_snooping = false

[bridge.xenbrhome]
addresses = ["10.0.78.1/24", "2001:db8:78::1/64"]
ra        = true

[bridge.xenbrmac]
ports = ["eth6"]
vif   = { antispoof = "mac" }

[bridge.xenbrguard]
ports = ["eth7"]
vif   = { antispoof = "mac-ip", routers = ["198.51.100.14", "fe80::1"] }

[bridge.xenbrfarm]
ports          = ["eth8"]
vlan_filtering = true
vif            = { antispoof = "mac-ip", routers = ["198.51.100.14", "fe80::1"], bpdu_guard = true, mcast_flood = false }
TOML
  echo 'vif.default.script="vif-chain"' >>/etc/xen/xl.conf
}

# dpkg knows what it installed; the lab's own scripts lie beside that.
xens_own_scripts_are_untouched() {
  expect_in "xen-utils-common" /etc/xen/scripts/vif-common.sh "$(dpkg --listfiles xen-utils-common)"
  expect "changed in /etc/xen/scripts" "" \
    "$(dpkg --verify xen-utils-common | grep /etc/xen/scripts/ || true)"
}

# Under /etc/xen/scripts AppArmor lets libvirtd run it; udev would run it a second time.
ours_is_a_file_of_its_own() {
  local ours=/etc/xen/scripts/vif-chain
  [[ -f $ours && -x $ours && ! -L $ours ]] || fail "no program: $(ls -l $ours)"
  expect_failure dpkg --search $ours
  expect "udev rules about vifs" "" \
    "$(grep -rlE 'SUBSYSTEM=="xen-backend"|vif-chain' /etc/udev /lib/udev/rules.d || true)"
}

# xl has no vlan= before Xen 4.19: this script writes the node, as it would, and goes on as vif-chain.
script_that_writes_vlan() {
  cat >/etc/xen/scripts/vif-vlan <<'SCRIPT'
#!/bin/bash
mac=$(xenstore-read "$XENBUS_PATH/mac")
[[ $1 != online ]] || xenstore-write "$XENBUS_PATH/vlan" "$(sed -n "s/^$mac //p" /etc/xen/vlans)"
exec /etc/xen/scripts/vif-chain "$@"
SCRIPT
  chmod +x /etc/xen/scripts/vif-vlan
}

define_guests() {
  define_pv_guest web "$web_ip" "mac=$web_mac, bridge=xenbrtrunk.10, vifname=web-net"
  define_pv_guest db "$db_ip" "mac=$db_mac, bridge=xenbrtrunk, script=vif-vlan"
  define_pv_guest trunk "$trunk_ip" "mac=$trunk_mac, bridge=xenbrtrunk.10:20:30"
  initrd_with_frames /boot/guest/initrd-frames
  sed -i 's|/boot/guest/initrd|/boot/guest/initrd-frames|' /etc/xen/db.cfg
  script_that_writes_vlan
  echo "$db_mac 20" >/etc/xen/vlans
}

plug_in() {
  cable eth0 eth3 eth5 eth6 eth7 eth8
  host ten "$ten" eth0.10 eth3.110
  host twenty "$twenty" eth0.20
  host thirty "$thirty" eth0.30
  host nine "$nine" eth3.9
  listen eth0 /out/eth0.pcap
}

start_guests() {
  local guest
  for guest in web db trunk; do create_guest "$guest"; done
  for guest in web db trunk; do guest_is_up "$guest"; done
}

destroy_guests() {
  local guest
  for guest in $(xl list | awk 'NR > 2 {print $1}'); do xl destroy "$guest"; done
  expect "domains" Domain-0 "$(xl list | awk 'NR > 1 {print $1}' | paste -sd' ')"
}

nothing_of_guests_is_left() {
  wait_for "no vif is left" 10 no_vif
  expect "renamed vifs" "" "$(links | tr ' ' '\n' | sed -n '/-net/p')"
  expect "backends" "" "$(xenstore-ls -f /local/domain/0/backend 2>/dev/null | grep /vif/ || true)"
  expect "ports of xenbrtrunk" eth0 "$(ports_of xenbrtrunk)"
  expect "VLANs of eth0" "" "$(vlans_of eth0)"
}

# An HVM guest may be booting all the while: its links are its own affair.
links_of_all_but_hvm() { all_about_links | sed '/ hvm-net/d'; }

host_steps() {
  step "dom0 runs on $STORE" expect "the store" "$STORE" "$(ps -C oxenstored,xenstored -o comm=)"
  step "Xen's own scripts are as Debian ships them" xens_own_scripts_are_untouched
  step "vif-chain is a file of its own beside them, and no udev rule runs it" \
    ours_is_a_file_of_its_own
  step "the file has a bridge of every kind" write_the_file
  step "NICs are plugged into a switch with hosts on VLAN 9, 10, 20 and 30" plug_in
  define_guests
  step "xl create starts three guests on a bridge that filters VLANs" start_guests
}

last_steps() {
  step "xl destroy ends all guests" destroy_guests
  step "of vifs, VLANs on the uplink and backend nodes nothing is left" nothing_of_guests_is_left
  step "the kernel has nothing to complain about" kernel_is_content
}
