# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# Vifs with names of their own: whose a name is, and who has it while a guest moves house.

vif_has_its_name() {
  expect "the name of web's vif" web-net "$(ls "/sys/bus/xen-backend/devices/vif-$(domid web)-0/net")"
  expect "its controller" xenbrtrunk "$(controller_of web-net)"
  vif_is_connected web
  guest_reaches_at_once web "$ten"
}

taken_name_is_refused() {
  local sentence index
  index=$(</sys/class/net/web-net/ifindex)
  sentence=$(refuse_vif db 1 bridge=xenbrtrunk.20 vifname=web-net)
  note "$sentence"
  expect_in "the sentence" "Cannot rename interface" "$sentence"
  expect_in "the sentence" '"web"' "$sentence"
  expect "whose web-net is" "$index" "$(</sys/class/net/web-net/ifindex)"
  guest_reaches_at_once web "$ten"
}

long_name_is_refused() {
  local sentence
  sentence=$(refuse_vif db 1 bridge=xenbrtrunk.20 vifname=sixteen-letters-)
  note "$sentence"
  expect_in "the sentence" sixteen-letters- "$sentence"
}

online_again_changes_nothing() {
  links_of_all_but_hvm >/out/links.before
  XENBUS_PATH="backend/vif/$(domid web)/0" XENBUS_TYPE=vif XENBUS_BASE_PATH=backend \
    vif="$(vif_of web)" /etc/xen/scripts/vif-chain online type_if=vif
  links_of_all_but_hvm >/out/links.after
  expect_same "the links" /out/links.before /out/links.after
}

sleep_and_wake() {
  xl save web /var/tmp/web.saved >/out/save 2>&1 || fail "$(</out/save)"
  wait_for "web-net is gone" 10 gone /sys/class/net/web-net
  xl restore /var/tmp/web.saved >/out/restore 2>&1 || fail "$(</out/restore)"
  rm /var/tmp/web.saved
  guest_is_up web
  vif_has_its_name
}

# What xl migrate does, whose two ends are this host; it cannot itself, for PV guests do not run live
# under the emulator's memory. The guest that arrives is there before the one that leaves is gone, it
# has the same UUID and the name with --incoming, and both want their vif to be web-net.
moves_to_the_same_host() {
  local old uuid old_vif
  old=$(domid web) old_vif=$(vif_of web)
  uuid=$(xenstore-read "/local/domain/$old/vm")
  sed "s/^name .*/name = \"web--incoming\"/; \$a uuid = \"${uuid#/vm/}\"" /etc/xen/web.cfg \
    >/etc/xen/web-arrives.cfg
  xl save -c web /var/tmp/web.saved >/out/save 2>&1 || fail "$(</out/save)"
  xl restore /etc/xen/web-arrives.cfg /var/tmp/web.saved >/out/restore 2>&1 ||
    fail "$(</out/restore)"
  rm /var/tmp/web.saved
  expect "the old vif" "$old" "$(domid web)"
  expect "the old vif's controller" xenbrtrunk "$(controller_of "$old_vif")"
  both_reach_their_vlan
  xl destroy "$old"
  xl rename web--incoming web
  # Its console is called what the guest was called when it came.
  ln -sf "$(console_of web--incoming)" "$(console_of web)"
  guest_is_up web
  vif_has_its_name
  expect "VLANs" "10 PVID Egress Untagged" "$(vlans_of web-net)"
}

# One MAC behind two ports: each of them works, whoever speaks.
both_reach_their_vlan() {
  guest_is_up web--incoming
  local guest
  for guest in web web--incoming web; do guest_reaches_at_once "$guest" "$ten"; done
}
its_port_is_locked() {
  expect_in "options" "locked on" "$(port_options_of web-net)"
  expect_in "its FDB" "$web_mac" "$(bridge fdb show br xenbrtrunk brport web-net | grep static)"
}

names_steps() {
  step "web's vif has the name that it asked for" vif_has_its_name
  step "online once more, by hand, is silent and changes no link" online_again_changes_nothing
  step "a name that another guest's vif has is refused, and that guest named" taken_name_is_refused
  step "a name of 16 bytes is refused" long_name_is_refused
  step "xl save and restore: web is back under its name, in its VLAN" sleep_and_wake
  step "its port is locked to its MAC" its_port_is_locked
  step "it moves to the same host: both vifs work, and the new one takes the name from the old" \
    moves_to_the_same_host
  step "its port is locked to its MAC again" its_port_is_locked
}
