#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What udhcpc and udhcpc6 call when something happens to a lease, with the lease in the environment.
#
#   SCRIPT deconfig|bound|renew|leasefail|nak
#
# The usual script takes all addresses off the link. This one touches those of the lease alone:
# others, and what the link had before, are not udhcpc's. An address ends with its lease, by the
# kernel, so that there is nothing to do when one is lost. The last address is written down beside
# this script; the next udhcpc on the link asks for it.

# The environment is udhcpc's.
# shellcheck disable=SC2154
link=$interface
if [ -n "${ipv6-}" ]; then
  family=-6 address=$ipv6/128
else
  family=-4 address=${ip-}/${mask-32}
fi
last=${0%/*}/$link$family

# A link that has the address already, perhaps from before, keeps it. An old busybox's ip knows no
# ends of addresses.
set_address() {
  ip "$family" address replace "$address" ${broadcast:+broadcast "$broadcast"} dev "$link" \
    valid_lft "$lease" preferred_lft "$lease" 2>/dev/null ||
    ip "$family" address replace "$address" ${broadcast:+broadcast "$broadcast"} dev "$link"
}

# With the first address of a network the kernel takes all others of it off the link, unless one is
# to be promoted.
delete_alone() {
  promote=/proc/sys/net/ipv4/conf/$link/promote_secondaries
  before=$(cat "$promote" 2>/dev/null)
  echo 1 2>/dev/null >"$promote"
  ip "$family" address delete "$1" dev "$link" 2>/dev/null
  echo "${before:-0}" 2>/dev/null >"$promote"
}

take_old_address() {
  old=$(cat "$last" 2>/dev/null)
  if [ -n "$old" ] && [ "$old" != "$address" ]; then
    delete_alone "$old"
  fi
  echo "$address" >"$last.new" && mv "$last.new" "$last"
}

# Another link's default route is left alone, and so is one that is there already.
set_gateway() {
  case $(ip -4 route show default dev "$link") in
    *"via $1 "*) return ;;
  esac
  ip -4 route flush exact default dev "$link" proto dhcp 2>/dev/null
  ip -4 route add default via "$1" dev "$link" proto dhcp 2>/dev/null
}

set_name_servers() {
  text=
  if [ -n "${domain-}" ]; then text="search $domain
"; fi
  for server in $dns; do
    text="${text}nameserver $server
"
  done
  if command -v resolvconf >/dev/null; then
    printf %s "$text" | resolvconf -a "$link.udhcpc"
  elif [ ! -L /etc/resolv.conf ]; then
    printf %s "$text" >/etc/resolv.conf
  fi
}

case $1 in
  bound | renew)
    set_address
    take_old_address
    if [ -n "${router-}" ]; then set_gateway "${router%% *}"; fi
    if [ -n "${dns-}" ]; then set_name_servers; fi
    ;;
esac
exit 0
