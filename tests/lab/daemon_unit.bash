# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# vifchaind as systemd runs it, in all the bounds of its unit. The machine has no Xen: the store is a
# xenstored that needs none, and the vif is a veth.

backend=/local/domain/0/backend/vif/5/0

daemon_process() { unit MainPID vifchaind.service; }
vif_is() { expect "hotplug-status" "$1" "$(xenstore-read $backend/hotplug-status)"; }
vif_is_on() { is_port vif5.0 "$1"; }
# What journald has of the daemon, with these fields.
daemon_said() { journalctl --no-pager -o cat SYSLOG_IDENTIFIER=vifchaind "$@"; }

store_and_vif_are_there() {
  mkdir -p /run/xenstored /run/systemd/system/vifchaind.service.d
  printf '[Unit]\nConditionPathExists=\n' >/run/systemd/system/vifchaind.service.d/no-xen.conf
  systemctl daemon-reload
  systemd-run --quiet --unit=store-without-xen \
    sh /opt/vifchain-tests/xenstored.sh c /run/xenstored /opt/vifchain-tests/xenstored_shim.so
  wait_for "xenstored" 20 xenstore-write /local/domain/0/domid 0
  ip link add vif5.0 address fe:ff:ff:ff:ff:ff type veth peer name guest5
  xenstore-write $backend/script /etc/xen/scripts/vif-chain $backend/online 1 $backend/bridge xenbrlan \
    $backend/mac 02:00:00:00:00:05 $backend/hotplug-status '' /local/domain/5/device/vif/0/state 1 $backend/state 2
}

daemon_hook_is_there() {
  mkdir -p /etc/xen/scripts/vif-post.d
  cat >/etc/xen/scripts/vif-post.d/10.hook <<'HOOK'
echo 1 >/proc/sys/net/ipv4/conf/$vif/proxy_arp
for path in /usr/spy /etc/spy /root/spy; do ! echo >$path || echo $path >>/run/spies; done 2>/dev/null
true
HOOK
  chmod 755 /etc/xen/scripts/vif-post.d/10.hook
}

daemon_serves_the_vif() {
  daemon_hook_is_there
  systemctl start vifchaind
  expect "its state" active "$(unit ActiveState vifchaind.service)"
  wait_for "the vif is connected" 30 vif_is connected
  vif_is_on xenbrlan
  expect "what its hook wrote" 1 "$(cat /proc/sys/net/ipv4/conf/vif5.0/proxy_arp)"
  [[ ! -e /run/spies ]] || fail "its hook could write $(cat /run/spies)"
}

daemon_has_no_more_than_it_needs() {
  local process
  process=$(daemon_process)
  expect "its capabilities" "0000000000001000 0000000000001000" \
    "$(awk '/^Cap(Eff|Bnd)/ {print $2}' "/proc/$process/status" | paste -sd' ')"
  expect "its system calls are filtered" 2 "$(awk '/^Seccomp:/ {print $2}' "/proc/$process/status")"
  systemd-analyze security --threshold=20 --no-pager vifchaind.service | tail -n 1
  note "$(systemd-analyze security --no-pager vifchaind.service | tail -n 1)"
  note "it has $(awk '/^VmRSS/ {print $2}' "/proc/$process/status") KiB resident"
}

daemon_heals_in_its_bounds() {
  ip link set vif5.0 nomaster
  wait_for "vif5.0 on xenbrlan" 20 vif_is_on xenbrlan
  ip link del xenbrlan
  wait_for "vif5.0 on xenbrlan made again" 30 vif_is_on xenbrlan
  is_port bond1.3 xenbrlan
  ip link del bond1.3
  wait_for "bond1.3 in xenbrlan made again" 30 is_port bond1.3 xenbrlan
  expect_no "what it was refused" "permitted" "$(daemon_said)"
}

# The client needs more than the daemon has: it is no part of its unit. eth0's bond has no server.
daemon_starts_dhcp_outside_its_bounds() {
  cp /etc/xen/vifchain.toml /run/file.before
  printf '\n[bridge.xenbrdhcp]\nports = ["bond1.4"]\ndhcp = "ipv4"\n[host]\ndhcp_client = "dhclient"\n' >>/etc/xen/vifchain.toml
  vifchain up xenbrdhcp
  wait_for "a client for xenbrdhcp" 20 client_runs
  systemctl reload vifchaind
  ip link del xenbrdhcp
  wait_for "xenbrdhcp made again" 30 test -e /sys/class/net/xenbrdhcp
  wait_for "bond1.4 in xenbrdhcp" 30 is_port bond1.4 xenbrdhcp
  wait_for "its client again" 30 client_runs
  expect_no "the client's unit" vifchaind "$(cat "/proc/$(head -n 1 /run/clients)/cgroup")"
  vifchain down xenbrdhcp
  wait_for "no client any more" 20 expect_failure client_runs
  cp /run/file.before /etc/xen/vifchain.toml
  systemctl reload vifchaind
}
# Itself: who has it started names it too.
client_runs() { pgrep -f '^([^ ]*/)?(dhclient|dhcpcd|udhcpc).*xenbrdhcp' >/run/clients; }

journal_knows_what_lines_are_about() {
  local other=/local/domain/0/backend/vif/6/0
  ip link add vif6.0 type veth peer name guest6
  xenstore-write $other/script /etc/xen/scripts/vif-chain $other/online 1 $other/bridge xenbrnone \
    $other/hotplug-status '' $other/state 2
  wait_for "the other vif is refused" 30 expect_line VIFCHAIN_VIF=vif6.0
  expect_line VIFCHAIN_DOMAIN=6
  expect "lines about a third" "" "$(daemon_said VIFCHAIN_DOMAIN=7)"
  xenstore-rm $other
  ip link del vif6.0
}
expect_line() { expect_in "the journal" xenbrnone "$(daemon_said "$1")"; }

daemon_is_reloaded() {
  cp /etc/xen/vifchain.toml /run/right.toml
  echo 'prots = []' >>/etc/xen/vifchain.toml
  systemctl reload vifchaind
  wait_for "the mistake is told" 10 has_metric "vifchaind_config_mistake 1"
  expect_in "the journal" "prots" "$(daemon_said)"
  cp /run/right.toml /etc/xen/vifchain.toml
  systemctl reload vifchaind
  wait_for "the file is right" 10 has_metric "vifchaind_config_mistake 0"
  expect "its state" active "$(unit ActiveState vifchaind.service)"
}
has_metric() { vifchain status --metrics | finds -x "$1"; }

daemon_comes_again_when_it_is_killed() {
  local before
  before=$(daemon_process)
  systemctl kill --signal=KILL --kill-whom=main vifchaind
  wait_for "another process" 20 is_another_than "$before"
  wait_for "it answers" 20 has_metric "vifchaind_vifs_connected 1"
  expect "the process that answers" "$(daemon_process)" \
    "$(vifchain status --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["daemon"]["pid"])')"
}
is_another_than() { [[ $(daemon_process) != "$1" && $(daemon_process) != 0 ]]; }

daemon_ends_well() {
  systemctl stop vifchaind
  expect "how it ended" success "$(unit Result vifchaind.service)"
  gone /run/vifchain/vifchaind.sock
  has_metric "vifchaind_up 0"
  vif_is_on xenbrlan
  ip link del vif5.0
  systemctl stop store-without-xen
  rm /etc/xen/scripts/vif-post.d/10.hook
}
