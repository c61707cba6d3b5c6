"""Merkle-Patricia proofs of accounts and storage slots (Ethereum Yellow Paper, appendix D; EIP-1186).

A proof is a pool of trie nodes. Every node is looked up by its hash, so a pool serves many slots; a node that no
look-up needed is reported, so that nothing unproved travels in a file.
"""

from __future__ import annotations

from typing import Any

import rlp
from rlp.exceptions import RLPException

from ledger.errors import Unverified
from ledger.formats.keccak import keccak256

_EMPTY_ROOT = keccak256(b"\x80")


class NodePool:
    """Trie nodes by hash; remembers which ones a look-up read."""

    def __init__(self, nodes: list[bytes]) -> None:
        self._nodes = {keccak256(node): node for node in nodes}
        self._unread = set(self._nodes)
        if len(self._nodes) != len(nodes):
            raise Unverified("state-proof-invalid", why="a node is given twice")

    def get(self, root: bytes, key: bytes) -> bytes | None:
        """Return the value under ``keccak256(key)`` in the trie of this root; ``None`` if it is proved absent.

        Raises:
            Unverified: ``state-proof-invalid`` if the pool does not prove either.
        """
        if root == _EMPTY_ROOT:
            return None
        path = keccak256(key).hex()
        reference: Any = root
        while True:
            node = self._resolve(reference)
            if len(node) == 17:
                if not path:
                    return node[16] or None
                reference, path = node[int(path[0], 16)], path[1:]
            elif len(node) == 2:
                leaf, prefix = _compact(node[0])
                if leaf:
                    return node[1] if prefix == path else None
                if not path.startswith(prefix):
                    return None
                reference, path = node[1], path[len(prefix) :]
            else:
                raise Unverified("state-proof-invalid", why="malformed node")
            if reference == b"":
                return None

    def require_all_read(self) -> None:
        """Refuse nodes that no look-up needed.

        Raises:
            Unverified: ``state-proof-invalid``.
        """
        if self._unread:
            raise Unverified("state-proof-invalid", why=f"{len(self._unread)} nodes prove nothing")

    def _resolve(self, reference: Any) -> Any:
        if isinstance(reference, list):
            return reference
        data = self._nodes.get(reference) if len(reference) == 32 else None
        if data is None:
            raise Unverified("state-proof-invalid", why="a node is missing")
        self._unread.discard(reference)
        try:
            return rlp.decode(data)
        except RLPException as error:
            raise Unverified("state-proof-invalid", why=str(error)) from error


def storage_root(pool: NodePool, state_root: bytes, address: bytes) -> bytes:
    """Return the proved storage root of an account.

    Raises:
        Unverified: ``state-proof-invalid``, also if the account is absent.
    """
    account = pool.get(state_root, address)
    fields = rlp.decode(account) if account else []
    if len(fields) != 4:
        raise Unverified("state-proof-invalid", why="no such account")
    root: bytes = fields[2]
    return root


def storage_word(pool: NodePool, root: bytes, slot: bytes) -> int:
    """Return the proved value of a 32-byte slot key; 0 if it is proved absent."""
    value = pool.get(root, slot)
    return int.from_bytes(rlp.decode(value), "big") if value else 0


def mapping_slot(base: int, key: bytes) -> bytes:
    """Return the slot of ``mapping[key]`` for a mapping at slot ``base`` (Solidity storage layout)."""
    return keccak256(key + base.to_bytes(32, "big"))


def _compact(encoded: bytes) -> tuple[bool, str]:
    nibbles = encoded.hex()
    flag = int(nibbles[0], 16) if nibbles else 9
    if flag > 3 or (flag in (0, 2) and nibbles[1] != "0"):
        raise Unverified("state-proof-invalid", why="malformed path")
    return flag >= 2, nibbles[1:] if flag & 1 else nibbles[2:]
