# SPDX-License-Identifier: MIT

"""A client of the vehicle-command protocol that shares nothing with the C code.

Written from vehicle-protocol 1 to 5, on Python's standard library alone: its own
protobuf, P-256 and AES-GCM, slow and good enough for messages of 100 bytes.  It
checks itself against the vectors of section 4 when it is imported.
"""

import base64
import hashlib
import hmac
import os
import socket
import struct
import time

VCSEC, INFOTAINMENT = 2, 3

# --- protobuf -------------------------------------------------------------


def varint(n):
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def field(number, value):
    """Bytes and str are length-delimited, int is a varint, float is fixed32."""
    if isinstance(value, bytes):
        return varint(number << 3 | 2) + varint(len(value)) + value
    if isinstance(value, float):
        return varint(number << 3 | 5) + struct.pack("<f", value)
    return varint(number << 3) + varint(value)


def fixed32(number, value):
    return varint(number << 3 | 5) + struct.pack("<I", value)


def fields(data):
    """Decodes a message into {number: [values]}; fixed32 stays as bytes."""
    out, at = {}, 0

    def take_varint():
        nonlocal at
        n = shift = 0
        while True:
            byte = data[at]
            at += 1
            n |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return n

    while at < len(data):
        tag = take_varint()
        kind = tag & 7
        if kind == 0:
            value = take_varint()
        else:
            size = {1: 8, 5: 4}.get(kind) or take_varint()
            value = data[at : at + size]
            assert len(value) == size, "truncated field"
            at += size
        out.setdefault(tag >> 3, []).append(value)
    return out


def first(message, *path, default=None):
    """The value at a path of field numbers, default where one is absent."""
    for number in path[:-1]:
        message = fields(message[number][0]) if number in message else {}
    return message.get(path[-1], [default])[0]


# --- P-256 ----------------------------------------------------------------

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)


def add(a, b):
    if a is None or b is None:
        return a or b
    if a[0] == b[0]:
        if (a[1] + b[1]) % P == 0:
            return None
        slope = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, P)
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def multiply(k, point):
    out = None
    while k:
        if k & 1:
            out = add(out, point)
        point = add(point, point)
        k >>= 1
    return out


def encode_point(point):
    return b"\4" + point[0].to_bytes(32, "big") + point[1].to_bytes(32, "big")


def decode_point(data):
    assert len(data) == 65 and data[0] == 4
    return int.from_bytes(data[1:33], "big"), int.from_bytes(data[33:], "big")


class Key:
    def __init__(self, scalar=None):
        self.scalar = scalar or int.from_bytes(os.urandom(40), "big") % (N - 1) + 1
        self.public = encode_point(multiply(self.scalar, G))

    def agree(self, public):
        """K of vehicle-protocol 3.1."""
        x = multiply(self.scalar, decode_point(public))[0]
        return hashlib.sha1(x.to_bytes(32, "big")).digest()[:16]

    def private_pem(self):
        der = bytes.fromhex("30310201010420") + self.scalar.to_bytes(32, "big")
        der += bytes.fromhex("a00a06082a8648ce3d030107")
        return pem("EC PRIVATE KEY", der)

    def public_pem(self):
        der = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")
        return pem("PUBLIC KEY", der + self.public)


def pem(label, der):
    text = base64.encodebytes(der).decode()
    return f"-----BEGIN {label}-----\n{text}-----END {label}-----\n"


# --- AES-128-GCM ----------------------------------------------------------


def make_sbox():
    box, p, q = [0x63] * 256, 1, 1
    while True:
        p = p ^ p << 1 & 0xFF ^ (0x1B if p & 0x80 else 0)
        q ^= q << 1
        q ^= q << 2
        q ^= q << 4
        q &= 0xFF
        q ^= 0x09 if q & 0x80 else 0
        x = q
        for i in range(1, 5):
            x ^= (q << i | q >> (8 - i)) & 0xFF
        box[p] = x ^ 0x63
        if p == 1:
            return box


SBOX = make_sbox()


def double(x):
    return x << 1 & 0xFF ^ (0x1B if x & 0x80 else 0)


def aes_block(key, block):
    words = [list(key[i : i + 4]) for i in range(0, 16, 4)]
    rcon = 1
    for i in range(4, 44):
        word = list(words[i - 1])
        if i % 4 == 0:
            word = [SBOX[b] for b in word[1:] + word[:1]]
            word[0] ^= rcon
            rcon = double(rcon)
        words.append([a ^ b for a, b in zip(words[i - 4], word)])
    keys = [sum(words[i : i + 4], []) for i in range(0, 44, 4)]

    state = [a ^ b for a, b in zip(block, keys[0])]
    for turn in range(1, 11):
        state = [SBOX[state[(i + 4 * (i % 4)) % 16]] for i in range(16)]
        if turn < 10:
            mixed = []
            for c in range(0, 16, 4):
                s = state[c : c + 4]
                every = s[0] ^ s[1] ^ s[2] ^ s[3]
                mixed += [s[i] ^ every ^ double(s[i] ^ s[(i + 1) % 4]) for i in range(4)]
            state = mixed
        state = [a ^ b for a, b in zip(state, keys[turn])]
    return bytes(state)


def ghash(h, data):
    y = 0
    for i in range(0, len(data), 16):
        x = y ^ int.from_bytes(data[i : i + 16].ljust(16, b"\0"), "big")
        y, v = 0, h
        for bit in range(127, -1, -1):
            if x >> bit & 1:
                y ^= v
            v = v >> 1 ^ (0xE1 << 120 if v & 1 else 0)
    return y


def pad(data):
    return data + bytes(-len(data) % 16)


def gcm(key, nonce, aad, data, sealing):
    """Returns the other text and the tag."""
    stream = b""
    for i in range(len(data) // 16 + 1):
        stream += aes_block(key, nonce + struct.pack(">I", i + 2))
    other = bytes(a ^ b for a, b in zip(data, stream))
    sealed = other if sealing else data
    h = int.from_bytes(aes_block(key, bytes(16)), "big")
    lengths = struct.pack(">QQ", 8 * len(aad), 8 * len(sealed))
    y = ghash(h, pad(aad) + pad(sealed) + lengths)
    mask = int.from_bytes(aes_block(key, nonce + b"\0\0\0\1"), "big")
    return other, (y ^ mask).to_bytes(16, "big")


# --- the protocol ---------------------------------------------------------


def metadata(*items):
    out = b""
    for tag, value in items:
        if isinstance(value, int):
            value = struct.pack(">I", value)
        out += bytes([tag, len(value)]) + value
    return out + b"\xff"


def mac(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


class Session:
    """What a client knows of one domain after a handshake."""

    def __init__(self, key, info, at):
        info = fields(info)
        self.public = first(info, 2)
        self.key = key.agree(self.public)
        self.counter = first(info, 1, default=0)
        self.epoch = first(info, 3)
        self.clock = struct.unpack("<I", first(info, 4))[0]
        self.at = at

    def now(self):
        return self.clock + int(time.monotonic() - self.at)


class Request:
    """A signed request, to open its answers with."""

    def __init__(self, session, domain, tag, kind, uuid, address):
        self.session, self.domain = session, domain
        self.uuid, self.address = uuid, address
        # VCSEC cuts the tag of an HMAC request.
        self.hash = bytes([kind]) + (tag[:16] if domain == VCSEC else tag)


class Client:
    def __init__(self, path, vin, key=None):
        self.vin, self.key = vin.encode(), key or Key()
        self.sessions = {}
        self.buffer = b""
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(5)
        self.socket.connect(path)

    def close(self):
        self.socket.close()

    # Frames

    def send(self, message):
        self.socket.sendall(struct.pack(">H", len(message)) + message)

    def read(self, size):
        while len(self.buffer) < size:
            data = self.socket.recv(4096)
            if not data:
                raise EOFError("the car closed the link")
            self.buffer += data
        out, self.buffer = self.buffer[:size], self.buffer[size:]
        return out

    def receive_any(self, timeout=5):
        self.socket.settimeout(timeout)
        return self.read(struct.unpack(">H", self.read(2))[0])

    def receive(self, timeout=5, address=None):
        """The next message that is for this client, or for @address."""
        while True:
            message = fields(self.receive_any(timeout))
            to = first(message, 6, 2)
            if to is not None and address in (None, to):
                return message

    def is_silent(self, seconds=0.3):
        try:
            self.receive(seconds)
        except TimeoutError:
            return True
        return False

    # Requests

    def wrap(self, domain, address, uuid, rest, flags=0):
        message = field(6, field(1, domain)) + field(7, field(2, address)) + rest
        if uuid:
            message += field(51, uuid)
        return message + (field(52, flags) if flags else b"")

    def ask_info(self, domain, uuid=None, key=None):
        uuid = os.urandom(16) if uuid is None else uuid
        address = os.urandom(16)
        body = field(14, field(1, (key or self.key).public))
        self.send(self.wrap(domain, address, uuid, body))
        return self.receive(address=address), uuid

    def check_info(self, message, challenge):
        """Session info, verified as the answer to @challenge."""
        info = first(message, 15)
        session = Session(self.key, info, time.monotonic())
        signed = metadata((0, b"\6"), (2, self.vin), (6, challenge)) + info
        tag = mac(mac(session.key, b"session info"), signed)
        assert first(message, 13, 6, 1) == tag, "session info tag"
        assert first(message, 50) == challenge, "request_uuid"
        return session

    def handshake(self, domain):
        message, uuid = self.ask_info(domain)
        assert first(message, 12, 2) is None, f"fault {first(message, 12, 2)}"
        self.sessions[domain] = self.check_info(message, uuid)
        return self.sessions[domain]

    def sign(self, domain, payload, **change):
        """A signed message; @change replaces what would be right."""
        session = self.sessions.get(domain) or self.handshake(domain)
        session.counter += 1
        counter = change.get("counter", session.counter)
        expires = change.get("expires", session.now() + 5)
        epoch = change.get("epoch", session.epoch)
        flags = change.get("flags", 2)
        kind = change.get("kind", 5)
        nonce = change.get("nonce", os.urandom(12))
        signer = change.get("signer", field(1, self.key.public))
        uuid, address = os.urandom(16), os.urandom(16)

        items = [(0, bytes([kind])), (1, bytes([domain]))]
        items += [(2, change.get("vin", self.vin)), (3, session.epoch)]
        items += [(4, expires), (5, counter)]
        signed = metadata(*items, *([(7, flags)] if flags else []))
        data = field(1, epoch) if epoch else b""
        if kind == 5:
            aad = hashlib.sha256(signed).digest()
            text, tag = gcm(session.key, nonce[:12].ljust(12), aad, payload, True)
            data += field(2, nonce) + field(3, counter) + fixed32(4, expires)
        else:
            command_key = mac(session.key, b"authenticated command")
            text, tag = payload, mac(command_key, signed + payload)
            data += field(2, counter) + fixed32(3, expires)
        tag = change.get("tag", tag)
        data += field(5 if kind == 5 else 4, tag)
        body = field(10, text) + field(13, field(1, signer) + field(kind, data))
        request = Request(session, domain, tag, kind, uuid, address)
        return self.wrap(domain, address, uuid, body, flags), request

    def open(self, message, request):
        """The payload of an answer, decrypted where it is encrypted."""
        assert first(message, 7, 1) == request.domain
        assert first(message, 50) in (None, request.uuid)
        payload = first(message, 10)
        sealed = first(message, 13, 9)
        if sealed is None:
            return payload
        sealed = fields(sealed)
        counter = first(sealed, 2, default=0)
        signed = metadata(
            (0, b"\x09"),
            (1, bytes([request.domain])),
            (2, self.vin),
            (5, counter),
            (7, first(message, 52, default=0)),
            (8, request.hash),
            (9, first(message, 12, 2, default=0)),
        )
        aad = hashlib.sha256(signed).digest()
        key = request.session.key
        text, tag = gcm(key, first(sealed, 1), aad, payload or b"", False)
        assert tag == first(sealed, 3), "tag of the answer"
        return text

    def ask(self, domain, payload, timeout=5, **change):
        """Signs, sends; returns the answer, its payload and the request."""
        message, request = self.sign(domain, payload, **change)
        self.send(message)
        answer = self.receive(timeout, request.address)
        return answer, self.open(answer, request), request

    def fault(self, domain, payload, **change):
        """The fault that a request gets, and the answer."""
        answer, _, request = self.ask(domain, payload, **change)
        return first(answer, 12, 2, default=0), answer, request

    def plain(self, domain, payload, timeout=5):
        """An unsigned request; returns the answer and its payload."""
        address, uuid = os.urandom(16), os.urandom(16)
        self.send(self.wrap(domain, address, uuid, field(10, payload), 2))
        answer = self.receive(timeout, address)
        return answer, first(answer, 10)


def check_vectors():
    """Set A of vehicle-protocol 4.1: if this holds, the rest is the car's."""
    key = Key(0x2538CDC29A97C19C1E99A637D6CF4F8C970C118B56EDE1E6323E6D162C4B30DB)
    car = Key(0x344EE5B466A7CF1EEB12B6F50331DB2E5EC5834EF5F4BEFCFD8CBE55C2528D70)
    k = key.agree(car.public)
    assert k.hex() == "1b2fce19967b79db696f909cff89ea9a" and k == car.agree(key.public)
    signed = metadata(
        (0, b"\5"),
        (1, b"\3"),
        (2, b"5YJ30123456789ABC"),
        (3, bytes.fromhex("4c463f9cc0d3d26906e982ed224adde6")),
        (4, 2655),
        (5, 7),
        (7, 2),
    )
    aad = hashlib.sha256(signed).digest()
    nonce = bytes.fromhex("dbf79447fa156674dae1caed")
    text, tag = gcm(k, nonce, aad, bytes.fromhex("120452020801"), True)
    assert text.hex() == "38038e8c0f2e"
    assert tag.hex() == "c228e0ff64991481db3a7bbc133696c5"


check_vectors()
