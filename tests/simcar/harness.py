# SPDX-License-Identifier: MIT

"""A running simcar for tests, and what they ask it."""

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import traceback

from peer import Client, Key, fields, first

SIMCAR = sys.argv[1]
VIN = "5YJ3E1EA6KF000000"
FOLDER = tempfile.TemporaryDirectory()
OWNER = Key()

UNLOCK, LOCK, WAKE, DRIVE = (bytes.fromhex(x) for x in ("1000", "1001", "101e", "1014"))
TRUNK, TRUNK_CLOSE, FRUNK = (bytes.fromhex(x) for x in ("22022801", "22022804", "22023001"))
STATUS, LIST, SLOT_0 = (bytes.fromhex(x) for x in ("0a00", "0a020805", "0a0408062000"))
PING, HONK, FLASH = (bytes.fromhex(x) for x in ("1205f202020801", "1203da0100", "1203d20100"))
PORT_OPEN, PORT_CLOSE = bytes.fromhex("1203f20300"), bytes.fromhex("1203ea0300")
CLIMATE_ON = bytes.fromhex("120452020801")
PLAY, VOLUME_5 = bytes.fromhex("12027a00"), bytes.fromhex("12088201051d0000a040")
DRIVE_STATE, MEDIA_STATE = bytes.fromhex("12040a022200"), bytes.fromhex("12040a027a00")
CLOSURES_STATE = bytes.fromhex("12040a024200")
TWO_STATES = bytes.fromhex("12060a0422004200")


def write(name, text):
    path = os.path.join(FOLDER.name, name)
    with open(path, "w") as file:
        file.write(text)
    return path


class Car:
    """A running simcar and the lines that it prints."""

    def __init__(self, *options, key=OWNER, role="owner"):
        self.path = os.path.join(FOLDER.name, "car.sock")
        arguments = [SIMCAR, "--socket", self.path, "--vin", VIN]
        arguments += ["--enrol", write("key.pem", key.public_pem()) + ":" + role]
        self.process = subprocess.Popen(
            arguments + list(options), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.lines = queue.Queue()
        threading.Thread(target=self.collect, daemon=True).start()
        self.key = key
        self.clients = []
        self.ready = self.wait("ready")

    def collect(self):
        for line in self.process.stdout:
            self.lines.put(json.loads(line))

    def wait(self, name, value=None):
        """The next line with @name, and with @value if one is given."""
        while True:
            line = self.lines.get(timeout=10)
            if name in line and value in (None, line[name]):
                return line

    def tell(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        self.wait("told", line)

    def client(self, key=None):
        client = Client(self.path, VIN, key or self.key)
        self.clients.append(client)
        self.wait("connected")
        return client

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for client in self.clients:
            client.close()
        self.process.stdin.close()
        self.process.terminate()
        assert self.process.wait(10) == 0
        assert not os.path.exists(self.path)


def text_of(payload):
    """The reason in a CarServer.Response, None where all is well."""
    response = fields(payload)
    if first(response, 1, 1, default=0) == 0:
        return None
    return first(response, 1, 2, 1).decode()


def status_of(payload):
    return fields(first(fields(payload), 1))


def main(tests):
    """Runs the tests, or those named on the command line; prints TAP."""
    wanted = sys.argv[2:]
    tests = [test for test in tests if not wanted or test.__name__ in wanted]
    print(f"1..{len(tests)}", flush=True)
    failed = 0
    for number, test in enumerate(tests, 1):
        try:
            test()
            print(f"ok {number} {test.__name__}", flush=True)
        except Exception:
            failed += 1
            for line in traceback.format_exc().splitlines():
                print("#", line)
            print(f"not ok {number} {test.__name__}", flush=True)
    sys.exit(1 if failed else 0)
