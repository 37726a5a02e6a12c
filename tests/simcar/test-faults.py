#!/usr/bin/env python3
# SPDX-License-Identifier: MIT

"""What simcar does wrong when told to, its links and its command line."""

import json
import os
import socket
import struct
import subprocess
import sys

sys.dont_write_bytecode = True

from harness import (
    DRIVE_STATE,
    FOLDER,
    HONK,
    LOCK,
    OWNER,
    SIMCAR,
    STATUS,
    VIN,
    Car,
    main,
    status_of,
    text_of,
    write,
)
from peer import INFOTAINMENT, VCSEC, field, fields, first


# --- faults -----------------------------------------------------------------


def lost_things_are_lost():
    with Car("--fault", "lost-request@honk", "--fault", "lost-answer@honk") as car:
        client = car.client()
        client.handshake(INFOTAINMENT)
        for did in (False, True):
            client.send(client.sign(INFOTAINMENT, HONK)[0])
            car.wait("injected")
            if did:
                car.wait("did", "honk")
            assert client.is_silent()
        assert client.fault(INFOTAINMENT, HONK)[0] == 0


def answers_come_late_and_twice():
    with Car("--late", "300ms", "--fault", "late", "--fault", "doubled") as car:
        client = car.client()
        client.handshake(INFOTAINMENT)
        message, request = client.sign(INFOTAINMENT, HONK)
        client.send(message)
        car.wait("did", "honk")
        # What is asked meanwhile is answered first.
        assert status_of(client.plain(VCSEC, STATUS)[1])
        assert client.open(client.receive(), request) == bytes.fromhex("0a00")
        answer, payload, request = client.ask(INFOTAINMENT, HONK)
        assert payload == bytes.fromhex("0a00")
        assert client.receive(address=request.address) == answer


def refusals_can_be_ordered():
    faults = ["refuse", "refuse@honk", "nominal-7", "wait", "wait@honk", "status-wait"]
    with Car(*sum((["--fault", fault] for fault in faults), [])) as car:
        client = car.client()
        assert client.ask(VCSEC, LOCK)[1] == bytes.fromhex("f202020801")
        assert text_of(client.ask(INFOTAINMENT, HONK)[1]) == "told to refuse"
        assert client.ask(VCSEC, LOCK)[1] == bytes.fromhex("f202020807")
        assert client.ask(VCSEC, LOCK)[1] == bytes.fromhex("22020801")
        answer, _, _ = client.ask(INFOTAINMENT, HONK)
        assert first(answer, 12) == bytes.fromhex("0801")
        answer, _, _ = client.ask(VCSEC, LOCK)
        assert first(answer, 12) == bytes.fromhex("0801")
        assert client.ask(VCSEC, LOCK)[1] == b""


def every_protocol_fault_can_be_ordered():
    with Car() as car:
        client = car.client()
        for number in range(1, 29):
            for bare in ("", "-bare"):
                car.tell(f"fault fault-{number}{bare}")
                fault, answer, request = client.fault(VCSEC, LOCK)
                assert fault == number
                assert (15 in answer) == (bare == "")
                if not bare:
                    client.check_info(answer, request.uuid)
        assert client.fault(VCSEC, LOCK)[0] == 0


def epochs_and_session_info_can_be_wrong():
    with Car("--fault", "epoch", "--fault", "forged-info@session-info") as car:
        client = car.client()
        answer, uuid = client.ask_info(VCSEC)
        try:
            client.check_info(answer, uuid)
            raise RuntimeError("a forged tag verifies")
        except AssertionError:
            pass
        fault, answer, request = client.fault(VCSEC, LOCK)
        assert fault == 15
        client.sessions[VCSEC] = client.check_info(answer, request.uuid)
        assert client.fault(VCSEC, LOCK)[0] == 0


def frames_come_ahead_of_the_answer():
    with Car() as car:
        client = car.client()
        client.handshake(VCSEC)
        car.tell("fault signature-first@read")
        answer, payload, request = client.ask(INFOTAINMENT, DRIVE_STATE)
        assert 10 not in answer and first(answer, 13, 9) is not None
        answer = client.receive(address=request.address)
        assert first(answer, 13, 9) is not None
        assert first(fields(client.open(answer, request)), 2, 5) is not None
        car.tell("fault garbage@honk")
        client.send(client.sign(INFOTAINMENT, HONK)[0])
        assert client.receive_any() == bytes.fromhex("0a7f666f6f")
        client.receive()
        car.tell("fault oversize@honk")
        client.send(client.sign(INFOTAINMENT, HONK)[0])
        assert client.read(2) == b"\xff\xff"
        client.receive()
        car.tell("fault garbled-answer@honk")
        message, request = client.sign(INFOTAINMENT, HONK)
        client.send(message)
        try:
            client.open(client.receive(), request)
            raise RuntimeError("a garbled answer verifies")
        except AssertionError:
            pass


def links_drop():
    drops = [("drop-before", False, 0), ("drop-after", True, 0)]
    drops += [("drop-mid-frame", True, 1), ("drop-in-request", False, 0)]
    with Car() as car:
        for kind, done, some in drops:
            client = car.client()
            client.handshake(INFOTAINMENT)
            message, _ = client.sign(INFOTAINMENT, HONK)
            car.tell("fault " + kind)
            client.send(message)
            data = b""
            while chunk := client.socket.recv(4096):
                data += chunk
            assert (len(data) > 0) == bool(some)
            car.wait("injected")
            while "disconnected" not in (line := car.lines.get(timeout=10)):
                assert not line.get("did") or done
                done = done and "did" not in line
            assert not done, "it was not done"


def idle_links_drop():
    with Car("--idle", "200ms", "--fault", "idle-drop") as car:
        client = car.client()
        assert client.socket.recv(1) == b""
        assert car.wait("disconnected")["why"] == "idle"


def three_links_are_all():
    with Car() as car:
        clients = [car.client() for _ in range(3)]
        fourth = socket.socket(socket.AF_UNIX)
        fourth.connect(car.path)
        assert fourth.recv(1) == b""
        car.wait("refused", "links-full")
        clients[0].close()
        car.wait("disconnected")
        assert status_of(car.client().plain(VCSEC, STATUS)[1])
        car.tell("drop-link")
        assert clients[1].socket.recv(1) == b""
        car.tell("fault links-full")
        fourth = socket.socket(socket.AF_UNIX)
        fourth.connect(car.path)
        assert fourth.recv(1) == b""


def small_mtus_cut_answers():
    for mtu in (23, 115):
        with Car("--fault", f"mtu-{mtu}") as car:
            client = car.client()
            uuid = os.urandom(16)
            body = field(14, field(1, OWNER.public))
            # Blocks may run together in a stream, but the first comes alone.
            client.send(client.wrap(VCSEC, b"a" * 16, uuid, body))
            client.buffer = client.socket.recv(4096)
            assert len(client.buffer) == mtu - 3
            client.check_info(client.receive(), uuid)


def requests_come_in_pieces():
    with Car() as car:
        client = car.client()
        client.handshake(INFOTAINMENT)
        message, request = client.sign(INFOTAINMENT, HONK)
        frame = struct.pack(">H", len(message)) + message
        car.tell("fault broadcast")
        client.socket.sendall(frame[:20])
        # A status, while the request is still on its way.
        assert first(fields(client.receive_any()), 6) == bytes.fromhex("0800")
        for i in range(20, len(frame)):
            client.socket.sendall(frame[i : i + 1])
        assert client.open(client.receive(), request) == bytes.fromhex("0a00")
        # Two in one go.
        both = [client.sign(INFOTAINMENT, HONK) for _ in range(2)]
        client.socket.sendall(b"".join(struct.pack(">H", len(m)) + m for m, _ in both))
        for _, request in both:
            answer = client.receive(address=request.address)
            assert client.open(answer, request) == bytes.fromhex("0a00")


# --- the program ------------------------------------------------------------


def bad_command_lines_are_explained():
    good = ["--socket", os.path.join(FOLDER.name, "x"), "--vin", VIN]
    public = write("public.pem", OWNER.public_pem())
    empty = write("empty.pem", "")
    bad = {
        "--vin VIN is missing": good[:2],
        "--socket PATH or --bluez ADAPTER is missing": good[2:],
        "takes an adapter": good[2:] + ["--bluez", "eth0"],
        "17 capital letters": good[:2] + ["--vin", "5yj3e1ea6kf000000"],
        "is no kind of fault": good + ["--fault", "nonsense"],
        "from 1 to 28": good + ["--fault", "fault-29"],
        "is no target": good + ["--fault", "lost@nobody"],
        "how many times": good + ["--fault", "lost:0"],
        "takes no @TARGET": good + ["--fault", "links-full@honk"],
        "tap-24 is no fault of a request": good + ["--fault", "tap-24@honk"],
        "from 1 to 28, not 0": good + ["--fault", "keys-0"],
        "takes no :N": good + ["--fault", "mtu-23:2"],
        "is no role": good + ["--enrol", public + ":king"],
        "PUBLIC.pem:ROLE": good + ["--enrol", public],
        "no public key": good + ["--enrol", empty + ":owner"],
        "given twice": good + ["--enrol", public + ":owner"] * 2,
        "no private key": good + ["--key", public],
        "cannot read": good + ["--key", "/nonexistent"],
        "at most twice": good + ["--key", empty] * 3,
        "takes a time": good + ["--boot-time", "soon"],
        "is no option": good + ["more"],
    }
    for sentence, arguments in bad.items():
        done = subprocess.run(
            [SIMCAR, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
        assert done.returncode == 2, (sentence, done.returncode)
        assert sentence in done.stderr, (sentence, done.stderr)
        assert done.stdout == ""
    help_text = subprocess.run([SIMCAR, "--help"], capture_output=True, text=True)
    assert help_text.returncode == 0 and "drop-mid-frame" in help_text.stdout


def stale_sockets_go_and_live_ones_stay():
    path = os.path.join(FOLDER.name, "car.sock")
    stale = socket.socket(socket.AF_UNIX)
    stale.bind(path)
    stale.close()
    with Car() as car:
        arguments = [SIMCAR, "--socket", car.path, "--vin", VIN]
        second = subprocess.run(arguments, capture_output=True, text=True)
        assert second.returncode == 1 and "answers there" in second.stderr
        assert status_of(car.client().plain(VCSEC, STATUS)[1])
    arguments[2] = write("file", "precious")
    assert subprocess.run(arguments, capture_output=True).returncode == 1
    with open(arguments[2]) as file:
        assert file.read() == "precious"


def lines_come_from_files_too():
    for text in ("door open\nnonsense\nshift D", ""):
        with open(write("lines", text)) as lines:
            arguments = [SIMCAR, "--socket", os.path.join(FOLDER.name, "l"), "--vin", VIN]
            process = subprocess.Popen(arguments, stdin=lines, stdout=subprocess.PIPE, text=True)
            assert json.loads(process.stdout.readline())["t"] == 0
            wanted = len(text.splitlines()) + text.count("nonsense")
            names = [json.loads(process.stdout.readline()) for _ in range(wanted)]
            process.terminate()
            last = json.loads(process.stdout.read().splitlines()[-1])
            assert process.wait(10) == 0 and "stopped" in last
        told = [name.get("told") or name.get("misread") for name in names]
        lines = text.splitlines()
        assert told == (lines[:2] + lines[1:] if lines else [])


if __name__ == "__main__":
    main([
        lost_things_are_lost,
        answers_come_late_and_twice,
        refusals_can_be_ordered,
        every_protocol_fault_can_be_ordered,
        epochs_and_session_info_can_be_wrong,
        frames_come_ahead_of_the_answer,
        links_drop,
        idle_links_drop,
        three_links_are_all,
        small_mtus_cut_answers,
        requests_come_in_pieces,
        bad_command_lines_are_explained,
        stale_sockets_go_and_live_ones_stay,
        lines_come_from_files_too,
    ])
