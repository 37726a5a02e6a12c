#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A Bitcoin backend for Core Lightning on regtest, without bitcoind.

As a plugin:   lightningd --disable-plugin=bcli --plugin=/path/fakebtc.py
As a control:  fakebtc.py info | mine N | pay ADDRESS SATS | mempool | tx TXID

The chain is one SQLite file, $FAKEBTC_DB, shared by any number of plugin
processes; SQLite does the locking.

What is real: block headers (previous hash, merkle root, proof of work), the
genesis block of regtest, BIP34 and BIP141 coinbases, txids, fees, the checks
of double spends and nLockTime.  What is not: scripts, signatures and CSV are
not verified.
"""

import hashlib
import json
import os
import sqlite3
import struct
import sys
import threading
import time

DB = os.environ.get("FAKEBTC_DB", "/tmp/1sat2flash-regtest/chain.sqlite3")
FEERATE = int(os.environ.get("FAKEBTC_FEERATE", "4000"))  # sat per kvB
FEERATE_FLOOR = 1000
COINBASE_MATURITY = 100
BLOCK_REWARD = 5_000_000_000
HALVING = 150
BITS = 0x207FFFFF
TARGET = 0x7FFFFF << (8 * (0x20 - 3))
FINAL = 0xFFFFFFFF
GENESIS_HASH = (
    "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206"
)
GENESIS = bytes.fromhex(
    "01000000"
    "0000000000000000000000000000000000000000000000000000000000000000"
    "3ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a"
    "dae5494dffff7f2002000000"
    "01"
    "01000000010000000000000000000000000000000000000000000000000000000000"
    "000000ffffffff4d04ffff001d0104455468652054696d65732030332f4a616e2f32"
    "303039204368616e63656c6c6f72206f6e206272696e6b206f66207365636f6e6420"
    "6261696c6f757420666f722062616e6b73ffffffff0100f2052a0100000043410467"
    "8afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc"
    "3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5fac00000000"
)
# Pay to the witness script OP_TRUE: the faucet's coins, anyone's to spend.
OP_TRUE_SCRIPT = b"\x00\x20" + hashlib.sha256(b"\x51").digest()

SCHEMA = """
CREATE TABLE IF NOT EXISTS blocks(
    height INTEGER PRIMARY KEY, hash TEXT, raw BLOB, time INT);
CREATE TABLE IF NOT EXISTS utxo(
    txid BLOB, vout INT, amount INT, script BLOB, height INT, coinbase INT,
    PRIMARY KEY(txid, vout));
CREATE TABLE IF NOT EXISTS txs(  -- height is NULL in the mempool
    txid BLOB PRIMARY KEY, raw BLOB, height INT);
"""


def sha256d(data):
    return hashlib.sha256(hashlib.sha256(data).digest()).digest()


def shown(digest):
    """Internal byte order to the hexadecimal that people see."""
    return digest[::-1].hex()


def varint(n):
    if n < 0xFD:
        return bytes([n])
    if n <= 0xFFFF:
        return b"\xfd" + struct.pack("<H", n)
    return b"\xfe" + struct.pack("<I", n)


def merkle_root(ids):
    while len(ids) > 1:
        if len(ids) % 2:
            ids = ids + ids[-1:]
        ids = [sha256d(ids[i] + ids[i + 1]) for i in range(0, len(ids), 2)]
    return ids[0]


class Reader:
    def __init__(self, data):
        self.data = data
        self.pos = 0

    def take(self, n):
        if self.pos + n > len(self.data):
            raise ValueError("short transaction")
        self.pos += n
        return self.data[self.pos - n : self.pos]

    def int(self, n):
        return int.from_bytes(self.take(n), "little")

    def varint(self):
        n = self.int(1)
        return n if n < 0xFD else self.int({0xFD: 2, 0xFE: 4, 0xFF: 8}[n])

    def bytes(self):
        return self.take(self.varint())


class Tx:
    """A parsed transaction: .inputs (txid, vout, sequence), .outputs
    (amount, script); ids in internal byte order."""

    def __init__(self, raw):
        self.raw = raw
        reader = Reader(raw)
        version = reader.take(4)
        is_segwit = raw[4] == 0 and raw[5] != 0
        if is_segwit:
            reader.take(2)

        start = reader.pos
        self.inputs = []
        for _ in range(reader.varint()):
            txid, vout = reader.take(32), reader.int(4)
            reader.bytes()
            self.inputs.append((txid, vout, reader.int(4)))
        self.outputs = [
            (reader.int(8), reader.bytes()) for _ in range(reader.varint())
        ]
        body = raw[start : reader.pos]

        if is_segwit:
            for _ in self.inputs:
                for _ in range(reader.varint()):
                    reader.bytes()
        locktime = reader.take(4)
        if reader.pos != len(raw):
            raise ValueError("bytes after the transaction")

        self.locktime = int.from_bytes(locktime, "little")
        stripped = version + body + locktime
        self.txid = sha256d(stripped)
        self.wtxid = sha256d(raw)
        self.vsize = (3 * len(stripped) + len(raw) + 3) // 4

    def spends(self, txid, vout):
        return any((a, b) == (txid, vout) for a, b, _ in self.inputs)


def script_of_address(address, prefix="bcrt"):
    """BIP173, BIP350."""
    charset = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
    address = address.lower()
    separator = address.rfind("1")
    if address[:separator] != prefix:
        raise ValueError(f"not a {prefix} address")
    data = [charset.index(c) for c in address[separator + 1 :]]

    checksum = 1
    high, low = [ord(c) >> 5 for c in prefix], [ord(c) & 31 for c in prefix]
    generator = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
    for value in high + [0] + low + data:
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ value
        for i, g in enumerate(generator):
            checksum ^= g if top >> i & 1 else 0
    version = data[0]
    if checksum != (1 if version == 0 else 0x2BC830A3):
        raise ValueError("bad checksum")

    acc = bits = 0
    program = bytearray()
    for value in data[1:-6]:
        acc, bits = acc << 5 | value, bits + 5
        if bits >= 8:
            bits -= 8
            program.append(acc >> bits & 0xFF)
    if not 2 <= len(program) <= 40:
        raise ValueError("bad witness program")
    if version == 0 and len(program) not in (20, 32):
        raise ValueError("bad witness program")
    return bytes([0x50 + version if version else 0, len(program)]) + program


def coinbase(height, value, witness_root):
    """BIP34: the height first in its script; BIP141: the commitment."""
    if height <= 16:
        script = bytes([0x50 + height])
    else:
        size = (height.bit_length() + 8) // 8
        script = bytes([size]) + height.to_bytes(size, "little")
    script += b"\x08fakebtc!"
    commitment = b"\x6a\x24\xaa\x21\xa9\xed" + sha256d(witness_root + bytes(32))
    return Tx(
        struct.pack("<I", 2)
        + b"\0\1\1"
        + bytes(32)
        + b"\xff" * 4
        + varint(len(script))
        + script
        + b"\xff" * 4
        + b"\2"
        + struct.pack("<Q", value)
        + varint(len(OP_TRUE_SCRIPT))
        + OP_TRUE_SCRIPT
        + struct.pack("<Q", 0)
        + varint(len(commitment))
        + commitment
        + b"\1\x20"
        + bytes(32)
        + bytes(4)
    )


def mined_header(previous, root, when):
    nonce = 0
    while True:
        header = (
            struct.pack("<I", 0x20000000)
            + previous
            + root
            + struct.pack("<III", when, BITS, nonce)
        )
        if int.from_bytes(sha256d(header), "little") <= TARGET:
            return header
        nonce += 1


class Chain:
    """Use as a context manager: one transaction of the database."""

    def __init__(self, path=DB):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        self.db = sqlite3.connect(
            path, timeout=30, isolation_level=None, check_same_thread=False
        )
        self.lock = threading.RLock()
        with self:
            for statement in SCHEMA.split(";"):
                self.db.execute(statement)
            if self.one("SELECT 1 FROM blocks") is None:
                assert shown(sha256d(GENESIS[:80])) == GENESIS_HASH
                self.db.execute(
                    "INSERT INTO blocks VALUES(0, ?, ?, 1296688602)",
                    (GENESIS_HASH, GENESIS),
                )

    def __enter__(self):
        self.lock.acquire()
        self.db.execute("BEGIN IMMEDIATE")
        return self

    def __exit__(self, kind, error, trace):
        self.db.execute("ROLLBACK" if kind else "COMMIT")
        self.lock.release()

    def one(self, sql, *values):
        return self.db.execute(sql, values).fetchone()

    def tip(self):
        return self.one(
            "SELECT height, hash, time FROM blocks ORDER BY height DESC LIMIT 1"
        )

    def mempool(self):
        rows = self.db.execute(
            "SELECT raw FROM txs WHERE height IS NULL ORDER BY rowid"
        )
        return [Tx(raw) for (raw,) in rows]

    def unspent(self, txid, vout, pool):
        """(amount, script, height, coinbase), the mempool's included."""
        for tx in pool:
            if tx.txid == txid and vout < len(tx.outputs):
                return tx.outputs[vout] + (None, 0)
        return self.one(
            "SELECT amount, script, height, coinbase FROM utxo"
            " WHERE txid = ? AND vout = ?",
            txid,
            vout,
        )

    def fee(self, tx, pool):
        paid = sum(self.unspent(a, b, pool)[0] for a, b, _ in tx.inputs)
        return paid - sum(amount for amount, _ in tx.outputs)

    def evict(self, clashes, pool):
        """Out of the mempool, with all that spends them."""
        gone = {tx.txid for tx in clashes}
        for tx in pool:
            if tx.txid in gone or any(a in gone for a, _, _ in tx.inputs):
                gone.add(tx.txid)
                self.db.execute("DELETE FROM txs WHERE txid = ?", (tx.txid,))

    def accept(self, raw):
        """Into the mempool; "" or bitcoind's reason why not."""
        try:
            tx = Tx(raw)
        except (ValueError, IndexError) as error:
            return f"TX decode failed: {error}"
        if self.one("SELECT 1 FROM txs WHERE txid = ?", tx.txid):
            return ""
        height = self.tip()[0]
        is_final = all(sequence == FINAL for _, _, sequence in tx.inputs)
        if not is_final and height < tx.locktime < 500_000_000:
            return "non-final"

        pool, clashes, fee = self.mempool(), {}, 0
        for txid, vout, _ in tx.inputs:
            coin = self.unspent(txid, vout, pool)
            if coin is None:
                return "bad-txns-inputs-missingorspent"
            if coin[3] and height + 1 - coin[2] < COINBASE_MATURITY:
                return "bad-txns-premature-spend-of-coinbase"
            fee += coin[0]
            clashes |= {t.txid: t for t in pool if t.spends(txid, vout)}
        fee -= sum(amount for amount, _ in tx.outputs)
        if fee < 0:
            return "bad-txns-in-belowout"

        if clashes:
            replaced = clashes.values()
            if fee <= sum(self.fee(t, pool) for t in replaced):
                return "insufficient fee, rejecting replacement"
            self.evict(replaced, pool)
        elif 0 < fee * 1000 < FEERATE_FLOOR * tx.vsize * 0.99:
            needed = FEERATE_FLOOR * tx.vsize // 1000
            return f"min relay fee not met, {fee} < {needed}"
        self.db.execute("INSERT INTO txs VALUES(?, ?, NULL)", (tx.txid, raw))
        return ""

    def mine(self, n):
        for _ in range(n):
            self.mine_one()

    def mine_one(self):
        previous_height, previous, previous_time = self.tip()
        height, pool = previous_height + 1, self.mempool()
        value = BLOCK_REWARD >> min(height // HALVING, 63)
        value += sum(self.fee(tx, pool) for tx in pool)
        witness_root = merkle_root([bytes(32)] + [tx.wtxid for tx in pool])
        txs = [coinbase(height, value, witness_root)] + pool

        when = max(previous_time + 1, int(time.time()))
        header = mined_header(
            bytes.fromhex(previous)[::-1],
            merkle_root([tx.txid for tx in txs]),
            when,
        )
        block = header + varint(len(txs)) + b"".join(tx.raw for tx in txs)
        self.db.execute(
            "INSERT INTO blocks VALUES(?, ?, ?, ?)",
            (height, shown(sha256d(header)), block, when),
        )
        for tx in txs:
            self.confirm(tx, height, is_coinbase=tx is txs[0])

    def confirm(self, tx, height, is_coinbase):
        for txid, vout, _ in tx.inputs:
            self.db.execute(
                "DELETE FROM utxo WHERE txid = ? AND vout = ?", (txid, vout)
            )
        for vout, (amount, script) in enumerate(tx.outputs):
            if script[:1] == b"\x6a":  # OP_RETURN
                continue
            self.db.execute(
                "INSERT INTO utxo VALUES(?, ?, ?, ?, ?, ?)",
                (tx.txid, vout, amount, script, height, int(is_coinbase)),
            )
        self.db.execute(
            "INSERT OR REPLACE INTO txs VALUES(?, ?, ?)",
            (tx.txid, tx.raw, height),
        )

    def pay(self, address, sats):
        """From mature coins of the faucet to @address; returns the txid."""
        script = script_of_address(address)
        self.mine(max(0, COINBASE_MATURITY + 1 - self.tip()[0]))

        fee, total, inputs = 1000, 0, []
        spent = {(a, b) for tx in self.mempool() for a, b, _ in tx.inputs}
        coins = self.db.execute(
            "SELECT txid, vout, amount FROM utxo WHERE script = ?"
            " AND (coinbase = 0 OR height <= ?) ORDER BY amount DESC, height",
            (OP_TRUE_SCRIPT, self.tip()[0] - COINBASE_MATURITY + 1),
        ).fetchall()
        for txid, vout, amount in coins:
            if total < sats + fee and (txid, vout) not in spent:
                inputs.append((txid, vout))
                total, fee = total + amount, fee + 200
        if total < sats + fee:
            raise ValueError(f"the faucet has only {total} sat that are mature")

        outputs = [(sats, script), (total - sats - fee, OP_TRUE_SCRIPT)]
        raw = struct.pack("<I", 2) + b"\0\1" + varint(len(inputs))
        for txid, vout in inputs:
            raw += txid + struct.pack("<I", vout) + b"\0\xfd\xff\xff\xff"
        raw += varint(len(outputs))
        for amount, to in outputs:
            raw += struct.pack("<Q", amount) + varint(len(to)) + to
        raw += b"\1\1\x51" * len(inputs) + bytes(4)
        why = self.accept(raw)
        if why:
            raise ValueError(why)
        return shown(Tx(raw).txid)


# --- the plugin ---------------------------------------------------------------


class Plugin:
    """The five calls that Core Lightning makes to its Bitcoin backend."""

    METHODS = {
        "getchaininfo": ["last_height"],
        "getrawblockbyheight": ["height"],
        "estimatefees": [],
        "sendrawtransaction": ["tx", "allowhighfees"],
        "getutxout": ["txid", "vout"],
    }

    def __init__(self):
        self.chain = Chain()

    def getmanifest(self, **_):
        return {
            "options": [],
            "hooks": [],
            "subscriptions": [],
            "dynamic": False,
            "nonnumericids": True,
            "rpcmethods": [
                {
                    "name": name,
                    "usage": "[params]",
                    "description": "fake bitcoin backend",
                }
                for name in self.METHODS
            ],
        }

    def init(self, **_):
        return {}

    def getchaininfo(self, **_):
        with self.chain as chain:
            height = chain.tip()[0]
        return {
            "chain": "regtest",
            "headercount": height,
            "blockcount": height,
            "ibd": False,
        }

    def getrawblockbyheight(self, height, **_):
        with self.chain as chain:
            row = chain.one(
                "SELECT hash, raw FROM blocks WHERE height = ?", int(height)
            )
        if row is None:
            return {"blockhash": None, "block": None}
        return {"blockhash": row[0], "block": row[1].hex()}

    def estimatefees(self, **_):
        return {
            "feerate_floor": FEERATE_FLOOR,
            "feerates": [
                {"blocks": n, "feerate": FEERATE} for n in (2, 6, 12, 100)
            ],
        }

    def sendrawtransaction(self, tx, **_):
        with self.chain as chain:
            why = chain.accept(bytes.fromhex(tx))
        return {"success": not why, "errmsg": why}

    def getutxout(self, txid, vout, **_):
        txid, vout = bytes.fromhex(txid)[::-1], int(vout)
        with self.chain as chain:
            pool = chain.mempool()
            coin = chain.unspent(txid, vout, pool)
            if any(tx.spends(txid, vout) for tx in pool):
                coin = None
        if coin is None:
            return {"amount": None, "script": None}
        return {"amount": coin[0], "script": coin[1].hex()}

    def answer(self, request):
        reply = {"jsonrpc": "2.0", "id": request["id"]}
        name, params = request["method"], request.get("params", {})
        if not isinstance(params, dict):
            params = dict(zip(self.METHODS.get(name, []), params))
        try:
            if name not in (*self.METHODS, "getmanifest", "init"):
                raise ValueError(f"unknown method {name}")
            reply["result"] = getattr(self, name)(**params)
        except Exception as error:  # the node is to hear of all of them
            message = f"{type(error).__name__}: {error}"
            reply["error"] = {"code": -1, "message": message}
        return reply

    def run(self):
        """Objects come one after another, separated by white space or not."""
        decoder, text = json.JSONDecoder(), ""
        while chunk := os.read(0, 65536):
            text = (text + chunk.decode()).lstrip()
            while text:
                try:
                    request, end = decoder.raw_decode(text)
                except ValueError:
                    break
                text = text[end:].lstrip()
                if "id" in request:
                    print(json.dumps(self.answer(request)), end="\n\n", flush=True)


def control(command, *arguments):
    with Chain() as chain:
        if command == "mine":
            chain.mine(int(arguments[0]))
            print(chain.tip()[0])
        elif command == "pay":
            print(chain.pay(arguments[0], int(arguments[1])))
        elif command == "info":
            height, block, when = chain.tip()
            size = len(chain.mempool())
            print(
                json.dumps(
                    {"height": height, "hash": block, "time": when, "mempool": size}
                )
            )
        elif command == "mempool":
            for tx in chain.mempool():
                print(shown(tx.txid))
        elif command == "tx":
            txid = bytes.fromhex(arguments[0])[::-1]
            row = chain.one("SELECT raw, height FROM txs WHERE txid = ?", txid)
            print(json.dumps(row and {"raw": row[0].hex(), "height": row[1]}))
        else:
            sys.exit(__doc__)


if __name__ == "__main__":
    # lightningd passes --developer in developer mode.
    if len(sys.argv) < 2 or sys.argv[1].startswith("--"):
        Plugin().run()
    else:
        control(*sys.argv[1:])
