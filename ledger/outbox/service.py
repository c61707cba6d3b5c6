"""Sends pending messages, oldest first; sending one twice is safe, because its nonce is accepted once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from ledger.errors import Refused
from ledger.outbox.tables import OutboxMessage, OutboxState
from ledger.ports import Relay

ALREADY_THERE = ("nonce-used", "already-anchored", "status-version")


def put(session: Session, key: str, register: str, function: str, args: Sequence[Any], now: datetime) -> None:
    """Write a message in the caller's transaction, once per key."""
    if session.get(OutboxMessage, key) is None:
        session.add(OutboxMessage(key=key, target=register, function=function, args=list(args), created_at=now))


def pump(session: Session, relay: Relay, confirm: Callable[[OutboxMessage], dict[str, Any] | None]) -> int:
    """Send what is pending and return how many messages were settled.

    Args:
        confirm: asks the chain whether a message that the register calls "already there" took effect; returns the
            outcome, or ``None`` if it did not.

    Raises:
        Unavailable: the relay or chain is down; nothing is lost, the next call goes on.
    """
    settled = 0
    query = select(OutboxMessage).where(OutboxMessage.state == OutboxState.PENDING).order_by(col(OutboxMessage.created_at))
    for message in session.exec(query).all():
        try:
            outcome: dict[str, Any] | None = asdict(relay.send(message.target, message.function, message.args))
            state = OutboxState.DONE
        except Refused as error:
            outcome = confirm(message) if error.code in ALREADY_THERE else None
            state = OutboxState.DONE if outcome is not None else OutboxState.REFUSED
            outcome = outcome if outcome is not None else {"code": error.code, "why": error.diagnostics()}
        message.state, message.outcome, message.attempts = state, outcome, message.attempts + 1
        session.add(message)
        session.commit()
        settled += 1
    return settled
