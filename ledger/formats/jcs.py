"""Strict JSON reading, and the JSON Canonicalization Scheme (RFC 8785)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from json.encoder import encode_basestring as _quote
from typing import Any

import rfc8785

from ledger.errors import Invalid

MAX_DEPTH = 64
_MAX_INTEGER = 1 << 53
_ENCODE = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


def dumps(value: Any) -> bytes:
    """Return the JCS form of a JSON value, UTF-8.

    Raises:
        Invalid: ``json-malformed`` for what JSON cannot carry (NaN, integers past 2^53, lone surrogates).
    """
    try:
        return _ENCODE(value).encode("utf-8") if _is_plain(value) else rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as error:
        raise Invalid("json-malformed", why=str(error)) from error


class Template:
    """Canonicalizes many values that share most of their subtrees with a sample; the bytes are those of ``dumps``.

    A subtree equal to the sample's costs a comparison; only what differs is encoded. Dict keys must not be changed
    in the sample afterwards.
    """

    def __init__(self, sample: dict[str, Any]) -> None:
        self._plan = _plan(sample)

    def dumps(self, value: dict[str, Any]) -> bytes:
        """Return the JCS form of a value.

        Raises:
            Invalid: as ``dumps``.
        """
        parts: list[bytes] = []
        return b"".join(parts) if _fill(value, self._plan, parts) else dumps(value)


@dataclass(frozen=True, slots=True)
class _Plan:
    """How to write an object or array of the sample's shape: what stands before each member, and the members."""

    kind: type[dict[str, Any]] | type[list[Any]]
    members: tuple[tuple[bytes, Any, Any, bytes, _Plan | None], ...]
    closing: bytes


def _plan(sample: dict[str, Any] | list[Any]) -> _Plan:
    """Plan (bytes before, key or index, sample value, its bytes, inner plan) of each member in canonical order."""
    is_object = isinstance(sample, dict)
    keys = sorted(sample, key=lambda name: name.encode("utf-16-be")) if is_object else range(len(sample))
    members = []
    before = b"{" if is_object else b"["
    for key in keys:
        value = sample[key]  # type: ignore[index]
        inner = _plan(value) if isinstance(value, (dict, list)) and value else None
        name = dumps(key) + b":" if is_object else b""
        members.append((before + name, key, value if _only_text(value) else _NOTHING, dumps(value), inner))
        before = b","
    closing = (b"}" if is_object else b"]") if members else dumps(sample)
    return _Plan(type(sample), tuple(members), closing)


_NOTHING = object()


def _only_text(value: Any) -> bool:
    """Say whether equality with a subtree means equal bytes: no numbers or booleans, which Python mixes up."""
    if isinstance(value, dict):
        return all(_only_text(item) for item in value.values())
    return all(_only_text(item) for item in value) if isinstance(value, list) else isinstance(value, str)


def _fill(value: Any, plan: _Plan, parts: list[bytes]) -> bool:
    if not isinstance(value, plan.kind) or len(value) != len(plan.members):
        return False
    for before, key, sample, encoded, inner in plan.members:
        try:
            found = value[key]
        except KeyError:
            return False
        if found is sample:
            parts += (before, encoded)
        elif type(found) is str:
            parts += (before, _quote(found).encode("utf-8"))
        elif inner is None:
            parts += (before, dumps(found))
        elif sample is not _NOTHING and found == sample:
            parts += (before, encoded)
        else:
            parts.append(before)
            if not _fill(found, inner, parts):
                return False
    parts.append(plan.closing)
    return True


def _is_plain(value: Any) -> bool:
    """Say whether the standard encoder writes a value as JCS does: text, exact integers, ASCII keys, no floats."""
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return True
    if kind is dict:
        return all(type(key) is str and key.isascii() and (type(item) is str or _is_plain(item)) for key, item in value.items())
    if kind is list:
        return all(type(item) is str or _is_plain(item) for item in value)
    return kind is int and -_MAX_INTEGER < value < _MAX_INTEGER


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
