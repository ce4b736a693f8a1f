# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The chains of this dom0 as a tree, read from the kernel and from Xen: bridge, VLAN, bond, NICs, and
# the guests on top by name.

chain_tree() {
  local bridge
  for bridge in $(ip -o link show group 30307 type bridge | awk -F': ' '{print $2}'); do
    tree_of_bridge "$bridge"
    echo
  done
}

tree_of_bridge() { # BRIDGE
  echo "$1  bridge, mtu $(<"/sys/class/net/$1/mtu")"
  local port guests=() links=()
  for port in "/sys/class/net/$1/brif"/*; do
    port=${port##*/}
    if [[ $port == vif* ]]; then guests+=("$port"); else links+=("$port"); fi
  done
  for port in "${guests[@]}"; do echo "├─ $(guest_line "$port")"; done
  for port in "${links[@]}"; do
    echo "└─ $(link_line "$port")"
    below "$port" "   "
  done
}

guest_line() { # vifDOMID.DEVID
  local domid=${1#vif} state
  domid=${domid%.*}
  state=$(xenstore-read "/local/domain/0/backend/vif/$domid/${1#*.}/hotplug-status")
  echo "$1  guest \"$(xl domname "$domid")\", $state"
}

link_line() { # LINK
  local vid
  vid=$(ip -d link show "$1" | sed -n 's/.*vlan protocol 802.1Q id \([0-9]*\) .*/\1/p')
  if [[ $vid ]]; then
    echo "$1  VLAN $vid"
  elif [[ -d /sys/class/net/$1/bonding ]]; then
    local bonding=/sys/class/net/$1/bonding
    echo "$1  bond $(cut -d' ' -f1 "$bonding/mode"), LACP partner $(<"$bonding/ad_partner_mac")," \
      "$(<"$bonding/ad_num_ports") links aggregated"
  else
    echo "$1  $(<"/sys/class/net/$1/operstate")$(lacp_words "$1")"
  fi
}

# What LACP makes of a port of a bond: it carries traffic once it is collecting and distributing.
lacp_words() { # LINK
  local state
  state=$(ip -d link show "$1" | sed -n 's/.* ad_actor_oper_port_state_str <\([^>]*\)>.*/\1/p')
  case $state in
  '') ;;
  *in_sync,collecting,distributing*) echo ", LACP in sync, carries traffic" ;;
  *) echo ", LACP $state" ;;
  esac
}

# What a link stands on: a VLAN on its link, a bond on its ports.
below() { # LINK INDENT
  local lower all=() sign='├─' pad='│  ' number=0
  for lower in "/sys/class/net/$1"/lower_*; do
    [[ -e $lower ]] && all+=("${lower##*/lower_}")
  done
  for lower in "${all[@]}"; do
    number=$((number + 1))
    ((number < ${#all[@]})) || sign='└─' pad='   '
    echo "$2$sign $(link_line "$lower")"
    below "$lower" "$2$pad"
  done
}
