"""Proposals at the operator, and what a witness has signed."""

from __future__ import annotations

from typing import Any

from sqlmodel import JSON, Column, Field, SQLModel


class ProposalText(SQLModel, table=True):
    """The calls behind a proposal's digest, with its title; what is voted on stands on chain."""

    __tablename__ = "proposal_text"

    id: str = Field(primary_key=True)
    title_zh: str
    title_en: str
    calls: list[Any] = Field(sa_column=Column(JSON, nullable=False))


class WitnessedBlock(SQLModel, table=True):
    """A block that this member re-executed; the row is written before the checkpoint is signed."""

    __tablename__ = "witnessed_block"

    number: int = Field(primary_key=True)
    block_hash: str
    state_root: str
    reported: bool = Field(default=False, index=True)


class CheckpointSignature(SQLModel, table=True):
    """A witness's signature over a block, kept by the operator."""

    __tablename__ = "checkpoint_signature"

    number: int = Field(primary_key=True)
    witness: str = Field(primary_key=True)
    signature: str
