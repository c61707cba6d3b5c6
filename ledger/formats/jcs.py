"""Strict JSON reading, and the JSON Canonicalization Scheme (RFC 8785)."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import rfc8785

from ledger.errors import Invalid

MAX_DEPTH = 64


def dumps(value: Any) -> bytes:
    """Return the JCS form of a JSON value, UTF-8.

    Raises:
        Invalid: ``json-malformed`` for what JSON cannot carry (NaN, integers past 2^53, lone surrogates).
    """
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as error:
        raise Invalid("json-malformed", why=str(error)) from error


def digest(value: Any) -> bytes:
    """Return SHA-256 of the JCS form."""
    return sha256(dumps(value)).digest()


def loads(data: bytes) -> Any:
    """Read JSON strictly: UTF-8, no duplicate keys, no NaN, no lone surrogates, at most 64 levels deep.

    Raises:
        Invalid: ``json-malformed`` with the reason.
    """
    if _depth(data) > MAX_DEPTH:
        raise Invalid("json-malformed", why=f"nested deeper than {MAX_DEPTH} levels")
    try:
        text = data.decode("utf-8")
        value = json.loads(text, object_pairs_hook=_no_duplicates, parse_constant=_no_constants)
        text_back = json.dumps(value, ensure_ascii=False)
        text_back.encode("utf-8")
    except (UnicodeError, ValueError, RecursionError) as error:
        raise Invalid("json-malformed", why=str(error)) from error
    return value


def loads_canonical(data: bytes) -> Any:
    """Read JSON that must be in JCS form, byte for byte.

    Raises:
        Invalid: ``json-malformed`` or ``json-not-canonical``.
    """
    value = loads(data)
    if dumps(value) != data:
        raise Invalid("json-not-canonical")
    return value


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("an object has the same key twice")
    return value


def _no_constants(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _depth(data: bytes) -> int:
    deepest = depth = 0
    quoted = escaped = False
    if data.count(b"[") + data.count(b"{") <= MAX_DEPTH:
        return 0
    for byte in data:
        if quoted:
            if escaped:
                escaped = False
            elif byte == 0x5C:
                escaped = True
            elif byte == 0x22:
                quoted = False
        elif byte == 0x22:
            quoted = True
        elif byte in (0x5B, 0x7B):
            depth += 1
            deepest = max(deepest, depth)
        elif byte in (0x5D, 0x7D):
            depth -= 1
    return deepest
