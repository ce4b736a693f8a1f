#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Becomes a real xenstored that serves FOLDER/socket and needs no Xen:
#
#   xenstored.sh c|ocaml FOLDER SHIM.so
#
# Clients find it with XENSTORED_PATH=FOLDER/socket. $XENSTORED_BIN names a folder with the
# daemons; else they are looked for where distributions put them. Exit 3: there is none here.
set -eu
kind=$1 folder=$2 shim=$3

case $kind in
  c) name=xenstored ;;
  ocaml) name=oxenstored ;;
  *) echo "xenstored.sh: wanted c or ocaml, found $kind" >&2; exit 2 ;;
esac

daemon=
for place in "${XENSTORED_BIN:-/nowhere}" /usr/lib/xen-*/bin /usr/lib/xen/bin \
    /usr/libexec/xen/bin /usr/sbin /usr/local/sbin; do
  if [ -x "$place/$name" ]; then daemon=$place/$name; break; fi
done
if [ -z "$daemon" ]; then
  echo "xenstored.sh: wanted $name, found none (package xen-utils-4.17 has it)" >&2
  exit 3
fi

printf 1 > "$folder/xsd_port"
head -c 4096 /dev/zero > "$folder/xsd_kva"
cat > "$folder/oxenstored.conf" <<CONF
pid-file = $folder/pid
xenstored-kva = $folder/xsd_kva
xenstored-port = $folder/xsd_port
xenstored-log-file = $folder/xenstored.log
access-log-file = $folder/access.log
persistent = false
test-eagain = ${XENSTORED_TEST_EAGAIN:-false}
CONF

export SHIM_FOLDER="$folder" XENSTORED_RUNDIR="$folder" XENSTORED_PATH="$folder/socket"
if [ "$kind" = c ]; then set -- -N -F "$folder/pid"; else
  set -- --no-fork --config-file "$folder/oxenstored.conf"; fi
LD_PRELOAD=$shim exec "$daemon" "$@"
