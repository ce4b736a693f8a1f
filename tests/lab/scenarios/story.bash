#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The whole story on real Xen: a host with nothing but its NICs, a file of three tables, and guests that
# come, talk, lose a link, get and lose a second NIC, reboot, sleep, wake and go.
cd "$(dirname "$0")/.." || exit 1
. ./lib.bash
. ./switch.bash
. ./guests.bash
. ./links.bash
. /opt/lab/order # STORE

web_mac=02:00:00:00:00:01 db_mac=02:00:00:00:00:02 web2_mac=02:00:00:00:00:03
extra_mac=02:00:00:00:00:04
web_ip=10.0.2.11 db_ip=10.0.3.12 web2_ip=10.0.2.13
chain_links="bond1 bond1.2 bond1.3 xenbrdmz xenbrlan"

# --- before ---------------------------------------------------------------------------------------

store_is_the_wanted_one() { expect "the store" "$STORE" "$(ps -C oxenstored,xenstored -o comm=)"; }

write_the_file() {
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
  define_guest web "$web_mac" xenbrdmz "$web_ip"
  define_guest db "$db_mac" xenbrlan "$db_ip"
  define_guest web2 "$web2_mac" xenbrdmz "$web2_ip"
}

# --- the chain under a guest ----------------------------------------------------------------------

xl_says_only_its_own_line() { # GUEST
  expect "what xl create printed" "Parsing config from /etc/xen/$1.cfg" "$(<"/out/$1.create")"
}

chain_is_there() { # BRIDGE VLAN-LINK ID VIF
  expect "eth0's controller" bond1 "$(controller_of eth0)"
  expect "eth3's controller" bond1 "$(controller_of eth3)"
  expect_in "$2" "vlan protocol 802.1Q id $3 " "$(ip -d link show "$2")"
  expect_in "$2's link" "$2@bond1" "$(ip -o link show "$2")"
  expect "$2's controller" "$1" "$(controller_of "$2")"
  expect "$4's controller" "$1" "$(controller_of "$4")"
  local link
  for link in bond1 "$2" "$1" "$4"; do expect_in "$link" "UP" "$(ip -br link show "$link")"; done
}

bond_is_as_the_file_says() {
  local bond=/sys/class/net/bond1/bonding
  expect "mode" "802.3ad 4" "$(<"$bond"/mode)"
  expect "miimon" 100 "$(<"$bond"/miimon)"
  expect "lacp_rate" "fast 1" "$(<"$bond"/lacp_rate)"
  expect "ports" "eth0 eth3" "$(tr ' ' '\n' <"$bond"/slaves | sort | paste -sd' ')"
}

in_switch() { ip netns exec switch "$@"; }
bond_aggregates_both_links() {
  local bond=/sys/class/net/bond1/bonding
  is "$(<"$bond"/ad_num_ports)" 2 &&
    is "$(<"$bond"/ad_partner_mac)" "$(in_switch cat /sys/class/net/lag/address)" &&
    is "$(in_switch cat /sys/class/net/lag/bonding/ad_num_ports)" 2
}
lacp_has_a_partner() {
  wait_for "bond1 aggregates eth0 and eth3 with the switch" 30 bond_aggregates_both_links
}

vif_has_the_dummy_mac() {
  expect "MAC" fe:ff:ff:ff:ff:ff "$(<"/sys/class/net/$(vif_of "$1")/address")"
}

no_bridge_has_the_dummy_mac() {
  local bridge
  for bridge in xenbrdmz xenbrlan; do
    expect_no "$bridge" fe:ff:ff:ff:ff:ff "$(<"/sys/class/net/$bridge/address")"
  done
}

no_link_local_on() { # LINK…
  local link
  for link; do expect "IPv6 addresses of $link" "" "$(ip -o -6 address show dev "$link")"; done
}

only_our_links_are_in_the_group() {
  expect "links of group 30307" "$chain_links" "$(links group 30307)"
}

# --- who reaches whom -----------------------------------------------------------------------------

# Each guest is told that the other VLAN is on its own wire: it really sends, and nobody answers.
vlans_are_apart() {
  in_guest web ip route add 10.0.3.0/24 dev eth0
  in_guest web2 ip route add 10.0.3.0/24 dev eth0
  in_guest db ip route add 10.0.2.0/24 dev eth0
  cannot_ping web "${host_address[lan]}"
  cannot_ping web "$db_ip"
  cannot_ping web2 "${host_address[lan]}"
  cannot_ping db "${host_address[dmz]}"
  cannot_ping db "$web_ip"
}

wire_carries_the_tags() {
  expect "tags of web's frames" 2 "$(tags_of "$web_mac")"
  expect "tags of web2's frames" 2 "$(tags_of "$web2_mac")"
  expect "tags of db's frames" 3 "$(tags_of "$db_mac")"
  note "frames on the two cables: $(captured | wc -l)"
}

# LACP and the bond's own housekeeping are untagged by nature; a guest's frame never is.
nothing_of_guests_is_untagged() {
  captured | awk '!/vlan / && /02:00:00:00:00:0[1-4]/' >/out/untagged
  expect "untagged frames from or to guests" "" "$(head -5 /out/untagged)"
}

# --- a cable pulled -------------------------------------------------------------------------------

ping_interval_ms=200 pings_sent=60
most_lost=10 # 2 s: miimon notices within 100 ms, what is in flight and the switch's side get the rest

pinging_in_background() {
  in_guest web "ping -i 0.2 -c $pings_sent -W 1 ${host_address[dmz]} >/root/ping.log 2>&1 &"
  wait_for "web's first answer" 10 in_guest web grep -q seq=2 /root/ping.log
}

one_link_left() { is "$(<"/sys/class/net/bond1/bonding/ad_num_ports")" 1; }
ping_is_over() { in_guest web grep -q packets /root/ping.log; }

pull_and_put_back() { # PORT
  pinging_in_background
  pull_link "$1"
  wait_for "bond1 runs on one link" 10 one_link_left
  put_back_link "$1"
  lacp_has_a_partner
  wait_for "the ping is over" 60 ping_is_over
  local summary received lost
  summary=$(in_guest web grep packets /root/ping.log)
  received=${summary#*transmitted, } # "60 packets transmitted, 58 packets received, …"
  received=${received%% *}
  lost=$((pings_sent - received))
  note "$lost of $pings_sent lost, one every $ping_interval_ms ms"
  ((lost <= most_lost)) || fail "lost $lost of $pings_sent, at most $most_lost wanted" "$summary"
}

# --- a second NIC ---------------------------------------------------------------------------------

attach_a_second_nic() {
  xl network-attach web "mac=$extra_mac" bridge=xenbrlan >/out/attach 2>&1
  expect "what xl network-attach printed" "" "$(</out/attach)"
  chain_is_there xenbrlan bond1.3 3 "$(vif_of web 1)"
  vif_is_connected web 1
  in_guest web ip link set eth1 up
  in_guest web ip address add 10.0.3.14/32 dev eth1
  in_guest web ip route replace "${host_address[lan]}/32" dev eth1 src 10.0.3.14
  guest_reaches web "${host_address[lan]}"
}

detach_the_second_nic() {
  local vif backend
  vif=$(vif_of web 1) backend=$(backend_of web 1)
  xl network-detach web 1 >/out/detach 2>&1
  expect "what xl network-detach printed" "" "$(</out/detach)"
  wait_for "$vif is gone" 10 gone "/sys/class/net/$vif"
  expect_failure xenstore-exists "$backend"
  expect "ports of xenbrlan" "bond1.3 $(vif_of db)" "$(ports_of xenbrlan)"
  expect "our links" "$chain_links" "$(links group 30307)"
}

# --- reboot, save, restore, destroy ---------------------------------------------------------------

has_new_domid() { [[ $(domid "$1") && $(domid "$1") != "$2" ]]; }

reboots_and_comes_back() {
  local before vif
  before=$(domid web2) vif=$(vif_of web2)
  printf 'x reboot -f\n' >"$(xenstore-read "/local/domain/$before/console/tty")"
  wait_for "web2 has a new domain id" 60 has_new_domid web2 "$before"
  guest_is_up web2
  gone "/sys/class/net/$vif"
  chain_is_there xenbrdmz bond1.2 2 "$(vif_of web2)"
  guest_reaches web2 "${host_address[dmz]}"
  guest_reaches web2 "$web_ip"
}

save_db() {
  local vif
  vif=$(vif_of db)
  xl save db /var/tmp/db.saved >/out/save 2>&1 || fail "$(</out/save)"
  gone "/sys/class/net/$vif"
  expect "ports of xenbrlan" bond1.3 "$(ports_of xenbrlan)"
}

restore_db() {
  xl restore /var/tmp/db.saved >/out/restore 2>&1 || fail "$(</out/restore)"
  guest_is_up db
  chain_is_there xenbrlan bond1.3 3 "$(vif_of db)"
  vif_is_connected db
  guest_reaches db "${host_address[lan]}"
}

undeclared_bridge_is_refused() {
  define_guest lost 02:00:00:00:00:09 xenbrdzm 10.0.2.19
  expect_failure xl create /etc/xen/lost.cfg >/out/lost.create 2>&1
  local said sentence
  said=$(</out/lost.create)
  # libxl prints what the script left in hotplug-error after the word "script:".
  sentence=$(grep 'script: ' <<<"$said") || fail "no sentence of ours in what xl said" "$said"
  note "xl says: ${sentence#*script: }"
  expect_in "the sentence" xenbrdzm "$sentence"
  expect_in "the sentence" /etc/xen/vifchain.toml "$sentence"
  expect_in "the sentence" xenbrdmz "${sentence/xenbrdzm/}"
  expect_in "the sentence" xenbrlan "$sentence"
}

refusal_leaves_nothing() {
  expect "domain id of the refused guest" "" "$(domid lost)"
  expect "our links" "$chain_links" "$(links group 30307)"
  expect "vifs" "$(for guest in web db web2; do vif_of "$guest"; done | sort | paste -sd' ')" "$(vifs)"
}

# --- by hand --------------------------------------------------------------------------------------

by_hand() { # online|offline DOMID
  XENBUS_PATH="backend/vif/$2/0" XENBUS_TYPE=vif XENBUS_BASE_PATH=backend vif="vif$2.0" \
    script=/etc/xen/scripts/vif-chain /etc/xen/scripts/vif-chain "$1" type_if=vif
}

online_again_by_hand() {
  all_about_links >/out/links.before
  expect "its output" "" "$(by_hand online "$(domid web)" 2>&1)"
  all_about_links >/out/links.after
  expect_same "the links" /out/links.before /out/links.after
  vif_is_connected web
  guest_reaches web "${host_address[dmz]}"
}

offline_of_nothing_by_hand() { expect "its output" "" "$(by_hand offline 4711 2>&1)"; }

logs_are_written() {
  expect_in "syslog" "vif-chain" "$(cat /var/log/syslog)"
  expect_in "syslog, about web" "$(vif_of web)" "$(grep vif-chain /var/log/syslog)"
  expect_in "xen-hotplug.log" "xenbrdzm" "$(cat /var/log/xen/xen-hotplug.log)"
}

start_vifchaind() {
  vifchaind --foreground >/out/vifchaind.log 2>&1 &
  wait_for "vifchaind knows the vifs of all guests" 30 vifchaind_says "vifchaind_vifs_connected 3"
}
vifchaind_says() { vifchain status --metrics | finds -x "$1"; }

update_xenstored() {
  local process program
  process=$(pgrep -x 'o?xenstored')
  program=$(readlink "/proc/$process/exe")
  xenstore-control live-update "$program"
  expect "the process" "$process" "$(pgrep -x 'o?xenstored')"
  xenstore-read domid >/dev/null
}

attach_under_vifchaind() {
  xl network-attach web bridge=xenbrlan
  wait_for "vifchaind knows a vif more" 30 vifchaind_says "vifchaind_vifs_connected 4"
}

heals_web() {
  local vif
  vif=$(vif_of web)
  ip link set "$vif" nomaster
  wait_for "$vif is on xenbrdmz again" 30 is_port_of "$vif" xenbrdmz
  guest_reaches web "${host_address[dmz]}"
}
is_port_of() { [[ $(ip -o link show dev "$1") == *" master $2 "* ]]; }

destroy_all() {
  local guest
  for guest in web db web2; do xl destroy "$guest"; done
  expect "domains" Domain-0 "$(xl list | awk 'NR > 1 {print $1}' | paste -sd' ')"
}

only_the_chain_is_left() {
  wait_for "no vif is left" 10 no_vif
  expect "ports of xenbrdmz" bond1.2 "$(ports_of xenbrdmz)"
  expect "ports of xenbrlan" bond1.3 "$(ports_of xenbrlan)"
  expect "backends" "" "$(xenstore-ls -f /local/domain/0/backend 2>/dev/null | grep /vif/ || true)"
  expect "links" "bond1 bond1.2 bond1.3 eth0 eth3 lo xenbrdmz xenbrlan" "$(links)"
  only_our_links_are_in_the_group
}

# --- the story ------------------------------------------------------------------------------------

step "dom0 runs on $STORE" store_is_the_wanted_one
step "eth0 and eth3 are plugged into an LACP switch with a host on VLAN 2 and one on VLAN 3" switch_up
step "the file names a bond and two bridges, and no link is made beforehand" write_the_file
step "dom0 has its NICs and nothing else" expect "links" "eth0 eth3 lo" "$(links)"

step "xl create starts web, which asks for xenbrdmz" create_guest web
step "xl prints its own line and nothing of ours" xl_says_only_its_own_line web
step "the whole chain of xenbrdmz is there: NICs, bond, VLAN 2, bridge, vif" \
  chain_is_there xenbrdmz bond1.2 2 "$(vif_of web)"
step "the bond has the options that the file names" bond_is_as_the_file_says
step "the switch is the bond's LACP partner, and both links aggregate" lacp_has_a_partner
step "web comes up" guest_is_up web
step "web's backend is connected, its frontend knows the MTU" vif_is_connected web
step "web's vif has the dummy MAC" vif_has_the_dummy_mac web
step "web reaches the host on VLAN 2" guest_reaches web "${host_address[dmz]}"

step "xl create starts db, which asks for xenbrlan" create_guest db
step "the whole chain of xenbrlan is there: NICs, bond, VLAN 3, bridge, vif" \
  chain_is_there xenbrlan bond1.3 3 "$(vif_of db)"
step "db comes up" guest_is_up db
step "db's backend is connected, its frontend knows the MTU" vif_is_connected db
step "db reaches the host on VLAN 3" guest_reaches db "${host_address[lan]}"

step "xl create starts web2, a second guest on xenbrdmz" create_guest web2
step "xl prints its own line and nothing of ours, on a standing chain too" \
  xl_says_only_its_own_line web2
step "web2 comes up" guest_is_up web2
step "web2 reaches the host on VLAN 2" guest_reaches web2 "${host_address[dmz]}"
step "web2 reaches its neighbour web" guest_reaches web2 "$web_ip"
step "web reaches its neighbour web2" guest_reaches web "$web2_ip"

step "no guest reaches the other VLAN" vlans_are_apart
step "on the wire, web and web2 carry tag 2 only and db tag 3 only" wire_carries_the_tags
step "on the wire, nothing of the guests is untagged" nothing_of_guests_is_untagged
step "links we made carry our group, and NICs and vifs do not" only_our_links_are_in_the_group
step "no bridge took the vifs' dummy MAC" no_bridge_has_the_dummy_mac
step "vifs and VLAN links have no IPv6 address" \
  no_link_local_on bond1.2 bond1.3 "$(vif_of web)" "$(vif_of db)" "$(vif_of web2)"

step "eth0's cable pulled and put back costs web's ping little" pull_and_put_back 0
step "eth3's cable pulled and put back costs web's ping little" pull_and_put_back 3

step "xl network-attach gives web a second NIC, on xenbrlan, and it reaches VLAN 3" \
  attach_a_second_nic
step "xl network-detach takes it away, and the chain stays" detach_the_second_nic
step "web2 reboots from inside and is back in its place" reboots_and_comes_back
step "xl save puts db to sleep, and its port is gone" save_db
step "xl restore wakes db, which reaches VLAN 3 again" restore_db

step "a bridge that nobody declared is refused with its name, the file and the names there are" \
  undeclared_bridge_is_refused
step "the refusal leaves nothing behind" refusal_leaves_nothing
step "online once more, by hand, is silent, changes no link and keeps web connected" \
  online_again_by_hand
step "offline by hand of a vif that is not there is silent and succeeds" offline_of_nothing_by_hand
step "syslog and xen-hotplug.log tell what happened" logs_are_written

step "vifchaind watches beside xl's own runs" start_vifchaind
step "xenstored is replaced while all of it runs (live update)" update_xenstored
step "vifchaind hears of a vif that comes then" attach_under_vifchaind
step "and heals as ever" heals_web

step "xl destroy ends all guests" destroy_all
step "the chain is left, and of vifs, ports and backend nodes nothing" only_the_chain_is_left
step "the kernel has nothing to complain about" kernel_is_content
finish
