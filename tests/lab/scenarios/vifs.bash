#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# All that a vif can ask for, on real Xen, topic by topic: each has a room in vifs/, which are gone
# through in this order. A program that runs this may name the topics it wants.
cd "$(dirname "$0")/.." || exit 1
. ./lib.bash
. ./wires.bash
. ./guests.bash
. ./links.bash
. /opt/lab/order # STORE

for room in host vlans bridges ports strangers hooks names moves spoof hvm; do
  # shellcheck source=/dev/null
  . "scenarios/vifs/$room.bash"
done
topics=("$@")
((${#topics[@]})) || topics=(vlans bridges ports strangers hooks names moves spoof hvm)

host_steps
[[ " ${topics[*]} " != *" hvm "* ]] || hvm_start_step
for topic in "${topics[@]}"; do "${topic}_steps"; done
last_steps
finish
