#!/usr/bin/env python3
# SPDX-License-Identifier: MIT

"""Every command of vehicle-protocol 7 in the bytes of its appendix B, and what becomes of it."""

import struct
import sys

sys.dont_write_bytecode = True

from harness import Car, main, text_of
from peer import INFOTAINMENT, VCSEC, Key, field, first


def action(number, body=b""):
    """A CarServer.Action."""
    return field(2, field(number, body))


def mode(number, on, pin=None):
    """An action with a switch and a PIN."""
    body = field(1, 1) if on else b""
    return action(number, body + (field(2, pin.encode()) if pin else b""))


def double(number, value):
    return bytes([number << 3 | 1]) + struct.pack("<d", value)


def place(latitude, longitude):
    return field(1, latitude) + field(2, longitude)


HOME = (52.517, 13.3889)

# What is asked for, and what is done: its name, or what it sets.
DONE = [
    ("1203f20300", "charge-port-open"),
    ("1203ea0300", "charge-port-close"),
    ("120432021200", "charging-start"),
    ("120432022a00", "charging-stop"),
    ("120432021a00", "charging-standard"),
    ("120432022200", "charging-max-range"),
    ("12042a020850", {"charging-limit": 80}),
    ("1205da02020810", {"charging-amps": 16}),
    ("1203da0200", {"charging-amps": 0}),
    ("1207ca020408011078", {"charging-schedule": 120}),
    ("1203ca0200", {"charging-schedule": -1}),
    ("120452020801", "climate-on"),
    ("12025200", "climate-off"),
    ("1210720e2a021a00350000a8413d0000a841", {"temperature left": 21, "temperature right": 21}),
    ("1209a202060a042a003a00", {"heater front-left": 3}),
    ("1209a202060a0412004200", {"heater front-right": 0}),
    ("12046a020801", {"steering-wheel-heater": 1}),
    ("12026a00", {"steering-wheel-heater": 0}),
    ("120f82030c0a04080110010a0408011002", {"auto-seat left": 1, "auto-seat right": 1}),
    ("120462020801", {"preconditioning-max": 1}),
    ("12059a02020801", {"bioweapon-mode": 1}),
    ("1205e202020802", {"climate-keeper": 2}),
    ("120792030408011001", {"overheat-protection": 2}),
    (action(66, field(1, 3)), {"overheat-temp": 3}),
    ("12059202021a00", {"windows": 1}),
    ("12059202022200", {"windows": 0}),
    ("1205f201020801", {"sentry-mode": 1}),
    ("1203f20100", {"sentry-mode": 0}),
    ("120bfa01080801120431323334", "valet-mode-on"),
    ("1203fa0100", "valet-mode-off"),
    (action(28), "valet-mode-reset-pin"),
    ("12058a04020801", "guest-mode-on"),
    ("1203c20400", "erase-guest-data"),
    ("12038a0400", "guest-mode-off"),
    ("12027a00", "media-toggle-playback"),
    ("12088201051d0000a040", "media-set-volume"),
    ("12088201051d00000000", "media-set-volume"),
    ("12058201020802", "media-volume-up"),
    ("12058201020801", "media-volume-down"),
    ("12038a0100", "media-next-favorite"),
    ("1203920100", "media-previous-favorite"),
    ("12039a0100", "media-next-track"),
    ("1203a20100", "media-previous-track"),
    ("1206ea010308a038", {"software-in": 7200}),
    ("1203ca0100", "software-update-cancel"),
    ("12059208020801", {"low-power-mode": 1}),
    ("1203920800", {"low-power-mode": 0}),
    ("1205d208020801", {"accessory-power": 1}),
    ("120c8a0709090000000000405040", {"parental limit": 65}),
    ("12058207021001", {"parental speed-limit": 1}),
    ("120782070408031001", {"parental curfew": 1}),
    ("120bfa06080801120431323334", "parental-controls-on"),
    ("1209fa0606120431323334", "parental-controls-off"),
    (action(109, field(1, b"1234")), "parental-controls-clear-pin"),
    (action(33, field(1, place(*HOME))), "homelink"),
    ("1208b203050a03436172", "set-vehicle-name"),
    ("120b4209090000000000405040", {"speed-limit": 65}),
    ("120a4a080801120431323334", "speed-limit-activate"),
    (mode(9, False, "1234"), "speed-limit-deactivate"),
    (action(7, field(1, b"1234")), "speed-limit-clear-pin"),
    (action(79), "speed-limit-clear-pin-admin"),
    (mode(77, True, "1234"), "pin-to-drive-on"),
    (mode(77, False, "1234"), "pin-to-drive-off"),
    (action(78), "pin-to-drive-reset"),
    (action(89), "pin-to-drive-reset-admin"),
    (action(42, field(1, 1) + field(2, 450) + field(3, field(2, b""))), {
        "departure": 450, "departure-preconditioning": 2, "departure-off-peak": 0,
        "off-peak-end": 0}),
    (action(42), {"departure": -1}),
    (action(64, field(1, 2000)), "boombox"),
    (action(117, field(1, 1) + field(3, 5.0) + field(4, 1)), "light-show-start"),
    (action(116), "light-show-stop"),
    (action(47), "dashcam-save"),
    (action(53, double(1, 48.1) + double(2, 11.5)), "navigate"),
]

# What is asked for, and why it is not done: a text, or a protocol fault.
REFUSED = [
    (action(31, field(1, 1)), "pin required"),
    (mode(31, True, "123"), "invalid pin"),
    (mode(31, True, "12a4"), "invalid pin"),
    (mode(31, False), "already off"),
    (mode(9, False, "1234"), "already off"),
    (mode(111, False, "1234"), "already off"),
    (action(7, field(1, b"1234")), "no pin set"),
    (action(109, field(1, b"1234")), "no pin set"),
    (action(110), 23),
    (action(72), "not in guest mode"),
    (action(8, double(1, 49)), "invalid value"),
    (action(113, double(1, 121)), "invalid value"),
    (action(8, double(1, float("nan"))), "invalid value"),
    (action(112, field(1, 7) + field(2, 1)), 13),
    (action(66), "invalid value"),
    (action(66, field(1, 4)), "invalid value"),
    (action(42, field(1, 1) + field(2, 1440)), "invalid value"),
    (action(42, field(1, 1) + field(2, 450) + field(3, b"")), 13),
    (action(6), 13),
    (action(32), 13),
    (action(32, field(3, b"")), "no sunroof"),
    (action(33), 13),
    (action(33, field(1, place(1.0, 2.0))), "homelink not nearby"),
    (action(54), "invalid name"),
    (action(54, field(1, b"x" * 64)), 13),
    (action(54, field(1, b"\xff")), 13),
    (action(54, field(1, b"two\nlines")), 13),
    (action(98), 13),
    (action(98, field(1, 7)), "no such schedule"),
    (action(100, field(1, 7)), "no such schedule"),
    (action(107), 13),
    (action(108), 13),
    (action(53, double(1, 91)), 13),
    (action(117, field(3, 11.0)), 13),
    (action(2, field(1, 1)), 9),
    (action(999, b""), 9),
    (field(3, b""), 9),
    (b"", 9),
    (b"\x0a\xff", 10),
]


def raw(payload):
    return bytes.fromhex(payload) if isinstance(payload, str) else payload


def ask(car, client, payload, domain=INFOTAINMENT):
    """What the car says that it did; a text or a fault where it did not."""
    answer, payload, _ = client.ask(domain, raw(payload))
    fault = first(answer, 12, 2)
    if fault is not None:
        return fault
    why = text_of(payload)
    return car.wait("did") if why is None else why


def each_command_is_done():
    with Car() as car:
        client = car.client()
        for payload, expected in DONE:
            line = ask(car, client, payload)
            assert isinstance(line, dict), f"{payload}: {line}"
            got = line["set"] if isinstance(expected, dict) else line["did"]
            assert got == expected, f"{payload}: {line}"


def what_is_wrong_is_refused():
    with Car() as car:
        client = car.client()
        for payload, expected in REFUSED:
            got = ask(car, client, payload)
            assert got == expected, f"{raw(payload).hex()}: {got} instead of {expected}"


def modes_keep_their_pin():
    with Car() as car:
        client = car.client()
        for number, name in ((31, "valet-mode"), (9, "speed-limit"), (111, "parental")):
            assert ask(car, client, mode(number, True, "1234"))["did"].startswith(name)
            assert ask(car, client, mode(number, True, "1234")) == "already on"
            assert ask(car, client, mode(number, False, "4321")) == "wrong pin"
            assert ask(car, client, mode(number, False, "1234"))["changed"]
            assert ask(car, client, mode(number, True, "4321")) == "wrong pin"
        # Off and its PIN forgotten, another one will do.
        assert ask(car, client, action(28))["did"] == "valet-mode-reset-pin"
        assert ask(car, client, mode(31, True, "4321"))["changed"]
        assert ask(car, client, action(28)) == "valet mode is on"


def modes_stand_in_each_others_way():
    with Car() as car:
        client = car.client()
        ask(car, client, mode(9, True, "1234"))
        assert ask(car, client, action(8, double(1, 60))) == "speed_limit_mode_active"
        assert ask(car, client, mode(111, True, "1234")) == "speed_limit_mode_active"
        ask(car, client, mode(9, False, "1234"))
        ask(car, client, mode(111, True, "1234"))
        for payload in (mode(9, True, "1234"), action(113, double(1, 60)), action(112, field(2, 1))):
            assert ask(car, client, payload) == "parental_controls_active"
        car.tell("shift D")
        for payload in (mode(31, True, "1234"), action(64), action(117)):
            assert ask(car, client, payload) == "not in park"


def a_valet_gets_no_frunk_and_no_keys():
    with Car() as car:
        client = car.client()
        ask(car, client, mode(31, True, "1234"))
        assert client.ask(VCSEC, bytes.fromhex("22023001"))[1] == bytes.fromhex("f202020804")
        change = field(1, field(1, Key().public)) + field(4, 3)
        client.ask(VCSEC, field(16, field(5, change)))
        assert car.wait("refused", "add-key")["information"] == 27
        ask(car, client, mode(31, False))
        assert client.ask(VCSEC, bytes.fromhex("22023001"))[1] == b""


def charging_ends_at_the_limit():
    with Car() as car:
        client = car.client()
        assert ask(car, client, "120432021200")["changed"]
        assert ask(car, client, "120432021200") == "is_charging"
        # Below what is in the battery: charging is over, and cannot begin.
        ask(car, client, action(5, field(1, 60)))
        assert ask(car, client, "120432022a00") == "not_charging"
        assert ask(car, client, "120432021200") == "complete"
        ask(car, client, "120432022200")
        assert ask(car, client, "120432022200") == "already_max_range"


def schedule(ident, days=62, start=None, end=None, where=HOME, more=b""):
    """A ChargeSchedule."""
    body = field(1, ident) + field(3, days)
    if start is not None:
        body += field(4, 1) + field(5, start)
    if end is not None:
        body += field(6, 1) + field(7, end)
    return body + field(9, 1) + field(10, where[0]) + field(11, where[1]) + more


def schedules_come_and_go():
    with Car() as car:
        client = car.client()
        add = lambda *args, **kw: ask(car, client, action(97, schedule(*args, **kw)))
        line = add(1, start=120, end=360)
        assert line["did"] == "charging-schedule-add" and line["changed"]
        assert line["schedule"]["days"] == 62 and line["schedule"]["start"] == 120
        assert not add(1, start=120, end=360)["changed"]
        assert add(1, start=121, end=360)["changed"]
        assert add(2, end=360, where=(52.5096, 13.3759))["schedule"]["start"] is None
        assert add(3, end=360, where=(48.0, 11.0))["changed"]
        assert add(0, end=360) == "invalid id"
        assert add(4, days=0, end=360) == "invalid days"
        assert add(4, days=128, end=360) == "invalid days"
        assert add(4, end=1440) == "invalid time"
        assert add(4) == "neither start nor end"
        assert add(4, end=1, where=(91.0, 0.0)) == "invalid location"
        assert add(4, end=1, where=(float("nan"), 0.0)) == "invalid location"
        # Home and work are known by where they are.
        assert ask(car, client, action(108, field(1, 1)))["changed"]
        assert ask(car, client, action(98, field(1, 1))) == "no such schedule"
        assert ask(car, client, action(98, field(1, 2)))["did"] == "charging-schedule-remove"
        assert not ask(car, client, action(108, field(2, 1)))["changed"]
        assert ask(car, client, action(108, field(3, 1)))["changed"]
        # Of the other kind, with one time; they do not meet.
        body = field(1, 1) + field(3, 1) + field(4, 450) + field(6, 1)
        line = ask(car, client, action(99, body))
        assert line["did"] == "precondition-schedule-add"
        assert ask(car, client, action(98, field(1, 1))) == "no such schedule"
        assert ask(car, client, action(100, field(1, 1)))["changed"]
        for ident in range(1, 11):
            assert add(ident, end=1)["changed"]
        assert add(11, end=1) == "too many schedules"


# Who may, by role; all may read.
ROLES = {
    "owner": {"honk", "lock", "charge", "own"},
    "driver": {"honk", "lock", "charge"},
    "guest": {"honk", "lock", "charge"},
    "charging-manager": {"charge"},
    "vehicle-monitor": set(),
    "service": {"lock"},
    "fm": None,
}
ASKED = [
    ("honk", INFOTAINMENT, "1203da0100"),
    ("honk", INFOTAINMENT, action(54, field(1, b"x"))),
    ("honk", INFOTAINMENT, mode(9, True, "1234")),
    ("honk", INFOTAINMENT, action(99, field(1, 1) + field(3, 1))),
    ("honk", VCSEC, "22023001"),
    ("lock", VCSEC, "1001"),
    ("charge", INFOTAINMENT, "12042a020850"),
    ("charge", INFOTAINMENT, action(97, schedule(1, end=1))),
    ("charge", INFOTAINMENT, action(42)),
    ("charge", VCSEC, "22023803"),
    ("own", INFOTAINMENT, mode(31, True, "1234")),
    ("own", INFOTAINMENT, action(65, field(1, 1))),
    ("own", INFOTAINMENT, mode(111, True, "1234")),
    ("own", INFOTAINMENT, action(79)),
]


def roles_are_kept_for_each_command():
    for role, rights in ROLES.items():
        with Car(role=role) as car:
            client = car.client()
            fault, _, _ = client.fault(INFOTAINMENT, bytes.fromhex("1205f202020801"))
            assert fault == (7 if rights is None else 0), role
            for right, domain, payload in ASKED:
                fault, _, _ = client.fault(domain, raw(payload))
                expected = 0 if right in (rights or ()) else 7
                assert fault == expected, f"{role}, {raw(payload).hex()}: fault {fault}"


def pins_are_not_said():
    with Car() as car:
        client = car.client()
        ask(car, client, mode(31, True, "8642"))
        ask(car, client, action(7, field(1, b"8642")))
        car.lines.put(None)
        for line in iter(car.lines.get, None):
            assert "8642" not in str(line)


if __name__ == "__main__":
    main([
        each_command_is_done,
        what_is_wrong_is_refused,
        modes_keep_their_pin,
        modes_stand_in_each_others_way,
        a_valet_gets_no_frunk_and_no_keys,
        charging_ends_at_the_limit,
        schedules_come_and_go,
        roles_are_kept_for_each_command,
        pins_are_not_said,
    ])
