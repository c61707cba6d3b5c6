"""The one tree form of the bank: salted Keccak leaves in an RFC 6962 shape, the count bound into the root."""

from __future__ import annotations

from collections.abc import Sequence

from ledger.errors import Invalid, Unverified
from ledger.formats.keccak import keccak256

VERSION = 1
_LEAF_TAG = b"\x00creditbank.leaf"


def leaf_hash(salt: bytes, document_digest: bytes) -> bytes:
    """Return keccak256(0x00 ‖ "creditbank.leaf" ‖ u8 version ‖ salt[32] ‖ SHA-256(JCS(document))).

    Raises:
        Invalid: ``request-invalid`` unless salt and digest are 32 bytes each.
    """
    if len(salt) != 32 or len(document_digest) != 32:
        raise Invalid("request-invalid", field="leaf", why="salt and digest are 32 bytes each")
    return keccak256(_LEAF_TAG + bytes((VERSION,)) + salt + document_digest)


class Tree:
    """A Merkle tree over leaf hashes; every level is kept, so a path costs no hashing."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        if not leaves:
            raise Invalid("empty-batch")
        self.count = len(leaves)
        self._levels = [list(leaves)]
        while len(self._levels[-1]) > 1:
            below = self._levels[-1]
            level = [_node(below[i], below[i + 1]) for i in range(0, len(below) - 1, 2)]
            if len(below) % 2:
                level.append(below[-1])
            self._levels.append(level)
        self.root = root_of(self.count, self._levels[-1][0])

    def path(self, index: int) -> list[bytes]:
        """Return the siblings from the leaf at ``index`` up to the tree head (RFC 6962 section 2.1.1)."""
        siblings = []
        for level in self._levels[:-1]:
            sibling = index ^ 1
            if sibling < len(level):
                siblings.append(level[sibling])
            index >>= 1
        return siblings


def root_of(count: int, head: bytes) -> bytes:
    """Return keccak256(0x02 ‖ u64 count ‖ tree head)."""
    return keccak256(b"\x02" + count.to_bytes(8, "big") + head)


def root_from_path(leaf: bytes, index: int, count: int, path: Sequence[bytes]) -> bytes:
    """Return the root that a leaf, its place and its path lead to.

    Raises:
        Unverified: ``merkle-invalid`` if index, count and the path's length contradict each other.
    """
    if not 0 <= index < count < 1 << 64:
        raise Unverified("merkle-invalid", index=index, count=count)
    siblings = list(path)
    node, last = leaf, count - 1
    while last > 0:
        if index % 2 or index < last:
            if not siblings:
                raise Unverified("merkle-invalid", why="path too short")
            sibling = siblings.pop(0)
            node = _node(sibling, node) if index % 2 else _node(node, sibling)
        index >>= 1
        last >>= 1
    if siblings:
        raise Unverified("merkle-invalid", why="path too long")
    return root_of(count, node)


def _node(left: bytes, right: bytes) -> bytes:
    return keccak256(b"\x01" + left + right)
