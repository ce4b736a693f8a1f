# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A driver domain: a PV guest with netback and our programs, made of dom0's own files. It is spoken to
# as any guest is, and its vifs are looked at from inside.

driver_modules=(xen-netfront xen-netback bridge 8021q bonding sch_ingress cls_bpf)
driver_programs=(xenstore-read xenstore-write xenstore-ls vifchain vifchaind)

# make_driver FILE: /boot/guest/initrd-driver, the guests' initramfs with all that on top, and FILE as
# its vifchain.toml.
make_driver() {
  local root module
  root=$(mktemp -d)
  mkdir -p "$root"/{bin,modules,run,tmp,etc/xen/scripts,var/log,var/lib}
  local programs=() program
  for program in "${driver_programs[@]}"; do programs+=("$(command -v "$program")"); done
  cp "${programs[@]}" "$root/bin/"
  cp /etc/xen/scripts/vif-chain "$root/etc/xen/scripts/"
  cp "$1" "$root/etc/xen/vifchain.toml"
  copy_libraries "$root" "${programs[@]}" /etc/xen/scripts/vif-chain
  for module in $(in_loading_order); do
    cp "$module" "$root/modules/"
    basename "$module" .ko >>"$root/modules/order"
  done
  # One stream: of several, libxenguest unpacks the first.
  { zcat /boot/guest/initrd && (cd "$root" && find . | busybox cpio -o -H newc 2>/dev/null); } |
    gzip -1 >/boot/guest/initrd-driver
  rm -r "$root"
}

# libnftables is loaded by those who want a filter.
copy_libraries() { # ROOT PROGRAM…
  local root=$1
  shift
  ldd "$@" "$(ldconfig -p | awk '$1 == "libnftables.so.1" {print $NF}')" |
    awk '$2 == "=>" {print $3} $1 ~ "^/.*ld-linux" {print $1}' | sort -u |
    xargs cp --dereference --parents --target-directory="$root"
}

in_loading_order() {
  modprobe --show-depends --all "${driver_modules[@]}" | awk '$1 == "insmod" && !seen[$2]++ {print $2}'
}

# define_driver VIF…: /etc/xen/driver.cfg.
define_driver() {
  cat >/etc/xen/driver.cfg <<CONFIG
name          = "driver"
type          = "pv"
kernel        = "/boot/guest/vmlinux"
ramdisk       = "/boot/guest/initrd-driver"
extra         = "console=hvc0 quiet mitigations=off"
memory        = 256
driver_domain = 1
vif           = [$(printf "'%s', " "$@")]
CONFIG
}

in_driver() { in_guest driver "$@"; }

# What a boot of any distribution does, and no bond that nobody asked for.
driver_is_ready() {
  guest_is_up driver
  in_driver "ip link del bond0; syslogd -O /var/log/messages; true"
}

driver_controller_of() { in_driver "readlink /sys/class/net/$1/master" | sed 's|.*/||'; }
driver_ports_of() { in_driver "echo \$(ls /sys/class/net/$1/brif)" | head -n 1; }
driver_links() { in_driver "echo \$(ls /sys/class/net | grep -v bonding_masters)" | head -n 1; }

# wait_for_port VIF BRIDGE COMMAND: the command is run there, and the vif joins the bridge; prints how long
# that took, which from here would mostly be the time to ask.
wait_for_port() {
  local net=/sys/class/net times
  times=$(in_driver "cat /proc/uptime; $3; n=0; until [ $net/$1/master -ef $net/$2 ] || [ \$n -gt 1000 ];" \
    "do n=\$((n + 1)); usleep 20000; done; cat /proc/uptime")
  expect "controller of $1" "$2" "$(driver_controller_of "$1")"
  awk 'NF {last = $1; if (!first) first = $1} END {print last - first " s"}' <<<"$times"
}

# --- vifchaind there ------------------------------------------------------------------------------

# shellcheck disable=SC2016 # for the shell there
vifchaind_begins='vifchaind --foreground >>/var/log/vifchaind 2>&1 & echo $! >/run/pid'

start_daemon() {
  in_driver "$vifchaind_begins"
  wait_for "vifchaind runs" 10 daemon_runs
}
daemon_runs() { in_driver "kill -0 \$(cat /run/pid)"; }
daemon_is_gone() { expect_failure daemon_runs; }

# With no time for a last word.
kill_daemon() {
  in_driver "kill -KILL \$(cat /run/pid)"
  wait_for "vifchaind is gone" 10 daemon_is_gone
}

# What the driver domain has to say goes beside what dom0 has.
keep_driver() {
  local question
  for question in "ip link" "xenstore-ls -f backend" "vifchain status" "tail -n 60 /var/log/vifchaind" \
    "tail -n 40 /var/log/messages" "dmesg | tail -n 25"; do
    echo "== driver domain: $question"
    in_driver "$question"
  done
}
