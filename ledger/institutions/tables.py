"""Accounts of a member's people, and the operator's copy of public profiles."""

from __future__ import annotations

from sqlmodel import JSON, Column, Field, SQLModel


class Account(SQLModel, table=True):
    """A person of a member who may import or release; ``key`` names the person's key in the key store."""

    __tablename__ = "account"

    name: str = Field(primary_key=True)
    role: str
    key: str


class InstitutionProfile(SQLModel, table=True):
    """An institution's public profile, as its digest on chain attests."""

    __tablename__ = "institution_profile"

    slug: str = Field(primary_key=True)
    institution: str = Field(unique=True)
    profile: dict[str, object] = Field(sa_column=Column(JSON, nullable=False))
