# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sources the hooks of one vif event, in the surroundings that Xen's vif scripts give them.
#
#   bash -p -c TEXT SCRIPT HOOKS REPORT
#
# SCRIPT is the program that libxl ran, as hooks see it in $0; HOOKS the folder of the hooks; REPORT
# an open file descriptor. On it comes "> HOOK" before each hook, and then what went wrong in it, in
# words. The event's variables (command, dev, vif, bridge, ...) are in the environment: data, which
# nothing here evaluates.

set -eE

dir=$(dirname "$0")
export LANG=POSIX
# shellcheck disable=SC2046 # names, one word each
unset LC_ALL $(compgen -v LC_ || true)

# Where Xen says its programs are; the file assigns and nothing else.
# shellcheck source=/dev/null
if [[ -r $dir/hotplugpath.sh ]]; then . "$dir/hotplugpath.sh"; fi
PATH=${bindir:-/usr/bin}:${sbindir:-/usr/sbin}${LIBEXEC_BIN:+:$LIBEXEC_BIN}:/sbin:/bin:/usr/bin:/usr/sbin${PATH:+:$PATH}
export PATH

# Out of the way of the low numbers that hooks use.
exec {vifchain_report}>&"$2"-
vifchain_hook=
vifchain_said=
declare -A vifchain_locks=()

# --- what hooks may call --------------------------------------------------------------------------

# log LEVEL WORD...: a line in syslog, facility daemon, and above debug in xen-hotplug.log too.
log() {
  local level=$1
  shift
  logger -t "vif-chain[$$]" -p "daemon.$level" -- "$0: $*" 2>/dev/null && [[ $level == debug ]] ||
    TZ=UTC printf '%(%FT%TZ)T vif-chain[%s]: %s\n' -1 $$ "$0: $*" >&2
}

# fatal WORD...: ends all hooks, and the words are the reason that people read.
fatal() {
  vifchain_tell "$*"
  log err "$*"
  exit 1
}

# success: netback hears that the backend is connected.
success() {
  xenstore_write "$XENBUS_PATH/hotplug-status" connected
}

do_or_die() {
  "$@" || fatal "$* failed"
}

do_without_error() {
  "$@" 2>/dev/null || log debug "$* failed"
}

# xenstore_read PATH...: the values, one a line; fatal when there is none.
xenstore_read() {
  local values
  values=$(xenstore-read "$@" || true)
  [[ -n $values ]] || fatal "xenstore-read $* failed."
  printf '%s\n' "$values"
}

# xenstore_read_default PATH VALUE: the node's value, or VALUE when there is no such node.
xenstore_read_default() {
  xenstore-read "$1" 2>/dev/null || printf '%s\n' "$2"
}

_xenstore_write() {
  log debug "Writing $* to xenstore."
  xenstore-write "$@"
}

# xenstore_write PATH VALUE...: fatal when it cannot be written.
xenstore_write() {
  _xenstore_write "$@" || fatal "Writing $* to xenstore failed."
}

# claim_lock NAME: waits for the lock and holds it until release_lock or the end. Together with
# Xen's scripts: a flock on the file that has the name at that moment, and whoever holds it may
# unlink it, so it is only had if the file is still there (locking.sh).
claim_lock() {
  local file=/var/run/xen-hotplug/$1 held
  mkdir -p "${file%/*}"
  while true; do
    exec {held}<>"$file"
    flock -x "$held"
    [[ ! /proc/self/fd/$held -ef $file ]] || break
    exec {held}>&-
  done
  vifchain_locks[$1]=$held
}

release_lock() {
  local held=${vifchain_locks[$1]}
  rm "/var/run/xen-hotplug/$1"
  exec {held}>&-
  unset "vifchain_locks[$1]"
}

# --------------------------------------------------------------------------------------------------

vifchain_tell() {
  vifchain_said=yes
  printf '%s\n' "${*//$'\n'/ }" >&"$vifchain_report"
}

# The line of the hook that runs now, whatever functions and files it is in the middle of.
vifchain_line() {
  local i line=
  for ((i = 1; i < ${#BASH_SOURCE[@]}; ++i)); do
    [[ ${BASH_SOURCE[i]} != "$vifchain_hook" ]] || line=${BASH_LINENO[i - 1]}
  done
  echo "$line"
}

# After a command that ended with an error: only where that ends the shell, as a hook may have said
# "set +e", and a subshell's end is its caller's business.
vifchain_failed() { # STATUS COMMAND
  [[ $- == *e* ]] || return 0
  ((BASH_SUBSHELL == 0)) || return 0
  vifchain_tell "line $(vifchain_line): \"$2\" ended with $1"
  exit "$1"
}

vifchain_end() { # STATUS
  if (($1 != 0)) && [[ ! $vifchain_said ]]; then vifchain_tell "ended with $1"; fi
  if (($1 == 0)) && [[ $vifchain_hook ]]; then
    log warning "$vifchain_hook ended with \"exit\": the hooks after it did not run"
  fi
}

# Hooks see its words as $1 and $2.
call_hooks() { # vif post
  local f
  for f in "$vifchain_hooks"/*.hook; do
    [[ -f $f && -x $f ]] || continue
    vifchain_hook=$f
    printf '> %s\n' "$f" >&"$vifchain_report"
    set -e
    # shellcheck source=/dev/null
    . "$f"
  done
  vifchain_hook=
}

vifchain_hooks=$1
trap 'vifchain_end $?' EXIT
trap 'vifchain_failed $? "$BASH_COMMAND"' ERR
call_hooks vif post
