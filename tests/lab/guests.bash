# shellcheck shell=bash
# Guests: their configuration, what xl calls them, and running commands inside them.

# define_guest NAME MAC BRIDGE ADDRESS: writes /etc/xen/NAME.cfg.
define_guest() {
  cat >"/etc/xen/$1.cfg" <<CONFIG
name    = "$1"
type    = "pv"
kernel  = "/boot/guest/vmlinux"
ramdisk = "/boot/guest/initrd"
extra   = "console=hvc0 quiet mitigations=off lab.ip=$4/24"
memory  = 128
vif     = ['mac=$2, bridge=$3']
CONFIG
}

domid() { xl domid "$1" 2>/dev/null || true; }
vif_of() { echo "vif$(domid "$1").${2:-0}"; }
backend_of() { echo "/local/domain/0/backend/vif/$(domid "$1")/${2:-0}"; }
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
guest_reaches() { wait_for "$1 reaches $2" 30 pings "$1" "$2"; }
