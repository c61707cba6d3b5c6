"""CIDv1 with raw leaves and the UnixFS file tree above them, equal to what Kubo computes.

Profile: 1 MiB chunks, at most 1,024 links a node, dag-pb above raw leaves, SHA-256, base32 (unixfs-v1-2025).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from hashlib import sha256
from typing import NewType

Cid = NewType("Cid", str)

CHUNK = 1 << 20
MAX_LINKS = 1024
_RAW = 0x55
_DAG_PB = 0x70
_TEXT = re.compile(r"b[a-z2-7]{58}\Z")


def cid_of(data: bytes) -> Cid:
    """Return the CIDv1 (base32) of a file's bytes."""
    if len(data) <= CHUNK:
        return _text(_binary(_RAW, data))
    level = [
        (_binary(_RAW, chunk), len(chunk), len(chunk))
        for chunk in (data[start : start + CHUNK] for start in range(0, len(data), CHUNK))
    ]
    while len(level) > 1:
        level = [_parent(level[start : start + MAX_LINKS]) for start in range(0, len(level), MAX_LINKS)]
    return _text(level[0][0])


def is_cid(text: str) -> bool:
    """Say whether a text is a base32 CIDv1 with a SHA-256 digest."""
    return bool(_TEXT.match(text))


def _binary(codec: int, block: bytes) -> bytes:
    return bytes((1, codec, 0x12, 0x20)) + sha256(block).digest()


def _text(binary: bytes) -> Cid:
    return Cid("b" + base64.b32encode(binary).decode("ascii").rstrip("=").lower())


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _field(number: int, body: bytes) -> bytes:
    return bytes((number << 3 | 2,)) + _varint(len(body)) + body


def _parent(children: Sequence[tuple[bytes, int, int]]) -> tuple[bytes, int, int]:
    """Fold (cid, file bytes, cumulative bytes) of children into their dag-pb parent."""
    links = b"".join(_field(2, _field(1, cid) + _field(2, b"") + b"\x18" + _varint(total)) for cid, _, total in children)
    size = sum(length for _, length, _ in children)
    unixfs = b"\x08\x02\x18" + _varint(size) + b"".join(b"\x20" + _varint(length) for _, length, _ in children)
    block = links + _field(1, unixfs)
    return _binary(_DAG_PB, block), size, len(block) + sum(total for _, _, total in children)
