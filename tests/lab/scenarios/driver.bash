#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A driver domain on real Xen: guests whose backend is not dom0 come, talk, reboot and go while vifchaind
# serves them in a domain of its own, dies there, and begins again.
#
# `xl devd`, which driver domains run elsewhere, was put through the same with Xen 4.17. It takes vifs in
# state 2, as those that came before it, and takes them out. But begun anew it knows nothing of the vifs that
# stand in state 4: a port thrown off its bridge stays off, and `xl destroy` of the guest waits its ten
# seconds and ends with "timed out while waiting for … to be removed", as nobody takes the vif out. An
# attachment that failed stays so when the file is edited (libxl_device_events_handler in libxl_device.c).
cd "$(dirname "$0")/.." || exit 1
. ./lib.bash
. ./wires.bash
. ./guests.bash
. ./driver.bash
. ./links.bash
. /opt/lab/order # STORE

web_ip=10.0.10.11 db_ip=10.0.20.12
ten=10.0.10.1 twenty=10.0.20.1 thirty=10.0.30.1

# --- before ---------------------------------------------------------------------------------------

plug_in() {
  cable eth0
  host ten "$ten" eth0.10
  host twenty "$twenty" eth0.20
  host thirty "$thirty" eth0.30
}

write_the_files() {
  cat >/etc/xen/vifchain.toml <<'TOML'
[bridge.xenbr0]
ports = ["eth0"]
TOML
  cat >/out/driver.toml <<'TOML'
[bond.bond1]
ports  = ["eth0", "eth1"]
mode   = "active-backup"
miimon = 100

[bridge.xenbrten]
ports = ["bond1.10"]

[bridge.xenbrtwenty]
ports = ["bond1.20"]
TOML
  echo 'vif.default.script="vif-chain"' >>/etc/xen/xl.conf
  define_driver "mac=02:00:00:00:01:00, bridge=xenbr0" "mac=02:00:00:00:01:01, bridge=xenbr0"
  define_pv_guest web "$web_ip" "mac=02:00:00:00:00:01, bridge=xenbrten, backend=driver"
  define_pv_guest db "$db_ip" "mac=02:00:00:00:00:02, bridge=xenbrtwenty, backend=driver"
}

driver_starts() {
  make_driver /out/driver.toml
  create_guest driver
  driver_is_ready
  note "its initramfs: $(du -k /boot/guest/initrd-driver | cut -f1) KiB, its free memory:" \
    "$(in_driver "awk '/MemAvailable/ {print \$2}' /proc/meminfo") KiB"
}

driver_has_only_its_nics() {
  expect "links of the driver domain" "eth0 eth1 lo" "$(driver_links)"
  expect "ports of xenbr0" "eth0 $(vif_of driver 0) $(vif_of driver 1)" "$(ports_of xenbr0)"
}

# --- a vif of a guest -----------------------------------------------------------------------------

state_is() { store_has "$(backend_of "$1" "${2:-0}")/state" "$3"; }
status_of() { xenstore-read "$(backend_of "$1" "${2:-0}")/hotplug-status"; }

# xl has nobody to ask, and calls that a success.
waits_for_somebody() { # GUEST
  wait_for "$1's backend is InitWait" 20 state_is "$1" 0 2
  expect "hotplug-status" "" "$(status_of "$1")"
  expect "controller of $(vif_of "$1")" "" "$(driver_controller_of "$(vif_of "$1")")"
}

by_hand() { # GUEST PATH-OF-BACKEND
  in_driver "XENBUS_PATH=$2 XENBUS_TYPE=vif vif=$(vif_of "$1") script=/etc/xen/scripts/vif-chain" \
    "/etc/xen/scripts/vif-chain online type_if=vif"
}

by_hand_it_comes() {
  expect "what it says" "" "$(by_hand web "backend/vif/$(domid web)/0" 2>&1)"
  is_served web xenbrten "$ten"
}

is_served() { # GUEST BRIDGE ADDRESS
  vif_is_connected "$1"
  is_on "$1" "$2"
  guest_reaches "$1" "$3"
}

# Its own backends, and of their frontends the MTU.
store_is_closed_to_it() {
  local domid
  domid=$(domid web)
  expect "its own domid" "$(domid driver)" "$(in_driver xenstore-read domid)"
  in_driver "xenstore-write /local/domain/$domid/device/vif/0/mtu 1500"
  expect_failure in_driver "xenstore-ls /libxl"
  expect_failure in_driver "xenstore-read /local/domain/$domid/name"
  expect_failure in_driver "xenstore-write /local/domain/$domid/device/vif/0/else 1"
}

# As toolstacks before Xen 4.15 leave it.
frontend_without_mtu() {
  local frontend backend
  frontend=$(frontend_of web) backend=$(backend_of web)
  xenstore-rm "$frontend/mtu"
  xenstore-write "$backend/hotplug-status" ""
  expect "what it says" "" "$(by_hand web "backend/vif/$(domid web)/0" 2>&1)"
  expect "hotplug-status" connected "$(status_of web)"
  expect_failure xenstore-exists "$frontend/mtu"
  xenstore-write "$frontend/mtu" 1500
  xenstore-chmod "$frontend/mtu" "n$backend_domid" "r$(domid web)"
}

# --- vifchaind ------------------------------------------------------------------------------------

# In tenths of a second, for a note.
tenths() { echo $((${EPOCHREALTIME/./} / 100000)); }
since() { local took=$(($(tenths) - $1)); echo "$((took / 10)).$((took % 10)) s"; }

daemon_takes_up_both() {
  local web_before=$1
  start_daemon
  is_served db xenbrtwenty "$twenty"
  is_served web xenbrten "$ten"
  expect "web's domain" "$web_before" "$(domid web)"
}

chain_carries_the_tags() {
  expect "ports of xenbrten" "bond1.10 $(vif_of web)" "$(driver_ports_of xenbrten)"
  expect "ports of bond1" "eth0 eth1" "$(in_driver cat /sys/class/net/bond1/bonding/slaves)"
  in_guest web ip route add 10.0.0.0/16 dev eth0 # it is to ask, and nobody to answer
  guest_reaches_none_of web "$twenty" "$db_ip"
  in_guest web ip route del 10.0.0.0/16 dev eth0
}

second_vif_comes() {
  attach_vif web 1 mac=02:00:00:00:00:03 bridge=xenbrtwenty backend=driver
  local began
  began=$(tenths)
  vif_is_connected web 1
  note "connected $(since "$began") after its guest had the NIC"
  in_guest web ip address add 10.0.20.13/24 dev eth1
  guest_reaches web "$twenty"
  guest_reaches web "$db_ip"
}

second_vif_goes() {
  local vif began
  vif=$(vif_of web 1)
  began=$(tenths)
  detach_vif web 1
  note "xl network-detach took $(since "$began")"
  expect "links of the driver domain" "" "$(in_driver "ls -d /sys/class/net/$vif 2>/dev/null; true")"
  expect "ports of xenbrtwenty" "bond1.20 $(vif_of db)" "$(driver_ports_of xenbrtwenty)"
}

is_on() { # GUEST BRIDGE
  expect "controller of $(vif_of "$1")" "$2" "$(driver_controller_of "$(vif_of "$1")")"
}

# vifchaind sees a port leave its bridge, and knows who did it.
db_moves_and_comes_back() {
  in_guest db ip address add 10.0.10.12/24 dev eth0
  move_db xenbrten
  guest_reaches_at_once db "$ten" "$web_ip"
  in_guest db ip address del 10.0.10.12/24 dev eth0
  move_db xenbrtwenty
  guest_reaches_at_once db "$twenty"
}
move_db() { # BRIDGE
  in_driver vifchain vif "$(domid db)/0" "bridge=$1"
  is_on db "$1"
  expect "what xenstore says" "$1" "$(xenstore-read "$(backend_of db)/bridge")"
}

has_new_domid() { [[ $(domid "$1") && $(domid "$1") != "$2" ]]; }
web_reboots() {
  local before vif
  before=$(domid web) vif=$(vif_of web)
  printf 'x reboot -f\n' >"$(xenstore-read "/local/domain/$before/console/tty")"
  wait_for "web has a new domain id" 60 has_new_domid web "$before"
  guest_is_up web
  is_served web xenbrten "$ten"
  expect "ports of xenbrten" "bond1.10 $(vif_of web)" "$(driver_ports_of xenbrten)"
  expect_failure xenstore-exists "/local/domain/$backend_domid/backend/vif/$before"
}

# --- it dies --------------------------------------------------------------------------------------

web_pings_meanwhile() {
  in_guest web "ping -i 0.2 $ten >/root/ping.log 2>&1 & echo \$! >/root/ping.pid"
  wait_for "web's first answer" 10 in_guest web grep -q seq=2 /root/ping.log
}
# The last one may be on its way.
web_lost_nothing() {
  local summary sent received
  in_guest web "kill -INT \$(cat /root/ping.pid)"
  wait_for "the ping is over" 10 in_guest web grep -q packets /root/ping.log
  summary=$(in_guest web grep packets /root/ping.log)
  read -r sent _ _ received _ <<<"$summary"
  ((sent > 10 && received >= sent - 1)) || fail "web lost answers: $summary"
  note "web's ping meanwhile: $summary"
}

# Nobody is there who would notice.
daemon_dies_and_db_is_thrown_off() {
  web_pings_meanwhile
  kill_daemon
  in_driver "ip link set $(vif_of db) nomaster"
  cannot_ping db "$twenty"
}

daemon_begins_again() {
  local took
  took=$(wait_for_port "$(vif_of db)" xenbrtwenty "$vifchaind_begins")
  note "$took from its start to db's vif on its bridge"
  is_served db xenbrtwenty "$twenty"
  web_lost_nothing
  is_served web xenbrten "$ten"
}

# xl waits ten seconds for the backend to go, and somebody comes meanwhile.
goes_while_daemon_is_dead() {
  attach_vif web 1 mac=02:00:00:00:00:03 bridge=xenbrtwenty backend=driver
  vif_is_connected web 1
  kill_daemon
  local backend
  backend=$(backend_of web 1)
  xl network-detach web 1 >/out/detach 2>&1 9>&- &
  wait_for "the vif is Closed" 10 store_has "$backend/state" 6
  start_daemon
  wait "$!" || fail "$(</out/detach)"
  expect "what xl network-detach printed" "" "$(</out/detach)"
  expect_failure xenstore-exists "$backend"
}

# --- it refuses -----------------------------------------------------------------------------------

sentence_of() { xenstore-read "$(backend_of "$1" "${2:-0}")/hotplug-error"; }

wrong_bridge_is_told() {
  local sentence
  xl network-attach web devid=1 mac=02:00:00:00:00:03 bridge=xenbrthirty backend=driver \
    >/out/attach 2>&1 || fail "$(</out/attach)"
  wait_for "the vif is refused" 20 store_has "$(backend_of web 1)/hotplug-status" error
  sentence=$(sentence_of web 1)
  note "$sentence"
  expect_in "the sentence" xenbrthirty "$sentence"
  expect_in "the sentence" /etc/xen/vifchain.toml "$sentence"
  expect "controller of $(vif_of web 1)" "" "$(driver_controller_of "$(vif_of web 1)")"
  expect_in "vifchain status in dom0" "$sentence" "$(vifchain status)"
  expect_in "vifchain status in the driver domain" "$sentence" "$(in_driver vifchain status)"
}

file_is_edited() {
  local took edit='printf "[bridge.xenbrthirty]\nports = [\"bond1.30\"]\n" >>/etc/xen/vifchain.toml'
  took=$(wait_for_port "$(vif_of web 1)" xenbrthirty "$edit")
  note "$took from the edit to the vif on its bridge"
  wait_for "the vif has no error" 10 has_no_error web 1
  expect "hotplug-status" connected "$(status_of web 1)"
  in_guest web "ip link set eth1 up; ip address add 10.0.30.13/24 dev eth1"
  guest_reaches web "$thirty"
  vif_is_connected web 1
  expect_no "vifchain status in dom0" hotplug-error "$(vifchain status)"
}
has_no_error() { expect_failure xenstore-exists "$(backend_of "$1" "${2:-0}")/hotplug-error"; }

# --- the end --------------------------------------------------------------------------------------

# A vif that was refused is no reason for dom0 to wait in vain.
refused_vif_goes() {
  xl network-attach db devid=1 bridge=xenbrforty backend=driver >/out/attach 2>&1 ||
    fail "$(</out/attach)"
  wait_for "the vif is refused" 20 store_has "$(backend_of db 1)/hotplug-status" error
  detach_vif db 1
}

destroy_quietly() { # GUEST
  local backends began
  backends=$(dirname "$(backend_of "$1")")
  began=$(tenths)
  xl destroy "$1" >/out/destroy 2>&1 || fail "$(</out/destroy)"
  note "xl destroy took $(since "$began")"
  expect "what xl destroy printed" "" "$(</out/destroy)"
  expect_failure xenstore-exists "$backends"
}

only_the_chains_are_left() {
  expect "links of the driver domain" \
    "bond1 bond1.10 bond1.20 bond1.30 eth0 eth1 lo xenbrten xenbrthirty xenbrtwenty" "$(driver_links)"
  expect "ports of xenbrten" bond1.10 "$(driver_ports_of xenbrten)"
  expect "backends" "" "$(in_driver "xenstore-ls backend/vif 2>/dev/null; true")"
  daemon_runs
}

# Its backend directory went with the last vif.
first_one_again() {
  create_guest db
  wait_for "db's vif is connected" 20 store_has "$(backend_of db)/hotplug-status" connected
  is_on db xenbrtwenty
  destroy_quietly db
}

driver_is_content() {
  expect "complaints in its kernel log" "" \
    "$(in_driver "dmesg | awk '/WARNING:|BUG:|Oops|general protection|Call Trace/'")"
}

# --- the story ------------------------------------------------------------------------------------

more_state() { [[ ! $(domid driver) ]] || keep_driver; }

step "dom0 runs on $STORE" expect "the store" "$STORE" "$(ps -C oxenstored,xenstored -o comm=)"
step "eth0 is plugged into a switch with hosts on VLAN 10, 20 and 30" plug_in
step "dom0's file has one bridge over eth0, the driver domain's a bond and two bridges" write_the_files
step "a driver domain starts, with netback and two NICs that are vifs of dom0's" driver_starts
step "it has those NICs, and no link is made beforehand" driver_has_only_its_nics
backend_domid=$(domid driver)

step "xl create starts web, whose backend is there, and says nothing" create_guest web
step "nobody in the driver domain has heard of it: the vif waits" waits_for_somebody web
step "of xenstore the driver domain may read and write its backends and their frontends' MTU" \
  store_is_closed_to_it
step "vif-chain, by hand in the driver domain, connects it to VLAN 10 beyond the uplink" by_hand_it_comes
step "a frontend that may not be told its MTU is connected all the same" frontend_without_mtu

step "xl create starts db, and its vif waits as well" create_guest db
step "vifchaind begins, takes up what web has and connects db" daemon_takes_up_both "$(domid web)"
step "each guest is in its own VLAN on the driver domain's bond" chain_carries_the_tags
step "xl network-attach gives web a second vif, on VLAN 20" second_vif_comes
step "xl network-detach takes it away, silently, and nothing is left of it" second_vif_goes
step "vifchain vif, in the driver domain, moves db to VLAN 10 and back, and vifchaind lets it" \
  db_moves_and_comes_back
step "web reboots from inside, and its new vif takes the place of the old one" web_reboots

step "vifchaind is killed, and db's vif is thrown off its bridge" daemon_dies_and_db_is_thrown_off
step "it begins again: db is put back, and web has lost no answer meanwhile" daemon_begins_again
step "a vif that goes while vifchaind is dead is gone when it begins, and xl is content" \
  goes_while_daemon_is_dead

step "a bridge that its file has not is refused: xenstore tells why, and status, here and there" \
  wrong_bridge_is_told
step "the file is edited there, and without another word the vif is connected to VLAN 30" file_is_edited
step "a vif that was refused goes as silently as any" refused_vif_goes

step "xl destroy ends web, with two vifs, within its ten seconds and silently" destroy_quietly web
step "xl destroy ends db as well" destroy_quietly db
step "in the driver domain the chains are left, and of vifs and backend nodes nothing" \
  only_the_chains_are_left
step "a guest that comes after that is served as the first one was" first_one_again
step "its kernel has nothing to complain about" driver_is_content
keep_driver >/out/driver 2>&1
step "xl destroy ends the driver domain" xl destroy driver
step "dom0's kernel has nothing to complain about" kernel_is_content
finish
