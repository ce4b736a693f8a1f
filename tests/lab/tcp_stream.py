#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A TCP stream whose gaps are measured.
  tcp_stream.py receive ADDRESS PORT FILE   takes one connection; its longest gap so far, in
                                            milliseconds, and how much came, are FILE's two words
  tcp_stream.py send ADDRESS PORT           connects, and sends a byte every 20 ms for ever
"""
import os
import socket
import sys
import time


def receive(address, port, path):
    listening = socket.create_server((address, port), family=family_of(address))
    connection, _ = listening.accept()
    listening.close()
    came = longest = 0
    last = time.monotonic()
    while True:
        bytes_ = connection.recv(4096)
        now = time.monotonic()
        if not bytes_:
            sys.exit("the stream broke off")
        longest, last, came = max(longest, now - last), now, came + len(bytes_)
        with open(path + ".new", "w") as file:
            file.write(f"{longest * 1000:.0f} {came}\n")
        os.rename(path + ".new", path)


def send(address, port):
    connection = socket.create_connection((address, port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while True:
        connection.send(b".")
        time.sleep(0.02)


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


if sys.argv[1] == "receive":
    receive(sys.argv[2], int(sys.argv[3]), sys.argv[4])
else:
    send(sys.argv[2], int(sys.argv[3]))
