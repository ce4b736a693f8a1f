# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Guests: their configuration, what xl calls them, and running commands inside them.

# define_guest NAME MAC BRIDGE ADDRESS: writes /etc/xen/NAME.cfg, of a guest with one vif.
define_guest() { define_pv_guest "$1" "$4" "mac=$2, bridge=$3"; }

# define_pv_guest NAME ADDRESS VIF…: ADDRESS is eth0's, each VIF is as xl has it.
define_pv_guest() {
  local name=$1 address=$2
  shift 2
  cat >"/etc/xen/$name.cfg" <<CONFIG
name    = "$name"
type    = "pv"
kernel  = "/boot/guest/vmlinux"
ramdisk = "/boot/guest/initrd"
extra   = "console=hvc0 quiet mitigations=off lab.ip=$address/24"
memory  = 128
vif     = [$(printf "'%s', " "$@")]
CONFIG
}

# define_hvm_guest NAME VIF…: it keeps its emulated NICs beside the PV ones, as no guest would.
define_hvm_guest() {
  local name=$1
  shift
  cat >"/etc/xen/$name.cfg" <<CONFIG
name    = "$name"
type    = "hvm"
kernel  = "/boot/guest/vmlinuz"
ramdisk = "/boot/guest/initrd"
extra   = "console=hvc0 quiet mitigations=off xen_emul_unplug=unnecessary"
memory  = 192
vnc     = 0
serial  = "null"
vif     = [$(printf "'model=e1000, %s', " "$@")]
CONFIG
}

domid() { xl domid "$1" 2>/dev/null || true; }
vif_of() { echo "vif$(domid "$1").${2:-0}"; }
backend_domid=0 # of the domain that has the other ends of all vifs that are asked for
backend_of() { echo "/local/domain/$backend_domid/backend/vif/$(domid "$1")/${2:-0}"; }
frontend_of() { echo "/local/domain/$(domid "$1")/device/vif/${2:-0}"; }

# xenconsoled writes what a guest says into this file, whether anybody listens or not.
console_of() { echo "/var/log/xen/console/guest-$1.log"; }

# in_guest NAME COMMAND…: the guest's init runs it; its output and status are this function's.
# GUEST_PATIENCE is how many seconds it may take.
in_guest() {
  local name=$1 token="t$RANDOM$RANDOM" console terminal from deadline answer
  shift
  console=$(console_of "$name")
  terminal=$(xenstore-read "/local/domain/$(domid "$name")/console/tty") || return 125
  from=$(stat -c %s "$console" 2>/dev/null || echo 0)
  printf '%s %s\n' "$token" "$*" >"$terminal"
  deadline=$((SECONDS + ${GUEST_PATIENCE:-30}))
  until answer=$(tail -c +$((from + 1)) "$console" 2>/dev/null | tr -d '\r') &&
    [[ $answer =~ "$token "([0-9]+)">" ]]; do
    ((SECONDS < deadline)) || fail "$name does not answer \"$*\"" || return 125
    sleep 0.1
  done
  local status=${BASH_REMATCH[1]}
  sed -n "/^<$token\$/,/^$token /{//!p}" <<<"$answer"
  return "$status"
}

answers() { GUEST_PATIENCE=5 in_guest "$1" true; }

# create_guest NAME: xl's output goes to /out/NAME.create, to be looked at.
create_guest() { xl create "/etc/xen/$1.cfg" >"/out/$1.create" 2>&1 || fail "$(<"/out/$1.create")"; }

guest_is_up() { wait_for "$1 answers on its console" 90 answers "$1"; }

# Three answers, not one: the first frame may be the one that teaches a bridge where things are.
pings() { in_guest "$1" ping -q -c 3 -W 2 "$2"; }
cannot_ping() { expect_failure in_guest "$1" ping -q -c 2 -W 1 "$2"; }
# Only whether at all, and soon.
guest_reaches_at_once() {
  local guest=$1 address
  shift
  for address; do
    wait_for "$guest reaches $address" 20 in_guest "$guest" ping -q -c 1 -W 2 "$address"
  done
}
# All of them are asked at the same time: nobody answers, and waiting is what that costs.
guest_reaches_none_of() { # GUEST ADDRESS…
  local guest=$1
  shift
  expect "what $guest reaches of $*" "" "$(in_guest "$guest" \
    "for a in $*; do ping -q -c 2 -W 1 \$a >/dev/null && echo \$a & done; wait")"
}
guest_reaches() { wait_for "$1 reaches $2" 30 pings "$1" "$2"; }

vif_is_connected() { # GUEST [DEVID [MTU]]
  local backend frontend
  backend=$(backend_of "$1" "${2:-0}") frontend=$(frontend_of "$1" "${2:-0}")
  wait_for "$1's backend is Connected" 20 store_has "$backend/state" 4
  expect "hotplug-status" connected "$(xenstore-read "$backend/hotplug-status")"
  expect "frontend mtu" "${3:-1500}" "$(xenstore-read "$frontend/mtu")"
  expect_failure xenstore-exists "$backend/hotplug-error"
}
store_has() { is "$(xenstore-read "$1")" "$2"; }

# attach_vif GUEST DEVID WORD…: xl is silent, the vif is connected and up in the guest.
attach_vif() {
  local guest=$1 devid=$2
  shift 2
  xl network-attach "$guest" "devid=$devid" "$@" >/out/attach 2>&1 || fail "$(</out/attach)"
  expect "what xl network-attach printed" "" "$(</out/attach)"
  wait_for "$guest has eth$devid" 20 in_guest "$guest" ip link set "eth$devid" up
}

detach_vif() { # GUEST DEVID
  local backend
  backend=$(backend_of "$@")
  xl network-detach "$@" >/out/detach 2>&1 || fail "$(</out/detach)"
  expect "what xl network-detach printed" "" "$(</out/detach)"
  expect_failure xenstore-exists "$backend"
}

# refuse_vif GUEST DEVID WORD…: prints the sentence that xl does. The vif was on no bridge, and after
# xl network-detach, which libxl leaves to us, nothing is left of it.
refuse_vif() {
  local guest=$1 devid=$2 before
  shift 2
  before=$(links)
  expect_failure xl network-attach "$guest" "devid=$devid" "$@" >/out/refused 2>&1
  expect "its controller" "" "$(controller_of "$(vif_of "$guest" "$devid")")"
  xl network-detach "$guest" "$devid" >/out/detach 2>&1 || fail "$(</out/detach)"
  wait_for "the links are as before" 10 links_are "$before"
  # libxl prints what the script left in hotplug-error after the word "script:".
  grep -o 'script: .*' /out/refused || fail "no sentence of ours in what xl said" "$(</out/refused)"
}
links_are() { is "$(links)" "$1"; }
