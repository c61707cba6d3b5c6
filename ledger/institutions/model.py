"""Names and numbers of institutions, equal to the contracts' enums and ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from ledger.formats.keccak import keccak256


class Kind(IntEnum):
    """What an institution is."""

    GOVERNMENT = 1
    COLLEGE = 2
    ENTERPRISE = 3
    EVALUATOR = 4


class Purpose(IntEnum):
    """What a key may be used for."""

    ASSERT = 1
    REGISTER = 2
    APPROVE = 3
    VOTE = 4
    WITNESS = 5
    CUSTODY = 6


class Algorithm(IntEnum):
    """The algorithm of a key."""

    ED25519 = 1
    SECP256K1 = 2


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A registered key's record; times in seconds since 1970, 0 = none."""

    algorithm: int
    epoch: int
    start: int
    until: int
    cut_off: int


@dataclass(frozen=True, slots=True)
class Accreditation:
    """One period of accreditation for a schema; times in seconds since 1970, 0 = none."""

    start: int
    until: int
    withdrawn_at: int


def institution_id(did: str) -> bytes:
    """Return the on-chain id of an institution: keccak256 of its DID."""
    return keccak256(did.encode("utf-8"))


def algorithm_of(purpose: Purpose) -> Algorithm:
    """Return the one algorithm that keys of a purpose have."""
    return Algorithm.ED25519 if purpose is Purpose.ASSERT else Algorithm.SECP256K1


def profile(did: str, kind: Kind, name: Mapping[str, str], country: str, url: str) -> dict[str, Any]:
    """Return an institution's public profile; its JCS digest stands on chain."""
    return {"did": did, "kind": kind.name.lower(), "name": dict(name), "country": country, "url": url}


def assert_method(did: str, epoch: int) -> str:
    """Return the verification method URL of an institution's credential key of an epoch."""
    return f"{did}#assert-{epoch}"
