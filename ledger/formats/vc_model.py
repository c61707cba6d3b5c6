"""Is this a well-formed verifiable credential or presentation (VC Data Model 2.0 and 1.1)? Every malformed member is named."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256, sha384
from typing import Any, Final

from ledger.errors import Invalid
from ledger.formats import contexts, multibase

V2 = contexts.CREDENTIALS_V2
V1 = "https://www.w3.org/2018/credentials/v1"
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+\Z")
_DATE_TIME = re.compile(r"-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)\Z")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*\Z")
_DIRECTIONS = ("ltr", "rtl")
_ENVELOPED = "EnvelopedVerifiableCredential"


def require_credential(document: Any) -> dict[str, Any]:
    """Return the document if it is a well-formed credential, with or without proof.

    Raises:
        Invalid: ``credential-malformed`` with the member's JSON pointer.
    """
    body = _object(document, "")
    version = _contexts(body)
    _types(body.get("type"), "/type", "VerifiableCredential")
    _optional_url(body, "id", "")
    _party(body.get("issuer"), "/issuer")
    _subjects(body.get("credentialSubject"))
    if version == V2:
        _period(body, "validFrom", "validUntil")
        for member in ("issuanceDate", "expirationDate"):
            _require(member not in body, f"/{member}", "a member of version 1.1")
    else:
        _require("issuanceDate" in body, "/issuanceDate", "missing")
        _period(body, "issuanceDate", "expirationDate")
    for member in ("name", "description"):
        if member in body:
            _language(body[member], f"/{member}")
    if isinstance(body["issuer"], dict):
        for member in ("name", "description"):
            if member in body["issuer"]:
                _language(body["issuer"][member], f"/issuer/{member}")
    for member, rule in _TYPED.items():
        for pointer, entry in _each(body, member):
            rule(entry, pointer)
    if "relatedResource" in body:
        _related(body["relatedResource"])
    return body


def require_presentation(document: Any) -> dict[str, Any]:
    """Return the document if it is a well-formed presentation of well-formed credentials.

    Raises:
        Invalid: ``credential-malformed`` with the member's JSON pointer.
    """
    body = _object(document, "")
    _contexts(body)
    _types(body.get("type"), "/type", "VerifiablePresentation")
    _optional_url(body, "id", "")
    if "holder" in body:
        _party(body["holder"], "/holder")
    for pointer, entry in _each(body, "verifiableCredential"):
        if _ENVELOPED in _as_list(entry.get("type")):
            _require(str(entry.get("id", "")).startswith("data:"), f"{pointer}/id", "not a data: URL")
        else:
            require_credential(entry)
    return body


def is_in_force(document: dict[str, Any], now: datetime) -> bool:
    """Say whether a well-formed credential's dates cover a time."""
    begins = document.get("validFrom", document.get("issuanceDate"))
    ends = document.get("validUntil", document.get("expirationDate"))
    return (begins is None or datetime.fromisoformat(begins) <= now) and (ends is None or now < datetime.fromisoformat(ends))


def _contexts(body: dict[str, Any]) -> str:
    entries = body.get("@context")
    listed = entries if isinstance(entries, list) else [entries]
    _require(bool(listed) and listed[0] in (V1, V2), "/@context/0", "not the credentials context")
    for index, entry in enumerate(listed):
        url = isinstance(entry, str) and bool(_URL.match(entry))
        _require(url or isinstance(entry, dict), f"/@context/{index}", "neither a URL nor an object")
    return str(listed[0])


def _types(value: Any, pointer: str, needed: str | None = None) -> None:
    names = _as_list(value)
    _require(bool(names) and all(isinstance(name, str) and name for name in names), pointer, "missing or not text")
    _require(needed is None or needed in names, pointer, f"{needed} is missing")


def _party(value: Any, pointer: str) -> None:
    if isinstance(value, dict):
        value, pointer = value.get("id"), f"{pointer}/id"
    _url(value, pointer)


def _subjects(value: Any) -> None:
    subjects = value if isinstance(value, list) else [value]
    _require(bool(subjects), "/credentialSubject", "empty")
    for index, subject in enumerate(subjects):
        pointer = f"/credentialSubject/{index}" if isinstance(value, list) else "/credentialSubject"
        _require(bool(_object(subject, pointer)), pointer, "says nothing")
        _optional_url(subject, "id", pointer)


def _typed(entry: dict[str, Any], pointer: str) -> None:
    _types(entry.get("type"), f"{pointer}/type")
    _optional_url(entry, "id", pointer)


def _schema(entry: dict[str, Any], pointer: str) -> None:
    _types(entry.get("type"), f"{pointer}/type")
    _url(entry.get("id"), f"{pointer}/id")


def _status(entry: dict[str, Any], pointer: str) -> None:
    _typed(entry, pointer)
    if "BitstringStatusListEntry" in _as_list(entry["type"]):
        index = entry.get("statusListIndex")
        _require(
            isinstance(index, str) and index.isdecimal() and index.isascii(), f"{pointer}/statusListIndex", "not a number as text"
        )
        _url(entry.get("statusListCredential"), f"{pointer}/statusListCredential")
        _require(isinstance(entry.get("statusPurpose"), str), f"{pointer}/statusPurpose", "missing")


_TYPED: Final[dict[str, Callable[[dict[str, Any], str], None]]] = {
    "credentialStatus": _status,
    "credentialSchema": _schema,
    "evidence": _typed,
    "termsOfUse": _typed,
    "refreshService": _typed,
}


def _related(value: Any) -> None:
    entries = value if isinstance(value, list) else [value]
    seen: set[str] = set()
    for index, raw in enumerate(entries):
        pointer = f"/relatedResource/{index}"
        entry = _object(raw, pointer)
        _url(entry.get("id"), f"{pointer}/id")
        _require(entry["id"] not in seen, f"{pointer}/id", "given twice")
        seen.add(entry["id"])
        _require("digestSRI" in entry or "digestMultibase" in entry, pointer, "no digest")
        if entry["id"] in contexts.EXACT:
            _digest(entry, contexts.packaged_bytes(entry["id"]), pointer)


def _digest(entry: dict[str, Any], data: bytes, pointer: str) -> None:
    if "digestSRI" in entry:
        kind, _, text = str(entry["digestSRI"]).partition("-")
        _require(kind in ("sha256", "sha384"), f"{pointer}/digestSRI", "unknown digest")
        found = (sha256 if kind == "sha256" else sha384)(data).digest()
        given = text.rstrip("=").replace("+", "-").replace("/", "_")
        _require(multibase.base64url_encode(found) == given, f"{pointer}/digestSRI", "another digest")
    if "digestMultibase" in entry:
        wanted = multibase.base58btc_encode(b"\x12\x20" + sha256(data).digest())
        url_form = "u" + multibase.base64url_encode(b"\x12\x20" + sha256(data).digest())
        _require(entry["digestMultibase"] in (wanted, url_form), f"{pointer}/digestMultibase", "another digest")


def _language(value: Any, pointer: str) -> None:
    for index, entry in enumerate(value if isinstance(value, list) else [value]):
        where = f"{pointer}/{index}" if isinstance(value, list) else pointer
        if isinstance(entry, str):
            continue
        body = _object(entry, where)
        _require(isinstance(body.get("@value"), str), f"{where}/@value", "missing or not text")
        _require(not set(body) - {"@value", "@language", "@direction"}, where, "a member that does not belong there")
        language = body.get("@language", "en")
        _require(isinstance(language, str) and bool(_LANGUAGE.match(language)), f"{where}/@language", "not a language tag")
        _require(body.get("@direction", "ltr") in _DIRECTIONS, f"{where}/@direction", "neither ltr nor rtl")


def _period(body: dict[str, Any], begin: str, end: str) -> None:
    moments = []
    for member in (begin, end):
        if member in body:
            text = body[member]
            _require(isinstance(text, str) and bool(_DATE_TIME.match(text)), f"/{member}", "not a date and time with zone")
            try:
                moments.append(datetime.fromisoformat(text))
            except ValueError:
                _require(False, f"/{member}", "no such time")
    _require(len(moments) < 2 or moments[0] <= moments[1], f"/{end}", "before the beginning")


def _each(body: dict[str, Any], member: str) -> list[tuple[str, dict[str, Any]]]:
    if member not in body:
        return []
    value = body[member]
    if isinstance(value, list):
        return [(f"/{member}/{index}", _object(entry, f"/{member}/{index}")) for index, entry in enumerate(value)]
    return [(f"/{member}", _object(value, f"/{member}"))]


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _object(value: Any, pointer: str) -> dict[str, Any]:
    _require(isinstance(value, dict), pointer or "/", "not an object")
    checked: dict[str, Any] = value
    return checked


def _optional_url(body: dict[str, Any], member: str, pointer: str) -> None:
    if member in body:
        _url(body[member], f"{pointer}/{member}")


def _url(value: Any, pointer: str) -> None:
    _require(isinstance(value, str) and bool(_URL.match(value)), pointer, "missing or not a URL")


def _require(condition: bool, pointer: str, why: str) -> None:
    if not condition:
        raise Invalid("credential-malformed", pointer=pointer, why=why)
