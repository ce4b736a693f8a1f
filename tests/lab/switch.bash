# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A network namespace that plays an LACP switch: dom0's eth0 and eth3 are plugged into it, and behind
# it each VLAN has a host in a namespace of its own.

declare -gA vlan_id=([dmz]=2 [lan]=3)
declare -gA host_address=([dmz]=10.0.2.1 [lan]=10.0.3.1)
switch_ports=(0 3)

switch_up() {
  ip netns add switch
  local port vlan
  for port in "${switch_ports[@]}"; do
    # Made outside and moved in: a veth born in two namespaces is a rarer case than we want to test.
    ip link add "eth$port" address "02:e0:00:00:00:0$port" type veth peer name "p$port"
    ip link set "p$port" netns switch
  done
  ip -n switch link set lo up
  ip -n switch link add lag type bond mode 802.3ad miimon 100 lacp_rate fast
  for port in "${switch_ports[@]}"; do
    ip -n switch link set "p$port" master lag
    ip -n switch link set "p$port" up
  done
  ip -n switch link set lag up
  for vlan in "${!vlan_id[@]}"; do host_up "$vlan"; done
  start_capture
}

# The host of a VLAN answers also to the other VLAN's addresses, so that "cannot reach" below means
# that no frame got through, and not that somebody had no route for the answer.
host_up() { # VLAN
  ip netns add "$1host"
  ip -n switch link add link lag name "$1" type vlan id "${vlan_id[$1]}"
  ip -n switch link set "$1" netns "$1host"
  ip -n "$1host" address add "${host_address[$1]}/24" dev "$1"
  ip -n "$1host" link set lo up
  ip -n "$1host" link set "$1" up
  ip -n "$1host" route add 10.0.0.0/16 dev "$1"
}

# What really goes over the two cables is kept in files, tags included.
start_capture() {
  local port
  for port in "${switch_ports[@]}"; do
    ip netns exec switch tcpdump --immediate-mode -U -s 128 -Z root -i "p$port" \
      -w "/out/p$port.pcap" >/dev/null 2>&1 9>&- &
    wait_for "tcpdump listens on p$port" 10 test -s "/out/p$port.pcap"
  done
}

# One frame a line, both cables: "MAC > MAC, …, vlan 2, …".
captured() {
  local port
  for port in "${switch_ports[@]}"; do
    tcpdump -nn -e -t -r "/out/p$port.pcap" 2>/dev/null || true
  done
}

# VLAN tags that frames of one MAC carried, "-" for none: "2" or "2 3" or "- 2".
tags_of() { # MAC
  captured | awk -v mac="$1" '$1 == mac {
    tag = "-"
    if (match($0, /vlan [0-9]+/)) tag = substr($0, RSTART + 5, RLENGTH - 5)
    seen[tag] = 1
  }
  END { for (tag in seen) print tag }' | sort -n | paste -sd' '
}

pull_link() { ip -n switch link set "p$1" down; }
put_back_link() { ip -n switch link set "p$1" up; }
