"""Which evidence is held, and whose it is."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Column, Field, SQLModel

from ledger.tables import UtcDateTime


class EvidenceObject(SQLModel, table=True):
    """One encrypted object: its CID, the subject whose key wraps its own key, and that wrapped key."""

    __tablename__ = "evidence_object"

    cid: str = Field(primary_key=True)
    subject: str = Field(index=True)
    wrapped_key: bytes
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
