"""Proposals and votes: prepared and signed by members, texts kept by the operator, decided on chain."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from ledger.formats.eip712 import Domain, Value, struct_hash
from ledger.governance.model import Choice, calls_digest
from ledger.ports import Keys

VOTING_DAYS = 14


def propose(keys: Keys, domain: Domain, proposer: bytes, calls: Sequence[Sequence[Any]], now: datetime) -> tuple[str, list[Any]]:
    """Return a new proposal's id (hex) and the arguments of ``Committee.propose``, signed by the vote key."""
    message: dict[str, Value] = {
        "proposer": proposer,
        "class": 0,
        "calls": calls_digest(calls),
        "closesAt": int((now + timedelta(days=VOTING_DAYS)).timestamp()),
        "nonce": secrets.randbits(256),
    }
    signature = keys.sign_digest("vote", domain.digest("Proposal", message))
    proposal = ["0x" + value.hex() if isinstance(value, bytes) else value for value in message.values()]
    return struct_hash("Proposal", message).hex(), [proposal, "0x" + signature.hex()]


def vote(keys: Keys, domain: Domain, proposal: str, member: bytes, choice: Choice) -> list[Any]:
    """Return the arguments of ``Committee.castVote``, signed by the member's vote key."""
    message: dict[str, Value] = {"proposal": bytes.fromhex(proposal), "member": member, "choice": int(choice)}
    signature = keys.sign_digest("vote", domain.digest("Vote", message))
    return [["0x" + proposal, "0x" + member.hex(), int(choice)], "0x" + signature.hex()]
