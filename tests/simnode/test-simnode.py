#!/usr/bin/env python3
# SPDX-License-Identifier: MIT

"""simnode, asked by a client that shares no code with it: lightning 0, 3, 4."""

import json
import os
import socket
import subprocess
import time

from harness import FOLDER, PATH, SIMNODE, Client, Node, main, run

OFFER = "ab" * 32


# --- calls ------------------------------------------------------------------


def the_node_says_who_it_is():
    with Node("--id", "02" + "cd" * 32) as node:
        info = Client().call("getinfo", {})
        assert info["id"] == node.ready["id"] == "02" + "cd" * 32
        assert info["network"] == "regtest"
        assert os.stat(PATH).st_mode & 0o777 == 0o600


def calls_are_checked():
    with Node():
        client = Client()
        for code, method, params in (
            (-32601, "frob", {}),
            (-32602, "getinfo", {"x": 1}),
            (-32602, "getinfo", [1]),
            (-32602, "getinfo", "text"),
            (-32602, "waitanyinvoice", {"lastpay_index": -1}),
            (-32602, "waitanyinvoice", {"lastpay_index": 1.5}),
            (-32602, "waitanyinvoice", {"lastpay_index": "x"}),
            (-32602, "waitanyinvoice", {"lastpay_index": "18446744073709551616"}),
            (-32602, "waitanyinvoice", [0, 0, 0]),
            (-32602, "invoice", {"amount_msat": 1, "label": "a"}),
            (-32602, "invoice", [0, "a", "b"]),
            (-32602, "invoice", ["1btc", "a", "b"]),
            (-32602, "listoffers", ["mug"]),
            (-32602, "listinvoices", {"start": 1}),
            (-32602, "listinvoices", {"label": "a", "payment_hash": OFFER}),
            (-32602, "simnode-pay", {"amount_msat": 1, "offer_id": "mug"}),
            (-32602, "simnode-pay", {"amount_msat": 1, "keysend": 1}),
        ):
            refused = client.refused(method, params)
            assert refused.code == code, (method, params, refused)


def absent_and_null_are_the_same():
    with Node():
        client = Client()
        client.call("getinfo")
        assert client.refused("waitanyinvoice", [None, 0]).code == 904
        assert client.refused("waitanyinvoice", {"timeout": "0"}).code == 904


def any_plain_id_is_echoed():
    with Node():
        client = Client()
        for wanted in ("a", 7, None, True, 1.5):
            request = {"id": wanted, "method": "getinfo", "params": [], "filter": {"id": True}}
            client.socket.sendall(json.dumps(request).encode())
            answer = client.receive()
            assert answer["id"] == wanted and "result" in answer


def a_filter_leaves_out_what_it_does_not_name():
    with Node():
        client, other = Client(), Client()
        wanted = {"label": True, "pay_index": True, "description": False}
        waiting = client.send("waitanyinvoice", {}, filter=wanted)
        other.pay(1000, label="a", description="long")
        assert client.answer_to(waiting) == {"label": "a", "pay_index": 1}
        again = client.send("waitanyinvoice", {}, filter=wanted)
        assert client.answer_to(again) == {"label": "a", "pay_index": 1}
        assert client.call("waitanyinvoice")["description"] == "long"

        offer = client.call("offer", ["any", "mug"])["offer_id"]
        listing = client.send(
            "listoffers", {}, filter={"offers": [{"offer_id": True, "active": True}]}
        )
        assert client.answer_to(listing) == {"offers": [{"offer_id": offer, "active": True}]}


def requests_come_in_pieces_and_glued():
    with Node():
        client = Client()
        request = b'{"id":"}{\\"","method":"getinfo","params":{}}'
        for byte in request:
            client.socket.sendall(bytes([byte]))
        assert client.receive()["id"] == '}{"'
        client.socket.sendall(request * 3 + b"\n")
        for _ in range(3):
            assert client.receive()["id"] == '}{"'


def what_is_no_request_ends_the_connection():
    with Node():
        for sent in (b"GET / HTTP/1.1\r\n", b"{]", b'{"method":"getinfo"}', b'{"id":1}', b"[]"):
            client = Client()
            client.socket.sendall(sent)
            answer = client.receive()
            assert answer["error"]["code"] == -32600 and answer["id"] is None
            assert client.is_closed()
        Client().call("getinfo")


def an_endless_request_ends_the_connection():
    with Node():
        client = Client()
        try:
            client.socket.sendall(b'{"' + b"x" * 3000000)
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert client.is_closed()
        Client().call("getinfo")


# --- invoices ---------------------------------------------------------------


def an_invoice_is_made_listed_paid_and_deleted():
    with Node() as node:
        client = Client()
        made = client.call("invoice", [21000, "a", "honk"])
        assert client.refused("invoice", [1, "a", "b"]).code == 900
        (listed,) = client.call("listinvoices", {"label": "a"})["invoices"]
        assert listed["status"] == "unpaid" and listed["payment_hash"] == made["payment_hash"]
        assert client.refused("delinvoice", ["a", "paid"]).code == 906
        assert client.refused("delinvoice", ["b", "paid"]).code == 905

        assert "over 21000" in client.refused("simnode-pay", [20999, "a"]).message
        assert "over 21000" in client.refused("simnode-pay", [42001 + 21000, "a"]).message
        paid = client.pay(21000, label="a")
        assert paid == {"pay_index": 1, "payment_hash": made["payment_hash"], "label": "a"}
        assert node.wait("paid")["msat"] == 21000
        assert "is paid" in client.refused("simnode-pay", [21000, "a"]).message
        invoice = client.call("waitanyinvoice", {"timeout": 0})
        for name, value in {
            "label": "a",
            "description": "honk",
            "status": "paid",
            "pay_index": 1,
            "amount_msat": 21000,
            "amount_received_msat": 21000,
        }.items():
            assert invoice[name] == value, name
        assert abs(invoice["paid_at"] - time.time()) < 5
        assert "local_offer_id" not in invoice and "invreq_payer_note" not in invoice

        client.call("delinvoice", ["a", "paid"])
        assert client.call("listinvoices")["invoices"] == []


def an_invoice_expires():
    with Node():
        client = Client()
        client.call("invoice", ["any", "a", "b", 0])
        client.call("invoice", ["any", "b", "b", 1])
        time.sleep(2.1)
        listed = client.call("listinvoices")["invoices"]
        assert [each["status"] for each in listed] == ["unpaid", "expired"]
        assert "is expired" in client.refused("simnode-pay", [1, "b"]).message
        client.pay(5, label="a")


def labels_can_be_made_unique():
    with Node():
        client = Client()
        labels = {client.pay(1, label=label)["label"] for label in ("x-", "x-", "x*", "y", None)}
        assert len(labels) == 5 and "y" in labels
        assert sum(label.startswith("x") for label in labels) == 3


def offers_leave_both_their_fields():
    with Node():
        client = Client()
        offer = client.call("offer", [1000, "one flash"])
        assert offer["created"] and offer["active"] and offer["bolt12"].startswith("lno1")
        assert client.call("listoffers")["offers"][0]["offer_id"] == offer["offer_id"]
        paid = client.pay(1500, offer_id=offer["offer_id"], payer_note="hi")
        assert paid["label"].split("-")[0] == offer["offer_id"]
        assert len(paid["label"].split("-")[1]) == 66
        invoice = client.call("waitanyinvoice", [0, 0])
        assert invoice["local_offer_id"] == offer["offer_id"]
        assert invoice["invreq_payer_note"] == "hi"
        assert invoice["description"] == "one flash"
        assert invoice["bolt12"].startswith("lni1")

        assert client.refused("simnode-pay", [999, None, offer["offer_id"]]).code == 1004
        assert client.refused("simnode-pay", [6000, None, offer["offer_id"]]).code == 1004
        client.call("disableoffer", [offer["offer_id"]])
        assert client.call("listoffers", {"active_only": True})["offers"] == []
        assert client.refused("simnode-pay", [1000, None, offer["offer_id"]]).code == 1004
        client.call("enableoffer", [offer["offer_id"]])
        client.pay(1000, offer_id=offer["offer_id"])
        client.pay(7, offer_id=OFFER)
        listed = client.call("listinvoices", {"offer_id": offer["offer_id"]})
        assert len(listed["invoices"]) == 2


def a_keysend_looks_like_one():
    with Node():
        client = Client()
        assert client.pay(1000, keysend=True)["label"].startswith("keysend-")
        invoice = client.call("waitanyinvoice", [0, 0])
        assert invoice["description"] == "keysend" and "amount_msat" not in invoice


def invoices_can_be_listed_in_parts():
    with Node("--preload", "50"):
        client = Client()
        part = client.call("listinvoices", {"index": "created", "start": 10, "limit": 3})
        assert [each["created_index"] for each in part["invoices"]] == [10, 11, 12]


# --- waitanyinvoice ---------------------------------------------------------


def payments_come_in_order_and_gaps_are_skipped():
    with Node():
        client = Client()
        for label in "abcd":
            client.pay(1, label=label)
        client.call("delinvoice", ["b", "paid"])
        assert client.next_paid(0) == 1
        assert client.next_paid(1) == 3
        assert client.next_paid(3) == 4
        assert client.refused("waitanyinvoice", [4, 0]).code == 904
        client.call("delinvoice", ["d", "paid"])
        assert client.pay(1)["pay_index"] == 5


def a_wait_ends_with_a_payment_or_904():
    with Node():
        client, payer = Client(), Client()
        waiting = client.send("waitanyinvoice", [0, 30])
        payer.pay(1)
        assert client.answer_to(waiting)["pay_index"] == 1
        begun = time.monotonic()
        assert client.refused("waitanyinvoice", [1, 1]).code == 904
        assert time.monotonic() - begun > 0.9


def waiting_blocks_no_other_call():
    with Node():
        client = Client()
        waiting = [client.send("waitanyinvoice", []) for _ in range(3)]
        client.call("getinfo")
        paying = client.send("simnode-pay", [1])
        assert client.answer_to(paying)["pay_index"] == 1
        for each in waiting:
            assert client.answer_to(each)["pay_index"] == 1


def above_the_newest_the_next_payment_comes():
    with Node("--preload", "5"):
        client, payer = Client(), Client()
        assert client.refused("waitanyinvoice", [1000, 0]).code == 904
        waiting = client.send("waitanyinvoice", [1000, 30])
        payer.pay(1)
        assert client.answer_to(waiting)["pay_index"] == 6


def from_2_to_the_63_the_oldest_comes():
    with Node("--preload", "5"):
        client = Client()
        assert client.refused("waitanyinvoice", [2**63 - 1, 0]).code == 904
        assert client.next_paid(str(2**63)) == 1
        assert client.next_paid(str(2**64 - 1)) == 1


# --- trouble ----------------------------------------------------------------


def an_answer_can_end_in_its_middle():
    with Node() as node:
        client = Client()
        node.tell("close-mid-object")
        client.send("getinfo")
        assert client.receive() is None
        assert client.bytes.startswith(b'{"jsonrpc"')
        Client().call("getinfo")


def an_answer_can_be_huge():
    with Node("--fault", "flood 5000000"):
        client = Client()
        client.send("getinfo")
        assert len(json.dumps(client.receive())) > 4900000
        client.call("getinfo")


def an_answer_can_be_garbage_or_wrong():
    with Node() as node:
        client = Client()
        node.tell("garbage")
        client.send("getinfo")
        assert client.socket.recv(100).startswith(b"\x16\x03")
        client = Client()
        node.tell("wrong-id")
        client.send("getinfo")
        assert client.receive()["id"] == "nobody#1"
        node.tell("twice")
        wanted = client.send("getinfo")
        assert client.answer_to(wanted) == client.answer_to(wanted)


def answers_can_overtake_each_other():
    with Node("--fault", "out-of-order on") as node:
        client = Client()
        first, second = client.send("getinfo"), client.send("listoffers")
        client.answer_to(second)
        client.answer_to(first)
        client.call("getinfo")
        node.tell("out-of-order off")
        client.call("getinfo")


def answers_can_be_slow_or_missing():
    with Node("--fault", "slow 300") as node:
        client = Client()
        begun = time.monotonic()
        client.call("getinfo")
        assert time.monotonic() - begun > 0.29
        node.tell("slow 0")
        node.tell("stall on")
        client.send("getinfo")
        node.wait("called")
        node.tell("stall off")
        client.call("listoffers")


def a_node_can_be_restored_or_exchanged():
    with Node("--preload", "10") as node:
        client = Client()
        node.tell("restore 4")
        assert client.is_closed()
        client = Client()
        assert client.refused("waitanyinvoice", [4, 0]).code == 904
        assert client.pay(1)["pay_index"] == 5
        node.tell("exchange")
        assert client.is_closed()
        client = Client()
        assert client.call("getinfo")["id"] != node.ready["id"]
        assert client.refused("waitanyinvoice", [0, 0]).code == 904
        node.tell("drop")
        assert client.is_closed()


def lines_pay_too():
    with Node() as node:
        client = Client()
        node.process.stdin.write(
            f'pay 21sat label=l- description="two words" note="a ""b""" offer={OFFER}\n'
        )
        node.process.stdin.flush()
        assert node.wait("paid")["msat"] == 21000
        invoice = client.call("waitanyinvoice", [0, 0])
        assert invoice["description"] == "two words" and invoice["local_offer_id"] == OFFER
        for line, why in (
            ("pay", "help"),
            ("pay x", "amount_msat"),
            ("pay 1 colour=red", "colour"),
            ("pay 1 red", "NAME=VALUE"),
            ("stall maybe", "on or off"),
            ("slow x", "slow takes"),
            ("flood 1", "flood takes"),
            ("restore 5", "newest"),
            ("frob", "help"),
            ("x" * 2000, "too long"),
        ):
            assert why in node.misread(line), line
        client.call("getinfo")


def the_state_survives_a_restart():
    state = os.path.join(FOLDER.name, "state")
    with Node("--state", state, "--preload", "3") as node:
        old_id = node.ready["id"]
        client = Client()
        client.call("delinvoice", ["old-2", "paid"])
        client.pay(5, label="new")
        offer = client.call("offer", ["any", "d"])["offer_id"]
    with Node("--state", state, "--preload", "3") as node:
        client = Client()
        assert node.ready["id"] == old_id
        assert [client.next_paid(i) for i in (0, 1, 3)] == [1, 3, 4]
        assert client.pay(1)["pay_index"] == 5
        assert client.call("listoffers")["offers"][0]["offer_id"] == offer


# --- command line -----------------------------------------------------------


def bad_command_lines_are_explained():
    broken = os.path.join(FOLDER.name, "broken")
    with open(broken, "w") as file:
        file.write("{}")
    for status, why, arguments in (
        (2, "--socket is needed", []),
        (2, "--help", ["--frob"]),
        (2, "not expected", ["--socket", PATH, "word"]),
        (2, "66", ["--socket", PATH, "--id", "02"]),
        (2, "--preload", ["--socket", PATH, "--preload", "-1"]),
        (2, "--preload", ["--socket", PATH, "--preload", "many"]),
        (2, "--bolt8 takes", ["--socket", PATH, "--bolt8", "70000"]),
        (2, "64 hexadecimal", ["--socket", PATH, "--bolt8", "0", "--key", "7"]),
        (2, "that of --key", ["--socket", PATH, "--bolt8", "0", "--id", "02" * 33]),
        (2, "go with --bolt8", ["--socket", PATH, "--rune", "x"]),
        (2, "go with --pay", ["--socket", PATH, "--label", "x"]),
        (2, "do not go", ["--socket", PATH, "--pay", "1", "--preload", "1"]),
        (2, "once", ["--socket", PATH, "--pay", "1", "--call", "getinfo"]),
        (2, "PARAMS", ["--socket", PATH, "--call", "getinfo", "{"]),
        (2, "on or off", ["--socket", PATH, "--fault", "stall maybe"]),
        (1, "cannot listen", ["--socket", "/nowhere/at/all"]),
        (1, "cannot listen", ["--socket", "x" * 200]),
        (1, "cannot listen", ["--socket", broken]),
        (1, "no state", ["--socket", PATH, "--state", broken]),
        (1, "no simnode", ["--socket", PATH, "--pay", "1"]),
    ):
        code, _, error = run(*arguments)
        assert code == status and why in error, (arguments, code, error)
    code, text, _ = run("--help")
    assert code == 0 and all(len(line) <= 80 for line in text.splitlines())


def a_stale_socket_goes_and_a_live_one_stays():
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(PATH)
    with Node():
        code, _, error = run("--socket", PATH)
        assert code == 1 and "another program" in error
        Client().call("getinfo")


def the_client_needs_no_other_tool():
    with Node():
        code, text, _ = run("--socket", PATH, "--pay", "1sat", "--label", "1sat2flash-",
                            "--description", "d", "--note", "n")
        paid = json.loads(text)
        assert code == 0 and paid["pay_index"] == 1
        assert paid["label"].startswith("1sat2flash-")
        code, text, _ = run("--socket", PATH, "--call", "waitanyinvoice", "[0, 0]")
        assert code == 0 and json.loads(text)["label"] == paid["label"]
        code, _, error = run("--socket", PATH, "--call", "frob")
        assert code == 1 and "-32601" in error
        code, text, _ = run("--socket", PATH, "--pay", "5", "--keysend")
        assert code == 0 and json.loads(text)["label"].startswith("keysend-")
        code, text, _ = run("--socket", PATH, "--pay", "5", "--offer", OFFER)
        assert code == 0 and json.loads(text)["label"].startswith(OFFER)


def lines_come_from_files_too():
    name = os.path.join(FOLDER.name, "lines")
    with open(name, "w") as file:
        file.write("pay 1\npay 2\npay 3")
    with open(name) as lines:
        process = subprocess.Popen(
            [SIMNODE, "--socket", PATH], stdin=lines, stdout=subprocess.PIPE, text=True
        )
    seen = [json.loads(process.stdout.readline()) for _ in range(7)]
    assert [each["msat"] for each in seen if "paid" in each] == [1, 2, 3]
    assert Client().next_paid(2) == 3
    process.terminate()
    process.communicate(timeout=10)
    assert process.returncode == 0


if __name__ == "__main__":
    main([
        the_node_says_who_it_is,
        calls_are_checked,
        absent_and_null_are_the_same,
        any_plain_id_is_echoed,
        a_filter_leaves_out_what_it_does_not_name,
        requests_come_in_pieces_and_glued,
        what_is_no_request_ends_the_connection,
        an_endless_request_ends_the_connection,
        an_invoice_is_made_listed_paid_and_deleted,
        an_invoice_expires,
        labels_can_be_made_unique,
        offers_leave_both_their_fields,
        a_keysend_looks_like_one,
        invoices_can_be_listed_in_parts,
        payments_come_in_order_and_gaps_are_skipped,
        a_wait_ends_with_a_payment_or_904,
        waiting_blocks_no_other_call,
        above_the_newest_the_next_payment_comes,
        from_2_to_the_63_the_oldest_comes,
        an_answer_can_end_in_its_middle,
        an_answer_can_be_huge,
        an_answer_can_be_garbage_or_wrong,
        answers_can_overtake_each_other,
        answers_can_be_slow_or_missing,
        a_node_can_be_restored_or_exchanged,
        lines_pay_too,
        the_state_survives_a_restart,
        bad_command_lines_are_explained,
        a_stale_socket_goes_and_a_live_one_stays,
        the_client_needs_no_other_tool,
        lines_come_from_files_too,
    ])
