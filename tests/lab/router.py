#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""An IPv6 router that says what it is told to, whoever asks.
  router.py LINK PREFIX PERIOD ROUTER-LIFETIME VALID PREFERRED
A router advertisement every PERIOD seconds (a fraction may be given) for ever, with the link's own MAC and link-local address.
"""
import socket
import sys
import time

import frames


def link_local_of(link):
    with open("/proc/net/if_inet6") as addresses:
        for line in addresses:
            words = line.split()
            if words[5] == link and words[0].startswith("fe80"):
                return socket.inet_ntop(socket.AF_INET6, bytes.fromhex(words[0]))
    sys.exit(f"router.py: {link} has no link-local address")


link, prefix, period, lifetime, valid, preferred = sys.argv[1:]
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
wire.bind((link, 0))
mac = wire.getsockname()[4].hex()
said = frames.advertisement(mac, link_local_of(link), prefix, lifetime, valid, preferred)
while True:
    wire.send(said)
    time.sleep(float(period))
