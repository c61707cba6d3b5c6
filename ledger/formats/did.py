"""did:key (Ed25519) and did:web, without any look-up over a network."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, urlsplit

from ledger.errors import Invalid
from ledger.formats.multibase import ed25519_from_multikey, ed25519_multikey

_DID = re.compile(r"did:[a-z0-9]+:[A-Za-z0-9._:%-]+\Z")


def key_did(public_key: bytes) -> str:
    """Return the did:key of a 32-byte Ed25519 public key."""
    return f"did:key:{ed25519_multikey(public_key)}"


def key_method(public_key: bytes) -> str:
    """Return the verification method URL of a did:key."""
    multikey = ed25519_multikey(public_key)
    return f"did:key:{multikey}#{multikey}"


def key_from_method(method: str) -> bytes:
    """Return the Ed25519 key that a did:key verification method names.

    Raises:
        Invalid: ``did-malformed`` unless the fragment repeats the key.
    """
    did, _, fragment = method.partition("#")
    multikey = did.removeprefix("did:key:")
    if multikey == did or multikey != fragment:
        raise Invalid("did-malformed", did=method[:120])
    return ed25519_from_multikey(multikey)


def web_did(base_url: str, *path: str) -> str:
    """Return the did:web under a base URL, such as ``did:web:bank.example:institutions:college-a``.

    Raises:
        Invalid: ``did-malformed`` if the URL has no host.
    """
    parts = urlsplit(base_url)
    if not parts.hostname:
        raise Invalid("did-malformed", did=base_url)
    host = parts.hostname + (f"%3A{parts.port}" if parts.port else "")
    segments = [segment for segment in parts.path.split("/") if segment]
    return ":".join(["did:web", host, *segments, *(quote(segment, safe="") for segment in path)])


def controller_of(method: str) -> str:
    """Return the DID part of a verification method URL.

    Raises:
        Invalid: ``did-malformed``.
    """
    did, separator, fragment = method.partition("#")
    if not separator or not fragment or not _DID.match(did):
        raise Invalid("did-malformed", did=method[:120])
    return did


def document(did: str, methods: dict[str, bytes]) -> dict[str, Any]:
    """Return a DID document whose Ed25519 keys, by fragment, may make assertions (DID Core 1.0, Multikey)."""
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": did,
        "verificationMethod": [
            {
                "id": f"{did}#{fragment}",
                "type": "Multikey",
                "controller": did,
                "publicKeyMultibase": ed25519_multikey(key),
            }
            for fragment, key in methods.items()
        ],
        "assertionMethod": [f"{did}#{fragment}" for fragment in methods],
    }
