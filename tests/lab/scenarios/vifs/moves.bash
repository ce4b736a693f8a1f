# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# vifchain vif: a running guest moves to another bridge and back, and hardly notices.

pings_sent=40
most_lost=6 # of one every 200 ms, over two moves

move() { # GUEST WORD…
  vifchain vif "$@" >/out/move 2>&1 || fail "$(</out/move)"
  note "$(</out/move)"
}

node_is() { # NODE VALUE: in both places
  expect "$1 in the backend" "$2" "$(xenstore-read "$(backend_of web)/$1")"
  expect "$1 in /libxl" "$2" "$(xenstore-read "/libxl/$(domid web)/device/vif/0/$1")"
}

ping_is_over() { in_guest web grep -q packets /root/ping.log; }

there_and_back() {
  xl destroy trunk 2>/dev/null || true # it would need VLAN 10 as well
  in_guest web "ping -i 0.2 -c $pings_sent -W 1 $ten >/root/ping.log 2>&1 &"
  wait_for "web's first answer" 10 in_guest web grep -q seq=2 /root/ping.log
  move web bridge=xenbr110
  expect "its controller" xenbr110 "$(controller_of web-net)"
  expect "ports of xenbr110" "eth3.110 web-net" "$(ports_of xenbr110)"
  node_is bridge xenbr110
  expect "VLANs of eth0" 20 "$(vlans_of eth0)"
  move web bridge=xenbrtrunk.10
  expect "its VLANs" "10 PVID Egress Untagged" "$(vlans_of web-net)"
  node_is bridge xenbrtrunk.10
  wait_for "the ping is over" 60 ping_is_over
}

few_pings_are_lost() {
  local summary received lost
  summary=$(in_guest web grep packets /root/ping.log)
  received=${summary#*transmitted, } # "40 packets transmitted, 38 packets received, …"
  received=${received%% *}
  lost=$((pings_sent - received))
  note "$lost of $pings_sent lost, one every 200 ms"
  ((lost <= most_lost)) || fail "lost $lost of $pings_sent, at most $most_lost wanted" "$summary"
}

abandoned_chain_goes() { wait_for "xenbr110 is gone" 10 gone /sys/class/net/xenbr110; }

other_vlan_of_the_bridge() {
  move web bridge=xenbrtrunk vlan=20
  node_is vlan 20
  expect "its VLANs" "20 PVID Egress Untagged" "$(vlans_of web-net)"
  guest_reaches_none_of web "$ten"
  in_guest web ip address add 10.0.20.11/24 dev eth0
  guest_reaches_at_once web "$twenty"
  in_guest web ip address del 10.0.20.11/24 dev eth0
  move web vlan=10
  guest_reaches_at_once web "$ten"
}

moves_that_fail_change_nothing() {
  links_of_all_but_hvm >/out/links.before
  bridge vlan >>/out/links.before
  xenstore-ls -f "$(backend_of web)" >>/out/links.before
  local wrong
  for wrong in bridge=nowhere bridge=xenbrplain vlan=4095 mtu=12 colour=red; do
    expect_failure vifchain vif web "$wrong" >/out/move 2>&1
    note "$wrong: $(tail -n 1 /out/move)"
  done
  expect_failure vifchain vif webb bridge=xenbrplain >/out/move 2>&1
  note "$(tail -n 1 /out/move)"
  links_of_all_but_hvm >/out/links.after
  bridge vlan >>/out/links.after
  xenstore-ls -f "$(backend_of web)" >>/out/links.after
  expect_same "links, VLANs and nodes" /out/links.before /out/links.after
  guest_reaches_at_once web "$ten"
}

moves_steps() {
  step "a guest that pings moves to another bridge and back, in the kernel and in xenstore" \
    there_and_back
  step "it loses few pings" few_pings_are_lost
  step "the bridge that was made for it is gone again" abandoned_chain_goes
  step "it moves to another VLAN of its bridge and back" other_vlan_of_the_bridge
  step "moves that fail say why and change nothing" moves_that_fail_change_nothing
}
