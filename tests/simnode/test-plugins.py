#!/usr/bin/env python3
# SPDX-License-Identifier: MIT

"""simnode's plugins: how they start, are called, told, and end."""

import json
import os
import signal
import textwrap
import time

from harness import FOLDER, PATH, Client, Node, main, run
from hosted import HOLD, listed, plugin, state, with_plugins

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


def who_does_not_stop_is_killed():
    path = plugin("listens", HOLD + textwrap.dedent("""
        manifest["subscriptions"] = ["shutdown"]
    """))
    with with_plugins(path) as node:
        client, payer = Client(), Client()
        paying = payer.send("simnode-pay", {"amount_msat": 1000, "label": "a"})
        node.wait("log")
        begun = time.monotonic()
        stopping = client.send("plugin", ["stop", "listens"])
        refused = Client().refused("plugin", ["stop", "listens"])
        assert "stopping already" in refused.message
        client.socket.settimeout(40)
        assert client.answer_to(stopping)["command"] == "stop"
        assert 29 < time.monotonic() - begun < 35
        assert node.wait("ended")["signal"] == signal.SIGKILL
        assert payer.answer_to(paying)["label"] == "a"


if __name__ == "__main__":
    main([
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
        who_does_not_stop_is_killed,
    ])
