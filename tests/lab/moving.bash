# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What a host that moves to vifchain has in both of its scenarios.

define_the_guests() {
  define_guest web 02:00:00:00:00:01 xenbrdmz 10.0.2.11
  define_guest db 02:00:00:00:00:02 xenbrlan 10.0.3.12
}

start_guests() {
  define_the_guests
  create_guest web
  create_guest db
  guest_is_up web
  guest_is_up db
  guest_reaches_at_once web 10.0.2.1
  guest_reaches_at_once db 10.0.3.1
}

# Ten pings a second of each guest while the command runs: none may be lost.
while_guests_ping() { # COMMAND…
  local guest log=/root/ping.log
  local -A host_of=([web]=10.0.2.1 [db]=10.0.3.1)
  for guest in web db; do
    in_guest "$guest" "rm -f $log; ping -i 0.1 -c 50 -W 1 ${host_of[$guest]} >$log 2>&1 &" \
      "until grep -q seq=1 $log; do usleep 50000; done"
  done
  "$@"
  for guest in web db; do
    expect "what $guest lost" 0 "$(in_guest "$guest" "until grep packets $log; do usleep 50000; done" |
      awk '/packets/ {print $1 - $4}')"
  done
}

destroy_all() {
  xl destroy web
  xl destroy db
  wait_for "no vif is left" 10 no_vif
}
