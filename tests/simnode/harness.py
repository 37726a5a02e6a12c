# SPDX-License-Identifier: MIT

"""What the tests of simnode share: a client, a node that runs, TAP."""

import json
import os
import queue
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback

SIMNODE = sys.argv[1]
FOLDER = tempfile.TemporaryDirectory()
PATH = os.path.join(FOLDER.name, "lightning-rpc")


class Refused(Exception):
    """The node answered with an error."""

    def __init__(self, error):
        super().__init__(error)
        self.code = error["code"]
        self.message = error["message"]


class Client:
    def __init__(self):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(10)
        self.socket.connect(PATH)
        self.bytes = b""
        self.last_id = 0

    def send(self, method, params=None, **more):
        self.last_id += 1
        request = {"jsonrpc": "2.0", "id": f"test#{self.last_id}", "method": method, **more}
        if params is not None:
            request["params"] = params
        self.socket.sendall(json.dumps(request).encode())
        return request["id"]

    def receive(self):
        """The next answer, None at the end."""
        while b"\n\n" not in self.bytes:
            more = self.socket.recv(1 << 20)
            if not more:
                return None
            self.bytes += more
        answer, self.bytes = self.bytes.split(b"\n\n", 1)
        answer = json.loads(answer)
        assert answer["jsonrpc"] == "2.0"
        return answer

    def answer_to(self, wanted):
        answer = self.receive()
        assert answer["id"] == wanted, answer
        if "error" in answer:
            raise Refused(answer["error"])
        return answer["result"]

    def call(self, method, params=None):
        return self.answer_to(self.send(method, params))

    def refused(self, method, params=None):
        try:
            self.call(method, params)
        except Refused as refused:
            return refused
        raise AssertionError(f"{method} was not refused")

    def next_paid(self, index, timeout=0):
        return self.call("waitanyinvoice", [index, timeout])["pay_index"]

    def pay(self, msat, **params):
        return self.call("simnode-pay", {"amount_msat": msat, **params})

    def is_closed(self):
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True


class Node:
    """A running simnode and the lines that it prints."""

    def __init__(self, *options):
        self.process = subprocess.Popen(
            [SIMNODE, "--socket", PATH, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.lines = []
        self.heard = queue.Queue()
        # What nobody reads would block the node.
        self.ear = threading.Thread(target=self.hear, daemon=True)
        self.ear.start()
        self.ready = self.wait("ready")

    def hear(self):
        for line in self.process.stdout:
            self.heard.put(json.loads(line))

    def wait(self, name):
        while True:
            self.line = self.heard.get(timeout=40)
            self.lines.append(self.line)
            if name in self.line:
                return self.line

    def seen(self, name):
        """The last line with @name that was waited for or passed over."""
        return [line for line in self.lines if name in line][-1]

    def tell(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        assert self.wait("told")["told"] == line

    def misread(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.wait("misread")["why"]

    def __enter__(self):
        return self

    def end(self, status):
        """Waits for the end; returns what it said last."""
        assert self.process.wait(timeout=40) == status
        self.ear.join()
        while not self.heard.empty():
            self.lines.append(self.heard.get())
        return self.lines[-1]

    def kill(self):
        self.process.kill()
        self.end(-signal.SIGKILL)

    def __exit__(self, *_):
        self.process.terminate()
        assert "stopped" in self.end(0)
        assert not os.path.exists(PATH)


def run(*arguments):
    done = subprocess.run(
        [SIMNODE, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    return done.returncode, done.stdout, done.stderr


def main(tests):
    """Runs the tests, or those named on the command line; prints TAP."""
    tests = [test for test in tests if not sys.argv[2:] or test.__name__ in sys.argv[2:]]
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
