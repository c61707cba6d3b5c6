"""Names and numbers of the committee, equal to the contract's."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Any

from eth_abi.abi import encode

from ledger.formats.keccak import keccak256


class Sector(IntEnum):
    """The sector a member votes for; an evaluator votes but is no sector."""

    NONE = 0
    GOVERNMENT = 1
    COLLEGE = 2
    ENTERPRISE = 3


class Choice(IntEnum):
    """A member's vote."""

    YES = 1
    NO = 2
    ABSTAIN = 3


class ProposalState(IntEnum):
    """Where a proposal stands."""

    NONE = 0
    OPEN = 1
    ADOPTED = 2
    EXECUTED = 3


def calls_digest(calls: Sequence[Sequence[Any]]) -> bytes:
    """Return keccak256(abi.encode(Call[])) of calls in their JSON form."""
    values = [(target, bytes.fromhex(data[2:])) for target, data in calls]
    return keccak256(encode(["(address,bytes)[]"], [values]))
