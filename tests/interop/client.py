#!/usr/bin/env python3
# SPDX-License-Identifier: MIT

"""A client that shares no code with the bridge, with our car or with the car
maker's client: written from vehicle-protocol 1 to 7 alone, with its own few
lines of protobuf, on the PyPI package "cryptography".

    client.py SOCKET VIN KEY.pem CAR-OUTPUT CAR-INPUT

does the core to a simcar: sessions, commands signed by AES-GCM and by HMAC,
state, and what a car says to each kind of wrong request.  CAR-OUTPUT is what
the car writes, to see that it did what it confirmed; CAR-INPUT is its console.
TAP on stdout; status 77 where the package is missing.
"""

import hashlib
import hmac
import json
import os
import socket
import struct
import sys
import time
import traceback

try:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
except ImportError:
    print("skip  there is no Python package cryptography: scripts/setup installs it")
    sys.exit(77)

VCSEC, INFOTAINMENT = 2, 3
GCM, HMAC = 5, 8  # Signatures.SignatureType
ENCRYPT_ANSWER = 2  # flags
LIFETIME_S = 5

# --- protobuf: numbers and bytes, no schema ---------------------------------


def varint(number):
    if number < 0x80:
        return bytes([number])
    return bytes([number & 0x7F | 0x80]) + varint(number >> 7)


def put(number, value):
    """One field: an int is a varint, bytes are length-delimited."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def put_fixed32(number, value):
    return varint(number << 3 | 5) + struct.pack("<I", value)


class Message(dict):
    """A decoded message: the last value of each field, by number."""

    def __init__(self, data):
        super().__init__()
        self.data, self.at = data, 0
        while self.at < len(data):
            tag = self.take_varint()
            self[tag >> 3] = self.take_value(tag & 7)

    def take(self, size):
        value = self.data[self.at : self.at + size]
        assert len(value) == size, "a field is cut off"
        self.at += size
        return value

    def take_varint(self):
        value = shift = 0
        while True:
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def take_value(self, kind):
        if kind == 0:
            return self.take_varint()
        if kind == 1:
            return self.take(8)
        if kind == 2:
            return self.take(self.take_varint())
        assert kind == 5, f"wire type {kind}"
        return self.take(4)

    def at_path(self, *numbers, default=None):
        """What is inside of messages inside of this one."""
        value = self
        for number in numbers:
            value = (value if isinstance(value, Message) else Message(value)).get(number)
            if value is None:
                return default
        return value


# --- keys, and what is signed -----------------------------------------------


def metadata(*items):
    """Tag, length, value; a number is four bytes: vehicle-protocol 3.2."""
    text = b""
    for tag, value in items:
        if isinstance(value, int):
            value = struct.pack(">I", value)
        text += bytes([tag, len(value)]) + value
    return text + b"\xff"


def sha256(data):
    return hashlib.sha256(data).digest()


def mac(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def public_of(key):
    return key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )


def agree(key, public):
    """The session key: vehicle-protocol 3.1."""
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
    return hashlib.sha1(key.exchange(ec.ECDH(), point)).digest()[:16]


def info_tag(key, vin, challenge, info):
    """Vehicle-protocol 3.3."""
    signed = metadata((0, b"\x06"), (2, vin), (6, challenge)) + info
    return mac(mac(key, b"session info"), signed)


def seal(key, kind, signed, nonce, text):
    """The payload as it travels, and its tag: vehicle-protocol 3.4."""
    if kind == HMAC:
        return text, mac(mac(key, b"authenticated command"), signed + text)
    sealed = AESGCM(key).encrypt(nonce, text, sha256(signed))
    return sealed[:-16], sealed[-16:]


class Session:
    def __init__(self, own, vin, info, challenge, tag):
        fields = Message(info)
        self.public = fields[2]
        self.key = agree(own, self.public)
        assert info_tag(self.key, vin, challenge, info) == tag, "session info is forged"
        self.counter = fields.get(1, 0)
        self.epoch = fields[3]
        # Left out where the clock is at 0.
        clock = struct.unpack("<I", fields.get(4, bytes(4)))[0]
        self.zero = time.monotonic() - clock

    def now(self):
        return int(time.monotonic() - self.zero)


class Fault(Exception):
    """What the car says instead: a MessageFault_E, or a word for the rest."""

    def __init__(self, what):
        super().__init__(f"fault {what}")
        self.what = what


class Client:
    def __init__(self, path, vin, key):
        self.path, self.vin, self.key = path, vin, key
        self.public = public_of(key)
        self.sessions = {}
        self.connect()

    def connect(self):
        self.buffer = b""
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(self.path)

    def close(self):
        self.socket.close()

    # Frames: vehicle-protocol 1.3.

    def send_frame(self, frame):
        self.socket.sendall(struct.pack(">H", len(frame)) + frame)

    def read(self, size):
        while len(self.buffer) < size:
            more = self.socket.recv(4096)
            if not more:
                raise EOFError("the car hung up")
            self.buffer += more
        data, self.buffer = self.buffer[:size], self.buffer[size:]
        return data

    def answer_to(self, address, domain, timeout):
        """The next message for @address; others are not ours."""
        end = time.monotonic() + timeout
        while True:
            self.socket.settimeout(max(end - time.monotonic(), 0.001))
            frame = self.read(struct.unpack(">H", self.read(2))[0])
            try:
                message = Message(frame)
            except AssertionError:
                continue
            if message.at_path(6, 2) == address:
                assert message.at_path(7, 1) == domain
                return message

    # Requests

    def request(self, domain, body, timeout=5, flags=0):
        """Sends @body in a new envelope; the answer, and the request's uuid."""
        address, uuid = os.urandom(16), os.urandom(16)
        frame = put(6, put(1, domain)) + put(7, put(2, address)) + body + put(51, uuid)
        self.send_frame(frame + (put(52, flags) if flags else b""))
        message = self.answer_to(address, domain, timeout)
        assert message.get(50, uuid) == uuid, "an answer to something else"
        return message, uuid

    def session(self, domain):
        if domain not in self.sessions:
            message, uuid = self.request(domain, put(14, put(1, self.public)))
            self.learn(domain, message, uuid)
        return self.sessions[domain]

    def learn(self, domain, message, uuid):
        if 15 not in message:
            raise Fault(message.at_path(12, 2))
        if Message(message[15]).get(5, 0) != 0:
            raise Fault("not on the whitelist")
        session = Session(
            self.key, self.vin, message[15], uuid, message.at_path(13, 6, 1)
        )
        if domain in self.sessions:
            assert session.public == self.sessions[domain].public, "another car"
        self.sessions[domain] = session

    def command(self, domain, text, kind=GCM, flags=ENCRYPT_ANSWER, timeout=5, **lies):
        """The payload of the answer.  @lies are said instead of what is true."""
        session = self.session(domain)
        session.counter += 1
        said = {
            "vin": self.vin,
            "epoch": session.epoch,
            "expires": session.now() + LIFETIME_S,
            "counter": session.counter,
            **lies,
        }
        nonce = os.urandom(12)
        signed = [(0, bytes([kind])), (1, bytes([domain])), (2, said["vin"])]
        signed += [(3, said["epoch"]), (4, said["expires"]), (5, said["counter"])]
        signed += [(7, flags)] if flags else []
        text, tag = seal(session.key, kind, metadata(*signed), nonce, text)
        tag = lies.get("tag", tag)

        signature = put(1, said["epoch"])
        if kind == GCM:
            signature += put(2, nonce) + put(3, said["counter"])
            signature += put_fixed32(4, said["expires"]) + put(5, tag)
        else:
            signature += put(2, said["counter"])
            signature += put_fixed32(3, said["expires"]) + put(4, tag)
        signature = put(1, put(1, self.public)) + put(kind, signature)
        body = put(10, text) + put(13, signature)
        message, uuid = self.request(domain, body, timeout, flags)
        payload = self.open(session, domain, message, kind, tag)

        if 15 in message:
            self.learn(domain, message, uuid)
        if message.at_path(12, 2, default=0) != 0:
            raise Fault(message.at_path(12, 2))
        if message.at_path(12, 1, default=0) != 0:
            raise Fault("wait")
        return payload

    def open(self, session, domain, message, kind, tag):
        """Vehicle-protocol 3.6."""
        payload = message.get(10, b"")
        signature = message.at_path(13, 9)
        if signature is None:
            return payload
        signature = Message(signature)
        # VCSEC keeps 16 bytes of a tag, whatever its kind.
        hashed = bytes([kind]) + (tag[:16] if domain == VCSEC else tag)
        signed = metadata(
            (0, b"\x09"),
            (1, bytes([domain])),
            (2, self.vin),
            (5, signature.get(2, 0)),
            (7, message.get(52, 0)),
            (8, hashed),
            (9, message.at_path(12, 2, default=0)),
        )
        sealed = payload + signature[3]
        return AESGCM(session.key).decrypt(signature[1], sealed, sha256(signed))


# --- what is asked ----------------------------------------------------------

STATUS = bytes.fromhex("0a00")
LOCK, UNLOCK = bytes.fromhex("1001"), bytes.fromhex("1000")
WAKE, DRIVE = bytes.fromhex("101e"), bytes.fromhex("1014")
FLASH, HONK = bytes.fromhex("1203d20100"), bytes.fromhex("1203da0100")

# What the car says that it did, domain, plaintext: vehicle-protocol, B.
COMMANDS = [
    ("unlock", VCSEC, "1000"),
    ("lock", VCSEC, "1001"),
    ("wake", VCSEC, "101e"),
    ("trunk-open", VCSEC, "22022801"),
    ("trunk-close", VCSEC, "22022804"),
    ("frunk-open", VCSEC, "22023001"),
    ("ping", INFOTAINMENT, "1205f202020801"),
    ("flash-lights", INFOTAINMENT, "1203d20100"),
    ("honk", INFOTAINMENT, "1203da0100"),
    ("charge-port-open", INFOTAINMENT, "1203f20300"),
    ("charge-port-close", INFOTAINMENT, "1203ea0300"),
    ("charging-set-limit", INFOTAINMENT, "12042a020850"),
    ("climate-on", INFOTAINMENT, "120452020801"),
    ("climate-off", INFOTAINMENT, "12025200"),
    ("seat-heater", INFOTAINMENT, "1209a202060a042a003a00"),
    ("sentry-mode", INFOTAINMENT, "1205f201020801"),
    ("media-toggle-playback", INFOTAINMENT, "12027a00"),
    ("media-set-volume", INFOTAINMENT, "12088201051d00000000"),
]

# The field of GetVehicleData, and the one of VehicleData that answers it.
STATES = {
    "charge": (2, 3),
    "climate": (3, 4),
    "drive": (4, 5),
    "location": (7, 8),
    "closures": (8, 9),
    "charge-schedule": (10, 15),
    "precondition-schedule": (11, 16),
    "tire-pressure": (14, 19),
    "media": (15, 20),
    "media-detail": (16, 21),
    "software-update": (17, 23),
    "parental-controls": (19, 24),
}


def read(client, category, **how):
    asked, answered = STATES[category]
    request = put(2, put(1, put(asked, b"")))
    data = Message(Message(client.command(INFOTAINMENT, request, **how))[2])
    assert list(data) == [answered], "what was asked for, and nothing else"
    return Message(data[answered])


class Rig:
    """A client and its car."""

    def __init__(self, path, vin, key, output, console):
        self.path, self.vin = path, vin.encode()
        with open(key, "rb") as file:
            self.key = serialization.load_pem_private_key(file.read(), None)
        self.output = open(output, encoding="utf-8")
        self.console = open(console, "w", encoding="utf-8")
        self.client = Client(self.path, self.vin, self.key)

    def wait(self, name, value):
        """The car's next line with this member."""
        line, end = "", time.monotonic() + 5
        while time.monotonic() < end:
            line += self.output.readline()
            if not line.endswith("\n"):
                time.sleep(0.005)
                continue
            said, line = json.loads(line), ""
            if said.get(name) == value:
                return said
        raise AssertionError(f"the car never says {name}: {value}")

    def tell(self, line):
        self.console.write(line + "\n")
        self.console.flush()
        self.wait("told", line)

    def expect(self, fault, domain, text, **how):
        try:
            self.client.command(domain, text, **how)
        except Fault as e:
            assert e.what == fault, f"{e} instead of {fault}"
        else:
            assert fault == 0, f"no fault instead of {fault}"


# --- facts ------------------------------------------------------------------


def own_code_agrees_with_the_published_vectors(_):
    """Vehicle-protocol 4.1 and 4.4; without a car."""

    def load(scalar):
        return ec.derive_private_key(int(scalar, 16), ec.SECP256R1())

    vin = b"5YJ30123456789ABC"
    own = load("2538CDC29A97C19C1E99A637D6CF4F8C970C118B56EDE1E6323E6D162C4B30DB")
    car = load("344EE5B466A7CF1EEB12B6F50331DB2E5EC5834EF5F4BEFCFD8CBE55C2528D70")
    key = agree(own, public_of(car))
    assert key.hex() == "1b2fce19967b79db696f909cff89ea9a" and key == agree(
        car, public_of(own)
    )
    # A shared secret that begins with a zero.
    zero = load("5260f8d6113875d86f8ee8fea340df1ffb40c658b5455e8c33d797c53a41afd3")
    peer = load(f"{0x013F:x}")
    assert agree(zero, public_of(peer)) == agree(peer, public_of(zero))

    info = bytes.fromhex("0806124104") + public_of(car)[1:]
    info += bytes.fromhex("1a104c463f9cc0d3d26906e982ed224adde6255a0a0000")
    challenge = bytes.fromhex("1588d5a30eabc6f8fc9a951b11f6fd11")
    tag = bytes.fromhex(
        "996c1fe38331be138f8039c194b14db2198846ed7d8251e6749284d7b32ea002"
    )
    session = Session(own, vin, info, challenge, tag)
    assert session.counter == 6 and session.now() == 2650

    signed = [(0, b"\x05"), (1, b"\x03"), (2, vin), (3, session.epoch)]
    signed = metadata(*signed, (4, 2655), (5, 7), (7, 2))
    nonce = bytes.fromhex("dbf79447fa156674dae1caed")
    command = bytes.fromhex("120452020801")
    text, tag = seal(key, GCM, signed, nonce, command)
    assert text.hex() == "38038e8c0f2e"
    assert tag.hex() == "c228e0ff64991481db3a7bbc133696c5"
    signed = signed[:2] + b"\x08" + signed[3:]
    assert seal(key, HMAC, signed, b"", command)[1].hex().startswith("f3c24554a00e4216")


def both_computers_open_a_session(rig):
    rig.client.session(VCSEC)
    rig.client.session(INFOTAINMENT)
    vcsec, infotainment = rig.client.sessions.values()
    assert vcsec.public != infotainment.public
    assert vcsec.epoch != infotainment.epoch


def session_info_that_is_forged_is_not_believed(rig):
    rig.tell("fault forged-info@session-info")
    client = Client(rig.path, rig.vin, rig.key)
    try:
        client.session(VCSEC)
    except AssertionError as e:
        assert "forged" in str(e)
    else:
        raise AssertionError("it was believed")
    finally:
        client.close()


def key_that_the_car_does_not_know_gets_no_session(rig):
    stranger = ec.generate_private_key(ec.SECP256R1())
    client = Client(rig.path, rig.vin, stranger)
    for domain, fault in ((VCSEC, "not on the whitelist"), (INFOTAINMENT, 3)):
        try:
            client.session(domain)
        except Fault as e:
            assert e.what == fault
        else:
            raise AssertionError("it got one")
    client.close()


def each_command_is_done(rig):
    for kind, flags in ((GCM, 2), (HMAC, 2), (GCM, 0), (HMAC, 0)):
        for name, domain, text in COMMANDS:
            payload = rig.client.command(domain, bytes.fromhex(text), kind, flags)
            # VCSEC says nothing where all is well, infotainment OK.
            result = Message(payload)
            assert payload == b"" if domain == VCSEC else result[1] == b"", name
            rig.wait("did", name)


def status_is_told_to_anyone(rig):
    message, _ = rig.client.request(VCSEC, put(10, STATUS), flags=ENCRYPT_ANSWER)
    status = Message(message.at_path(10, 1))
    assert 13 not in message and status[3] == 1, "awake"


def state_agrees_with_what_was_commanded(rig):
    client = rig.client
    for text, locked in ((UNLOCK, 0), (LOCK, 1)):
        client.command(VCSEC, text)
        assert read(client, "closures")[113] == locked
    client.command(INFOTAINMENT, bytes.fromhex("12088201051d0000a040"))
    volume = struct.unpack("<f", read(client, "media")[5])[0]
    assert abs(volume - 5) < 0.01
    # In P, as a oneof without a value.
    assert 2 in Message(read(client, "drive")[1])
    assert 2 in Message(read(client, "drive", kind=HMAC)[1])


def car_may_be_driven_away_after_a_drive(rig):
    assert read(rig.client, "closures")[116] == 0
    assert rig.client.command(VCSEC, DRIVE) == b""
    rig.wait("did", "drive")
    assert read(rig.client, "closures")[116] == 1


def each_part_of_the_state_is_told(rig):
    for category in STATES:
        assert read(rig.client, category), category


def state_is_never_told_in_the_clear(rig):
    request = put(2, put(1, put(4, b"")))
    rig.expect(28, INFOTAINMENT, request, flags=0)


def each_lie_has_its_fault_and_heals(rig):
    for domain, text in ((VCSEC, LOCK), (INFOTAINMENT, FLASH)):
        for kind, size in ((GCM, 16), (HMAC, 32)):
            now = rig.client.session(domain).now()
            rig.expect(0, domain, text, kind=kind)
            rig.expect(15, domain, text, kind=kind, epoch=os.urandom(16))
            rig.expect(17, domain, text, kind=kind, expires=now - 2)
            rig.expect(13, domain, text, kind=kind, expires=2**30 + 1)
            rig.expect(20, domain, text, kind=kind, counter=0, expires=now + 120)
            rig.expect(5, domain, text, kind=kind, vin=b"5YJ3E1EA6KF000001")
            rig.expect(5, domain, text, kind=kind, tag=bytes(size))
            rig.expect(6, domain, text, kind=kind, counter=1)
            # Each came with session info that was taken over.
            rig.expect(0, domain, text, kind=kind)


def late_counters_pass_in_infotainment_alone(rig):
    for domain, text, late in ((VCSEC, LOCK, 6), (INFOTAINMENT, FLASH, 0)):
        counter = rig.client.session(domain).counter + 10
        rig.expect(0, domain, text, counter=counter)
        rig.expect(late, domain, text, counter=counter - 2)
        rig.expect(6, domain, text, counter=counter - 2)
        rig.expect(6, domain, text, counter=counter)
        rig.expect(6, domain, text, counter=counter - 33)
        del rig.client.sessions[domain]
        rig.expect(0, domain, text)


def nonsense_does_no_harm(rig):
    rig.expect(10, VCSEC, b"\xff")
    rig.expect(10, INFOTAINMENT, b"\x12\x7f")
    rig.expect(9, VCSEC, bytes.fromhex("1063"))
    rig.client.send_frame(b"\xff\xff")
    rig.expect(0, VCSEC, LOCK)


def answer_that_was_tampered_with_is_not_opened(rig):
    for domain, text in ((VCSEC, LOCK), (INFOTAINMENT, FLASH)):
        rig.tell("fault garbled-answer")
        try:
            rig.client.command(domain, text)
        except InvalidTag:
            continue
        raise AssertionError("it was opened")


def lost_answer_is_silence_and_no_end(rig):
    rig.tell("fault lost-answer")
    try:
        rig.client.command(VCSEC, LOCK, timeout=0.2)
    except TimeoutError:
        pass
    else:
        raise AssertionError("it was answered")
    rig.expect(0, VCSEC, LOCK)


def refusals_of_the_car_are_sealed_as_well(rig):
    rig.tell("fault nominal-2")
    assert rig.client.command(VCSEC, LOCK) == bytes.fromhex("f202020802")
    rig.tell("fault refuse")
    result = Message(rig.client.command(INFOTAINMENT, HONK)).at_path(1, 1)
    assert result == 1


def busy_car_is_asked_again(rig):
    rig.tell("fault fault-1")
    rig.expect(1, INFOTAINMENT, FLASH)
    rig.expect(0, INFOTAINMENT, FLASH)
    rig.tell("fault status-wait")
    rig.expect("wait", INFOTAINMENT, FLASH)
    rig.expect(0, INFOTAINMENT, FLASH)


def epoch_that_begins_anew_is_learnt_from_the_fault(rig):
    rig.tell("epoch infotainment")
    before = rig.client.session(INFOTAINMENT)
    rig.expect(15, INFOTAINMENT, FLASH)
    after = rig.client.session(INFOTAINMENT)
    assert before.epoch != after.epoch and before.public == after.public
    rig.expect(0, INFOTAINMENT, FLASH)


def session_survives_the_link(rig):
    rig.client.close()
    rig.client.connect()
    rig.expect(0, VCSEC, LOCK)
    rig.expect(0, INFOTAINMENT, FLASH)


def sleeping_car_is_woken(rig):
    rig.tell("sleep")
    rig.expect(0, VCSEC, LOCK)
    rig.expect(0, VCSEC, WAKE)
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            rig.client.command(INFOTAINMENT, FLASH, timeout=0.5)
            return
        except (Fault, TimeoutError):
            # Busy, then without a word, then with a new session.
            time.sleep(0.05)
    raise AssertionError("it never woke")


FACTS = [
    own_code_agrees_with_the_published_vectors,
    both_computers_open_a_session,
    session_info_that_is_forged_is_not_believed,
    key_that_the_car_does_not_know_gets_no_session,
    each_command_is_done,
    status_is_told_to_anyone,
    state_agrees_with_what_was_commanded,
    car_may_be_driven_away_after_a_drive,
    each_part_of_the_state_is_told,
    state_is_never_told_in_the_clear,
    each_lie_has_its_fault_and_heals,
    late_counters_pass_in_infotainment_alone,
    nonsense_does_no_harm,
    answer_that_was_tampered_with_is_not_opened,
    lost_answer_is_silence_and_no_end,
    refusals_of_the_car_are_sealed_as_well,
    busy_car_is_asked_again,
    epoch_that_begins_anew_is_learnt_from_the_fault,
    session_survives_the_link,
    sleeping_car_is_woken,
]


def main():
    if len(sys.argv) != 6:
        sys.exit(__doc__)
    rig = Rig(*sys.argv[1:])
    n_failed = 0
    print(f"1..{len(FACTS)}")
    for number, fact in enumerate(FACTS, 1):
        name = fact.__name__.replace("_", " ")
        try:
            fact(rig)
            print(f"ok {number} {name}")
        except Exception:
            n_failed += 1
            print(f"not ok {number} {name}")
            print("# " + traceback.format_exc().rstrip().replace("\n", "\n# "))
    sys.exit(1 if n_failed else 0)


if __name__ == "__main__":
    main()
