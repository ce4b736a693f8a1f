#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The whole chain and the vif on it, as an administrator's own hotplug script would make them.
# The links are given in the environment: nics, bond and vlan (empty where the kernel has neither),
# bridge.
# shellcheck disable=SC2154 # they come from the environment
set -e

if [ -n "$bond" ]; then
  ip link add "$bond" type bond mode 802.3ad miimon 100 lacp_rate fast
  for nic in $nics; do
    ip link set "$nic" down
    ip link set "$nic" master "$bond"
    ip link set "$nic" up
  done
  ip link set "$bond" up
  ip link add link "$bond" name "$bond.$vlan" type vlan id "$vlan"
  uplink=$bond.$vlan
else
  uplink=$nics
fi
ip link add "$bridge" type bridge stp_state 0 forward_delay 0
ip link set "$uplink" master "$bridge"
ip link set "$uplink" up
ip link set "$bridge" up

ip link set "$vif" down
ip link set "$vif" address fe:ff:ff:ff:ff:ff
ip address flush dev "$vif"
ip link set "$vif" addrgenmode none
mtu=$(cat "/sys/class/net/$bridge/mtu")
ip link set "$vif" mtu "$mtu"
ip link set "$vif" master "$bridge"
ip link set "$vif" up

vif_number=${XENBUS_PATH#backend/vif/}
xenstore-write \
  "/local/domain/${vif_number%/*}/device/vif/${vif_number#*/}/mtu" "$mtu" \
  "$XENBUS_PATH/hotplug-status" connected
logger -p daemon.debug -- "$0: attached $vif to $bridge"
