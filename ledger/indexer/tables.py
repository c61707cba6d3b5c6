"""What the indexer keeps."""

from __future__ import annotations

from typing import Any

from sqlmodel import JSON, Column, Field, SQLModel


class ChainEvent(SQLModel, table=True):
    """One event of a register."""

    __tablename__ = "chain_event"

    block: int = Field(primary_key=True)
    position: int = Field(primary_key=True)
    timestamp: int
    transaction: str
    source: str
    name: str = Field(index=True)
    args: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
