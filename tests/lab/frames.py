#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Ethernet frames as lines of hex digits, for a guest to send.
  frames.py udp FROM-MAC TO-MAC FROM TO PORT TEXT       by IPv4 or IPv6, as the addresses are
  frames.py advertisement MAC FROM PREFIX ROUTER-LIFETIME VALID PREFERRED
                                  of an IPv6 router; PREFIX is of 64 bits, on the link and for autonomous addresses
"""
import socket
import struct
import sys

UDP, ICMPV6, ADVERTISEMENT, SOURCE_MAC, PREFIX_INFORMATION = 17, 58, 134, 1, 3
ALL_NODES, ALL_NODES_MAC = "ff02::1", "33:33:00:00:00:01"


def address(text):
    return socket.inet_pton(socket.AF_INET6 if ":" in text else socket.AF_INET, text)


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


# RFC 1071.
def checksum(content):
    content += b"\0" * (len(content) % 2)
    total = sum(struct.unpack(f"!{len(content) // 2}H", content))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


# RFC 768, RFC 8200 section 8.1.
def over(source, target, protocol, content):
    return checksum(source + target + struct.pack("!II", len(content), protocol) + content)


def packet(source, target, protocol, content, hops=255):
    if len(source) == 16:
        return struct.pack("!IHBB", 6 << 28, len(content), protocol, hops) + source + target + content
    header = struct.pack("!BBHHHBB", 0x45, 0, 20 + len(content), 0, 0, hops, protocol)
    header += struct.pack("!H", checksum(header + b"\0\0" + source + target)) + source + target
    return header + content


def frame(from_mac, to_mac, content):
    return mac(to_mac) + mac(from_mac) + struct.pack("!H", 0x86DD if content[0] >> 4 == 6 else 0x0800) + content


def udp(from_mac, to_mac, source, target, port, text):
    source, target = address(source), address(target)

    def message(check):
        return struct.pack("!HHHH", 4000, int(port), 8 + len(text), check) + text.encode()

    content = message(over(source, target, UDP, message(0)))
    return frame(from_mac, to_mac, packet(source, target, UDP, content))


# RFC 4861 sections 4.2, 4.6.
def advertisement(from_mac, source, prefix, lifetime, valid, preferred):
    source, target = address(source), address(ALL_NODES)

    def message(check):
        return (struct.pack("!BBHBBHII", ADVERTISEMENT, 0, check, 64, 0, int(lifetime), 0, 0)
                + struct.pack("!BB", SOURCE_MAC, 1) + mac(from_mac)
                + struct.pack("!BBBBIII", PREFIX_INFORMATION, 4, 64, 0xC0, int(valid), int(preferred), 0)
                + address(prefix))

    content = message(over(source, target, ICMPV6, message(0)))
    return frame(from_mac, ALL_NODES_MAC, packet(source, target, ICMPV6, content))


if __name__ == "__main__":
    kinds = {"udp": udp, "advertisement": advertisement}
    print(kinds[sys.argv[1]](*sys.argv[2:]).hex())
