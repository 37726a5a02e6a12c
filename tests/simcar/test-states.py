#!/usr/bin/env python3
# SPDX-License-Identifier: MIT

"""Every category of state: that it agrees with what was commanded, and what it leaves out."""

import struct
import sys

sys.dont_write_bytecode = True

from harness import Car, main
from peer import INFOTAINMENT, field, fields, first

# Category: its field in GetVehicleData and in VehicleData, a leaf that is there.
CATEGORIES = {
    "charge": (2, 3, 114),
    "climate": (3, 4, 101),
    "drive": (4, 5, 105),
    "location": (7, 8, 101),
    "closures": (8, 9, 113),
    "charge-schedule": (10, 15, 4),
    "precondition-schedule": (11, 16, 3),
    "tire-pressure": (14, 19, 2),
    "media": (15, 20, 5),
    "media-detail": (16, 21, 1),
    "software-update": (17, 23, 107),
    "parental-controls": (19, 24, 2),
}


def number(value):
    """A float leaf."""
    return round(struct.unpack("<f", value)[0], 4)


class Reader:
    def __init__(self, car):
        self.client = car.client()

    def read(self, name):
        ask, answer, _ = CATEGORIES[name]
        request = field(2, field(1, field(ask, b"")))
        payload = self.client.ask(INFOTAINMENT, request)[1]
        return fields(first(fields(payload), 2, answer))

    def do(self, payload):
        payload = bytes.fromhex(payload) if isinstance(payload, str) else payload
        answer = fields(self.client.ask(INFOTAINMENT, payload)[1])
        assert first(answer, 1, 1, default=0) == 0, answer

    def action(self, number, body=b""):
        self.do(field(2, field(number, body)))


def choice(message, number):
    """Which of a oneof of empty messages stands in a field."""
    return list(fields(first(message, number)))[0]


def each_category_is_told():
    with Car() as car:
        reader = Reader(car)
        for name, (_, _, leaf) in CATEGORIES.items():
            assert leaf in reader.read(name), name
            assert car.wait("read")["read"] == "state-" + name


def two_at_once_are_too_much():
    with Car() as car:
        client = car.client()
        asks = [ask for ask, _, _ in CATEGORIES.values()]
        for one, other in zip(asks, asks[1:]):
            request = field(2, field(1, field(one, b"") + field(other, b"")))
            assert client.fault(INFOTAINMENT, request)[0] == 25
        assert client.fault(INFOTAINMENT, field(2, field(1, b"")))[0] == 9


def charge_agrees():
    with Car() as car:
        reader = Reader(car)
        reader.do("12042a02085a")
        reader.do("1205da0202080a")
        state = reader.read("charge")
        assert first(state, 104) == 90 and first(state, 149) == 10
        assert choice(state, 1) == 7 and first(state, 121) == 0 and first(state, 148) == 0
        # Nothing of a schedule, and no phases, before there are any.
        assert not {129, 134, 150, 151} & set(state)
        reader.do("120432021200")
        reader.do("1207ca020408011078")
        state = reader.read("charge")
        assert choice(state, 1) == 5 and first(state, 121) == 10 and first(state, 122) == 2
        assert first(state, 123) > first(state, 142) > 0
        assert first(state, 148) == 1 and first(state, 150) == 120
        reader.action(42, field(1, 1) + field(2, 450) + field(3, field(2, b"")))
        state = reader.read("charge")
        assert first(state, 148) == 2 and first(state, 151) == 450 and first(state, 152) == 1
        assert 150 not in state and choice(state, 45) == 2 and choice(state, 46) == 1
        reader.do("1203f20300")
        assert first(reader.read("charge"), 127) == 1
        car.tell("plug out")
        state = reader.read("charge")
        assert choice(state, 1) == 2 and choice(state, 28) == 1 and choice(state, 35) == 2
        car.tell("plug in")
        car.tell("battery 90")
        assert choice(reader.read("charge"), 1) == 6


def climate_agrees():
    with Car() as car:
        reader = Reader(car)
        state = reader.read("climate")
        assert first(state, 110) == 0 and choice(state, 30) == 2 and choice(state, 35) == 1
        # Of seats that a Model 3 has not.
        assert not {118, 119, 120, 121} & set(state)
        for payload in (
            "1210720e2a021a00350000a8413d0000a841",
            "1209a202060a042a003a00",
            "12046a020801",
            "120462020801",
            "12059a02020801",
            "1205e202020803",
            "120792030408011001",
        ):
            reader.do(payload)
        reader.action(66, field(1, 3))
        reader.action(49, field(1, field(1, 3) + field(2, 2)))
        state = reader.read("climate")
        assert number(first(state, 103)) == 21 and first(state, 113) == 3
        assert first(state, 125) == 1 and first(state, 134) == 1
        # What needs the climate has switched it on.
        assert first(state, 110) == 1 and choice(state, 35) == 3 and choice(state, 30) == 5
        assert first(state, 143) == 2 and first(state, 146) == 3 and first(state, 140) == 2
        reader.do("12025200")
        state = reader.read("climate")
        assert first(state, 110) == 0 and choice(state, 30) == 2 and first(state, 134) == 0
        car.tell("temperature inside 31.5")
        car.tell("temperature outside -4")
        state = reader.read("climate")
        assert number(first(state, 101)) == 31.5 and number(first(state, 102)) == -4


def closures_agree():
    with Car() as car:
        reader = Reader(car)
        state = reader.read("closures")
        assert first(state, 117) == 0 and first(state, 118) == 1
        assert fields(first(state, 22))[103] == [0] and choice(state, 19) == 1
        # No sunroof, no tonneau.
        assert not {11, 112, 23, 24, 25} & set(state)
        reader.do("120bfa01080801120431323334")
        reader.do("1205f201020801")
        reader.do("12059202021a00")
        reader.do("120b4209090000000000405040")
        reader.do("120a4a080801120431323334")
        for door in ("front-left", "front-right", "rear-left", "rear-right"):
            car.tell(f"door {door} open")
        state = reader.read("closures")
        assert first(state, 117) == 1 and first(state, 118) == 0 and choice(state, 19) == 3
        limit = fields(first(state, 22))
        assert limit[103] == [1] and limit[104] == [1] and number(limit[108][0]) == 65
        for leaf in (101, 102, 103, 104, 107, 108, 109, 110):
            assert first(state, leaf) == 1, leaf
        car.tell("door rear-left close")
        state = reader.read("closures")
        assert [first(state, leaf) for leaf in (101, 102, 103, 104)] == [1, 0, 1, 1]
        car.tell("presence on")
        assert choice(reader.read("closures"), 15) == 4


def schedules_are_listed():
    with Car() as car:
        reader = Reader(car)
        assert 1 not in reader.read("charge-schedule")
        schedule = field(1, 7) + field(2, b"night") + field(3, 62) + field(4, 1) + field(5, 120)
        schedule += field(9, 1) + field(10, 52.5170) + field(11, 13.3889)
        reader.action(97, schedule)
        reader.action(97, field(1, 8) + field(3, 1) + field(6, 1) + field(7, 300))
        state = reader.read("charge-schedule")
        assert state[1][0] == schedule and len(state[1]) == 2 and first(state, 5) == 1
        precondition = field(1, 9) + field(3, 1) + field(4, 450) + field(5, 1) + field(6, 1)
        reader.action(99, precondition)
        assert reader.read("precondition-schedule")[1] == [precondition]
        reader.action(98, field(1, 7))
        assert len(reader.read("charge-schedule")[1]) == 1
        reader.action(108, field(3, 1))
        assert 1 not in reader.read("charge-schedule")
        # As many as there may be fit into an answer.
        for ident in range(1, 11):
            reader.action(97, field(1, 2**63 + ident) + field(2, b"x" * 31) + schedule[9:])
        assert len(reader.read("charge-schedule")[1]) == 10


def media_goes_on():
    with Car() as car:
        reader = Reader(car)
        detail = reader.read("media-detail")
        assert not {2, 3, 4, 5} & set(detail)
        reader.do("12027a00")
        detail = reader.read("media-detail")
        assert first(detail, 2) == 201000 and first(detail, 5) == b"Settled"
        reader.do("12039a0100")
        assert first(reader.read("media-detail"), 5) == b"Hash"
        assert first(reader.read("media"), 4) == b"Lightning Strikes Twice"


def software_waits():
    with Car() as car:
        reader = Reader(car)
        state = reader.read("software-update")
        assert choice(state, 1) == 4 and first(state, 107) == b"2026.38.4" and 102 not in state
        reader.do("1206ea010308a038")
        state = reader.read("software-update")
        assert choice(state, 1) == 3 and 7190000 < first(state, 103) <= 7200000
        reader.do("1203ca0100")
        assert choice(reader.read("software-update"), 1) == 4
        reader.do("1203ea0100")
        assert choice(reader.read("software-update"), 1) == 2
        car.tell("software none")
        state = reader.read("software-update")
        assert choice(state, 1) == 1 and 107 not in state
        car.tell("software 2027.2")
        assert first(reader.read("software-update"), 107) == b"2027.2"


def parental_controls_agree():
    with Car() as car:
        reader = Reader(car)
        state = reader.read("parental-controls")
        assert first(state, 2) == 0 and first(state, 3) == 0
        assert 8 not in fields(first(state, 4))
        reader.do("120c8a0709090000000000405040")
        reader.do("12058207021001")
        reader.do("120782070408031001")
        reader.do("120bfa06080801120431323334")
        state = reader.read("parental-controls")
        assert first(state, 2) == 1 and first(state, 3) == 1
        settings = fields(first(state, 4))
        assert settings[1] == [1] and number(settings[4][0]) == 65 and settings[5] == [0]
        assert settings[7] == [1] and settings[8] == [1320]


def the_place_and_the_tires_are_told():
    with Car() as car:
        reader = Reader(car)
        state = reader.read("location")
        assert number(first(state, 101)) == 52.517 and first(state, 112) == 1
        car.tell("location 48.1 11.5")
        state = reader.read("location")
        assert number(first(state, 101)) == 48.1 and number(first(state, 115)) == 11.5
        # In a garage.
        car.tell("location none")
        state = reader.read("location")
        assert not {101, 102, 103, 104, 109, 114} & set(state) and first(state, 119) == 0
        car.tell("homelink off")
        assert first(reader.read("location"), 112) == 0
        car.tell("tire rear-left 1.9")
        state = reader.read("tire-pressure")
        assert number(first(state, 4)) == 1.9 and first(state, 12) == 1 and first(state, 16) == 1
        assert number(first(state, 2)) == 2.9 and first(state, 14) == 0
        car.tell("tire front-left none")
        state = reader.read("tire-pressure")
        assert 2 not in state and 6 not in state and 7 in state


def a_car_that_slept_knows_less():
    with Car("--boot-time", "0s") as car:
        reader = Reader(car)
        reader.do("12027a00")
        reader.do("1205e202020802")
        car.tell("sleep")
        car.tell("wake")
        car.wait("power", "awake")
        state = reader.read("tire-pressure")
        assert not {2, 3, 4, 5, 6, 7, 8, 9} & set(state) and first(state, 14) == 0
        assert first(reader.read("media"), 9) == 2
        state = reader.read("climate")
        assert first(state, 110) == 0 and choice(state, 30) == 2
        # Its wheels speak up on the road.
        car.tell("shift D")
        car.tell("shift P")
        assert 2 in reader.read("tire-pressure")


def a_way_is_shown():
    with Car() as car:
        reader = Reader(car)
        assert not {9, 12} & set(reader.read("drive"))
        reader.action(53, b"\x09" + struct.pack("<d", 52.517) + b"\x11" + struct.pack("<d", 14.0))
        state = reader.read("drive")
        assert number(fields(first(state, 12))[2][0]) == 14
        assert 25 < number(first(state, 9)) < 27


def chargers_are_near():
    with Car() as car:
        client = car.client()

        def near(radius, count):
            body = field(1, 1) + field(2, radius) + field(3, count)
            payload = client.ask(INFOTAINMENT, field(2, field(23, body)))[1]
            return [fields(site) for site in fields(first(fields(payload), 5)).get(3, [])]

        names = [first(site, 11) for site in near(200, 10)]
        assert len(names) == 3 and names[0].startswith(b"Berlin")
        assert len(near(200, 2)) == 2 and len(near(30, 10)) == 2 and near(200, 0) == []
        car.tell("location 51.4 12.4")
        assert first(near(200, 1)[0], 11).startswith(b"Leipzig")


if __name__ == "__main__":
    main([
        each_category_is_told,
        two_at_once_are_too_much,
        charge_agrees,
        climate_agrees,
        closures_agree,
        schedules_are_listed,
        media_goes_on,
        software_waits,
        parental_controls_agree,
        the_place_and_the_tires_are_told,
        a_car_that_slept_knows_less,
        a_way_is_shown,
        chargers_are_near,
    ])
