# SPDX-License-Identifier: MIT

"""Many at once at a simnode with our plugin, each on a connection of its own.

    load.py pay SOCKET N     N payers; who has the money then
    load.py cars SOCKET N    N cars that poll, and payments for some of them

Prints one object.
"""

import json
import selectors
import socket
import sys
import time

PRICE = 1000
BOOT = "00" * 16
FOREIGN = 101


class Client:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.bytes = b""
        self.last_id = 0

    def send(self, method, **params):
        self.last_id += 1
        request = {"jsonrpc": "2.0", "id": self.last_id, "method": method, "params": params}
        self.socket.sendall(json.dumps(request).encode())

    def receive(self):
        while b"\n\n" not in self.bytes:
            more = self.socket.recv(1 << 16)
            if not more:
                raise EOFError
            self.bytes += more
        answer, self.bytes = self.bytes.split(b"\n\n", 1)
        return json.loads(answer)

    def call(self, method, **params):
        self.send(method, **params)
        return self.receive()["result"]


def clients(path, n):
    made = [Client(path) for _ in range(n)]
    selector = selectors.DefaultSelector()
    for i, client in enumerate(made):
        selector.register(client.socket, selectors.EVENT_READ, i)
    return made, selector


def pay(path, n):
    payers, selector = clients(path, n)
    end = {"paid": [], "returned": 0}
    for i, payer in enumerate(payers):
        payer.send("simnode-pay", amount_msat=PRICE, label=f"1sat2flash-{i}")
    while len(end["paid"]) + end["returned"] < n:
        for key, _ in selector.select():
            answer = payers[key.data].receive()
            if "result" in answer:
                end["paid"].append(answer["result"]["payment_hash"])
            else:
                end["returned"] += 1
    return end


class Car:
    def __init__(self, client, number):
        self.client = client
        self.name = f"car-{number:04}"
        self.serial = 0
        client.send(
            "1sat2flash-register",
            car=self.name,
            boot=BOOT,
            holds=True,
            labels=[f"{self.name}-*"],
            addresses=[],
            descriptions=[],
            actions=[
                {
                    "name": "flash",
                    "price_msat": PRICE,
                    "text": "Flash the lights",
                    "keeps": False,
                    "offers": False,
                }
            ],
        )

    def poll(self):
        self.serial += 1
        self.client.send(
            "1sat2flash-poll",
            car=self.name,
            boot=BOOT,
            serial=self.serial,
            got=self.serial - 1,
            open=["flash"],
            timeout=55,
        )

    def act(self, held):
        label = held["label"]
        assert label.startswith(self.name + "-"), f"{self.name} was given {label}"
        of = {"car": self.name, "payment_hash": held["payment_hash"]}
        self.client.call("1sat2flash-take", boot=BOOT, keeps=False, **of)
        self.client.call(
            "1sat2flash-done", verdict="settle", outcome="confirmed", why="", **of
        )


def median_ms(seconds):
    return sorted(seconds)[len(seconds) // 2] * 1000


def cars(path, n):
    lines, selector = clients(path, n)
    fleet = [Car(client, i) for i, client in enumerate(lines)]
    for car in fleet:
        assert car.client.receive()["result"]["holds"]
        car.poll()
    payer = Client(path)
    payer.call("1sat2flash-status", car=fleet[-1].name)

    foreign = []
    for i in range(FOREIGN):
        began = time.monotonic()
        payer.call("simnode-pay", amount_msat=PRICE, label=f"mug-{i}")
        foreign.append(time.monotonic() - began)

    sample = fleet[:: max(n // 50, 1)] + [fleet[-1]]
    took = []
    for car in sample:
        began = time.monotonic()
        payer.send("simnode-pay", amount_msat=PRICE, label=f"{car.name}-1")
        for key, _ in selector.select(timeout=10):
            woken = fleet[key.data]
            (held,) = woken.client.receive()["result"]["holds"]
            woken.act(held)
            woken.poll()
        assert "result" in payer.receive()
        took.append(time.monotonic() - began)
    # Nobody else was woken, nor is anybody now.
    assert not selector.select(timeout=0.5)
    return {"foreign_ms": median_ms(foreign), "own_ms": median_ms(took), "paid": len(took)}


if __name__ == "__main__":
    print(json.dumps({"pay": pay, "cars": cars}[sys.argv[1]](sys.argv[2], int(sys.argv[3]))))
