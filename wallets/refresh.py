"""Puts a fresh seal around a credential; what is sent out for it names the batch, never the credential or its holder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ledger.formats import credential_file, jcs
from ledger.formats.credential_file import Seal, leaf_member


def seal_request(data: bytes) -> dict[str, Any]:
    """Return what ``POST /seals`` needs to know of a file.

    Raises:
        Invalid: ``not-credential-file``.
    """
    file = credential_file.parse(data)
    return {
        "anchor": file.anchor.to_dict(),
        "keys": [entry["key"] for entry in file.issuer_keys],
        "lists": [entry["list"] for entry in file.status],
    }


def with_seal(data: bytes, seal: Mapping[str, Any]) -> bytes:
    """Return the file's credential and leaf inside a new seal; the caller verifies the result.

    Raises:
        Invalid: ``not-credential-file``, also for a seal that does not make a credential file.
    """
    file = credential_file.parse(data)
    leaf = leaf_member(file.salt, file.index, file.count, file.path)
    fresh = Seal(seal).around(jcs.dumps(dict(file.credential)), leaf)
    credential_file.parse(fresh)
    return fresh
