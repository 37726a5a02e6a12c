#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Has hci1 advertise again and again, as a car does.

btvirt reports an advertisement once, when a scan or the advertising begins.
If that one comes before the kernel counts itself as discovering, it is lost.
So what advertises is switched off and on.
"""

import socket
import struct
import time

SOL_HCI, HCI_FILTER = 0, 2
COMMAND, EVENT, COMPLETE = 0x01, 0x04, 0x0E
SET_ADVERTISE_ENABLE = 0x200A
INTERVAL_S = 0.25

hci = socket.socket(socket.AF_BLUETOOTH, socket.SOCK_RAW, socket.BTPROTO_HCI)
hci.bind((1,))
hci.setsockopt(
    SOL_HCI,
    HCI_FILTER,
    struct.pack("<IIIH2x", 1 << EVENT, 1 << COMPLETE, 0, SET_ADVERTISE_ENABLE),
)
hci.settimeout(1)


def switch(enable):
    """Returns whether that changed anything."""
    try:
        hci.send(struct.pack("<BHBB", COMMAND, SET_ADVERTISE_ENABLE, 1, enable))
        return hci.recv(64)[-1] == 0
    except OSError:
        return False


while True:
    time.sleep(INTERVAL_S)
    if switch(0):
        switch(1)
