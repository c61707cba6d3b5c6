"""A node with a journal: the supervisor of the embedded chain, and the replica that a witness re-executes on."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from hardhat_network.anvil import Anvil, Genesis
from hardhat_network.journal import Block, Journal
from hardhat_network.rpc import Rpc
from ledger.errors import Refused

MAX_AHEAD_SECONDS = 60


class ChainNode:
    """An EVM node whose whole history stands in its own journal; at start the history is replayed and compared.

    Raises:
        Refused: ``chain-forked`` if replaying gives another hash than the journal holds.
        Unavailable: ``chain-locked`` or ``chain-unavailable``.
    """

    def __init__(self, folder: Path, genesis: Genesis) -> None:
        self._mutex = threading.RLock()
        self._journal = Journal(folder, genesis)
        try:
            self._anvil = Anvil(genesis)
        except BaseException:
            self._journal.close()
            raise
        self.genesis = genesis
        first = self.rpc("eth_getBlockByNumber", "0x0", False)
        self.genesis_hash: str = first["hash"]
        self.head = Block(0, genesis.timestamp, (), first["hash"], first["stateRoot"])
        try:
            self._replay()
        except BaseException:
            self.close()
            raise

    @property
    def rpc(self) -> Rpc:
        """The node's JSON-RPC."""
        return self._anvil.rpc

    @property
    def url(self) -> str:
        """The node's JSON-RPC URL on loopback."""
        return self._anvil.url

    def _replay(self) -> None:
        for stored, completed in self._journal.blocks():
            try:
                block = self._execute(stored.number, stored.timestamp, stored.transactions)
            except Refused:
                if completed:
                    raise
                self._journal.abandon(stored.number)
                return
            if completed and block != stored:
                raise Refused("chain-forked", height=stored.number, stored=stored.block_hash, replayed=block.block_hash)
            if not completed:
                self._journal.complete(block)
            self.head = block

    def submit(self, raw: str, now: int) -> Block:
        """Put one signed transaction into a block of its own, on disk first.

        Args:
            raw: the signed transaction, ``0x`` hex.
            now: the current time in whole seconds; a block is never older than its parent.

        Raises:
            Refused: ``reverted`` if the node does not take the transaction (bad nonce, bad signature).
        """
        with self._mutex:
            return self._extend(max(now, self.head.timestamp), (raw,))

    def follow(self, block: Block, now: int) -> Block:
        """Re-execute another node's block and require the same result (what a witness does before it signs).

        Raises:
            Refused: ``chain-forked`` if it does not continue this history or gives another hash; ``clock-ahead`` if
                it is more than 60 s ahead of ``now``.
        """
        with self._mutex:
            if block.number != self.head.number + 1 or block.timestamp < self.head.timestamp:
                raise Refused("chain-forked", height=block.number, head=self.head.number)
            if block.timestamp > now + MAX_AHEAD_SECONDS:
                raise Refused("clock-ahead", height=block.number, timestamp=block.timestamp, now=now)
            return self._extend(block.timestamp, block.transactions, expected=block)

    def _extend(self, timestamp: int, transactions: tuple[str, ...], expected: Block | None = None) -> Block:
        number = self.head.number + 1
        self._journal.begin(number, timestamp, transactions)
        try:
            block = self._execute(number, timestamp, transactions)
        except Refused:
            self._journal.abandon(number)
            raise
        if expected is not None and block != expected:
            self._journal.abandon(number)
            raise Refused("chain-forked", height=number, given=expected.block_hash, executed=block.block_hash)
        self._journal.complete(block)
        self.head = block
        return block

    def _execute(self, number: int, timestamp: int, transactions: tuple[str, ...]) -> Block:
        self.rpc("evm_setNextBlockTimestamp", timestamp)
        for raw in transactions:
            self.rpc("eth_sendRawTransaction", raw)
        if int(self.rpc("txpool_status")["pending"], 16) != len(transactions):
            self.rpc("anvil_dropAllTransactions")
            raise Refused("reverted", why="not executable now (a nonce is ahead of its account)")
        self.rpc("evm_mine")
        mined: dict[str, Any] | None = self.rpc("eth_getBlockByNumber", hex(number), False)
        if mined is None or len(mined["transactions"]) != len(transactions):
            raise Refused("chain-forked", height=number, why="the journal does not continue the chain")
        return Block(number, timestamp, transactions, mined["hash"], mined["stateRoot"])

    def blocks(self, after: int, limit: int = 500) -> list[Block]:
        """Return completed blocks above a height, in order."""
        return [block for block, completed in self._journal.blocks(after, limit) if completed]

    def close(self) -> None:
        """Stop the node and release the journal."""
        self._anvil.close()
        self._journal.close()
