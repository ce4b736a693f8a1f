# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# Hostile guests: db sends what the filter's own tests send, by a second NIC that has the MAC of those
# frames, and what comes out on the cable is compared frame by frame.

evil_mac=02:00:00:00:00:05
evil_ip="192.0.2.5 198.51.100.0/28 2001:db8::5 2001:db8:5::/64"

# KIND HEX WHAT…, one a line; KIND is forged and honest (for antispoof "mac-ip"), forged-mac and
# honest-mac (for "mac").
frames=/opt/frames

hex_of() { awk -v kind="$1" '$1 == kind {print $2}' $frames; }
count_of() { hex_of "$1" | wc -l; }

# A guest finds the frames in its initramfs.
initrd_with_frames() { # TARGET
  local folder
  folder=$(mktemp -d)
  cp $frames "$folder/frames"
  (cd "$folder" && echo frames | busybox cpio -o -H newc 2>/dev/null | gzip -1) |
    cat /boot/guest/initrd - >"$1"
  rm -r "$folder"
}

# pass GUEST LINK CABLE KIND [TAG]: the guest sends all frames of the kind, and behind them an honest
# one; what came out on the cable, in the VLAN if there is one, is in /out/passed.
pass() {
  local guest=$1 link=$2 cable=$3 kind=$4 tag=${5:+8100$(printf '%04x' "$5")} last
  last=$(awk '$1 == "honest" {print $2; exit}' $frames)
  listen "$cable" /out/spoof.pcap
  in_guest "$guest" "(grep '^$kind ' /frames | cut -d' ' -f2; echo $last) | send_frames $link"
  wait_for "the last frame comes out" 30 came_out "$last" "$tag"
  in_switch pkill -f "spoof.pcap$"
  frames_in /out/spoof.pcap | sed "s/^\(.\{24\}\)$tag/\1/" >/out/heard
  { hex_of "$kind" | grep -Fx -f - /out/heard || true; } | sort -u >/out/passed
}
came_out() { frames_in /out/spoof.pcap | sed "s/^\(.\{24\}\)$2/\1/" | finds -Fx "$1"; }

# In words, those of a kind that passed, or that did not.
in_words() { awk -v kind="$1" '$1 == kind {$1 = $2 = ""; print}' | sed 's/^ */  /' | sort -u; }
those_that_passed() { grep -Ff /out/passed $frames | in_words "$1"; }
those_that_did_not() { { grep -vFf /out/passed $frames || true; } | in_words "$1"; }

all_pass() { # GUEST LINK CABLE KIND [TAG]
  pass "$@"
  expect "dropped of $4" "" "$(those_that_did_not "$4")"
  note "$(count_of "$4") kinds of frames passed"
}

# The last one, by which we know the end, is an honest one.
none_passes() { # GUEST LINK CABLE KIND [TAG]
  pass "$@"
  expect "passed of $4" "" "$(those_that_passed "$4")"
  note "$(count_of "$4") kinds of frames dropped"
}

evil_passes_unfiltered() {
  attach_vif db 1 "mac=$evil_mac" "ip=$evil_ip" bridge=xenbropen
  all_pass db eth1 eth5 forged
}

evil_vif_moves_to() { # BRIDGE
  vifchain vif db/1 "bridge=$1" >/out/move 2>&1 || fail "$(</out/move)"
  expect "its controller" "$1" "$(controller_of "$(vif_of db 1)")"
}

is_stopped_on() { # BRIDGE CABLE KIND
  evil_vif_moves_to "$1"
  none_passes db eth1 "$2" "$3"
}

port_is_locked() {
  local vif
  vif=$(vif_of db 1)
  expect_in "port options" "locked on" "$(port_options_of "$vif")"
  expect_in "its FDB" "$evil_mac" "$(bridge fdb show br xenbrguard brport "$vif" | grep static)"
}

# The guest forges without pause; what comes out on the cable is kept from now on.
forges_without_pause() {
  in_guest db "(while :; do grep '^forged ' /frames | cut -d' ' -f2 | send_frames eth1; done) >/dev/null 2>&1 & echo \$!" \
    >/out/forger
  listen eth7 /out/forged.pcap
}
forges_no_more() { in_guest db "kill $(</out/forger)"; }

# Forged frames that came out so far, the same ones however often.
forged_that_came_out() {
  hex_of forged >/out/forged.hex
  frames_in /out/forged.pcap | grep -Fxc -f /out/forged.hex || true
}

# Every rule and element, but for the order of elements, what has been counted, and which table it is.
filter_now() {
  nft -s list table bridge vifchain 2>/dev/null | tr '{},' '\n' | sed -E 's/^\s+//; s/(stamp|seal)_[0-9a-f]+//' | sort
}
filter_is_whole() { filter_now | cmp -s - /out/filter.wanted; }

# What an administrator types, and Debian's nftables.service does when it starts again.
daemon_repairs_the_filter() {
  local flushed began most=0 took
  vifchaind --foreground >/out/vifchaind.log 2>&1 9>&- &
  echo $! >/out/vifchaind.pid
  wait_for "vifchaind answers" 30 vifchain_metrics vifchaind_up
  filter_now >/out/filter.wanted
  for flushed in "flush ruleset" "delete table bridge vifchain" "flush table bridge vifchain"; do
    began=${EPOCHREALTIME/./}
    # shellcheck disable=SC2086 # words of nft's
    nft $flushed
    wait_for "the filter is whole again after nft $flushed" 30 filter_is_whole
    took=$(((${EPOCHREALTIME/./} - began) / 1000))
    ((took <= most)) || most=$took
  done
  note "repaired after at most $most ms; $(forged_that_came_out) forged frames passed meanwhile"
}
vifchain_metrics() { vifchain status --metrics | finds -x "$1 1"; }

nothing_passes_after_the_repair() {
  local before
  in_switch pkill -f "forged.pcap$"
  listen eth7 /out/forged.pcap
  before=$(sent_by_the_forger)
  wait_for "the guest has sent a thousand more" 60 has_sent "$((before + 1000))"
  expect "forged frames that came out" 0 "$(forged_that_came_out)"
}
sent_by_the_forger() { cat "/sys/class/net/$(vif_of db 1)/statistics/rx_packets"; }
has_sent() { (($(sent_by_the_forger) >= $1)) || fail "$(sent_by_the_forger)"; }

# Without vifchaind nobody hears of it: status tells, and the next event of any vif puts it right.
next_event_repairs_the_filter() {
  kill "$(</out/vifchaind.pid)"
  wait_for "vifchaind has ended" 20 gone "/proc/$(</out/vifchaind.pid)"
  nft flush ruleset
  vifchain status >/out/status 2>&1 || true
  expect_in "what status says of $(vif_of db 1)" "antispoof mac-ip is NOT in force" "$(</out/status)"
  attach_vif web 1 mac=02:00:00:00:00:41 bridge=xenbrmac
  detach_vif web 1
  filter_now >/out/filter.now
  expect_same "the filter" /out/filter.wanted /out/filter.now
  nothing_passes_after_the_repair
  forges_no_more
  in_switch pkill -f "forged.pcap$"
}

filter_goes_with_it() {
  local vif
  vif=$(vif_of db 1)
  expect_in "the filter" "\"$vif\"" "$(nft list table bridge vifchain)"
  detach_vif db 1
  expect_no "the filter" "\"$vif\"" "$(nft list table bridge vifchain 2>/dev/null)"
}

address_is_needed() {
  local sentence
  sentence=$(refuse_vif db 1 "mac=$evil_mac" bridge=xenbrguard)
  note "$sentence"
  expect_in "the sentence" "ip=" "$sentence"
}

spoof_steps() {
  step "without a filter, a hostile guest gets all of its forgeries through" evil_passes_unfiltered
  step 'antispoof "mac" drops every forgery' \
    is_stopped_on xenbrmac eth6 forged-mac
  step "and lets every frame with the guest's MAC pass" all_pass db eth1 eth6 honest-mac
  step 'antispoof "mac-ip" drops every forgery' \
    is_stopped_on xenbrguard eth7 forged
  step "and lets every honest frame pass" all_pass db eth1 eth7 honest
  step "the port is locked to the guest's MAC besides" port_is_locked
  step "a guest forges without pause" forges_without_pause
  step "vifchaind puts the filter back after each kind of flush" daemon_repairs_the_filter
  step "from then on no forged frame passes" nothing_passes_after_the_repair
  step "without vifchaind status tells, and the next event of another vif puts it back" \
    next_event_repairs_the_filter
  step "the filter goes with the vif" filter_goes_with_it
  step 'a vif without addresses is refused under "mac-ip"' address_is_needed
}
