# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Named steps that print TAP, waiting for states by name, and comparing what is with what was wanted.

set -u
steps=0
failed_steps=0
state_shown=''
lab_out=/out
mkdir -p "$lab_out"

# step "a sentence that is true" FUNCTION [ARGUMENT…]
# Each command of the function is an assertion. It runs in a shell of its own, so that the first
# one to fail ends the step and never the run; what must outlive a step goes into a file.
step() {
  local sentence=$1 said=$lab_out/step.said status began=${EPOCHREALTIME/./}
  shift
  steps=$((steps + 1))
  (
    set -Eeo pipefail
    # To a descriptor of its own: in a command substitution it must not become part of the answer.
    trap 'echo "failed: $BASH_COMMAND (${BASH_SOURCE[0]##*/}:$LINENO)" >&9' ERR
    "$@"
  ) >"$said" 9>&1 2>&1 </dev/null
  status=$?
  local took=$(((${EPOCHREALTIME/./} - began) / 100000))
  took="$((took / 10)).$((took % 10)) s"
  if ((status == 0)); then
    echo "ok $steps - $sentence # $took"
    grep '^note: ' "$said" | sed 's/^note: /#   /'
    return
  fi
  failed_steps=$((failed_steps + 1))
  echo "not ok $steps - $sentence # $took"
  cut -c1-600 "$said" | sed 's/^/#   /'
  keep_state "$lab_out/failure-$steps.txt"
  # The first failure explains itself on the spot; the ones after it often follow from it.
  if [[ -z $state_shown ]]; then
    state_shown=yes
    cut -c1-160 "$lab_out/failure-$steps.txt" | sed 's/^/#   | /'
  fi
  return 0
}

# The last line of a scenario.
finish() {
  echo "1..$steps"
  rm -f "$lab_out/step.said"
  ((steps > 0 && failed_steps == 0))
  exit
}

# note: shown beneath a step that passed, for a measured number that a person wants to see.
note() { echo "note: $*"; }

fail() {
  printf '%s\n' "$@"
  return 1
}

# finds ARGUMENT… as of grep: whether it is in what is read, all of it: whoever writes to a grep -q that has
# found it fails, and the step with it.
finds() {
  local text
  text=$(cat)
  grep -q "$@" <<<"$text"
}

# expect "what" WANTED FOUND
expect() { [[ $3 == "$2" ]] || fail "$1" "  wanted: $2" "  found:  $3"; }

# expect_in "what" PART TEXT
expect_in() { [[ $3 == *"$2"* ]] || fail "$1" "  wanted, somewhere in it: $2" "  found: $3"; }

# expect_no "what" PART TEXT
expect_no() { [[ $3 != *"$2"* ]] || fail "$1" "  wanted nowhere in it: $2" "  found: $3"; }

# expect_same "what" FILE FILE: the first is wanted, the second found; tells the lines that differ.
expect_same() { diff -U0 "$2" "$3" || fail "$1: differs, see above"; }

# expect_failure COMMAND…
expect_failure() { ! "$@" || fail "wanted to fail, and did not: $*"; }

# wait_for "state by name" SECONDS COMMAND…
wait_for() {
  local state=$1 limit=$2 deadline=$((SECONDS + $2)) said
  shift 2
  until said=$("$@" 2>&1); do
    ((SECONDS < deadline)) ||
      fail "waited $limit s for: $state" "  asked: $*" "  last answer: ${said:-nothing}"
    sleep 0.1
  done
}

# For wait_for: states that are asked until they hold.
is() { [[ $1 == "$2" ]] || fail "is \"$1\", wanted \"$2\""; }
gone() { [[ ! -e $1 ]] || fail "$1 is still there"; }

kernel_is_content() {
  dmesg | awk '/WARNING:|BUG:|Oops|general protection|Call Trace/' >"$lab_out/complaints"
  expect "complaints in the kernel log" "" "$(head -3 "$lab_out/complaints")"
}

# Everything that helps to understand a failure, in one file. A scenario that defines more_state has it
# added.
keep_state() { # FILE
  {
    section "links" ip -d link
    section "addresses" ip -br address
    section "bridge ports" bridge -d link
    section "bonds" sh -c 'cat /proc/net/bonding/* 2>/dev/null'
    if [[ -d /proc/xen && -n $(ls -A /proc/xen 2>/dev/null) ]]; then
      section "domains" xl list
      section "store: backends" xenstore-ls -f /local/domain/0/backend
      section "xen-hotplug.log" tail -40 /var/log/xen/xen-hotplug.log
      section "guest consoles" sh -c 'tail -n 15 /var/log/xen/console/guest-*.log'
      section "xl logs" sh -c 'tail -n 15 /var/log/xen/xl-*.log'
    fi
    section "syslog" tail -40 /var/log/syslog
    section "kernel" sh -c 'dmesg | tail -25'
    ! declare -F more_state >/dev/null || more_state
  } >"$1" 2>&1
}

section() { # TITLE COMMAND…
  echo "== $1"
  shift
  timeout 10 "$@" 2>&1 | tr -d '\r'
}
