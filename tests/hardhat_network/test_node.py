"""The embedded chain: journaled before it is executed, replayed to the same hash, another history refused."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from eth_account import Account

from hardhat_network.anvil import Genesis
from hardhat_network.journal import Block
from hardhat_network.node import ChainNode
from ledger.errors import Refused, Unavailable

GENESIS = Genesis(chain_id=20_260, timestamp=1_700_000_000)
ACCOUNT = Account.from_key(b"\x01" * 32)
NOW = 1_700_000_100


def raw(nonce: int) -> str:
    transaction = {
        "type": 2, "chainId": GENESIS.chain_id, "nonce": nonce, "gas": 1_000_000, "value": 0,
        "maxFeePerGas": 0, "maxPriorityFeePerGas": 0, "data": "0x600160005560016000f3",
    }  # fmt: skip
    return "0x" + ACCOUNT.sign_transaction(transaction).raw_transaction.hex().removeprefix("0x")


def grown(folder: Path, blocks: int) -> Block:
    node = ChainNode(folder, GENESIS)
    for nonce in range(node.head.number, blocks):
        node.submit(raw(nonce), NOW)
    head = node.head
    node.close()
    return head


def edit(folder: Path, statement: str) -> None:
    with sqlite3.connect(folder / "journal.sqlite") as db:
        db.execute(statement)
    db.close()


def test_a_restart_replays_to_the_same_block(tmp_path: Path) -> None:
    head = grown(tmp_path, 5)
    node = ChainNode(tmp_path, GENESIS)
    assert node.head == head
    node.submit(raw(5), NOW)
    node.close()


def test_two_nodes_cannot_hold_one_journal(tmp_path: Path) -> None:
    node = ChainNode(tmp_path, GENESIS)
    with pytest.raises(Unavailable, match="chain-locked"):
        ChainNode(tmp_path, GENESIS)
    node.close()


def test_a_block_begun_but_not_executed_is_finished(tmp_path: Path) -> None:
    grown(tmp_path, 2)
    edit(tmp_path, f"INSERT INTO blocks (number, timestamp, transactions) VALUES (3, {NOW}, '[\"{raw(2)}\"]')")
    node = ChainNode(tmp_path, GENESIS)
    assert (node.head.number, len(node.blocks(2))) == (3, 1)
    node.close()


def test_a_refused_transaction_leaves_nothing_behind(tmp_path: Path) -> None:
    node = ChainNode(tmp_path, GENESIS)
    for wrong in (raw(7)[:-2] + "00", "0x00"):
        with pytest.raises(Refused, match="reverted"):
            node.submit(wrong, NOW)
    assert node.submit(raw(0), NOW).number == 1
    with pytest.raises(Refused, match="reverted"):
        node.submit(raw(0), NOW)
    node.close()
    grown(tmp_path, 2)


def test_a_begun_block_that_the_node_refuses_is_forgotten(tmp_path: Path) -> None:
    grown(tmp_path, 1)
    edit(tmp_path, f"INSERT INTO blocks (number, timestamp, transactions) VALUES (2, {NOW}, '[\"{raw(0)}\"]')")
    node = ChainNode(tmp_path, GENESIS)
    assert node.head.number == 1
    node.close()


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE blocks SET block_hash = '0x' || hex(zeroblob(32)) WHERE number = 2",
        "UPDATE blocks SET timestamp = timestamp + 1 WHERE number = 2",
        "DELETE FROM blocks WHERE number = 1",
        "UPDATE meta SET value = 'anvil 0.0.1' WHERE name = 'engine'",
    ],
)
def test_another_history_is_refused(tmp_path: Path, damage: str) -> None:
    grown(tmp_path, 3)
    edit(tmp_path, damage)
    with pytest.raises(Refused, match="chain-forked|reverted"):
        ChainNode(tmp_path, GENESIS)
    with pytest.raises((Refused, Unavailable)):
        ChainNode(tmp_path, Genesis(chain_id=1, timestamp=2))


def test_a_witness_re_executes_and_refuses_what_differs(tmp_path: Path) -> None:
    grown(tmp_path / "a", 3)
    node, witness = ChainNode(tmp_path / "a", GENESIS), ChainNode(tmp_path / "b", GENESIS)
    first, second, third = node.blocks(0)
    assert witness.follow(first, NOW) == first
    forged = Block(
        second.number,
        second.timestamp,
        second.transactions,
        second.block_hash[:-1] + ("0" if second.block_hash[-1] != "0" else "1"),
        second.state_root,
    )
    for wrong, code in (
        (third, "chain-forked"),
        (first, "chain-forked"),
        (Block(2, NOW + 1000, second.transactions, second.block_hash, second.state_root), "clock-ahead"),
        (Block(2, first.timestamp - 1, second.transactions, second.block_hash, second.state_root), "chain-forked"),
    ):
        with pytest.raises(Refused, match=code):
            witness.follow(wrong, NOW)
    with pytest.raises(Refused, match="chain-forked"):
        witness.follow(Block(2, second.timestamp, (), second.block_hash, second.state_root), NOW)
    witness.close()
    again = ChainNode(tmp_path / "b", GENESIS)
    with pytest.raises(Refused, match="chain-forked"):
        again.follow(forged, NOW)
    again.close()
    last = ChainNode(tmp_path / "b", GENESIS)
    assert last.head == first
    last.close()
    node.close()


def test_a_killed_supervisor_loses_nothing_and_leaves_no_node(tmp_path: Path) -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[2])\n"
        "from pathlib import Path; from tests.hardhat_network import test_node as t\n"
        "node = t.ChainNode(Path(sys.argv[1]), t.GENESIS)\n"
        "for nonce in range(10_000):\n"
        "    print(node.submit(t.raw(nonce), t.NOW).number, flush=True)\n"
    )
    root = str(Path(__file__).parents[2])
    child = subprocess.Popen([sys.executable, "-c", program, str(tmp_path), root], stdout=subprocess.PIPE, text=True, cwd=root)
    assert child.stdout is not None
    acknowledged = 0
    for line in child.stdout:
        acknowledged = int(line)
        if acknowledged >= 25:
            os.kill(child.pid, signal.SIGKILL)
            break
    child.wait()
    child.stdout.close()
    node = ChainNode(tmp_path, GENESIS)
    assert acknowledged <= node.head.number <= acknowledged + 40
    node.submit(raw(node.head.number), NOW)
    node.close()
