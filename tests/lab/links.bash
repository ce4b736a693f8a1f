# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What dom0's kernel says of its links.

# links [FILTER…]: their names, of ip-link's filters: "eth0 lo".
links() { ip -o link show "$@" | awk -F': ' '{sub(/@.*/, "", $2); print $2}' | sort | paste -sd' '; }
vifs() { links | tr ' ' '\n' | grep '^vif' | paste -sd' '; }
no_vif() { is "$(vifs)" ""; }

controller_of() { basename "$(readlink "/sys/class/net/$1/master")" 2>/dev/null; }
ports_of() { find "/sys/class/net/$1/brif" -mindepth 1 -printf '%f\n' | sort | paste -sd' '; }
mtu_of() { cat "/sys/class/net/$1/mtu"; }

# "10 PVID Egress Untagged, 20"
vlans_of() {
  bridge vlan show dev "$1" 2>/dev/null |
    awk 'NR == 2 { $1 = "" } NR > 1 { $1 = $1; sub(/^ +/, ""); print }' | paste -sd, | sed 's/,/, /g'
}

# Every option of a bridge's port, one line.
port_options_of() { bridge -d link show dev "$1" | sed -n '2{s/^ *//;p}'; }

# Timers run by themselves and say nothing.
all_about_links() { ip -d -o link show "$@" | sed -E 's/ [a-z_]*timer +[0-9.]+//g'; }
