"""A learner's account in a member's database."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Column, Field, SQLModel

from ledger.tables import UtcDateTime


class LearnerAccount(SQLModel, table=True):
    """One person at one member; ``id`` is random, the number is found by a keyed digest, the rest is sealed."""

    __tablename__ = "learner_account"

    id: str = Field(primary_key=True)
    number_index: str = Field(unique=True)
    sealed: bytes
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
