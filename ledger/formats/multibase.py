"""Multibase (base58btc), and strict base64url without padding."""

from __future__ import annotations

import base64
import re

import base58

from ledger.errors import Invalid

_BASE64URL = re.compile(r"[A-Za-z0-9_-]*\Z")
_MAX_BASE58 = 1024
_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_PAIRS = [high + low for high in _ALPHABET for low in _ALPHABET]
_CHUNK = 58**10


def base58btc_encode(data: bytes) -> str:
    """Return ``z`` and the base58btc form of ``data``."""
    zeros = len(data) - len(data.lstrip(b"\0"))
    number, digits = int.from_bytes(data, "big"), ""
    while number:
        number, rest = divmod(number, _CHUNK)
        for _ in range(5):
            rest, pair = divmod(rest, 3364)
            digits = _PAIRS[pair] + digits
    return "z" + "1" * zeros + digits.lstrip("1")


def base58btc_decode(text: str) -> bytes:
    """Return the bytes of a ``z…`` multibase text.

    Raises:
        Invalid: ``multibase-malformed``.
    """
    if not text.startswith("z") or len(text) > _MAX_BASE58:
        raise Invalid("multibase-malformed", text=text[:80])
    try:
        return base58.b58decode(text[1:])
    except ValueError as error:
        raise Invalid("multibase-malformed", text=text[:80]) from error


def base64url_encode(data: bytes) -> str:
    """Return base64url without padding (RFC 4648 section 5)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def base64url_decode(text: str) -> bytes:
    """Return the bytes of an unpadded base64url text; other spellings of the same bytes are refused.

    Raises:
        Invalid: ``multibase-malformed``.
    """
    if not _BASE64URL.match(text) or len(text) % 4 == 1:
        raise Invalid("multibase-malformed", text=text[:80])
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64url_encode(data) != text:
        raise Invalid("multibase-malformed", text=text[:80])
    return data
