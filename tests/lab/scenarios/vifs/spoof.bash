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
came_out() { frames_in /out/spoof.pcap | sed "s/^\(.\{24\}\)$2/\1/" | grep -Fxq "$1"; }

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
  step "the filter goes with the vif" filter_goes_with_it
  step 'a vif without addresses is refused under "mac-ip"' address_is_needed
}
