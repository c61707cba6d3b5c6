"""The journal: every block's transactions and time, on disk before the node sees them.

anvil keeps nothing safely by itself, so the journal is the chain's only store. A row is written and synced first,
the node executes it, and then its hash is recorded; at start the rows are replayed and every hash compared.
"""

from __future__ import annotations

import fcntl
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hardhat_network.anvil import VERSION, Genesis
from ledger.errors import Refused, Unavailable

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS blocks (
  number INTEGER PRIMARY KEY, timestamp INTEGER NOT NULL, transactions TEXT NOT NULL,
  block_hash TEXT, state_root TEXT);
"""


@dataclass(frozen=True, slots=True)
class Block:
    """One block: raw signed transactions (hex) in order, and what executing them gave."""

    number: int
    timestamp: int
    transactions: tuple[str, ...]
    block_hash: str
    state_root: str

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form in which blocks travel to witnesses."""
        return {
            "number": self.number,
            "timestamp": self.timestamp,
            "transactions": list(self.transactions),
            "block_hash": self.block_hash,
            "state_root": self.state_root,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Block:
        """Read the JSON form."""
        return cls(
            int(data["number"]),
            int(data["timestamp"]),
            tuple(str(raw) for raw in data["transactions"]),
            str(data["block_hash"]),
            str(data["state_root"]),
        )


def copy_journal(source: Path, target: Path) -> None:
    """Copy a journal as it stands into an empty folder, also while a node is writing it.

    Raises:
        Refused: ``member-unknown`` if there is none.
    """
    if not (source / "journal.sqlite").exists():
        raise Refused("member-unknown", why="no journal here", folder=str(source))
    target.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(source / "journal.sqlite")) as old, closing(sqlite3.connect(target / "journal.sqlite")) as new:
        old.backup(new)


class Journal:
    """An SQLite journal (WAL, synced at each commit) held by one process at a time.

    Raises:
        Unavailable: ``chain-locked`` if another process holds it.
        Refused: ``chain-forked`` if it belongs to another genesis or engine version.
    """

    def __init__(self, folder: Path, genesis: Genesis) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = (folder / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock.close()
            raise Unavailable("chain-locked", folder=str(folder)) from error
        self._db = sqlite3.connect(folder / "journal.sqlite", check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(_SCHEMA)
        self._require("engine", f"anvil {VERSION}")
        self._require("genesis", json.dumps(genesis.to_dict(), sort_keys=True))

    def _require(self, name: str, value: str) -> None:
        self._db.execute("INSERT OR IGNORE INTO meta VALUES (?, ?)", (name, value))
        (stored,) = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        if stored != value:
            self.close()
            raise Refused("chain-forked", what=name, stored=stored, now=value)

    def begin(self, number: int, timestamp: int, transactions: tuple[str, ...]) -> None:
        """Write a block's input and sync it, before the node sees it."""
        row = (number, timestamp, json.dumps(list(transactions)))
        self._db.execute("INSERT INTO blocks (number, timestamp, transactions) VALUES (?, ?, ?)", row)

    def complete(self, block: Block) -> None:
        """Record what executing a begun block gave."""
        row = (block.block_hash, block.state_root, block.number)
        self._db.execute("UPDATE blocks SET block_hash = ?, state_root = ? WHERE number = ?", row)

    def abandon(self, number: int) -> None:
        """Forget a begun block that the node refused."""
        self._db.execute("DELETE FROM blocks WHERE number = ? AND block_hash IS NULL", (number,))

    def blocks(self, after: int = 0, limit: int = -1) -> Iterator[tuple[Block, bool]]:
        """Yield (block, completed) in order, those above height ``after``."""
        query = "SELECT * FROM blocks WHERE number > ? ORDER BY number LIMIT ?"
        for number, timestamp, raw, block_hash, state_root in self._db.execute(query, (after, limit)).fetchall():
            block = Block(number, timestamp, tuple(json.loads(raw)), block_hash or "", state_root or "")
            yield block, block_hash is not None

    def close(self) -> None:
        """Close the journal and release its lock."""
        self._db.close()
        self._lock.close()
