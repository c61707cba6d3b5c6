"""May this key, this institution, do this at time t: the contract's rule, in Python (C-20)."""

from __future__ import annotations

from ledger.institutions.model import Accreditation, KeyRecord


def is_live(record: KeyRecord, at: int) -> bool:
    """Say whether a key is live: from inclusive, until and cut-off exclusive, 0 = none."""
    return (
        record.epoch != 0
        and at >= record.start
        and (record.until == 0 or at < record.until)
        and (record.cut_off == 0 or at < record.cut_off)
    )


def is_accredited(period: Accreditation, at: int) -> bool:
    """Say whether an accreditation period covers a time."""
    return period.start <= at < period.until and (period.withdrawn_at == 0 or at < period.withdrawn_at)


def unpack_key(word: int) -> KeyRecord:
    """Read the one slot of a key: u8 algorithm, u32 epoch, u40 from, until, cut-off, from the low end."""
    return KeyRecord(
        algorithm=word & 0xFF,
        epoch=word >> 8 & 0xFFFFFFFF,
        start=word >> 40 & _U40,
        until=word >> 80 & _U40,
        cut_off=word >> 120 & _U40,
    )


def unpack_accreditation(word: int) -> Accreditation:
    """Read the one slot of an accreditation period: u40 from, until, withdrawn at, from the low end."""
    return Accreditation(start=word & _U40, until=word >> 40 & _U40, withdrawn_at=word >> 80 & _U40)


def unpack_institution(word: int) -> tuple[int, int, int, int]:
    """Read the one slot of an institution: (kind, registered at, suspended at, suspensions)."""
    return word & 0xFF, word >> 8 & _U40, word >> 48 & _U40, word >> 88 & 0xFFFFFFFF


_U40 = (1 << 40) - 1
