#!/usr/bin/env python3
# SPDX-License-Identifier: MIT

"""Driving away: by remote start, and as a phone key (vehicle-protocol 8.3 and 8.4)."""

import sys
import time

sys.dont_write_bytecode = True

from harness import DRIVE, LOCK, STATUS, UNLOCK, Car, main, status_of
from peer import INFOTAINMENT, VCSEC, field, fields, first

ASKS = bytes.fromhex("320208003a020802521f1a1d12160a14")
SAY_DRIVE, SAY_UNLOCK, SAY_NONE = (bytes.fromhex(x) for x in ("1a020802", "1a020801", "1a00"))


def next_question(client, timeout=5):
    """The token, level and reason of the next frame that asks for a key."""
    while True:
        frame = client.receive_any(timeout)
        if frame.startswith(ASKS):
            assert len(frame) == len(ASKS) + 25
            tail = frame[len(ASKS) + 20 :]
            assert tail[0] == 0x18 and tail[2:4] == bytes.fromhex("2201")
            return frame[len(ASKS) : -5], tail[1], tail[4]


def remote_start(client):
    payload = client.ask(INFOTAINMENT, bytes.fromhex("12040a024200"))[1]
    return first(fields(first(fields(payload), 2, 9)), 116)


def answer(car, client, payload):
    """Whether it had an effect, or why not."""
    reply, text, _ = client.ask(VCSEC, payload)
    assert first(reply, 12, 2) is None and text == b""
    while True:
        line = car.lines.get(timeout=10)
        if line.get("did") == "authenticate":
            return line["level"]
        if line.get("ignored") == "authenticate":
            return line["why"]


def refused(car, line):
    car.tell(line)
    return car.wait("refused", line)["why"]


def remote_drive_opens_a_window():
    with Car() as car:
        client = car.client()
        car.tell("brake on")
        assert refused(car, "shift D") == "no key has answered"
        assert remote_start(client) == 0
        assert client.ask(VCSEC, DRIVE)[1] == b""
        assert remote_start(client) == 1
        assert client.ask(VCSEC, DRIVE)[1] == bytes.fromhex("f202020803")
        car.tell("shift D")
        assert client.ask(VCSEC, DRIVE)[1] == bytes.fromhex("f202020805")
        # Once more from where it was parked, but not after it was locked.
        car.tell("shift P")
        car.tell("shift R")
        car.tell("shift P")
        client.ask(VCSEC, UNLOCK)
        client.ask(VCSEC, LOCK)
        assert remote_start(client) == 0
        assert refused(car, "shift D") == "no key has answered"


def the_window_closes():
    with Car("--drive-time", "200ms") as car:
        client = car.client()
        client.ask(VCSEC, DRIVE)
        car.tell("brake on")
        assert car.wait("asks")["asks"] == "drive"
        assert remote_start(client) == 0
        assert refused(car, "shift D") == "no key has answered"


def a_pin_stands_before_both():
    with Car() as car:
        client = car.client()
        car.tell("mode pin-to-drive on")
        client.ask(VCSEC, DRIVE)
        car.tell("brake")
        assert refused(car, "shift D") == "it wants the PIN on its screen"
        car.tell("mode pin-to-drive off")
        car.tell("shift D")


def the_other_kind_of_car_refuses():
    with Car("--drive", "refuse") as car:
        client = car.client()
        assert client.ask(VCSEC, DRIVE)[1] == bytes.fromhex("f202020807")
        car.wait("refused", "drive")
        assert remote_start(client) == 0


def who_has_a_card_needs_no_answer():
    with Car() as car:
        car.tell("shift D")
        car.tell("speed 12")
        car.tell("shift P")


def a_foot_on_the_brake_asks():
    with Car() as car:
        client = car.client()
        car.tell("brake on")
        assert car.wait("asks")["asks"] == "drive"
        token, level, reason = next_question(client)
        began = time.monotonic()
        assert (level, reason) == (2, 1)
        assert next_question(client)[0] == token
        assert 0.5 < time.monotonic() - began < 3
        assert answer(car, client, SAY_UNLOCK) == "it was asked for more"
        assert answer(car, client, field(3, field(1, 2) + field(3, 2))) == "the key declines"
        assert refused(car, "shift D") == "no key has answered"
        assert answer(car, client, SAY_DRIVE) == "drive"
        # It is silent from now on, and drives.
        assert answer(car, client, SAY_DRIVE) == "nobody has asked"
        car.tell("shift D")
        status = status_of(client.plain(VCSEC, STATUS)[1])
        assert status[2] == [1], "it was not asked to unlock"


def a_handle_asks_to_unlock():
    with Car() as car:
        client = car.client()
        car.tell("handle")
        assert next_question(client)[1:] == (1, 5)
        assert answer(car, client, SAY_UNLOCK) == "unlock"
        assert 2 not in status_of(client.plain(VCSEC, STATUS)[1])
        # Of an unlocked car it opens, without a question.
        car.tell("handle")
        assert answer(car, client, SAY_DRIVE) == "nobody has asked"


def nobody_answers_a_handle():
    with Car() as car:
        client = car.client()
        car.tell("handle")
        token = next_question(client)[0]
        car.wait("alert")
        car.tell("handle")
        # Five seconds of the same, then another.
        while next_question(client)[0] == token:
            pass


def only_keys_that_drive_are_heard():
    for role in ("charging-manager", "vehicle-monitor", "service", "fm"):
        with Car(role=role) as car:
            client = car.client()
            car.tell("brake on")
            assert client.fault(VCSEC, SAY_DRIVE)[0] == 7
            assert refused(car, "shift D")
    with Car() as car:
        client = car.client()
        car.tell("brake on")
        reply, _ = client.plain(VCSEC, SAY_DRIVE)
        assert first(reply, 12, 2) == 5
        for payload in (field(3, field(1, 3)), field(3, field(1, 2) + field(3, 4))):
            assert client.fault(VCSEC, payload)[0] == 13
        message, _ = client.sign(VCSEC, SAY_DRIVE)
        client.send(message)
        car.wait("did", "authenticate")
        car.tell("brake off")
        car.tell("brake on")
        # Played again.
        client.send(message)
        assert car.wait("fault")["fault"] == 6


def none_poisons():
    with Car() as car:
        client = car.client()
        car.tell("brake on")
        assert answer(car, client, SAY_NONE).startswith("poisoned")
        assert answer(car, client, SAY_DRIVE).startswith("poisoned")
        assert refused(car, "shift D") == "no key has answered"


if __name__ == "__main__":
    main([
        remote_drive_opens_a_window,
        the_window_closes,
        a_pin_stands_before_both,
        the_other_kind_of_car_refuses,
        who_has_a_card_needs_no_answer,
        a_foot_on_the_brake_asks,
        a_handle_asks_to_unlock,
        nobody_answers_a_handle,
        only_keys_that_drive_are_heard,
        none_poisons,
    ])
