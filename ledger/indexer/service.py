"""Reads the registers' events into the database."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from ledger.indexer.tables import ChainEvent
from ledger.ports import Chain


def catch_up(session: Session, chain: Chain) -> int:
    """Store the events above the highest stored block and return how many came."""
    last = session.exec(select(func.max(ChainEvent.block))).one() or 0
    events = chain.events(last) if chain.head()[0] > last else []
    for event in events:
        session.add(
            ChainEvent(
                block=event.block,
                position=event.index,
                timestamp=event.timestamp,
                transaction=event.transaction,
                source=event.register,
                name=event.name,
                args=dict(event.args),
            )
        )
    session.commit()
    return len(events)


def rebuild(session: Session, chain: Chain) -> int:
    """Drop the stored events and read all of them again."""
    session.execute(delete(ChainEvent))
    return catch_up(session, chain)


def events_named(session: Session, name: str) -> Sequence[ChainEvent]:
    """Return all stored events of a name, in chain order."""
    query = select(ChainEvent).where(ChainEvent.name == name)
    return session.exec(query.order_by(col(ChainEvent.block), col(ChainEvent.position))).all()
