# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# Hooks of the administrator's, and what libvirt's libxl driver asks for.

hooked_mac=02:00:00:00:00:12
heard=/out/hooks

install_hooks() {
  mkdir -p /etc/xen/scripts/vif-post.d
  cat >/etc/xen/scripts/vif-post.d/50-lab.hook <<'HOOK'
echo "$command $type_if $dev $bridge $vif" >>/out/hooks
log debug "the lab's hook has run"
HOOK
  chmod +x /etc/xen/scripts/vif-post.d/50-lab.hook
}

# What libvirt makes of <interface type='bridge'> with <virtualport type='openvswitch'>, two <tag>s,
# <target dev>, two <ip>s and <script path> (libxlMakeNic in its libxl_conf.c).
attach_as_libvirt_does() {
  attach_vif web 1 "mac=$hooked_mac" bridge=xenbrtrunk:20:30 "ip=10.0.20.77 2001:db8::77" \
    vifname=libvirt-net script=/etc/xen/scripts/vif-chain
  vif_is_connected web 1
  expect "its controller" xenbrtrunk "$(controller_of libvirt-net)"
  expect "its VLANs" "20, 30" "$(vlans_of libvirt-net)"
}

its_vlan_reaches() {
  in_guest web "vconfig add eth1 20 >/dev/null; ip link set eth1.20 up"
  in_guest web ip address add 10.0.20.77/32 dev eth1.20
  in_guest web ip route add "$twenty/32" dev eth1.20 src 10.0.20.77
  guest_reaches_at_once web "$twenty"
  in_guest web vconfig rem eth1.20
}

hook_heard_of_it() {
  expect "the hook's line" "online vif libvirt-net xenbrtrunk $(vif_of web 1)" "$(tail -n 1 $heard)"
  expect_in "syslog" "the lab's hook has run" "$(tail -n 50 /var/log/syslog)"
}

hook_hears_of_its_end() {
  detach_vif web 1
  expect_in "the hook's line" "offline vif" "$(tail -n 1 $heard)"
}

failing_hook_is_a_reason() {
  local sentence
  # shellcheck disable=SC2016 # $dev is the hook's
  echo 'fatal "the lab says no to $dev"' >>/etc/xen/scripts/vif-post.d/50-lab.hook
  sentence=$(refuse_vif web 1 bridge=xenbrplain)
  note "$sentence"
  expect_in "the sentence" "the lab says no to vif" "$sentence"
  install_hooks
}

hooks_steps() {
  install_hooks
  step "a vif as libvirt asks for it is in its VLANs, under its name" attach_as_libvirt_does
  step "it reaches what is there" its_vlan_reaches
  step "the hook in vif-post.d has heard of it" hook_heard_of_it
  step "and of its end" hook_hears_of_its_end
  step "a hook that fails is a reason that xl prints" failing_hook_is_a_reason
}
