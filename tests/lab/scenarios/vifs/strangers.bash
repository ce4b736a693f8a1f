# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# A bridge to which the file gives no address of this host is none of the host's: a guest there finds
# nobody, wherever else this host has addresses. On one that has some, it does.

lan_ip=10.0.77.1 lan_ip6=2001:db8:77::1
stranger_mac=02:00:00:00:00:31 stranger_ip=10.0.77.31 stranger_ip6=2001:db8:77::31
bad_prefix=2001:db8:bad::

dom0_lives_elsewhere() {
  cable lan0
  ip address add "$lan_ip/24" dev lan0
  ip address add "$lan_ip6/64" dev lan0 nodad
  ip link set lan0 up
  setsid python3 -uc 'import socket
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.bind(("::", 7777))
while True: print(s.recvfrom(99)[0].decode())' >/out/datagrams 2>/out/datagrams.said 9>&- &
  wait_for "dom0 hears itself" 20 dom0_hears_itself beginning
}
dom0_hears_itself() { # WORD
  python3 -c 'import socket, sys
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(sys.argv[1].encode(), (sys.argv[2], 7777))' "$1" "$lan_ip"
  grep -q "$1" /out/datagrams
}

no_host_address() { # BRIDGE
  expect "IPv6 addresses of $1" "" "$(ip -o -6 address show dev "$1")"
  expect "accept_ra of $1" 0 "$(</proc/sys/net/ipv6/conf/"$1"/accept_ra)"
}

stranger_comes() {
  attach_vif db 1 "mac=$stranger_mac" bridge=xenbropen
  in_guest db ip address add "$stranger_ip/24" dev eth1
  no_host_address xenbropen
}

# What it sends is addressed to the bridge itself, to each of dom0's addresses, and to all nodes.
stranger_speaks() { # BRIDGE WORD
  local to
  to=$(<"/sys/class/net/$1/address")
  {
    ./frames.py udp "$stranger_mac" "$to" "$stranger_ip" "$lan_ip" 7777 "$2-four"
    ./frames.py udp "$stranger_mac" "$to" "$stranger_ip6" "$lan_ip6" 7777 "$2-six"
    ./frames.py udp "$stranger_mac" ff:ff:ff:ff:ff:ff "$stranger_ip" "$lan_ip" 7777 "$2-to-all"
    ./frames.py advertisement "$stranger_mac" fe80::31 "$bad_prefix" 1800 3600 1800
  } >/out/words
  in_guest db "for frame in $(paste -sd' ' /out/words); do echo \$frame | send_frames eth1; done" >/dev/null
  # Whatever was there to be heard has been heard when this is.
  wait_for "dom0 hears itself" 20 dom0_hears_itself "after-$2"
}

nobody_answers_the_stranger() {
  expect_failure in_guest db arping -q -c 2 -w 3 -I eth1 "$lan_ip"
  stranger_speaks xenbropen open
  expect "what dom0 heard" "" "$(grep ^open /out/datagrams || true)"
  expect "addresses by its advertisement" "" "$(ip -o -6 address | grep "${bad_prefix%::}" || true)"
  expect "routes by its advertisement" "" "$(ip -6 route show table all | grep -E "proto ra|${bad_prefix%::}" || true)"
}

# The same guest and the same words, where the file says that the host lives.
host_answers_where_it_lives() {
  vifchain vif db/1 bridge=xenbrhome >/out/move 2>&1 || fail "$(</out/move)"
  in_guest db arping -q -c 2 -w 5 -I eth1 "$lan_ip" >/dev/null
  stranger_speaks xenbrhome home
  expect "what dom0 heard" "home-four home-six" "$(grep ^home /out/datagrams | grep -v to-all | sort -u | paste -sd' ')"
  wait_for "an address by its advertisement" 20 has_bad_address
}
has_bad_address() { ip -o -6 address show dev xenbrhome | finds "${bad_prefix%::}"; }

stranger_goes() {
  detach_vif db 1
  vifchain down xenbrhome >/out/down 2>&1 || fail "$(</out/down)"
  pkill -f 's.bind'
  ip link delete lan0
}

strangers_steps() {
  step "dom0 has addresses of its own network, on another NIC" dom0_lives_elsewhere
  step "a bridge without host address gets none by itself, and no advertisement counts there" stranger_comes
  step "no ARP, UDP or router advertisement of a guest on it reaches the host" nobody_answers_the_stranger
  step "where the file says that the host lives, each of them does" host_answers_where_it_lives
  step "that guest's vif goes, and the bridge" stranger_goes
}
