# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# An HVM guest that uses its emulated NIC and the PV one behind it: one vif, two ports, on a bridge
# that filters VLANs and forgeries.

# It starts before the other topics: it takes as long to boot as they take, most of it waiting.

hvm_start_step() {
  step "xl create starts an HVM guest with an emulated NIC, on a bridge of VLANs and filters" start_hvm
}

start_hvm() {
  host farm 192.0.2.1 eth8.10
  define_hvm_guest hvm "mac=$evil_mac, bridge=xenbrfarm.10, vifname=hvm-net, ip=$evil_ip"
  sed -i 's|/boot/guest/initrd|/boot/guest/initrd-frames|' /etc/xen/hvm.cfg
  create_guest hvm
  expect "what xl create printed" "Parsing config from /etc/xen/hvm.cfg" "$(</out/hvm.create)"
}

hvm_ports="hvm-net hvm-net-emu"

# Its boot is what takes longest, and nothing may have been done meanwhile.
hvm_is_up() { wait_for "hvm answers on its console" 240 answers hvm; }

both_ports_are_there() {
  expect "ports of xenbrfarm" "eth8 $hvm_ports" "$(ports_of xenbrfarm)"
  expect "VLANs of eth8" 10 "$(vlans_of eth8)"
}

both_ports_are_alike() {
  local port
  for port in $hvm_ports; do
    expect "VLANs of $port" "10 PVID Egress Untagged" "$(vlans_of "$port")"
    expect "MTU of $port" 1500 "$(mtu_of "$port")"
    expect "MAC of $port" fe:ff:ff:ff:ff:ff "$(<"/sys/class/net/$port/address")"
    expect "IPv6 addresses of $port" "" "$(ip -o -6 address show dev "$port")"
    expect_in "$port" UP "$(ip link show "$port")"
    expect_in "the filter" "\"$port\"" "$(nft list table bridge vifchain)"
  done
  expect_in "options" "guard on" "$(port_options_of hvm-net)"
  expect "options" "$(port_options_of hvm-net)" "$(port_options_of hvm-net-emu)"
}

vif_came_first() {
  local vif
  vif=$(vif_of hvm)
  expect "who came" "$vif $vif-emu" \
    "$(grep -oE "online for (hvm-net|hvm-net-emu)," /var/log/syslog | head -n 2 |
      sed "s/online for hvm-net/$vif/; s/,//" | paste -sd' ')"
}

reaches_by_either() {
  local link
  vif_is_connected hvm
  for link in eth0 eth1; do
    expect_in "the driver of $link" "$([[ $link == eth0 ]] && echo e1000 || echo vif)" \
      "$(in_guest hvm readlink "/sys/class/net/$link/device/driver")"
    in_guest hvm "ip link set $link up; ip address add 192.0.2.5/24 dev $link"
    guest_reaches_at_once hvm 192.0.2.1
    in_guest hvm "ip address flush dev $link; ip link set $link down"
  done
}

# One at a time: they have the same MAC on the same bridge.
only_by() { # LINK FUNCTION KIND
  local other=eth0
  [[ $1 == eth1 ]] || other=eth1
  in_guest hvm "ip link set $other down; ip link set $1 up"
  "$2" hvm "$1" eth8 "$3" 10
}

# Both are up and have the same MAC: neither is deaf.
reaches_by_either_at_once() {
  local link
  for link in eth0 eth1; do in_guest hvm ip link set "$link" up; done
  for link in eth0 eth1 eth0; do
    in_guest hvm ip address add 192.0.2.5/24 dev "$link"
    guest_reaches_at_once hvm 192.0.2.1
    in_guest hvm ip address flush dev "$link"
  done
}
# While two ports share a MAC the filter alone guards it.
both_ports_learn() {
  local port
  for port in $hvm_ports; do
    expect_in "options of $port" "learning on" "$(port_options_of "$port")"
    expect_in "options of $port" "locked off" "$(port_options_of "$port")"
    expect "its own entries" "" "$(bridge fdb show br xenbrfarm brport "$port" | grep "$evil_mac.*static" || true)"
  done
}

save_hvm() {
  xl save hvm /var/tmp/hvm.saved >/out/save 2>&1 || fail "$(</out/save)"
  wait_for "both ports are gone" 10 gone_both
  expect "ports of xenbrfarm" eth8 "$(ports_of xenbrfarm)"
}

restore_hvm() {
  xl restore /var/tmp/hvm.saved >/out/restore 2>&1 || fail "$(</out/restore)"
  rm /var/tmp/hvm.saved
  both_ports_are_there
  both_ports_are_alike
  guest_is_up hvm
  in_guest hvm "for link in eth0 eth1; do ip address flush dev \$link; ip link set \$link down; done"
  reaches_by_either
}

destroyed_without_leftovers() {
  local vif
  vif=$(vif_of hvm)
  xl destroy hvm
  wait_for "both ports are gone" 10 gone_both
  expect "ports of xenbrfarm" eth8 "$(ports_of xenbrfarm)"
  expect "VLANs of eth8" "" "$(vlans_of eth8)"
  expect "our processes" "" "$(pgrep -a vif-chain)"
  local rest
  rest=$(nft list table bridge vifchain 2>/dev/null)
  expect_no "the filter" hvm-net "$rest"
  expect_no "the filter" "$vif" "$rest"
}
gone_both() { gone /sys/class/net/hvm-net && gone /sys/class/net/hvm-net-emu; }

hvm_steps() {
  step "both ports of the HVM guest are on the bridge, under its name for them" both_ports_are_there
  step "both have the same VLANs, MTU, MAC, filter and port options" both_ports_are_alike
  step "the vif came before the emulated NIC" vif_came_first
  step "the HVM guest comes up" hvm_is_up
  step "it is connected, and reaches its VLAN by either NIC" reaches_by_either
  step "both ports learn its MAC, and neither is locked to it" both_ports_learn
  step "with both up at once it reaches its VLAN by either" reaches_by_either_at_once
  step "by its emulated NIC no forgery passes" only_by eth0 none_passes forged
  step "and every honest frame does" only_by eth0 all_pass honest
  step "by its PV NIC no forgery passes" only_by eth1 none_passes forged
  step "and every honest frame does" only_by eth1 all_pass honest
  step "xl save puts it to sleep, and both ports are gone" save_hvm
  step "xl restore wakes it: both ports are back, alike, and it reaches its VLAN by either" restore_hvm
  step "xl destroy leaves neither ports nor filters" destroyed_without_leftovers
}
