"""Alembic's environment: migrates over the connection that ``bootstrap`` hands in."""

from __future__ import annotations

from alembic import context
from sqlmodel import SQLModel

import ledger.credentials.tables
import ledger.evidence.tables
import ledger.governance.tables
import ledger.indexer.tables
import ledger.institutions.tables
import ledger.learners.tables
import ledger.outbox.tables  # noqa: F401 - each import declares its tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
