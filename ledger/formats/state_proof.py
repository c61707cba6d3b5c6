"""Merkle-Patricia proofs of accounts and storage slots (Ethereum Yellow Paper, appendix D; EIP-1186).

A proof is a pool of trie nodes. Every node is looked up by its hash, so a pool serves many slots; a node that does
not hang from the state root is refused, so that nothing unproved travels in a file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import rlp
from rlp.exceptions import RLPException

from ledger.errors import Unverified
from ledger.formats.keccak import keccak256

_EMPTY_ROOT = keccak256(b"\x80")


class NodePool:
    """Trie nodes by hash, each of them reachable from one state root.

    Raises:
        Unverified: ``state-proof-invalid`` if the nodes are not in ascending order, malformed, or one hangs from no other.
    """

    def __init__(self, state_root: bytes, nodes: Sequence[bytes]) -> None:
        self._nodes = {keccak256(node): node for node in nodes}
        if list(nodes) != sorted(self._nodes.values()):
            raise Unverified("state-proof-invalid", why="the nodes are not in ascending order, each once")
        unreached, front = set(self._nodes), [state_root]
        while front:
            reference = front.pop()
            if reference in unreached:
                unreached.discard(reference)
                front.extend(_references(_decode(self._nodes[reference])))
        if unreached:
            raise Unverified("state-proof-invalid", why=f"{len(unreached)} nodes prove nothing")

    def get(self, root: bytes, key: bytes) -> bytes | None:
        """Return the value under ``keccak256(key)`` in the trie of this root; ``None`` if it is proved absent.

        Raises:
            Unverified: ``state-proof-invalid`` if the pool does not prove either.
        """
        if root == _EMPTY_ROOT:
            return None
        path = keccak256(key).hex()
        reference: Any = root
        while reference != b"":
            node = self._resolve(reference)
            if len(node) == 17:
                if not path:
                    return node[16] or None
                reference, path = node[int(path[0], 16)], path[1:]
                continue
            leaf, prefix = _compact(node[0])
            if leaf:
                return node[1] if prefix == path else None
            if not path.startswith(prefix):
                return None
            reference, path = node[1], path[len(prefix) :]
        return None

    def _resolve(self, reference: Any) -> Any:
        if isinstance(reference, list):
            return reference
        if reference not in self._nodes:
            raise Unverified("state-proof-invalid", why="a node is missing")
        return _decode(self._nodes[reference])


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


def _decode(data: bytes) -> Any:
    try:
        node = rlp.decode(data)
    except (RLPException, RecursionError) as error:
        raise Unverified("state-proof-invalid", why=str(error)[:100]) from error
    if not isinstance(node, list) or len(node) not in (2, 17):
        raise Unverified("state-proof-invalid", why="malformed node")
    return node


def _references(node: Any) -> Iterator[bytes]:
    """Yield the hashes that a node points to; an account leaf points to its storage root."""
    if len(node) == 17:
        children = node[:16]
    elif _compact(node[0])[0]:
        children = _account_storage(node[1])
    else:
        children = node[1:]
    for child in children:
        if isinstance(child, list):
            yield from _references(child)
        elif len(child) == 32:
            yield child


def _account_storage(value: bytes) -> list[bytes]:
    try:
        fields = rlp.decode(value)
    except (RLPException, RecursionError):
        return []
    return [fields[2]] if isinstance(fields, list) and len(fields) == 4 else []
