#!/usr/bin/env python3
# SPDX-License-Identifier: MIT

"""What simcar accepts, does and answers, over its socket."""

import os
import socket
import struct
import sys

sys.dont_write_bytecode = True

from harness import (
    CLIMATE_ON,
    CLOSURES_STATE,
    DRIVE,
    DRIVE_STATE,
    FLASH,
    FRUNK,
    HONK,
    LIST,
    LOCK,
    MEDIA_STATE,
    OWNER,
    PING,
    PLAY,
    PORT_OPEN,
    SLOT_0,
    STATUS,
    TRUNK,
    TRUNK_CLOSE,
    TWO_STATES,
    UNLOCK,
    VOLUME_5,
    WAKE,
    Car,
    main,
    status_of,
    write,
)
from peer import INFOTAINMENT, VCSEC, Key, field, fields, first


# --- handshake and judgement ------------------------------------------------


def session_info_is_signed_and_fresh():
    with Car() as car:
        client = car.client()
        for domain, name in ((VCSEC, "vcsec"), (INFOTAINMENT, "infotainment")):
            session = client.handshake(domain)
            assert session.public.hex() == car.ready["keys"][name]
            assert session.counter == 0 and len(session.epoch) == 16
            assert car.wait("session-info")["session-info"] == name
        assert client.sessions[2].epoch != client.sessions[3].epoch


def given_keys_are_the_cars():
    keys = [Key(), Key()]
    paths = [write(f"car{i}.pem", key.private_pem()) for i, key in enumerate(keys)]
    with Car("--key", paths[0], "--key", paths[1]) as car:
        client = car.client()
        assert client.handshake(VCSEC).public == keys[0].public
        assert client.handshake(INFOTAINMENT).public == keys[1].public


def unknown_keys_are_told_so():
    with Car() as car:
        client = car.client(Key())
        answer, _ = client.ask_info(VCSEC)
        assert first(answer, 15) == field(5, 1) and 13 not in answer
        answer, _ = client.ask_info(INFOTAINMENT)
        assert first(answer, 12, 2) == 3
        # Signed all the same, with a session that is somebody else's.
        client.sessions[VCSEC] = car.client().handshake(VCSEC)
        fault, answer, _ = client.fault(VCSEC, LOCK)
        assert fault == 3 and 15 not in answer


def commands_are_done_and_answered_encrypted():
    with Car() as car:
        client = car.client()
        answer, payload, _ = client.ask(VCSEC, UNLOCK)
        assert payload == b"" and first(answer, 13, 9) is not None
        assert 50 not in answer and 52 not in answer
        assert car.wait("did") ["did"] == "unlock"
        answer, payload, request = client.ask(INFOTAINMENT, FLASH)
        assert payload == bytes.fromhex("0a00") and first(answer, 52) == 2
        assert first(answer, 50) == request.uuid
        assert car.wait("did")["did"] == "flash-lights"
        _, payload, _ = client.ask(INFOTAINMENT, PING)
        assert first(fields(payload), 9, 1) == 1


def hmac_requests_are_taken():
    with Car() as car:
        client = car.client()
        for flags in (0, 2):
            answer, payload, _ = client.ask(INFOTAINMENT, HONK, kind=8, flags=flags)
            assert payload == bytes.fromhex("0a00")
            assert (first(answer, 13, 9) is not None) == (flags == 2)
            car.wait("did", "honk")
            _, payload, _ = client.ask(VCSEC, LOCK, kind=8, flags=flags)
            assert payload == b"" and not car.wait("did", "lock")["changed"]


def each_lie_has_its_fault():
    with Car() as car:
        client = car.client()
        for domain, payload in ((VCSEC, LOCK), (INFOTAINMENT, HONK)):
            now = client.handshake(domain).now()
            client.ask(domain, payload)
            car.wait("did")
            lies = [
                (15, {"epoch": os.urandom(16)}),
                (17, {"expires": now - 2}),
                (13, {"expires": 2**30 + 1}),
                (20, {"counter": 0, "expires": now + 120}),
                (5, {"vin": b"5YJ3E1EA6KF000001"}),
                (5, {"tag": bytes(16)}),
                (5, {"kind": 8, "tag": bytes(32)}),
                (6, {"counter": 1}),
            ]
            for expected, lie in lies:
                fault, answer, request = client.fault(domain, payload, **lie)
                assert fault == expected, f"{fault} instead of {expected}"
                assert first(answer, 12, 1) == 2
                client.check_info(answer, request.uuid)
            # Without the epoch, what is wrong shows less well.
            fault, _, _ = client.fault(domain, payload, epoch=b"", vin=b"x" * 17)
            assert fault == 5
            fault, answer, _ = client.fault(domain, payload, nonce=bytes(11))
            assert fault == 16 and 15 not in answer
            fault, _, _ = client.fault(domain, payload, signer=field(3, 7))
            assert fault == 27
            # None of it moved the counter.
            assert client.fault(domain, payload, epoch=b"")[0] == 0
            assert client.fault(domain, payload, signer=field(3, 0))[0] == 0


def vcsec_wants_order_and_infotainment_a_window():
    with Car() as car:
        client = car.client()
        for domain, payload, late in ((VCSEC, LOCK, 6), (INFOTAINMENT, HONK, 0)):
            assert client.fault(domain, payload, counter=100)[0] == 0
            assert client.fault(domain, payload, counter=98)[0] == late
            assert client.fault(domain, payload, counter=100)[0] == 6
            assert client.fault(domain, payload, counter=98)[0] == 6
            assert client.fault(domain, payload, counter=67)[0] == 6
            assert client.fault(domain, payload, counter=68)[0] == late
            assert client.fault(domain, payload, counter=101)[0] == 0


def what_is_no_request_is_refused():
    with Car() as car:
        client = car.client()
        assert client.fault(VCSEC, b"\xff")[0] == 10
        assert client.fault(INFOTAINMENT, b"\x12\x7f")[0] == 10
        assert client.fault(VCSEC, bytes.fromhex("1063"))[0] == 9
        assert client.fault(INFOTAINMENT, bytes.fromhex("1203f2ff7f"))[0] in (9, 10)
        assert client.fault(VCSEC, bytes.fromhex("220428013001"))[0] == 13
        assert first(client.plain(VCSEC, UNLOCK)[0], 12, 2) == 5
        assert first(client.plain(INFOTAINMENT, HONK)[0], 12, 2) == 5
        assert first(client.plain(0, STATUS)[0], 12, 2) == 8
        answer, _ = client.ask_info(VCSEC, uuid=b"")
        assert first(answer, 12, 2) == 13
        # Nothing of it needed, and nothing of it answered.
        client.send(b"\xff\xff")
        car.wait("ignored")
        client.send(field(6, field(1, VCSEC)) + field(10, STATUS))
        car.wait("ignored")
        client.socket.sendall(b"\xff\xff")
        assert car.wait("ignored")["ignored"] == "frame"
        assert status_of(client.plain(VCSEC, STATUS)[1])


def roles_are_kept():
    rights = {
        "driver": (0, 0, 0, 0),
        "guest": (0, 0, 0, 0),
        "service": (0, 7, 7, 0),
        "charging-manager": (7, 7, 0, 0),
        "vehicle-monitor": (7, 7, 7, 0),
        "fm": (7, 7, 7, 7),
    }
    for role, (lock, honk, port, state) in rights.items():
        with Car(role=role) as car:
            client = car.client()
            assert client.fault(VCSEC, LOCK)[0] == lock, role
            assert client.fault(INFOTAINMENT, HONK)[0] == honk, role
            assert client.fault(INFOTAINMENT, PORT_OPEN)[0] == port, role
            assert client.fault(INFOTAINMENT, DRIVE_STATE)[0] == state, role


# --- the world --------------------------------------------------------------


def status_leaves_out_what_is_zero():
    with Car() as car:
        client = car.client()
        status = status_of(client.plain(VCSEC, STATUS)[1])
        assert status == {2: [1], 3: [1], 4: [1]}
        client.ask(VCSEC, UNLOCK)
        car.tell("presence on")
        assert status_of(client.plain(VCSEC, STATUS)[1]) == {3: [1], 4: [2]}
        client.ask(VCSEC, TRUNK)
        assert first(status_of(client.plain(VCSEC, STATUS)[1]), 1) == bytes.fromhex("2801")


def trunk_is_a_toggle():
    with Car() as car:
        client = car.client()
        for did in ("trunk-open", "trunk-close", "trunk-open"):
            assert client.ask(VCSEC, TRUNK)[1] == b""
            assert car.wait("did")["did"] == did
        client.ask(VCSEC, TRUNK_CLOSE)
        assert car.wait("did")["did"] == "trunk-close"
        client.ask(VCSEC, FRUNK)
        assert car.wait("did")["did"] == "frunk-open"
        client.ask(VCSEC, FRUNK)
        assert not car.wait("did", "frunk-open")["changed"]


def policy_is_a_nominal_error():
    with Car() as car:
        client = car.client()
        car.tell("door open")
        assert client.ask(VCSEC, LOCK)[1] == bytes.fromhex("f202020802")
        car.wait("refused", "lock")
        car.tell("door close")
        car.tell("shift D")
        for payload in (TRUNK, UNLOCK, DRIVE):
            assert client.ask(VCSEC, payload)[1] == bytes.fromhex("f202020805")
        car.tell("shift P")
        assert client.ask(VCSEC, DRIVE)[1] == b""
        assert client.ask(VCSEC, DRIVE)[1] == bytes.fromhex("f202020803")


def states_agree_with_what_was_done():
    with Car() as car:
        client = car.client()

        def read(payload, number):
            data = fields(client.ask(INFOTAINMENT, payload)[1])
            return fields(first(data, 2, number))

        drive = read(DRIVE_STATE, 5)
        assert 2 in fields(first(drive, 1)) and 102 not in drive
        car.tell("shift D")
        car.tell("speed 12")
        drive = read(DRIVE_STATE, 5)
        assert 5 in fields(first(drive, 1)) and first(drive, 102) == 12
        car.tell("shift P")
        closures = read(CLOSURES_STATE, 9)
        assert first(closures, 113) == 1 and first(closures, 114) == 0
        assert first(closures, 116) == 0 and first(closures, 106) == 0
        for payload in (UNLOCK, TRUNK, DRIVE):
            client.ask(VCSEC, payload)
        closures = read(CLOSURES_STATE, 9)
        assert first(closures, 113) == 0 and first(closures, 106) == 1
        assert first(closures, 116) == 1
        media = read(MEDIA_STATE, 20)
        assert first(media, 9) == 0 and 4 not in media
        client.ask(INFOTAINMENT, PLAY)
        client.ask(INFOTAINMENT, VOLUME_5)
        media = read(MEDIA_STATE, 20)
        assert first(media, 9) == 1 and 4 in media
        assert abs(struct.unpack("<f", first(media, 5))[0] - 5) < 0.01
        client.ask(INFOTAINMENT, PLAY)
        assert first(read(MEDIA_STATE, 20), 9) == 2


def settings_are_judged():
    def refused(payload):
        data = fields(fields(client.ask(INFOTAINMENT, payload)[1])[1][0])
        return first(data, 1) == 1 and 2 in data

    with Car() as car:
        client = car.client()
        limit = bytes.fromhex("12042a020850")
        assert client.ask(INFOTAINMENT, limit)[1] == bytes.fromhex("0a00")
        assert car.wait("did", "charging-set-limit")["set"]["charging-limit"] == 80
        # 49 and 101 percent, 14.5 degrees: out of range.
        assert refused(bytes.fromhex("12042a020831"))
        assert refused(bytes.fromhex("12042a020865"))
        assert refused(bytes.fromhex("1210720e2a021a0035000068413d00006841"))
        # A heater without a seat, one without a level, none at all.
        for payload in ("1207a20204 0a022a00", "1207a20204 0a023a00", "1203a20200"):
            assert client.fault(INFOTAINMENT, bytes.fromhex(payload))[0] == 13
        # A temperature without the level that the car wants beside it.
        assert client.fault(INFOTAINMENT, bytes.fromhex("120c720a350000a8413d0000a841"))[0] == 13


def state_wants_encryption_and_one_category():
    with Car() as car:
        client = car.client()
        assert client.fault(INFOTAINMENT, DRIVE_STATE, flags=0)[0] == 28
        assert client.fault(INFOTAINMENT, TWO_STATES)[0] == 25
        # Charge and drive: also of those that this car does not tell.
        both = bytes.fromhex("12060a0412002200")
        assert client.fault(INFOTAINMENT, both)[0] == 25
        assert client.ask(INFOTAINMENT, HONK, flags=0)[1] == bytes.fromhex("0a00")
    with Car("--old-firmware") as car:
        client = car.client()
        answer, payload, _ = client.ask(INFOTAINMENT, DRIVE_STATE)
        assert 13 not in answer and first(fields(payload), 2, 5) is not None
        answer, payload, _ = client.ask(VCSEC, LOCK)
        assert 13 not in answer and payload == b""


def no_effect_is_visible():
    with Car() as car:
        client = car.client()
        assert client.ask(VCSEC, LOCK)[1] == b""
        assert not car.wait("did", "lock")["changed"]
        for changed in (True, False):
            client.ask(INFOTAINMENT, PORT_OPEN)
            assert car.wait("did", "charge-port-open")["changed"] == changed
        for changed in (True, False):
            client.ask(INFOTAINMENT, CLIMATE_ON)
            assert car.wait("did", "climate-on")["changed"] == changed


def changes_are_broadcast_in_the_clear():
    with Car() as car:
        client, other = car.client(), car.client()
        client.ask(VCSEC, UNLOCK)
        message = fields(other.receive_any())
        assert first(message, 6) == bytes.fromhex("0800")
        assert first(message, 7, 1) == VCSEC and 13 not in message
        assert status_of(first(message, 10)) == {3: [1], 4: [1]}
        car.tell("door open")
        # With a door open it goes on, about once a second.
        for _ in range(2):
            message = fields(other.receive_any())
            assert first(status_of(first(message, 10)), 1) == field(1, 1)


# --- sleep ------------------------------------------------------------------


def sleep_and_wake_take_their_time():
    with Car("--asleep", "--boot-time", "600ms") as car:
        client = car.client()
        assert status_of(client.plain(VCSEC, STATUS)[1])[3] == [2]
        try:
            client.socket.settimeout(0.2)
            client.send(client.wrap(3, b"a" * 16, b"u" * 16, field(14, field(1, OWNER.public))))
            client.receive(0.2)
            raise AssertionError("an answer out of sleep")
        except TimeoutError:
            pass
        car.wait("refused", "infotainment")
        client.ask(VCSEC, WAKE)
        assert car.wait("did", "wake")["changed"]
        assert first(client.ask_info(INFOTAINMENT)[0], 12, 2) == 1
        assert status_of(client.plain(VCSEC, STATUS)[1])[3] == [1]
        seen = {first(client.ask_info(INFOTAINMENT)[0], 12, 2) for _ in range(2)}
        assert seen <= {1, 11}
        car.wait("power", "awake")
        assert client.fault(INFOTAINMENT, HONK)[0] == 0


def asleep_it_may_answer():
    with Car("--asleep", "--asleep-answers") as car:
        assert first(car.client().ask_info(INFOTAINMENT)[0], 12, 2) == 2


def deep_sleep_tells_nothing_until_poked():
    with Car("--boot-time", "100ms") as car:
        client = car.client()
        car.tell("deep-sleep")
        client.send(client.wrap(VCSEC, b"a" * 16, b"", field(10, STATUS)))
        car.wait("refused", "body-controller-state")
        assert client.is_silent()
        assert client.ask(VCSEC, WAKE)[1] == b""
        assert status_of(client.plain(VCSEC, STATUS)[1])[3] == [1]


def it_falls_asleep_by_itself():
    with Car("--sleep-after", "300ms") as car:
        client = car.client()
        client.ask(INFOTAINMENT, HONK)
        car.wait("power", "asleep")
        assert status_of(client.plain(VCSEC, STATUS)[1])[3] == [2]


def reboot_begins_new_epochs():
    with Car("--boot-time", "100ms") as car:
        client = car.client()
        client.ask(VCSEC, LOCK)
        old = client.sessions[VCSEC].epoch
        car.tell("reboot")
        fault, answer, request = client.fault(VCSEC, LOCK)
        assert fault == 15
        session = client.check_info(answer, request.uuid)
        assert session.epoch != old and session.counter == 0
        client.sessions[VCSEC] = session
        assert client.fault(VCSEC, LOCK)[0] == 0


# --- keys -------------------------------------------------------------------


def add_key_request(key, role=3, form=7, kind=2):
    change = field(1, field(1, key.public)) + field(4, role)
    operation = field(5, change) + field(6, field(1, form))
    return field(1, field(2, field(16, operation)) + field(3, kind))


def from_vcsec(client):
    message = fields(client.receive_any())
    return first(message, 10)


def a_tap_enrols_a_key():
    with Car("--sync-time", "1s") as car:
        key = Key()
        client = car.client(key)
        client.send(add_key_request(key))
        assert from_vcsec(client) == bytes.fromhex("22020801")
        car.wait("waiting", "tap")
        assert first(client.ask_info(VCSEC)[0], 15) == field(5, 1)
        car.tell("tap")
        assert from_vcsec(client) == bytes.fromhex("22021a00")
        assert car.wait("did", "add-key-request")["role"] == "driver"
        assert client.ask(VCSEC, LOCK)[1] == b""
        # Infotainment hears of it later.
        assert first(client.ask_info(INFOTAINMENT)[0], 12, 2) == 3
        while first(client.ask_info(INFOTAINMENT)[0], 12, 2) == 3:
            pass
        assert client.fault(INFOTAINMENT, HONK)[0] == 0
        client.send(add_key_request(key))
        assert from_vcsec(client) == bytes.fromhex("220808021a04080d1802")


def requests_for_keys_can_fail():
    with Car("--tap-after", "100ms") as car:
        client = car.client()
        client.send(add_key_request(Key(), role=0))
        assert from_vcsec(client) == bytes.fromhex("220808021a0408131802")
        client.send(add_key_request(Key(), kind=0))
        car.wait("ignored")
        bad = Key()
        bad.public = bad.public[:-1] + bytes([bad.public[-1] ^ 1])
        client.send(add_key_request(bad))
        assert from_vcsec(client) == bytes.fromhex("22020801")
        assert from_vcsec(client) == bytes.fromhex("220808021a0408061802")
        car.tell("sleep")
        car.wait("power", "asleep")
        assert from_vcsec(client) is not None
        client.send(add_key_request(Key()))
        assert from_vcsec(client) == bytes.fromhex("220808021a0408171802")


def keychain(information):
    """The answer to what the keys refuse for the reason @information."""
    return bytes.fromhex("220808021a0408%02x1802" % information)


def taps_can_go_wrong():
    denied, no_answer, cancelled, valet, full = 24, 26, 28, 27, 4
    with Car() as car:
        key = Key()
        client = car.client(key)
        for information in (denied, no_answer, cancelled, valet, full):
            car.tell(f"fault tap-{information}")
            client.send(add_key_request(key))
            assert from_vcsec(client) == bytes.fromhex("22020801")
            car.wait("waiting", "tap")
            car.tell("tap")
            car.wait("injected", f"tap-{information}")
            assert from_vcsec(client) == keychain(information)
            assert first(client.ask_info(VCSEC)[0], 15) == field(5, 1)
        # A tap that nobody waits for uses nothing up.
        car.tell("fault tap-24")
        car.tell("tap")
        client.send(add_key_request(key))
        assert from_vcsec(client) == bytes.fromhex("22020801")
        car.tell("tap")
        assert from_vcsec(client) == keychain(denied)
    with Car("--tap-timeout", "100ms") as car:
        client = car.client()
        client.send(add_key_request(Key()))
        assert from_vcsec(client) == bytes.fromhex("22020801")
        assert from_vcsec(client) == keychain(25)


def keys_can_be_refused_at_once():
    with Car("--fault", "keys-5:2", "--fault", "keys-4@add-key") as car:
        client, key = car.client(), Key()
        assert client.fault(VCSEC, LOCK)[0] == 0
        for _ in range(2):
            client.send(add_key_request(key))
            assert from_vcsec(client) == keychain(5)
            assert car.wait("refused", "add-key-request")["information"] == 5
        add = field(16, field(5, field(1, field(1, key.public)) + field(4, 3)))
        assert client.ask(VCSEC, add)[1] == keychain(4)
        assert client.ask(VCSEC, add)[1] == bytes.fromhex("22021a00")


def a_second_request_cancels_the_first():
    with Car() as car:
        first_one, second = car.client(), car.client()
        first_one.send(add_key_request(Key()))
        assert from_vcsec(first_one) == bytes.fromhex("22020801")
        second.send(add_key_request(Key()))
        assert from_vcsec(first_one) == bytes.fromhex("220808021a04081c1802")
        assert from_vcsec(second) == bytes.fromhex("22020801")


def owners_manage_keys():
    with Car() as car:
        client, key = car.client(), Key()
        add = field(16, field(5, field(1, field(1, key.public)) + field(4, 3)))
        remove = field(16, field(2, field(1, key.public)))
        assert client.ask(VCSEC, add)[1] == bytes.fromhex("22021a00")
        info = fields(first(fields(client.plain(VCSEC, LIST)[1]), 16))
        assert first(info, 1) == 2 and first(info, 3) == 3 and len(info[2]) == 2
        entry = fields(first(fields(client.plain(VCSEC, SLOT_0)[1]), 17))
        assert first(entry, 2, 1) == OWNER.public and first(entry, 7) == 2
        driver = car.client(key)
        assert driver.ask(VCSEC, remove)[1] == bytes.fromhex("220808021a0408071802")
        assert client.ask(VCSEC, remove)[1] == bytes.fromhex("22021a00")
        assert client.ask(VCSEC, remove)[1] == bytes.fromhex("220808021a04080c1802")
        assert driver.fault(VCSEC, LOCK)[0] == 3
        own = field(16, field(2, field(1, OWNER.public)))
        assert client.ask(VCSEC, own)[1] == bytes.fromhex("220808021a0408021802")


if __name__ == "__main__":
    main([
        session_info_is_signed_and_fresh,
        given_keys_are_the_cars,
        unknown_keys_are_told_so,
        commands_are_done_and_answered_encrypted,
        hmac_requests_are_taken,
        each_lie_has_its_fault,
        vcsec_wants_order_and_infotainment_a_window,
        what_is_no_request_is_refused,
        roles_are_kept,
        status_leaves_out_what_is_zero,
        trunk_is_a_toggle,
        policy_is_a_nominal_error,
        states_agree_with_what_was_done,
        settings_are_judged,
        state_wants_encryption_and_one_category,
        no_effect_is_visible,
        changes_are_broadcast_in_the_clear,
        sleep_and_wake_take_their_time,
        asleep_it_may_answer,
        deep_sleep_tells_nothing_until_poked,
        it_falls_asleep_by_itself,
        reboot_begins_new_epochs,
        a_tap_enrols_a_key,
        requests_for_keys_can_fail,
        taps_can_go_wrong,
        keys_can_be_refused_at_once,
        a_second_request_cancels_the_first,
        owners_manage_keys,
    ])
