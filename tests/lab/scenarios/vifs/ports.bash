# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# What the file says of guests' ports: guests that may not talk to each other, and how much a guest may
# receive.

fenced_ip=10.0.50.11 neighbour_ip=10.0.50.12 fifty=10.0.50.1
rate=200 # kbit/s, as xenbrfenced has it

two_guests_on_a_fenced_bridge() {
  host fifty "$fifty" eth3.50
  attach_vif web 1 mac=02:00:00:00:00:21 bridge=xenbrfenced
  attach_vif db 1 mac=02:00:00:00:00:22 bridge=xenbrfenced
  in_guest web ip address add "$fenced_ip/24" dev eth1
  in_guest db ip address add "$neighbour_ip/24" dev eth1
  local guest
  for guest in web db; do
    expect_in "$guest's port" "isolated on" "$(port_options_of "$(vif_of "$guest" 1)")"
    guest_reaches_at_once "$guest" "$fifty"
  done
}

neighbours_do_not_reach_each_other() {
  guest_reaches_none_of web "$neighbour_ip"
  guest_reaches_none_of db "$fenced_ip"
}

# Nothing else keeps them apart: two isolated ports do not talk, one alone is free.
the_flag_is_what_does_it() {
  bridge link set dev "$(vif_of db 1)" isolated off
  guest_reaches_at_once web "$neighbour_ip"
  bridge link set dev "$(vif_of db 1)" isolated on
}

bytes_received_by_web() { in_guest web cat /sys/class/net/eth1/statistics/rx_bytes; }

# 300 packets of 1000 bytes, as fast as they come.
flood_web() {
  ip netns exec fifty bash -c "for ((i = 0; i < 300; ++i)); do
    printf %1000s >/dev/udp/$fenced_ip/9; done" 2>/dev/null || true
}

# Prints what arrived, in bytes, and how many milliseconds that took.
receive_a_flood() {
  local before after began=${EPOCHREALTIME/./}
  before=$(bytes_received_by_web)
  flood_web
  after=$(bytes_received_by_web)
  echo "$((after - before)) $(((${EPOCHREALTIME/./} - began) / 1000))"
}

guest_receives_no_more() {
  local flood got took most
  flood=$(receive_a_flood)
  read -r got took <<<"$flood"
  # What the rate allows in that time, with a tenth for clocks, and what may go or wait at once.
  most=$((rate * took * 11 / 80 + 10000))
  note "$got bytes in $took ms, at most $most at $rate kbit/s"
  ((got <= most)) || fail "received $got bytes in $took ms, at most $most wanted"
  ((got >= 5000)) || fail "received $got bytes: hardly anything"
  expect_no "the qdisc" "dropped 0," "$(tc -s qdisc show dev "$(vif_of web 1)" root)"
}

without_the_limit_all_arrives() {
  local flood got took
  tc qdisc delete dev "$(vif_of web 1)" root
  flood=$(receive_a_flood)
  read -r got took <<<"$flood"
  note "$got bytes in $took ms"
  ((got >= 300000)) || fail "received $got bytes of 300000"
}

fenced_guests_go() {
  detach_vif web 1
  detach_vif db 1
  expect "ports of xenbrfenced" eth3.50 "$(ports_of xenbrfenced)"
}

ports_steps() {
  step "two guests on a bridge of isolated ports reach the wire" two_guests_on_a_fenced_bridge
  step "they do not reach each other" neighbours_do_not_reach_each_other
  step "with one of the flags off they do" the_flag_is_what_does_it
  step "of a flood a guest receives what receive_rate says and no more" guest_receives_no_more
  step "without the limit it receives all of it" without_the_limit_all_arrives
  step "the fenced guests' ports go" fenced_guests_go
}
