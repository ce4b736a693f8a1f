#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The host's own network on real Xen: all of it from one file, edits under guests that ping and a TCP
# stream that must not break, the way back of what nobody confirms, and nothing left at the end.
cd "$(dirname "$0")/.." || exit 1
. ./lib.bash
. ./wires.bash
. ./guests.bash
. ./links.bash
. /opt/lab/order # STORE

web_ip=10.0.10.11 db_ip=10.0.20.12 trunk_ip=10.0.40.13
declare -A host_of=([web]=10.0.10.1 [db]=10.0.20.1 [trunk]=10.0.40.1)
file=/etc/xen/vifchain.toml

# --- before ---------------------------------------------------------------------------------------

# What a distribution leaves: a NIC with this host's addresses, some that are up and some that are not.
plug_in() {
  cable eth0 eth1 eth2 eth3 eth4 eth5
  ip link set eth0 up
  ip link set eth1 up
  ip link set eth3 up
  lag_up
  host ten 10.0.10.1 lag.10
  host twenty 10.0.20.1 lag.20 lag.21
  host forty 10.0.40.1 eth3.40 eth5.40
}

lag_up() {
  ip -n switch link add p-lag mtu 9100 type bond mode 802.3ad miimon 100 lacp_rate fast
  local cable
  for cable in eth1 eth2 eth4; do
    ip -n switch link set "p-$cable" down
    ip -n switch link set "p-$cable" master p-lag
    ip -n switch link set "p-$cable" up
  done
  ip -n switch link set p-lag up
}

# The management network: addresses of both families, one of them the second of its network, routes of
# several kinds and tables, and a host from which the administrator comes.
live_on_eth0() {
  ip netns add remote
  ip -n switch link set p-eth0 netns remote
  ip -n remote link set p-eth0 up
  local address
  for address in 10.0.1.1/24 10.0.1.254/24 fd00:1::1/64; do
    ip -n remote address add "$address" dev p-eth0 nodad
  done
  for address in 10.0.1.2/24 10.0.1.3/24 fd00:1::2/64; do
    ip address add "$address" dev eth0
  done
  ip route add default via 10.0.1.1 metric 100
  ip route add 10.77.0.0/16 via 10.0.1.254 metric 50 src 10.0.1.3
  ip route add default via 10.0.1.254 table 100
  ip route add 10.78.0.0/16 dev eth0 scope link mtu 1400
  ip rule add from 10.0.1.3 lookup 100
  wait_for "eth0's IPv6 address is its own" 10 no_tentative_address
  ip route add fd00:77::/32 via fd00:1::1
  ip route add default via fd00:1::1 metric 512
  wait_for "the remote host answers" 10 ping -q -c 1 -W 1 10.0.1.1
}

no_tentative_address() { is "$(ip -o -6 address show tentative)" ""; }

# Everything there is to know of this host's network. Timers and LACP's watch on churn (a minute,
# 802.1AX 6.4.17) run by themselves; a link that was up once has another name for having no queue, and
# while it is down no all-nodes group; and it learns of the MTU that a bond gave back to it when it
# comes up (__bond_release_one, addrconf_notify).
host_state() {
  all_about_links | sed -E 's/ qdisc (noop|noqueue) / /'
  ip -o address | sort
  ip route show table all | sort
  ip -6 route show table all | sort
  ip rule
  ip -6 rule
  bridge -d link
  bridge vlan
  bridge fdb | grep -E ' (permanent|static|sticky)' | sed '/^33:33:00:00:00:01 .* self permanent$/d' |
    sort
  nft list ruleset
  sysctl -a 2>/dev/null | grep -E '^net\.ipv[46]\.(conf|neigh)\.(eth|all|default)' |
    sed '/^net.ipv6.conf.eth[245].mtu /d'
  tail -n +1 /proc/net/bonding/* 2>/dev/null | sed '/Churn/d' || true
}
host_is_as_found() { host_state >/out/host.now && diff -U0 /out/host.found /out/host.now; }

addresses_of() { ip -o address show dev "$1" scope global | awk '{print $4}' | sort | paste -sd' '; }
routes() { { ip route show table all && ip -6 route show table all; } | grep -E ' via |10.78' | sort; }

start_stream() { # ADDRESS PORT NAME
  setsid ./tcp_stream.py receive "$1" "$2" "/out/stream.$3" >"/out/stream.$3.said" 2>&1 9>&- &
  wait_for "somebody listens on port $2" 20 listens "$2"
  setsid ip netns exec remote ./tcp_stream.py send "$1" "$2" >/dev/null 2>&1 9>&- &
  wait_for "the stream flows" 10 test -s "/out/stream.$3"
}
listens() { ss -ltn | finds ":$1 "; }

streams() {
  start_stream 10.0.1.2 7000 ipv4
  start_stream fd00:1::2 7001 ipv6
}

# What came so far grows, by the connection of the beginning: there is no second.
streams_go_on() {
  local name came
  for name in ipv4 ipv6; do
    came=$(cut -d' ' -f2 "/out/stream.$name")
    wait_for "more of the $name stream" 20 more_than "$name" "$came"
    note "$name: longest gap so far $(cut -d' ' -f1 "/out/stream.$name") ms"
  done
}
more_than() { (($(cut -d' ' -f2 "/out/stream.$1") > $2)); }

write_the_file() {
  cat >"$file" <<'TOML'
[bond.bond1]
ports     = ["eth1", "eth2"]
mode      = "802.3ad"
miimon    = 100
lacp_rate = "fast"

[bridge.xenbr0]
ports = ["eth0"]

[bridge.xenbr10]
ports = ["bond1.10"]

[bridge.xenbr20]
ports = ["bond1.20"]

[bridge.xenbrtrunk]
ports          = ["eth3"]
vlan_filtering = true
vif            = { antispoof = "mac" }
TOML
  echo 'vif.default.script="vif-chain"' >>/etc/xen/xl.conf
}

# --- the file becomes the host --------------------------------------------------------------------

plan_says() { # STATUS
  local status=0
  vifchain plan >/out/plan 2>&1 || status=$?
  [[ $status == "$1" ]] || fail "vifchain plan: exit $status, wanted $1" "$(</out/plan)"
}

apply() {
  vifchain apply "$@" >/out/apply 2>&1 || fail "$(</out/apply)"
  plan_says 0
}

start_as_at_boot() { /etc/init.d/vifchain start >/out/start 2>&1 || fail "$(</out/start)"; }

apply_does_nothing() {
  apply
  expect_in "what apply says" "Nothing to do" "$(</out/apply)"
}

all_chains_stand() {
  expect "our links" "bond1 bond1.10 bond1.20 xenbr0 xenbr10 xenbr20 xenbrtrunk" \
    "$(links group 30307)"
  expect "ports of xenbr0" eth0 "$(ports_of xenbr0)"
  expect "ports of xenbr10" bond1.10 "$(ports_of xenbr10)"
  expect "eth2's controller" bond1 "$(controller_of eth2)"
}

addresses_moved() { # FROM TO
  expect "$1's addresses" "" "$(addresses_of "$1")"
  expect "$2's addresses" "10.0.1.2/24 10.0.1.3/24 fd00:1::2/64" "$(addresses_of "$2")"
  expect "the routes" "$(sed "s/dev eth0/dev $2/" /out/routes.found)" "$(routes)"
  expect "MACs" "$(</out/mac.found)" "$(<"/sys/class/net/$2/address")"
}

start_guests() {
  define_pv_guest web "$web_ip" "mac=02:00:00:00:00:01, bridge=xenbr10"
  define_pv_guest db "$db_ip" "mac=02:00:00:00:00:02, bridge=xenbr20"
  define_pv_guest trunk "$trunk_ip" "mac=02:00:00:00:00:03, bridge=xenbrtrunk.40"
  local guest
  for guest in web db trunk; do create_guest "$guest"; done
  for guest in web db trunk; do guest_is_up "$guest"; done
  for guest in web db trunk; do guest_reaches_at_once "$guest" "${host_of[$guest]}"; done
}

status_tells() {
  vifchain status >/out/status
  local words
  for words in "bond 802.3ad" "2 of 2 ports active" "partner $(in_switch cat /sys/class/net/p-lag/address)" \
    "guest web" "guest db" "VLAN 20" "collecting, distributing"; do
    expect_in "status" "$words" "$(</out/status)"
  done
  expect_no "status" "!" "$(</out/status)"
  setpriv --reuid=65534 --clear-groups vifchain status >/out/status.nobody
  expect_in "status without privileges" "bond 802.3ad" "$(</out/status.nobody)"
}
lacp_is_up() { is "$(<"/sys/class/net/bond1/bonding/ad_num_ports")" "$1"; }

# --- edits ----------------------------------------------------------------------------------------

pings_sent=50 # ten a second

# edit SED: the file is changed, and is so afterwards.
edit() {
  cp "$file" /out/file.before
  sed -i "$1" "$file"
  expect_failure cmp -s "$file" /out/file.before
}

# apply_under_pings WORD…: meanwhile every guest pings its host; what it lost goes to /out/lost.GUEST.
apply_under_pings() {
  local guest log=/root/ping.log
  for guest in web db trunk; do
    in_guest "$guest" "rm -f $log; ping -i 0.1 -c $pings_sent -W 1 ${host_of[$guest]} >$log 2>&1 &" \
      "until grep -q seq=1 $log; do usleep 50000; done"
  done
  apply "$@"
  for guest in web db trunk; do
    in_guest "$guest" "until grep packets $log; do usleep 50000; done" |
      awk '/packets/ {print $1 - $4}' >"/out/lost.$guest"
  done
  note "lost of $pings_sent: web $(</out/lost.web), db $(</out/lost.db), trunk $(</out/lost.trunk)"
}

lost_nothing() { # GUEST…
  local guest
  for guest; do expect "what $guest lost" 0 "$(<"/out/lost.$guest")"; done
}

# At most as many, one every 100 ms, and all is well afterwards.
lost_at_most() { # MOST GUEST…
  local most=$1 guest
  shift
  for guest; do
    (($(<"/out/lost.$guest") <= most)) || fail "$guest lost $(<"/out/lost.$guest"), at most $most wanted"
    guest_reaches_at_once "$guest" "${host_of[$guest]}"
  done
}

# What guests would notice is refused with their vifs, and changes nothing.
is_refused_for() { # GUEST…
  all_about_links >/out/links.before
  expect_failure vifchain apply >/out/apply 2>&1
  all_about_links >/out/links.after
  expect_same "the links" /out/links.before /out/links.after
  local guest
  for guest; do expect_in "the refusal" "$(vif_of "$guest")" "$(</out/apply)"; done
  expect_in "the refusal" "--allow-disrupt" "$(</out/apply)"
  note "$(tail -n 2 /out/apply | cut -c1-300)"
}

hot_bond_options() {
  edit 's/^miimon .*/miimon = 50\nxmit_hash_policy = "layer3+4"/'
  apply_under_pings
  expect "miimon" 50 "$(<"/sys/class/net/bond1/bonding/miimon")"
  lost_nothing web db trunk
}

hot_bridge_options() {
  edit '/^\[bridge.xenbr10\]/a ageing_time = 60\nmcast_snooping = false\npriority = 4096'
  apply_under_pings
  expect_in "xenbr10" "ageing_time 6000 " "$(ip -d -o link show xenbr10)"
  lost_nothing web db trunk
}

another_bridge() {
  printf '\n[bridge.xenbr30]\nports = ["bond1.30"]\n' >>"$file"
  apply_under_pings
  expect "ports of xenbr30" bond1.30 "$(ports_of xenbr30)"
  lost_nothing web db trunk
}

bigger_frames() {
  edit '/^\[bridge.xenbr20\]/a mtu = 9000'
  apply_under_pings
  expect "MTUs" "9000 9000 9000 9000 1500" \
    "$(mtu_of eth1) $(mtu_of eth2) $(mtu_of bond1.20) $(mtu_of xenbr20) $(mtu_of xenbr10)"
  lost_nothing web db trunk
}

addresses_of_the_file() {
  edit '/^\[bridge.xenbr0\]/a addresses = ["10.0.1.9/24", "fd00:1::9/64"]\nroutes = [{ to = "10.79.0.0/16", via = "10.0.1.254" }]'
  apply_under_pings
  expect "xenbr0's addresses" "10.0.1.2/24 10.0.1.3/24 10.0.1.9/24 fd00:1::2/64 fd00:1::9/64" \
    "$(addresses_of xenbr0)"
  expect_in "the route" "via 10.0.1.254 dev xenbr0" "$(ip route show 10.79.0.0/16)"
  lost_nothing web db trunk
}

nic_joins_the_bond() {
  edit 's/"eth1", "eth2"/"eth1", "eth2", "eth4"/'
  apply_under_pings
  wait_for "the bond aggregates three links" 30 lacp_is_up 3
  lost_nothing web db trunk
}

nic_leaves_the_bond() {
  edit 's/"eth1", "eth2", "eth4"/"eth1", "eth4"/'
  is_refused_for web db
  apply_under_pings --allow-disrupt
  expect "eth2's controller" "" "$(controller_of eth2)"
  expect "eth2's MTU" 1500 "$(mtu_of eth2)"
  wait_for "the bond aggregates two links" 30 lacp_is_up 2
  lost_nothing trunk
  lost_at_most 20 web db
}

another_vlan() {
  edit 's/bond1\.20/bond1.21/'
  is_refused_for db
  apply_under_pings --allow-disrupt
  expect_in "bond1.21" "vlan protocol 802.1Q id 21 " "$(ip -d link show bond1.21)"
  gone /sys/class/net/bond1.20
  lost_nothing web trunk
  lost_at_most 20 db
}

option_that_wants_the_bond_down() {
  edit 's/^lacp_rate .*/lacp_rate = "slow"/'
  is_refused_for web db
  apply_under_pings --allow-disrupt
  expect "lacp_rate" "slow 0" "$(<"/sys/class/net/bond1/bonding/lacp_rate")"
  lost_nothing trunk
  lost_at_most 40 web db
}

another_uplink() {
  edit 's/ports          = \["eth3"\]/ports          = ["eth5"]/'
  is_refused_for trunk
  apply_under_pings --allow-disrupt
  expect "ports of xenbrtrunk" "eth5 $(vif_of trunk)" "$(ports_of xenbrtrunk)"
  expect "VLANs of eth5" 40 "$(vlans_of eth5)"
  expect "VLANs of trunk's vif" "40 PVID Egress Untagged" "$(vlans_of "$(vif_of trunk)")"
  lost_nothing web db
  lost_at_most 20 trunk
}

bridge_goes() {
  edit '/^\[bridge.xenbr30\]/,/^ports/d'
  apply_under_pings
  gone /sys/class/net/xenbr30
  gone /sys/class/net/bond1.30
  lost_nothing web db trunk
}

bridge_with_a_guest_stays() {
  cp "$file" /out/file.whole
  edit '/^\[bridge.xenbr10\]/,/^$/d'
  apply_under_pings
  expect_in "what apply says" "xenbr10" "$(</out/apply)"
  expect "ports of xenbr10" "bond1.10 $(vif_of web)" "$(ports_of xenbr10)"
  lost_nothing web db trunk
  cp /out/file.whole "$file"
  apply
}

# --- the way back ---------------------------------------------------------------------------------

# An administrator's last mistake: the management bridge gets another NIC, which cuts the line.
wrong_line_for_management() {
  sed -i 's/ports = \["eth0"\]/ports = ["eth2"]/' "$file"
  printf '\n[bridge.xenbr50]\n' >>"$file"
}

cut_the_own_line() {
  host_state >/out/host.before
  cp "$file" /out/file.before
  wrong_line_for_management
  # A session of its own, killed as a dying terminal kills it.
  setsid bash -c 'vifchain apply --confirm 20 --allow-disrupt; sleep 100' >/out/apply 2>&1 9>&- &
  echo $! >/out/session
  wait_for "it was applied" 60 grep -q 'vifchain confirm' /out/apply
  pkill -KILL --session "$(</out/session)"
  expect "eth0's controller" "" "$(controller_of eth0)"
  expect "ports of xenbr0" eth2 "$(ports_of xenbr0)"
}

guest_arrives_meanwhile() {
  attach_vif db 1 mac=02:00:00:00:00:05 bridge=xenbr50
  vif_is_connected db 1
}

everything_is_put_back() {
  wait_for "the file is the one before" 60 cmp -s "$file" /out/file.before
  wait_for "the log says so" 20 grep -q 'the host is as it was before' /var/log/syslog
  expect "ports of xenbr0" eth0 "$(ports_of xenbr0)"
  expect "eth2's controller" "" "$(controller_of eth2)"
  expect "ports of xenbr50" "$(vif_of db 1)" "$(ports_of xenbr50)"
  expect_in "what nobody confirmed" 'ports = ["eth2"]' "$(<"$file".unconfirmed)"
  addresses_moved_with_those_of_the_file
}
addresses_moved_with_those_of_the_file() {
  expect "xenbr0's addresses" "10.0.1.2/24 10.0.1.3/24 10.0.1.9/24 fd00:1::2/64 fd00:1::9/64" \
    "$(addresses_of xenbr0)"
  expect "routes" "" "$(routes | grep -v 10.79 | diff - <(sed 's/dev eth0/dev xenbr0/' /out/routes.found))"
}

# But for the bridge that has a guest now.
host_is_as_before_but_for_the_guest() {
  detach_vif db 1
  apply
  sort_indices /out/host.before >/out/host.before.sorted
  wait_for "the host is as before" 20 host_is_as_before
}
host_is_as_before() {
  host_state >/out/host.now
  sort_indices /out/host.now >/out/host.now.sorted
  diff -U0 /out/host.before.sorted /out/host.now.sorted
}
# Links made anew have other indices, and come in another order.
sort_indices() { sed -E 's/^[0-9]+: //; s/@if[0-9]+//' "$1" | sort; }

confirmed_change_stays() {
  edit 's/^miimon .*/miimon = 80/'
  vifchain apply --confirm 5 >/out/apply 2>&1
  vifchain confirm
  expect_failure test -e /var/lib/vifchain/rollback
  expect "miimon" 80 "$(<"/sys/class/net/bond1/bonding/miimon")"
}

# --- a NIC whose addresses come by router advertisements ------------------------------------------

# By itself, at its end a router with something behind it. Its advertisements live for seconds.
live_by_advertisements() {
  cable eth6
  ip netns add slaac
  ip -n switch link set p-eth6 netns slaac
  ip -n slaac link set lo up
  ip -n slaac link set p-eth6 up
  ip -n slaac address add 2001:db8:7::1/64 dev p-eth6 nodad
  ip -n slaac address add "$behind/128" dev lo nodad
  ip link set eth6 up
  wait_for "the router's own address" 20 router_has_its_address
  advertise 9
  lives_by_advertisements eth6
  cat /sys/class/net/eth6/address >/out/mac.slaac
}
behind=2001:db8:99::1
router_has_its_address() { ip -n slaac -o -6 address show dev p-eth6 scope link -tentative | finds fe80; }

# advertise LIFETIME: twice a second, an address that is valid for 15 seconds.
advertise() {
  advertise_no_more
  ip netns exec slaac setsid ./router.py p-eth6 2001:db8:7:: 0.5 "$1" 15 12 >/out/router.said 2>&1 9>&- &
}
advertise_no_more() { pkill -f router.py || true; }

lives_by_advertisements() { # LINK
  wait_for "$1's address" 20 has_dynamic_address "$1"
  wait_for "$1's default route" 20 has_advertised_route "$1"
  wait_for "an answer to $1" 20 is_answered_over "$1"
}
is_answered_over() { ping -q -c 1 -W 2 -I "$1" "$behind" >/dev/null; }
has_dynamic_address() { ip -o -6 address show dev "$1" scope global dynamic -tentative | finds ' 2001:db8:7:'; }
# The kernel's own: an interim one of ours would have another metric.
has_advertised_route() { ip -6 route show default dev "$1" | grep 'proto ra' | finds 'metric 1024'; }
has_no_default_route() { is "$(ip -6 route show default dev "$1")" ""; }

bridge_without_ra_is_refused() {
  printf '\n[bridge.xenbrra]\nports = ["eth6"]\n' >>"$file"
  expect_failure vifchain apply >/out/apply 2>&1
  expect_in "the refusal" "ra = true" "$(</out/apply)"
  expect "eth6's controller" "" "$(controller_of eth6)"
  lives_by_advertisements eth6
  note "$(grep 'ra = true' /out/apply | cut -c1-300)"
}

# From the first moment on the host has the address and a way out.
bridge_with_ra_takes_it_over() {
  sed -i '/^\[bridge.xenbrra\]/a ra = true' "$file"
  vifchain apply >/out/apply 2>&1 || fail "$(</out/apply)"
  ip -o -6 address show dev xenbrra | finds ' 2001:db8:7:' || fail "no address at once" "$(</out/apply)"
  ip -6 route show default dev xenbrra | finds default || fail "no default route at once" "$(</out/apply)"
  expect "xenbrra's MAC" "$(</out/mac.slaac)" "$(</sys/class/net/xenbrra/address)"
  lives_by_advertisements xenbrra
  plan_says 0
}

# Two lifetimes of an address, three of a route: what was only copied would be gone.
sixty_advertisements_later() {
  ip -o monitor address route dev xenbrra >/out/monitor 2>&1 &
  local monitor=$!
  ping -q -c 60 -i 0.5 -W 2 -I xenbrra "$behind" >/out/ping 2>&1 || true
  kill "$monitor"
  expect_in "what was answered" "60 received" "$(</out/ping)"
  expect "deleted meanwhile" "" "$(grep -E '^Deleted .*(inet6 2001:db8:7:|default.* proto ra)' /out/monitor || true)"
  lives_by_advertisements xenbrra
  plan_says 0
}

router_says_that_it_is_none() {
  advertise 0
  wait_for "no default route of xenbrra" 20 has_no_default_route xenbrra
  has_dynamic_address xenbrra
  advertise 9
  lives_by_advertisements xenbrra
}

# On the bridge's MAC the address is the same; eth6 asks as soon as it is alone.
down_gives_it_back() {
  vifchain down xenbrra >/out/down 2>&1 || fail "$(</out/down)"
  gone /sys/class/net/xenbrra
  lives_by_advertisements eth6
  expect "eth6's MAC" "$(</out/mac.slaac)" "$(</sys/class/net/eth6/address)"
  advertise_no_more
  sed -i '/^\[bridge.xenbrra\]/,$d' "$file"
  ip link del eth6
  ip netns del slaac
  plan_says 0
}

# --- the end --------------------------------------------------------------------------------------

down_spares_guests() {
  expect_failure vifchain down --all >/out/down 2>&1
  for guest in web db trunk; do guest_reaches_at_once "$guest" "${host_of[$guest]}"; done
  expect "our links" "bond1 bond1.10 bond1.21 xenbr10 xenbr20 xenbrtrunk" "$(links group 30307)"
  addresses_moved xenbr0 eth0 2>/dev/null || expect "eth0's addresses" \
    "10.0.1.2/24 10.0.1.3/24 fd00:1::2/64" "$(addresses_of eth0)"
}

destroy_all() {
  local guest
  for guest in web db trunk; do xl destroy "$guest"; done
  wait_for "no vif is left" 10 no_vif
}

nothing_is_left() {
  vifchain down --all >/out/down 2>&1 || fail "$(</out/down)"
  expect "our links" "" "$(links group 30307)"
  wait_for "the host is as it was found" 20 host_is_as_found
}

# --- the story ------------------------------------------------------------------------------------

step "dom0 has six NICs, in a LAG, on VLANs and alone" plug_in
step "it lives on eth0, with addresses of both families, routes and tables" live_on_eth0
host_state >/out/host.found
routes >/out/routes.found
cat /sys/class/net/eth0/address >/out/mac.found
step "TCP streams come in over eth0, by IPv4 and IPv6" streams
step "the file names a bond, four bridges, and nothing stands" write_the_file
step "vifchain plan has something to do" plan_says 2
step "as at boot, the init script makes the host as the file says" start_as_at_boot
step "vifchain apply has nothing to do then" apply_does_nothing
step "all chains stand" all_chains_stand
step "eth0's addresses and routes are xenbr0's now, every one of them, and so is its MAC" \
  addresses_moved eth0 xenbr0
step "both streams go on" streams_go_on
step "guests start" start_guests
wait_for "LACP" 30 lacp_is_up 2 >/dev/null
step "status shows chains, LACP and guests, to everybody" status_tells

step "edit: options of a bond that change hot: nobody loses a packet" hot_bond_options
step "edit: options of a bridge that change hot: nobody loses a packet" hot_bridge_options
step "edit: another VLAN and bridge: nobody loses a packet" another_bridge
step "edit: MTU 9000 for one bridge: nobody loses a packet" bigger_frames
step "edit: this host's addresses and routes: nobody loses a packet" addresses_of_the_file
step "edit: a NIC joins the bond: nobody loses a packet" nic_joins_the_bond
step "edit: a NIC leaves the bond: refused for its guests, others lose nothing" nic_leaves_the_bond
step "edit: another VLAN under a bridge: refused for its guest, and alone noticed by it" another_vlan
step "edit: an option that wants the bond down: refused for its guests, others lose nothing" \
  option_that_wants_the_bond_down
step "edit: another uplink, with its guest's VLANs: others lose nothing" another_uplink
step "edit: a bridge goes from the file: nobody loses a packet" bridge_goes
step "edit: a bridge with a guest goes from the file, and stays: nobody loses a packet" \
  bridge_with_a_guest_stays
step "both streams have gone on" streams_go_on

step "a change that cuts the line it was made over, from a terminal that dies" cut_the_own_line
step "a guest gets a vif on a bridge of that change" guest_arrives_meanwhile
step "nobody confirms: file, addresses and NICs are put back, and the guest keeps its bridge" \
  everything_is_put_back
step "both streams go on again" streams_go_on
step "without that guest's vif the host is as before, attribute by attribute" \
  host_is_as_before_but_for_the_guest
step "what is confirmed stays" confirmed_change_stays

step "eth6 lives by router advertisements, address and default route, for seconds each" live_by_advertisements
step "a bridge that would lose them is refused, and the line named that keeps them" bridge_without_ra_is_refused
step "with it the bridge has them at once, and the kernel has its own route" bridge_with_ra_takes_it_over
step "60 advertisements later it still has them, and no packet was lost" sixty_advertisements_later
step "a router that says it is none takes the default route away, and it comes again" router_says_that_it_is_none
step "down gives them back to eth6" down_gives_it_back

step "down --all spares what guests use" down_spares_guests
step "xl destroy ends all guests" destroy_all
step "down --all leaves exactly what was there before" nothing_is_left
step "both streams have gone on to the end" streams_go_on
step "the kernel has nothing to complain about" kernel_is_content
finish
