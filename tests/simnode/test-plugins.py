#!/usr/bin/env python3
# SPDX-License-Identifier: MIT

"""simnode with plugins: the hook conversation as lightningd has it."""

import hashlib
import json
import os
import signal
import textwrap
import time

from harness import FOLDER, PATH, Client, Node, main, run

# What each plugin of a test begins with.  Its own text changes it.
BEGINNING = '''\
#!/usr/bin/env python3
import json, os, sys, threading, time

manifest = {
    "options": [], "rpcmethods": [], "hooks": ["invoice_payment"],
    "subscriptions": [], "nonnumericids": True, "dynamic": True,
}
settings = {}
methods = {}

def send(text):
    sys.stdout.write(text)
    sys.stdout.flush()

def say(**message):
    send(json.dumps({"jsonrpc": "2.0", **message}) + "\\n\\n")

def answer(request, /, **result):
    say(id=request["id"], result=result)

def refuse(request, code, message):
    say(id=request["id"], error={"code": code, "message": message})

def log(message, level="info"):
    say(method="log", params={"level": level, "message": message})

def payment(request):
    log("hook " + request["params"]["payment"]["label"])
    answer(request, result="continue")

def init(request):
    settings.update(request["params"])
    answer(request)

def notified(topic, params):
    pass
'''

END = '''
def run():
    text = ""
    for line in sys.stdin:
        text += line
        if line != "\\n" or not text.strip():
            continue
        request, text = json.loads(text), ""
        method = request["method"]
        if method == "getmanifest":
            answer(request, **manifest)
        elif method == "init":
            init(request)
        elif method == "invoice_payment" and "id" in request:
            payment(request)
        elif "id" in request:
            methods[method](request)
        else:
            notified(method, request["params"])

run()
'''

HOLD = '''
held = []
def payment(request):
    log("hook " + request["params"]["payment"]["label"])
    held.append(request)

def decide(request):
    for each in held:
        answer(each, **request["params"])
    answer(request, n=len(held))
    held.clear()

methods["NAME-decide"] = decide
manifest["rpcmethods"] = [{"name": "NAME-decide", "usage": "[result]"}]
'''


def plugin(name, text=""):
    path = os.path.join(FOLDER.name, name)
    with open(path, "w") as file:
        file.write(BEGINNING + textwrap.dedent(text).replace("NAME", name) + END)
    os.chmod(path, 0o755)
    return path


def state():
    """A new path for --state; the folder of plugins is beside it."""
    state.n = getattr(state, "n", 0) + 1
    return os.path.join(FOLDER.name, f"state-{state.n}")


def with_plugins(*paths, options=()):
    words = ["--lightning-dir", os.path.join(FOLDER.name, "lightning"), *options]
    for path in paths:
        words += ["--plugin", path]
    return Node(*words)


def listed(label):
    (invoice,) = Client().call("listinvoices", {"label": label})["invoices"]
    return invoice


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


# --- methods ----------------------------------------------------------------

ECHO = """
    manifest["rpcmethods"] = [{"name": name, "usage": ""}
                              for name in ("echo", "fail", "die", "wait", "both")]
    waiting = []

    def wait(request):
        waiting.append(request)
        if len(waiting) == 1000:
            for each in waiting:
                answer(each, n=each["params"]["n"])

    methods.update({
        "echo": lambda request: answer(request, request=request),
        "fail": lambda request: refuse(request, 2103, "not held"),
        "die": lambda request: os._exit(0),
        "both": lambda request: say(id=request["id"], result={}, error={}),
        "wait": wait,
    })
"""


def methods_of_plugins_are_called():
    with with_plugins(plugin("echo", ECHO)) as node:
        client = Client()
        for params in ({"a": [1, None]}, ["x", 2]):
            wanted = client.send("echo", params, filter={"x": True})
            seen = client.receive()["result"]["request"]
            assert seen["params"] == params and seen["filter"] == {"x": True}
            assert seen["id"].startswith(wanted + "/cln:echo#") and seen["jsonrpc"] == "2.0"
        assert "params" not in client.call("echo")["request"]
        refused = client.refused("fail", {})
        assert refused.code == 2103 and refused.message == "not held"
        for method in ("die", "both"):
            waiting = client.send("wait", {"n": 1})
            dying = client.send(method, {})
            for _ in range(2):
                answer = client.receive()
                assert answer["id"] in (waiting, dying) and answer["error"] == {
                    "code": -4, "message": "Plugin terminated before replying to RPC call."}
            node.wait("ended")
            client.call("plugin", ["start", os.path.join(FOLDER.name, "echo")])
        assert client.refused("frob").code == -32601


def a_caller_may_hang_up():
    with with_plugins(plugin("echo", ECHO)) as node:
        client = Client()
        client.send("wait", {"n": 1})
        client.send("waitanyinvoice", {})
        node.wait("called")
        node.wait("called")
        client.socket.close()
        node.wait("disconnected")
        Client().pay(1)
        Client().refused("die")


def a_thousand_callers_wait():
    with with_plugins(plugin("echo", ECHO)):
        clients = [Client() for _ in range(1000)]
        waiting = [client.send("wait", {"n": n}) for n, client in enumerate(clients)]
        for n, client in enumerate(clients):
            assert client.answer_to(waiting[n]) == {"n": n}
        one = Client()
        waiting = {one.send("echo", {"n": n}): n for n in range(100)}
        for _ in range(100):
            answer = one.receive()
            assert answer["result"]["request"]["params"]["n"] == waiting[answer["id"]]


def plugins_call_the_node():
    with with_plugins(plugin("asks", """
        import socket

        def payment(request):
            node = socket.socket(socket.AF_UNIX)
            node.connect(settings["configuration"]["rpc-file"])
            label = request["params"]["payment"]["label"]
            node.sendall(json.dumps({"jsonrpc": "2.0", "id": "x", "method": "listinvoices",
                                     "params": {"label": label}}).encode())
            text = b""
            while not text.endswith(b"\\n\\n"):
                text += node.recv(10000)
            found = json.loads(text)["result"]["invoices"][0]
            answer(request, result="continue" if found["description"] == "yes" else "reject")
    """)):
        client = Client()
        client.pay(1, description="yes")
        assert client.refused("simnode-pay", {"amount_msat": 1, "description": "no"}).code == 203


# --- start and stop ---------------------------------------------------------


def plugins_are_started_where_lightningd_starts_them():
    folder = os.path.join(FOLDER.name, "dir")
    settings = """
        manifest["options"] = [
            {"name": "x-text", "type": "string", "description": "d", "default": "hm"},
            {"name": "x-int", "type": "int", "description": "d", "default": "7"},
            {"name": "x-bool", "type": "bool", "description": "d", "default": False},
            {"name": "x-flag", "type": "flag", "description": "d", "default": False},
            {"name": "x-multi", "type": "string", "description": "d", "multi": True},
            {"name": "x-none", "type": "string", "description": "d"},
        ]
        def init(request):
            settings.update(request["params"])
            log(json.dumps([settings, os.getcwd(), os.environ["LIGHTNINGD_PLUGIN"],
                            os.environ["LIGHTNINGD_VERSION"], request["id"]]))
            answer(request)
    """
    path = plugin("set", settings)

    def seen(node):
        return json.loads(node.seen("log")["log"])

    words = ["--lightning-dir", folder, "--plugin", path, "--plugin-option", "x-int=60",
             "--plugin-option", "x-flag", "--plugin-option", "x-multi=a", "--plugin-option",
             "x-multi=b"]
    with Node(*words) as node:
        told, cwd, is_plugin, version, number = seen(node)
        assert told["options"] == {"x-text": "hm", "x-int": 60, "x-bool": False, "x-flag": True,
                                   "x-multi": ["a", "b"]}
        configuration = told["configuration"]
        assert cwd == configuration["lightning-dir"] == os.path.join(folder, "regtest")
        assert os.stat(cwd).st_mode & 0o777 == 0o700
        assert configuration["rpc-file"] == PATH and configuration["network"] == "regtest"
        assert configuration["startup"] is True and number.startswith("cln:init#")
        assert is_plugin == "1" and version == "v26.06.6"
        assert Client().call("getinfo")["lightning-dir"] == cwd

        client = Client()
        assert client.refused("plugin", ["start", path]).message.endswith("already registered")
        client.call("plugin", {"subcommand": "stop", "plugin": path})
        client.call("plugin", {"subcommand": "start", "plugin": path, "x-bool": True,
                               "x-int": "9"})
        node.wait("ended")
        told = json.loads(node.wait("log")["log"])[0]
        assert told["options"]["x-bool"] is True and told["options"]["x-int"] == 9
        assert told["options"]["x-flag"] is True
        assert told["configuration"]["startup"] is False
        client.call("plugin", ["stop", "set"])
        for word, why in (("x-other", "unknown parameter"), ("x-int", "does not fit")):
            refused = client.refused("plugin", {"subcommand": "start", "plugin": path,
                                                word: "hm"})
            assert refused.code == -3 and why in refused.message

    for words, why in ((["--plugin-option", "y=1"], "no plugin has"),
                       (["--plugin-option", "x-int=hm"], "does not fit"),
                       (["--plugin", plugin("set2", settings)], "already taken")):
        code, text, _ = run("--socket", PATH, "--lightning-dir", folder, "--plugin", path, *words)
        assert code == -signal.SIGABRT and why in text, text
        os.unlink(PATH)


def plugin_commands_are_checked():
    with with_plugins(plugin("still", 'manifest["dynamic"] = False')) as node:
        client = Client()
        for code, params in (
            (-32602, []),
            (-32602, ["frob"]),
            (-32602, ["start"]),
            (-32602, ["start", "/none"]),
            (-32602, ["start", "/tmp", "x"]),
            (-32602, ["stop", "none"]),
            (-32602, ["stop", "still"]),
        ):
            assert client.refused("plugin", params).code == code, params
        (one,) = client.call("plugin", {"subcommand": "list"})["plugins"]
        assert one["active"] and not one["dynamic"] and one["name"].endswith("/still")
        refused = client.refused("plugin", ["start", plugin("other", 'del manifest["dynamic"]')])
        assert refused.code == -3 and "Not a dynamic" in refused.message
        assert node.wait("ended")["why"] == "Not a dynamic plugin"


def bad_manifests_end_the_plugin():
    with with_plugins() as node:
        client = Client()
        for why, text in (
            ("not an array", 'manifest["options"] = {}'),
            ("missing", 'del manifest["rpcmethods"]'),
            ("usage", 'manifest["rpcmethods"] = [{"name": "x"}]'),
            ("already registered", 'manifest["rpcmethods"] = [{"name": "getinfo", "usage": ""}]'),
            ("twice", 'manifest["rpcmethods"] = 2 * [{"name": "x", "usage": ""}]'),
            ("no hook", 'manifest["hooks"] = ["invoice_payments"]'),
            ("filters", 'manifest["hooks"] = [{"name": "invoice_payment", "filters": []}]'),
            ("twice", 'manifest["hooks"] *= 2'),
            ("no text", 'manifest["hooks"] = [{"name": "invoice_payment", "after": [1]}]'),
            ("nonnumericids", 'manifest["nonnumericids"] = False'),
            ("true or false", 'manifest["dynamic"] = "yes"'),
            ("no name", 'manifest["options"] = [{"name": "x"}]'),
            ("a-z", 'manifest["options"] = [{"name": "X", "type": "int", "description": ""}]'),
            ("of type", 'manifest["options"] = [{"name": "x", "type": "u", "description": ""}]'),
            ("default", 'manifest["options"] = [{"name": "x", "type": "int", "description": "",'
             ' "default": "y"}]'),
            ("a default", 'manifest["options"] = [{"name": "x", "type": "flag",'
             ' "description": "", "default": True}]'),
            ("topic of the node", 'manifest["notifications"] = [{"method": "connect"}]'),
            ("disabled", 'manifest["disable"] = "no car"'),
            ("disabled", 'def init(request): answer(request, disable="no car")'),
            ("refused init", 'def init(request): refuse(request, 1, "no")'),
            ("exited", 'def init(request): os._exit(1)'),
            ("JSON", 'send("hello\\n")'),
            ("JSON", 'send(\'{"jsonrpc":"2.0","jsonrpc":"2.0"}\')'),
            ("jsonrpc", 'send("{}")'),
            ("no answer", 'say(method="x")'),
            ("level", 'log("x", "loud")'),
            ("message", 'say(method="log", params={})'),
        ):
            refused = client.refused("plugin", ["start", plugin("bad", text)])
            assert refused.code == -3 and why in refused.message, (text, refused)
            assert why in node.wait("ended")["why"]
        assert client.call("plugin", ["list"])["plugins"] == []


def a_changed_plugin_is_started_anew():
    path = plugin("change")
    with with_plugins(path) as node:
        client = Client()
        plugin("change", "changed = True")
        client.call("plugin", ["start", path])
        assert "changed" in node.wait("ended")["why"]
        client.pay(1)
        assert node.wait("log")["plugin"] == "change"


def mistakes_are_seen():
    with with_plugins(plugin("twice", """
        def payment(request):
            answer(request, result="continue")
            answer(request, result="continue")
            say(method="frob", params={})
    """)) as node:
        Client().pay(1)
        assert node.wait("stray")["plugin"] == "twice"
        assert node.wait("undeclared")["undeclared"] == "frob"


# --- notifications ----------------------------------------------------------

LISTENS = """
    manifest["subscriptions"] = ["invoice_payment", "shutdown"]

    def notified(topic, params):
        log(json.dumps([topic, params]))
        if topic == "shutdown":
            for each in held:
                answer(each, result="reject")
            sys.exit(0)
"""


def subscribers_hear_of_payments():
    with with_plugins(plugin("listens", HOLD + textwrap.dedent(LISTENS))) as node:
        client, payer = Client(), Client()
        paying = payer.send("simnode-pay", {"amount_msat": 1000, "label": "a"})
        node.wait("held")
        client.call("listens-decide", {"result": "continue"})
        payer.answer_to(paying)
        node.wait("log")
        topic, params = json.loads(node.wait("log")["log"])
        assert topic == "invoice_payment" and params == {"invoice_payment": {
            "label": "a", "msat": 1000, "preimage": listed("a")["payment_preimage"]}}


def subscribers_get_time_to_stop():
    path = plugin("listens", HOLD + textwrap.dedent(LISTENS))
    with with_plugins(path) as node:
        client, payer = Client(), Client()
        paying = payer.send("simnode-pay", {"amount_msat": 1000, "label": "a"})
        node.wait("log")
        client.call("plugin", ["stop", "listens"])
        assert json.loads(node.wait("log")["log"]) == ["shutdown", {"shutdown": {}}]
        assert payer.receive()["error"]["code"] == 203
        assert node.wait("ended")["exit"] == 0


def when_the_node_stops_verdicts_are_not_heard():
    file, path = state(), plugin("listens", HOLD + textwrap.dedent(LISTENS))
    node = with_plugins(path, plugin("other"), options=("--state", file))
    client = Client()
    client.send("simnode-pay", {"amount_msat": 1000, "label": "a"})
    node.wait("log")
    assert Client().call("stop") == "Shutdown complete"
    assert node.wait("ended")["exit"] == 0 and node.line["ended"] == "other"
    assert "shutdown" in node.wait("log")["log"]
    assert node.wait("ended")["exit"] == 0
    assert client.receive() is None
    node.end(0)
    with with_plugins(path, options=("--state", file)) as node:
        assert node.wait("log")["log"] == "hook a"


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
        methods_of_plugins_are_called,
        a_caller_may_hang_up,
        a_thousand_callers_wait,
        plugins_call_the_node,
        plugins_are_started_where_lightningd_starts_them,
        plugin_commands_are_checked,
        bad_manifests_end_the_plugin,
        a_changed_plugin_is_started_anew,
        mistakes_are_seen,
        subscribers_hear_of_payments,
        subscribers_get_time_to_stop,
        when_the_node_stops_verdicts_are_not_heard,
    ])
