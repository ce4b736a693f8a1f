# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Cables from dom0's NICs into a namespace that plays a switch, hosts behind it, and listening to what
# really goes over a cable.

in_switch() { ip netns exec switch "$@"; }

# cable NAME…: NAME here, p-NAME in the switch. It takes frames of any size.
cable() {
  local name
  [[ -e /run/netns/switch ]] || ip netns add switch
  for name; do
    # Made outside and moved in: a veth born in two namespaces is a rarer case than we want to test.
    ip link add "$name" type veth peer name "p-$name"
    ip link set "p-$name" mtu 9100
    ip link set "p-$name" netns switch
    ip -n switch link set "p-$name" up
  done
}

# host NAME ADDRESS CABLE.VLAN…: a host of the name, on these VLANs of these cables at once. It finds
# every guest on its own wire, so that "cannot reach" means that no frame got through.
host() {
  local name=$1 address=$2 place
  shift 2
  ip netns add "$name"
  ip -n "$name" link add wire mtu 9000 type bridge
  for place; do
    ip -n switch link add link "p-${place%.*}" name "$place" mtu 9000 type vlan id "${place#*.}"
    ip -n switch link set "$place" netns "$name"
    ip -n "$name" link set "$place" master wire up
  done
  ip -n "$name" address add "$address/24" dev wire
  ip -n "$name" link set lo up
  ip -n "$name" link set wire up
  ip -n "$name" route add 10.0.0.0/16 dev wire
}

# listen CABLE FILE: from now on every frame that comes out of dom0 there is kept in the file, or its
# first 256 bytes.
listen() {
  # With whole frames its buffer would hold eight.
  ip netns exec switch tcpdump --immediate-mode -U -s 256 -Z root -Q in -i "p-$1" -w "$2" \
    >/dev/null 2>&1 9>&- &
  wait_for "tcpdump listens on $1" 10 test -s "$2"
}

# VLAN tags that frames of one MAC carried, "-" for none: "2" or "2 3" or "- 2".
tags_in() { # FILE MAC
  tcpdump -nn -e -t -r "$1" "ether src $2 or (vlan and ether src $2)" 2>/dev/null | awk '{
    tag = "-"
    if (match($0, /vlan [0-9]+/)) tag = substr($0, RSTART + 5, RLENGTH - 5)
    seen[tag] = 1
  }
  END { for (tag in seen) print tag }' | sort -n | paste -sd' '
}

# Every frame as one word of hex digits, tags included. As they are in the file (pcap-savefile(5)): what
# tcpdump prints of frames that it does not know has other digits among theirs.
frames_in() { # FILE
  od -An -v -tx1 -w64 "$1" | awk '
    function byte(at) { return 16 * digit(at) + digit(at + 1) }
    function digit(at) { return index("0123456789abcdef", substr(rest, at, 1)) - 1 }
    { gsub(/ /, ""); rest = rest $0 }
    NR == 1 { rest = substr(rest, 1 + 2 * 24) }
    {
      while (length(rest) >= 2 * 16) {
        size = 2 * (byte(1 + 2 * 8) + 256 * byte(1 + 2 * 9))
        if (length(rest) < 2 * 16 + size) break
        print substr(rest, 1 + 2 * 16, size)
        rest = substr(rest, 1 + 2 * 16 + size)
      }
    }'
}
