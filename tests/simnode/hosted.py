# SPDX-License-Identifier: MIT

"""Plugins for simnode, written by the tests that use them."""

import os
import textwrap

from harness import FOLDER, Client, Node

# What each plugin of a test begins with.  Its own text changes it.
BEGINNING = '''\
#!/usr/bin/env python3
import json, os, sys

manifest = {
    "options": [], "rpcmethods": [], "hooks": ["invoice_payment"],
    "subscriptions": [], "nonnumericids": True, "dynamic": True,
}
settings = {}
methods = {}

def send(text):
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        os._exit(0)

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
