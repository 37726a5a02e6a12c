#!/usr/bin/env python3
# SPDX-License-Identifier: MIT

"""simnode's hook invoice_payment: who is asked, and what is done with answers."""

import hashlib
import json
import os
import signal
import time

from harness import PATH, Client, Node, main
from hosted import HOLD, listed, plugin, state, with_plugins


# --- the chain --------------------------------------------------------------


def a_payment_waits_for_the_verdict():
    with with_plugins(plugin("hold", HOLD)) as node:
        client, payer = Client(), Client()
        paying = payer.send("simnode-pay", {"amount_msat": 1000, "label": "a"})
        held = node.wait("held")
        assert held["held"] == "a" and held["msat"] == 1000
        assert node.wait("log") == {"t": node.line["t"], "log": "hook a", "level": "info",
                                    "plugin": "hold"}
        assert listed("a")["status"] == "unpaid"
        assert client.call("hold-decide", {"result": "continue"}) == {"n": 1}
        assert payer.answer_to(paying)["pay_index"] == 1
        assert listed("a")["payment_hash"] == held["payment_hash"]


def a_hash_is_that_of_the_preimage():
    with with_plugins(plugin("show", """
        def payment(request):
            log(json.dumps(request["params"]))
            answer(request, result="continue")
    """)) as node:
        Client().pay(2500, label="a")
        seen = json.loads(node.wait("log")["log"])
        invoice = listed("a")
        assert seen == {"payment": {"label": "a", "msat": 2500,
                                    "preimage": invoice["payment_preimage"]}}
        preimage = bytes.fromhex(invoice["payment_preimage"])
        assert hashlib.sha256(preimage).hexdigest() == invoice["payment_hash"]
        mine = "11" * 32
        made = Client().call("invoice", {"amount_msat": 1, "label": "b", "description": "",
                                         "preimage": mine})
        assert made["payment_hash"] == hashlib.sha256(bytes.fromhex(mine)).hexdigest()
        assert Client().refused("invoice", [1, "c", "", None, None, mine]).code == 901


def a_refused_payment_comes_back():
    with with_plugins(plugin("hold", HOLD)) as node:
        client, payer = Client(), Client()
        for verdict, why in (
            ({"result": "reject"}, "incorrect_or_unknown"),
            ({"result": "reject", "failure_message": "2002"}, "incorrect_or_unknown"),
            ({"failure_message": "2002"}, "2002"),
        ):
            paying = payer.send("simnode-pay", {"amount_msat": 1000, "label": "a"})
            node.wait("log")
            client.call("hold-decide", verdict)
            answer = payer.receive()
            assert answer["id"] == paying and answer["error"]["code"] == 203
            assert why in answer["error"]["message"]
            assert node.wait("returned")["returned"] == "a"
        assert listed("a")["status"] == "unpaid"


def bad_answers_abort_the_node():
    for text in (
        'answer(request, result="frob")',
        'answer(request)',
        'answer(request, result=True)',
        'answer(request, failure_message="xy")',
        'answer(request, failure_message=2002)',
        'say(id=request["id"], result="continue")',
        'say(id=request["id"])',
        'refuse(request, 7, "no")',
        'say(id=request["id"], result={"result": "continue"}, error={"code": 1, "message": ""})',
    ):
        path = plugin("bad", f"def payment(request):\n    {text}\n")
        node = with_plugins(path)
        node.process.stdin.write("pay 1000 label=a\n")
        node.process.stdin.flush()
        assert "invoice_payment" in node.wait("aborted")["aborted"], text
        node.end(-signal.SIGABRT)
        os.unlink(PATH)


def plugins_are_asked_in_their_order():
    first, second = plugin("first"), plugin("second", """
        manifest["hooks"] = [{"name": "invoice_payment", "before": ["third"]}]
    """)
    third = plugin("third")
    last = plugin("last", """
        manifest["hooks"] = [{"name": "invoice_payment", "after": ["first", "third", "none"]}]
    """)
    for paths, order in (
        ((first, third), ["first", "third"]),
        ((third, first), ["third", "first"]),
        ((last, third, second, first), ["second", "third", "first", "last"]),
        ((third, second), ["second", "third"]),
    ):
        with with_plugins(*paths) as node:
            Client().pay(1000)
            assert [node.wait("log")["plugin"] for _ in paths] == order, paths


def an_order_that_is_none_ends_the_plugin():
    one = plugin("one", 'manifest["hooks"] = [{"name": "invoice_payment", "before": ["two"]}]')
    two = plugin("two", 'manifest["hooks"] = [{"name": "invoice_payment", "before": ["one"]}]')
    with with_plugins(one) as node:
        refused = Client().refused("plugin", ["start", two])
        assert refused.code == -3 and "hook dependencies" in refused.message
        Client().pay(1)
        assert node.wait("log")["plugin"] == "one"


def who_dies_lets_it_pass():
    dies = plugin("dies", """
        def payment(request):
            os._exit(3)
    """)
    with with_plugins(dies, plugin("next")) as node:
        assert Client().pay(1000, label="a")["label"] == "a"
        assert node.wait("ended")["exit"] == 3
        assert node.wait("log")["plugin"] == "next"
        Client().pay(1000, label="b")
        assert node.wait("log")["log"] == "hook b"
        names = [each["name"] for each in Client().call("plugin", ["list"])["plugins"]]
        assert [os.path.basename(name) for name in names] == ["next"]


def who_is_stopped_lets_it_pass():
    with with_plugins(plugin("hold", HOLD)) as node:
        client, payer = Client(), Client()
        paying = payer.send("simnode-pay", {"amount_msat": 1000, "label": "a"})
        node.wait("log")
        stopped = client.call("plugin", ["stop", "hold"])
        assert stopped == {"command": "stop", "result": "Successfully stopped hold."}
        assert payer.answer_to(paying)["label"] == "a"
        assert node.wait("ended")["signal"] == signal.SIGKILL
        assert client.refused("hold-decide").code == -32601


def who_ends_with_code_4_is_forgiven():
    with with_plugins(plugin("odd", """
        def payment(request):
            refuse(request, -4, "as if dead")
    """)):
        Client().pay(1000)


def a_restarted_plugin_keeps_its_place_until_a_refusal():
    guard = plugin("guard", """
        manifest["hooks"] = [{"name": "invoice_payment", "after": ["hold"]}]
    """)
    hold = plugin("hold", HOLD)
    with with_plugins(hold, guard) as node:
        client, payer = Client(), Client()

        def restart():
            client.call("plugin", ["stop", "hold"])
            client.call("plugin", ["start", hold])

        def first_of(label, **verdict):
            payer.send("simnode-pay", {"amount_msat": 1, "label": label})
            asked = [node.wait("log")["plugin"]]
            if asked == ["guard"]:
                asked.append(node.wait("log")["plugin"])
            client.call("hold-decide", verdict)
            if "result" in payer.receive() and len(asked) == 1:
                asked.append(node.wait("log")["plugin"])
            assert sorted(asked) == ["guard", "hold"] or "result" not in verdict
            return asked[0]

        restart()
        assert first_of("a", result="continue") == "hold"
        assert first_of("b", failure_message="") == "hold"
        restart()
        node.wait("deferred")
        assert first_of("c", result="continue") == "guard"
        client.call("plugin", ["stop", "guard"])
        client.call("plugin", ["start", guard])
        assert first_of("d", result="continue") == "hold"


# --- held meanwhile ---------------------------------------------------------


def what_expires_or_goes_while_held_comes_back():
    with with_plugins(plugin("hold", HOLD)) as node:
        client, payer = Client(), Client()
        client.call("invoice", [1000, "deleted", ""])
        offer = client.call("offer", [1000, "flash"])["offer_id"]

        def hold(meanwhile, **params):
            paying = payer.send("simnode-pay", {"amount_msat": 1000, **params})
            label = node.wait("held")["held"]
            node.wait("log")
            meanwhile(label)
            client.call("hold-decide", {"result": "continue"})
            answer = payer.receive()
            assert answer["id"] == paying and answer["error"]["code"] == 203
            node.wait("returned")

        hold(lambda label: client.call("delinvoice", [label, "unpaid"]), label="deleted")
        hold(lambda label: time.sleep(2.1), label="late", expiry=1)
        hold(lambda label: client.call("disableoffer", [offer]), offer_id=offer)
        assert client.refused("disableoffer", [offer]).code == 1001
        assert client.call("enableoffer", [offer])["active"]
        assert client.refused("enableoffer", [offer]).code == 1006
        assert client.refused("enableoffer", ["00" * 32]).code == -1
        assert client.refused("waitanyinvoice", [0, 0]).code == 904


def two_payers_of_one_invoice_are_taken_together():
    with with_plugins(plugin("hold", HOLD)) as node:
        client, payers = Client(), [Client(), Client()]
        made = client.call("invoice", ["any", "a", ""])
        paying = []
        for n, payer in enumerate(payers, 1):
            paying.append(payer.send("simnode-pay", {"amount_msat": 50000, "label": "a"}))
            held = node.wait("held")
            assert held["held"] == "a" and held["msat"] == n * 50000
            assert held["payment_hash"] == made["payment_hash"]
            node.wait("log")
        assert client.call("hold-decide", {"result": "continue"}) == {"n": 2}
        answers = [payer.answer_to(each) for payer, each in zip(payers, paying)]
        assert answers[0] == answers[1]
        assert listed("a")["amount_received_msat"] == 50000
        assert node.wait("gone")["gone"] == "a"
        # Of other amounts: nobody's.
        client.call("invoice", ["any", "b", ""])
        paying = [payer.send("simnode-pay", {"amount_msat": 1000 + n, "label": "b"})
                  for n, payer in enumerate(payers) if n == 0 or node.wait("held")]
        assert all(payer.receive()["error"]["code"] == 203 for payer in payers)


def the_same_invoice_can_be_paid_after_a_refusal():
    with with_plugins(plugin("once", """
        seen = set()
        def payment(request):
            label = request["params"]["payment"]["label"]
            answer(request, result="continue" if label in seen else "reject")
            seen.add(label)
    """)):
        client = Client()
        client.call("invoice", [1000, "a", ""])
        assert client.refused("simnode-pay", [1000, "a"]).code == 203
        assert client.pay(1000, label="a")["pay_index"] == 1


def what_was_held_comes_again_after_a_kill():
    file, hold = state(), plugin("hold", HOLD)
    options = ("--state", file)
    node = with_plugins(hold, options=options)
    payer = Client()
    payer.send("simnode-pay", {"amount_msat": 1000, "label": "a"})
    payer.send("simnode-pay", {"amount_msat": 1000, "label": "b", "expiry": 1})
    node.wait("log")
    node.wait("log")
    node.kill()
    time.sleep(2.1)
    with with_plugins(hold, options=options) as node:
        assert node.wait("held")["held"] == "a"
        assert node.wait("returned")["returned"] == "b"
        assert node.wait("log")["log"] == "hook a"
        # And again, once more, after it was told to stop.
    with with_plugins(hold, options=options) as node:
        assert node.wait("log")["log"] == "hook a"
        Client().call("hold-decide", {"result": "continue"})
        assert node.wait("paid")["paid"] == "a"
    with with_plugins(hold, options=options) as node:
        Client().send("simnode-pay", {"amount_msat": 1000, "label": "c"})
        assert node.wait("held")["held"] == "c"


def without_a_plugin_what_was_held_is_taken():
    file = state()
    node = with_plugins(plugin("hold", HOLD), options=("--state", file))
    Client().send("simnode-pay", {"amount_msat": 1000, "label": "a"})
    node.wait("log")
    node.kill()
    with Node("--state", file) as node:
        assert node.wait("paid")["paid"] == "a"


if __name__ == "__main__":
    main([
        a_payment_waits_for_the_verdict,
        a_hash_is_that_of_the_preimage,
        a_refused_payment_comes_back,
        bad_answers_abort_the_node,
        plugins_are_asked_in_their_order,
        an_order_that_is_none_ends_the_plugin,
        who_dies_lets_it_pass,
        who_is_stopped_lets_it_pass,
        who_ends_with_code_4_is_forgiven,
        a_restarted_plugin_keeps_its_place_until_a_refusal,
        what_expires_or_goes_while_held_comes_back,
        two_payers_of_one_invoice_are_taken_together,
        the_same_invoice_can_be_paid_after_a_refusal,
        what_was_held_comes_again_after_a_kill,
        without_a_plugin_what_was_held_is_taken,
    ])
