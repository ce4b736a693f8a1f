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

# Every frame as one word of hex digits, tags included.
frames_in() { # FILE
  tcpdump -nn -t -xx -r "$1" 2>/dev/null | awk '
    /^\t0x/ { sub(/^\t0x[0-9a-f]+: +/, ""); gsub(/ /, ""); frame = frame $0; next }
    { if (frame != "") print frame; frame = "" }
    END { if (frame != "") print frame }'
}
