"""did:key and did:web, without any look-up over a network."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlsplit

from ledger.errors import Invalid
from ledger.formats import multikey
from ledger.formats.multikey import PublicKey


def key_did(public_key: PublicKey) -> str:
    """Return the did:key of a public key."""
    return f"did:key:{public_key.multikey}"


def key_method(public_key: PublicKey) -> str:
    """Return the verification method URL of a did:key."""
    return f"{key_did(public_key)}#{public_key.multikey}"


def key_from_method(method: str) -> PublicKey:
    """Return the key that a did:key verification method names.

    Raises:
        Invalid: ``did-malformed`` unless the fragment repeats the key.
    """
    did, _, fragment = method.partition("#")
    text = did.removeprefix("did:key:")
    if text == did or text != fragment:
        raise Invalid("did-malformed", did=method[:120])
    return multikey.parse(text)


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


def document(did: str, methods: dict[str, PublicKey]) -> dict[str, Any]:
    """Return a DID document whose keys, by fragment, may make assertions and authenticate (DID Core 1.0, Multikey)."""
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": did,
        "verificationMethod": [
            {
                "id": f"{did}#{fragment}",
                "type": "Multikey",
                "controller": did,
                "publicKeyMultibase": key.multikey,
            }
            for fragment, key in methods.items()
        ],
        "assertionMethod": [f"{did}#{fragment}" for fragment in methods],
        "authentication": [f"{did}#{fragment}" for fragment in methods],
    }
