"""Where the registers keep what a credential file proves: storage slots and the packing of their words."""

from __future__ import annotations

from collections.abc import Mapping

from ledger.formats.keccak import keccak256
from ledger.formats.state_proof import mapping_slot
from ledger.institutions.model import Purpose

Layout = Mapping[str, Mapping[str, int]]
INSTITUTIONS = "InstitutionRegistry"
CREDENTIALS = "CredentialRegistry"

LABELS: dict[str, dict[str, str]] = {
    INSTITUTIONS: {
        "institutions": "_institutions",
        "profiles": "_profiles",
        "keys": "_keys",
        "periods": "_periods",
        "accreditations": "_accreditations",
    },
    CREDENTIALS: {"anchors": "_anchors", "status_heads": "_statusHeads", "status_digests": "_statusDigests"},
}


def institution(layout: Layout, institution_id: bytes) -> bytes:
    """Return the slot of an institution's record."""
    return mapping_slot(layout[INSTITUTIONS]["institutions"], institution_id)


def profile(layout: Layout, institution_id: bytes) -> bytes:
    """Return the slot of an institution's profile digest."""
    return mapping_slot(layout[INSTITUTIONS]["profiles"], institution_id)


def key(layout: Layout, institution_id: bytes, purpose: Purpose, public: bytes) -> bytes:
    """Return the slot of a key's record."""
    return mapping_slot(layout[INSTITUTIONS]["keys"], _encode(institution_id, int(purpose), public))


def accreditation(layout: Layout, institution_id: bytes, schema: bytes, period: int) -> bytes:
    """Return the slot of an accreditation period."""
    return mapping_slot(layout[INSTITUTIONS]["accreditations"], _encode(institution_id, schema, period))


def anchor(layout: Layout, batch: bytes) -> bytes:
    """Return the slot of an anchor: u40 time, u8 state from the low end."""
    return mapping_slot(layout[CREDENTIALS]["anchors"], batch)


def status_head(layout: Layout, institution_id: bytes, number: int) -> bytes:
    """Return the slot of a status list's head: u64 version, u40 time from the low end."""
    return mapping_slot(layout[CREDENTIALS]["status_heads"], _encode(institution_id, number))


def status_digest(layout: Layout, institution_id: bytes, number: int, version: int) -> bytes:
    """Return the slot of the digest of a status list's version."""
    return mapping_slot(layout[CREDENTIALS]["status_digests"], _encode(institution_id, number, version))


def unpack_anchor(word: int) -> tuple[int, int]:
    """Read an anchor's word: (time, state)."""
    return word & (1 << 40) - 1, word >> 40 & 0xFF


def unpack_status_head(word: int) -> tuple[int, int]:
    """Read a status head's word: (version, time)."""
    return word & (1 << 64) - 1, word >> 64 & (1 << 40) - 1


def _encode(*parts: bytes | int) -> bytes:
    return keccak256(b"".join(part if isinstance(part, bytes) else part.to_bytes(32, "big") for part in parts))
