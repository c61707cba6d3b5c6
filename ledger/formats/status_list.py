"""Bitstring Status List v1.0 (W3C): one bit a credential, index 0 at the leftmost bit, gzip and base64url."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable
from hashlib import sha256

from ledger.errors import Invalid
from ledger.formats.multibase import base64url_decode, base64url_encode

ENTRIES = 131_072
_MAX_BYTES = 16 * ENTRIES // 8


def encode(indexes: Iterable[int]) -> str:
    """Return the ``encodedList`` (``u`` + base64url(gzip)) in which exactly these indexes are set.

    Raises:
        Invalid: ``status-list-malformed`` for an index outside the list.
    """
    bits = bytearray(ENTRIES // 8)
    for index in indexes:
        if not 0 <= index < ENTRIES:
            raise Invalid("status-list-malformed", index=index)
        bits[index >> 3] |= 0x80 >> (index & 7)
    return "u" + base64url_encode(gzip.compress(bytes(bits), 9, mtime=0))


def decode(encoded: str) -> bytes:
    """Return the bits of an ``encodedList``; a bomb stops at 256 KiB.

    Raises:
        Invalid: ``status-list-malformed``.
    """
    if not encoded.startswith("u"):
        raise Invalid("status-list-malformed", why="no multibase prefix u")
    inflater = zlib.decompressobj(wbits=31)
    try:
        bits = inflater.decompress(base64url_decode(encoded[1:]), _MAX_BYTES)
    except zlib.error as error:
        raise Invalid("status-list-malformed", why=str(error)) from error
    if not inflater.eof or inflater.unused_data or len(bits) < ENTRIES // 8:
        raise Invalid("status-list-malformed", why="truncated, too long, or fewer than 131,072 entries")
    return bits


def is_set(bits: bytes, index: int) -> bool:
    """Say whether the bit at ``index`` is set.

    Raises:
        Invalid: ``status-list-malformed`` for an index outside the list.
    """
    if not 0 <= index < len(bits) * 8:
        raise Invalid("status-list-malformed", index=index)
    return bool(bits[index >> 3] & 0x80 >> (index & 7))


def digest(encoded: str) -> bytes:
    """Return SHA-256 of the raw ``encodedList`` text: what the chain holds for a version."""
    return sha256(encoded.encode("ascii")).digest()
