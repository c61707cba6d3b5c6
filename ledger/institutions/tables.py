"""Accounts of a member's people."""

from __future__ import annotations

from sqlmodel import Field, SQLModel


class Account(SQLModel, table=True):
    """A person of a member who may import or release; ``key`` names the person's key in the key store."""

    __tablename__ = "account"

    name: str = Field(primary_key=True)
    role: str
    key: str
