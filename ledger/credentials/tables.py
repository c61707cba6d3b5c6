"""Batches, credentials and status lists in a member's database; manifests and list versions at the operator."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import JSON, Column, Field, SQLModel

from ledger.tables import UtcDateTime


class BatchState(StrEnum):
    """How far a batch has come; each step can be resumed, none can happen twice."""

    DRAFT = "draft"
    RELEASED = "released"
    SIGNED = "signed"
    ANCHORING = "anchoring"
    SEALED = "sealed"
    DELIVERED = "delivered"
    RETURNED = "returned"


class Batch(SQLModel, table=True):
    """One import of a roster, from draft to delivery."""

    __tablename__ = "batch"

    id: str = Field(primary_key=True)
    state: BatchState = Field(index=True)
    source_digest: str = Field(unique=True)
    size: int
    catalogue: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    imported_by: str
    imported_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    released_by: str | None = None
    released_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    anchor: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    manifest: bytes | None = None
    anchored_at: int | None = None
    anchor_gas: int | None = None
    problem: str | None = None


class Credential(SQLModel, table=True):
    """One credential; ``sealed`` holds the draft row and later the signed document, under the learner's key."""

    __tablename__ = "credential"
    __table_args__ = (
        UniqueConstraint("batch_id", "position"),
        UniqueConstraint("revocation_list", "revocation_index"),
        UniqueConstraint("suspension_list", "suspension_index"),
    )

    id: str = Field(primary_key=True)
    batch_id: str = Field(foreign_key="batch.id", index=True)
    position: int
    learner_id: str = Field(foreign_key="learner_account.id", index=True)
    code: str
    salt: bytes
    sealed: bytes
    signed: bool = Field(default=False)
    evidence: str | None = None
    leaf: bytes | None = None
    revocation_list: int | None = None
    revocation_index: int | None = None
    suspension_list: int | None = None
    suspension_index: int | None = None
    revoked_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    revoked_by: str | None = None
    revocation_reason: bytes | None = None


class StatusList(SQLModel, table=True):
    """One of a member's status lists: what is published, what is staged for the chain, whether more has changed."""

    __tablename__ = "status_list"

    number: int = Field(primary_key=True)
    purpose: str
    registrar: str
    dirty: bool = Field(default=True)
    version: int = Field(default=0)
    encoded: str = Field(default="")
    staged_version: int = Field(default=0)
    staged_encoded: str = Field(default="")
    announced: int = Field(default=0)


class StatusVersion(SQLModel, table=True):
    """A published version of any institution's status list, kept by the operator."""

    __tablename__ = "status_version"

    institution: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    version: int = Field(primary_key=True)
    encoded: str
    credential: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


class ManifestRequest(SQLModel, table=True):
    """A manifest that waits for custodians, or has them, at the operator."""

    __tablename__ = "manifest_request"

    digest: str = Field(primary_key=True)
    institution: str
    request: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    body: bytes
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class CustodySignature(SQLModel, table=True):
    """A custodian's signature over a manifest's batch."""

    __tablename__ = "custody_signature"

    digest: str = Field(primary_key=True)
    institution: str = Field(primary_key=True)
    signature: str


class HeldManifest(SQLModel, table=True):
    """A manifest of another member that this member holds in custody."""

    __tablename__ = "held_manifest"

    digest: str = Field(primary_key=True)
    institution: str
    body: bytes
    held_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
