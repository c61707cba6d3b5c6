"""The outbox table."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import JSON, Column, Field, SQLModel

from ledger.tables import UtcDateTime


class OutboxState(StrEnum):
    """Where a message stands."""

    PENDING = "pending"
    DONE = "done"
    REFUSED = "refused"


class OutboxMessage(SQLModel, table=True):
    """One signed message for a register; ``key`` makes writing it twice impossible."""

    __tablename__ = "outbox_message"

    key: str = Field(primary_key=True)
    target: str
    function: str
    args: list[Any] = Field(sa_column=Column(JSON, nullable=False))
    state: OutboxState = Field(default=OutboxState.PENDING, index=True)
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    attempts: int = Field(default=0)
    outcome: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
