"""What travels between the steps of issuing, and the words of status changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ledger.formats import jcs
from ledger.formats.cid import Cid

MANIFEST_FORMAT = "creditbank-manifest-1"
MESSAGE_DAYS = 30


class RevocationReason(StrEnum):
    """Why a credential is revoked; on chain stands only a salted commitment to it."""

    GRADE_ERROR = "GRADE_ERROR"
    IDENTITY_ERROR = "IDENTITY_ERROR"
    DATA_ERROR = "DATA_ERROR"
    MISCONDUCT = "MISCONDUCT"
    WITHDRAWN = "WITHDRAWN"
    SUPERSEDED = "SUPERSEDED"
    KEY_COMPROMISED = "KEY_COMPROMISED"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A block that a quorum of witnesses has signed."""

    number: int
    block_hash: bytes
    state_root: bytes
    signatures: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class PublishedList:
    """A status list's published version."""

    number: int
    version: int
    encoded: str


def manifest(institution: bytes, schema: bytes, leaves: Sequence[bytes], evidence: Sequence[Cid]) -> bytes:
    """Return a batch's manifest: the JCS of its ordered leaves and evidence CIDs; it holds nothing personal."""
    return jcs.dumps(
        {
            "format": MANIFEST_FORMAT,
            "institution": institution.hex(),
            "schema": schema.hex(),
            "leaves": [leaf.hex() for leaf in leaves],
            "evidence": list(evidence),
        }
    )


def anchor_words(message: Mapping[str, Any]) -> dict[str, int | bytes]:
    """Turn an Anchor message's JSON form into EIP-712 values."""
    return {name: bytes.fromhex(value) if isinstance(value, str) else value for name, value in message.items()}
