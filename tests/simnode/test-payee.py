#!/usr/bin/env python3
# SPDX-License-Identifier: MIT

"""simnode's datastore, and the outside world that it pays."""

import hashlib
import os
import signal
import time

from harness import PATH, Client, Node, main
from hosted import state

OFFER = "lno1spayeeqqqqqqqqqqqqqqqq"


# --- datastore --------------------------------------------------------------


def what_is_stored_is_listed_by_its_key():
    with Node():
        client = Client()
        made = client.call("datastore", {"key": ["a", "b"], "string": "hm"})
        assert made == {"key": ["a", "b"], "generation": 0, "hex": "686d", "string": "hm"}
        client.call("datastore", {"key": ["a", "c", "d"], "hex": "ff00"})
        client.call("datastore", {"key": ["a", "c", "e"], "string": ""})
        client.call("datastore", {"key": "b", "string": "x"})
        client.call("datastore", [["a", 7], "x"])

        def listed(*key):
            found = client.call("listdatastore", {"key": list(key)} if key else {})["datastore"]
            return [(each["key"], each.get("hex")) for each in found]

        assert listed() == [(["a"], None), (["b"], "78")]
        assert listed("a") == [(["a", "7"], "78"), (["a", "b"], "686d"), (["a", "c"], None)]
        assert listed("a", "c") == [(["a", "c", "d"], "ff00"), (["a", "c", "e"], "")]
        assert listed("a", "c", "d") == [(["a", "c", "d"], "ff00")]
        assert listed("c") == []
        (one,) = client.call("listdatastore", ["b"])["datastore"]
        assert one["string"] == "x"
        (one,) = client.call("listdatastore", [["a", "c", "d"]])["datastore"]
        assert "string" not in one


def modes_of_writing_are_kept():
    with Node():
        client = Client()

        def write(code=None, **params):
            params = {"key": ["k", "l"], **params}
            if code is not None:
                assert client.refused("datastore", params).code == code, params
                return None
            return client.call("datastore", params)

        write(1203, string="a", mode="must-replace")
        write(1203, string="a", mode="must-append")
        write(string="a")
        write(1202, string="a", mode="must-create")
        write(1202, string="a")
        assert write(string="b", mode="must-replace")["generation"] == 1
        assert write(string="c", mode="create-or-append")["string"] == "bc"
        assert write(hex="64", mode="must-append", generation=2)["string"] == "bcd"
        assert write(string="e", mode="create-or-replace")["generation"] == 4
        write(1204, string="f", mode="must-replace", generation=3)
        assert write(string="f", mode="must-replace", generation=4)["generation"] == 5
        write(1205, key=["k"], string="a")
        write(1206, key=["k", "l", "m"], string="a", mode="create-or-replace")
        write(-32602, string="a", mode="create-or-replace", generation=5)
        write(-32602, string="a", mode="replace")
        write(-32602, string="a", hex="61")
        write(-32602)
        write(-32602, hex="6")
        write(-32602, key=[], string="a")
        write(-32602, key=[["a"]], string="a")
        write(-32602, key={}, string="a")
        assert client.refused("deldatastore", {"key": "k"}).code == 1200
        assert client.refused("deldatastore", {"key": ["k", "l"], "generation": 4}).code == 1201
        gone = client.call("deldatastore", {"key": ["k", "l"], "generation": 5})
        assert gone["string"] == "f" and gone["generation"] == 5
        assert client.call("listdatastore")["datastore"] == []


def an_answer_means_that_it_is_saved():
    file = state()
    for n in range(20):
        node = Node("--state", file)
        client = Client()
        for k in range(5):
            client.call("datastore", {"key": ["n", str(n), str(k)], "string": "x"})
        node.kill()
    with Node("--state", file):
        client = Client()
        for n in range(20):
            assert len(client.call("listdatastore", {"key": ["n", str(n)]})["datastore"]) == 5


# --- the payee --------------------------------------------------------------


def fetch(client, msat=1000, **params):
    return client.call("fetchinvoice", {"offer": OFFER, "amount_msat": msat, **params})["invoice"]


def pays(client, **params):
    return client.call("listpays", params)["pays"]


def an_invoice_is_fetched_decoded_and_paid_once():
    with Node() as node:
        client = Client()
        invoice = fetch(client, 21000, payer_note="thanks", bip353="a@payee.example")
        asked = node.wait("asked")
        assert asked["msat"] == 21000 and asked["note"] == "thanks"
        assert asked["address"] == "a@payee.example"
        decoded = client.call("decode", [invoice])
        assert decoded["type"] == "bolt12 invoice" and decoded["valid"] is True
        assert decoded["invoice_amount_msat"] == 21000
        assert abs(decoded["invoice_created_at"] - time.time()) < 5
        assert decoded["invoice_relative_expiry"] == 7200
        node.tell("payee fee 7")
        paid = client.call("xpay", {"invstring": invoice, "maxfee": 7, "retry_for": 20})
        assert paid["amount_msat"] == 21000 and paid["amount_sent_msat"] == 21007
        preimage = bytes.fromhex(paid["payment_preimage"])
        assert hashlib.sha256(preimage).hexdigest() == decoded["invoice_payment_hash"]
        assert client.refused("xpay", [invoice]).code == 219
        (one,) = pays(client, payment_hash=decoded["invoice_payment_hash"])
        assert one["status"] == "complete" and one["preimage"] == paid["payment_preimage"]
        assert one["amount_sent_msat"] == 21007 and "until" not in one
        assert one == pays(client, bolt11=invoice, status="complete")[0]
        (one,) = client.call("listsendpays", [invoice])["payments"]
        assert one["payment_preimage"] == paid["payment_preimage"]
        assert node.wait("sent")["status"] == "complete"


def a_payment_can_fail_wait_or_cost_too_much():
    with Node("--fault", "payee outcome fails") as node:
        client = Client()
        invoice = fetch(client)
        assert client.refused("xpay", [invoice]).code == 203
        assert pays(client)[0]["status"] == "failed" and "preimage" not in pays(client)[0]
        node.tell("payee outcome unroutable")
        assert client.refused("xpay", [invoice]).code == 205
        node.tell("payee outcome pays")
        node.tell("payee fee 100")
        assert client.refused("xpay", {"invstring": invoice, "maxfee": 99}).code == 205
        node.tell("payee delay 1")
        paying = client.send("xpay", {"invstring": invoice})
        other = Client()
        while len(pays(other)) < 2:
            pass
        assert [each["status"] for each in pays(other)] == ["failed", "pending"]
        assert other.refused("xpay", [invoice]).code == -3
        assert client.answer_to(paying)["amount_sent_msat"] == 1100
        assert [each["status"] for each in pays(other)] == ["failed", "complete"]
        assert len(pays(client, status="complete")) == 1


def a_killed_node_finds_its_payment_on_the_way():
    for outcome, status in (("pays", "complete"), ("fails", "failed")):
        file = state()
        node = Node("--state", file, "--fault", "payee kill on",
                    "--fault", f"payee outcome {outcome}")
        client = Client()
        invoice = fetch(client)
        client.send("xpay", [invoice])
        node.end(-signal.SIGKILL)
        os.unlink(PATH)
        with Node("--state", file) as node:
            client = Client()
            assert pays(client)[0]["status"] == "pending"
            assert node.wait("sent")["status"] == status
            assert pays(client, bolt11=invoice)[0]["status"] == status
            if status == "failed":
                client.call("xpay", [invoice])
            else:
                assert client.refused("xpay", [invoice]).code == 219


def an_invoice_may_not_come_or_be_a_bad_one():
    with Node() as node:
        client = Client()
        node.tell("payee offer refuses")
        assert client.refused("fetchinvoice", {"offer": OFFER, "amount_msat": 1}).code == 1004
        node.tell("payee offer silent")
        begun = time.monotonic()
        assert client.refused("fetchinvoice", {"offer": OFFER, "amount_msat": 1,
                                               "timeout": 1}).code == 1005
        assert 0.9 < time.monotonic() - begun < 5
        node.tell("payee offer answers")
        node.tell("payee invoice dear")
        decoded = client.call("decode", [fetch(client, 1000)])
        assert decoded["invoice_amount_msat"] == 1001
        node.tell("payee invoice stale")
        assert client.refused("xpay", [fetch(client)]).code == 207
        for code, method, params in (
            (-32602, "fetchinvoice", {"offer": OFFER}),
            (-32602, "fetchinvoice", {"offer": "lnr1" + OFFER[4:], "amount_msat": 1}),
            (-32602, "fetchinvoice", {"offer": OFFER, "amount_msat": 1, "bip353": "x"}),
            (1003, "fetchinvoice", {"offer": "lno1qqqqqqqqqqqqqqqqqqqq", "amount_msat": 1}),
            (-32602, "xpay", ["lni1qqqq"]),
            (-32602, "xpay", {"invstring": fetch(client), "amount_msat": 1}),
            (-32602, "decode", ["hm"]),
            (-32602, "listpays", {"bolt11": "x", "payment_hash": "00" * 32}),
        ):
            assert client.refused(method, params).code == code, (method, params)
        for line in ("payee", "payee outcome", "payee outcome hm", "payee hm 1",
                     "payee delay 9999", "payee kill 1"):
            assert "help" in node.misread(line)


def a_name_leads_to_an_offer():
    with Node():
        client = Client()
        found = client.call("fetchbip353", {"address": "ann@payee.example"})
        (offer,) = [each["offer"] for each in found["instructions"] if "offer" in each]
        assert offer.startswith("lno1spayee") and len(offer) > 40
        assert all(c in "qpzry9x8gf2tvdw0s3jn54khce6mua7l" for c in offer[4:])
        client.call("fetchinvoice", {"offer": offer, "amount_msat": 1, "bip353":
                                     "ann@payee.example"})
        found = client.call("fetchbip353", ["onchain@payee.example"])
        assert [list(each) for each in found["instructions"]] == [["onchain"]]
        for address in ("ann", "@payee.example", "ann@other.example"):
            assert client.refused("fetchbip353", [address]).code == -32700


def texts_can_be_decoded():
    with Node():
        client = Client()
        offer = client.call("offer", [1000, "flash", "shop"])
        assert sorted(offer) == ["active", "bolt12", "created", "force_paths", "offer_id",
                                 "single_use", "used"]
        (shown,) = client.call("listoffers")["offers"]
        assert shown["description"] == "flash" and "amount_msat" not in shown
        decoded = client.call("decode", [offer["bolt12"]])
        assert decoded["type"] == "bolt12 offer" and decoded["offer_id"] == offer["offer_id"]
        assert decoded["offer_amount_msat"] == 1000 and decoded["offer_description"] == "flash"
        client.pay(1000, offer_id=offer["offer_id"], payer_note="ann@payee.example")
        invoice = client.call("waitanyinvoice", [0, 0])
        decoded = client.call("decode", [invoice["bolt12"]])
        assert decoded["offer_id"] == offer["offer_id"]
        assert decoded["invoice_payment_hash"] == invoice["payment_hash"]
        assert decoded["invreq_payer_note"] == "ann@payee.example"
        assert decoded["invreq_payer_id"] == invoice["label"].split("-")[1]
        bolt11 = client.call("invoice", [5, "a", "b"])["bolt11"]
        assert client.call("decode", [bolt11])["amount_msat"] == 5
        assert client.refused("offer", [1000]).code == -32602
        assert client.call("offer", ["any"])["active"]


def an_offer_for_one_payment_is_used_up():
    with Node():
        client = Client()
        offer = client.call("offer", {"amount": 5, "description": "d", "single_use": True})
        client.pay(5, offer_id=offer["offer_id"])
        (shown,) = client.call("listoffers")["offers"]
        assert shown["used"] and not shown["active"]
        assert client.refused("enableoffer", [offer["offer_id"]]).code == 1007
        assert client.refused("simnode-pay", [5, None, offer["offer_id"]]).code == 1004


if __name__ == "__main__":
    main([
        what_is_stored_is_listed_by_its_key,
        modes_of_writing_are_kept,
        an_answer_means_that_it_is_saved,
        an_invoice_is_fetched_decoded_and_paid_once,
        a_payment_can_fail_wait_or_cost_too_much,
        a_killed_node_finds_its_payment_on_the_way,
        an_invoice_may_not_come_or_be_a_bad_one,
        a_name_leads_to_an_offer,
        texts_can_be_decoded,
        an_offer_for_one_payment_is_used_up,
    ])
