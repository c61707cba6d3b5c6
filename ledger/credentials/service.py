"""A registrar's acts: import to drafts, release by a second person, revoke, look up."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import uuid4

from sqlalchemy import func, insert, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from ledger.credentials.catalogue import Catalogue
from ledger.credentials.model import RevocationReason
from ledger.credentials.roster import Draft
from ledger.credentials.tables import Batch, BatchState, Credential, StatusList
from ledger.errors import Invalid, Refused
from ledger.formats import jcs
from ledger.institutions.tables import Account
from ledger.learners.service import open_accounts
from ledger.ports import Keys

ROW_CONTEXT = b"credential_row:"
_IMPORT_TRIES = 3


@dataclass(frozen=True, slots=True)
class Repetition:
    """A pair of learner and achievement that an earlier batch has released already."""

    credential: str
    batch: str


def account(session: Session, name: str, role: str) -> Account:
    """Return the account of a name (case does not matter) that holds a role.

    Raises:
        Refused: ``account-unknown`` or ``role-missing``.
    """
    found = session.exec(select(Account).where(func.lower(Account.name) == name.lower())).first()
    if found is None:
        raise Refused("account-unknown", name=name)
    if found.role != role:
        raise Refused("role-missing", name=found.name, role=role)
    return found


def import_drafts(
    session: Session, keys: Keys, drafts: Sequence[Draft], catalogue: Catalogue, source: bytes, by: str, now: datetime
) -> Batch:
    """Make a batch of drafts in one transaction; the same file and catalogue again give the same batch.

    Raises:
        Refused: ``account-unknown``, ``role-missing`` (the role is ``register``).
        Invalid: ``empty-batch``.
    """
    registrar = account(session, by, "register")
    if not drafts:
        raise Invalid("empty-batch")
    plain = catalogue.model_dump(mode="json")
    digest = sha256(sha256(source).digest() + jcs.digest(plain)).hexdigest()
    for _ in range(_IMPORT_TRIES):
        before = session.exec(select(Batch).where(Batch.source_digest == digest)).first()
        if before is not None:
            return before
        try:
            return _make_batch(session, keys, drafts, plain, digest, registrar.name, now)
        except IntegrityError:
            session.rollback()
    raise Refused("batch-state", why="another import of the same people is running; try again")


def _make_batch(
    session: Session, keys: Keys, drafts: Sequence[Draft], catalogue: dict[str, Any], digest: str, registrar: str, now: datetime
) -> Batch:
    people = {draft.number: _person(draft) for draft in drafts}
    learners = open_accounts(session, keys, people, now)
    batch = Batch(
        id=str(uuid4()),
        state=BatchState.DRAFT,
        source_digest=digest,
        size=len(drafts),
        catalogue=catalogue,
        imported_by=registrar,
        imported_at=now,
    )
    session.add(batch)
    session.flush()
    session.execute(insert(Credential), [_row(batch.id, position, draft, learners, keys) for position, draft in enumerate(drafts)])
    session.commit()
    session.refresh(batch)
    return batch


def release(session: Session, batch_id: str, by: str, now: datetime, *, again: bool = False) -> Batch:
    """Release a batch's drafts for signing; the approver is another person than the importer.

    Args:
        again: release although some learners hold the same achievement from an earlier batch.

    Raises:
        Refused: ``account-unknown``, ``role-missing`` (the role is ``approve``), ``same-person``, ``batch-unknown``,
            ``batch-state`` (with the number of repetitions, where that is why).
    """
    batch = session.get(Batch, batch_id)
    if batch is None:
        raise Refused("batch-unknown", batch=batch_id)
    known = session.exec(select(Account).where(func.lower(Account.name) == by.lower())).first()
    if known is not None and known.name == batch.imported_by:
        raise Refused("same-person", name=known.name)
    approver = account(session, by, "approve")
    if batch.state not in (BatchState.DRAFT, BatchState.RETURNED):
        if batch.released_by == approver.name:
            return batch
        raise Refused("batch-state", batch=batch_id, state=batch.state.value)
    repeated = repetitions(session, batch_id)
    if repeated and not again:
        raise Refused(
            "batch-state", batch=batch_id, repeated=len(repeated), first=repeated[0].credential, in_batch=repeated[0].batch
        )
    waiting = col(Batch.state).in_([BatchState.DRAFT, BatchState.RETURNED])
    released: dict[str, Any] = {
        "state": BatchState.RELEASED,
        "released_by": approver.name,
        "released_at": now,
        "anchor": None,
        "problem": None,
    }
    change = update(Batch).where(col(Batch.id) == batch_id, waiting)
    taken = session.execute(change.values(**released))
    session.commit()
    session.refresh(batch)
    if not taken.rowcount:  # type: ignore[attr-defined]  # two approvers at once: the first one's release stands
        raise Refused("batch-state", batch=batch_id, state=batch.state.value, released_by=batch.released_by)
    return batch


def repetitions(session: Session, batch_id: str) -> list[Repetition]:
    """Return what this batch would issue a second time: same learner, same achievement, not revoked since."""
    mine = select(Credential.learner_id, Credential.code).where(Credential.batch_id == batch_id).subquery()
    query = (
        select(Credential.id, Credential.batch_id)
        .join(mine, (col(Credential.learner_id) == mine.c.learner_id) & (col(Credential.code) == mine.c.code))
        .join(Batch, col(Batch.id) == Credential.batch_id)
        .where(Credential.batch_id != batch_id, Batch.state != BatchState.DRAFT, col(Credential.revoked_at).is_(None))
    )
    return [Repetition(credential, batch) for credential, batch in session.exec(query)]


def revoke(session: Session, keys: Keys, credential_id: str, reason: str, by: str, now: datetime) -> Credential:
    """Revoke a credential: its bit goes into the next version of its list; the reason is kept sealed.

    Raises:
        Refused: ``account-unknown``, ``role-missing``, ``credential-unknown``, ``batch-state``, ``already-revoked``.
        Invalid: ``reason-unknown`` with the reasons that exist.
    """
    registrar = account(session, by, "register")
    if reason not in set(RevocationReason):
        raise Invalid("reason-unknown", reason=reason, reasons=" ".join(RevocationReason))
    credential = session.get(Credential, normal_id(credential_id))
    if credential is None:
        raise Refused("credential-unknown", id=credential_id)
    if not credential.signed or credential.revocation_list is None:
        raise Refused("batch-state", batch=credential.batch_id, why="not issued yet")
    if credential.revoked_at is not None:
        raise Refused("already-revoked", id=credential.id)
    sealed = jcs.dumps({"reason": reason, "salt": secrets.token_hex(32)})
    kept = keys.seal(credential.learner_id, sealed, b"revocation:" + credential.id.encode())
    change = update(Credential).where(col(Credential.id) == credential.id, col(Credential.revoked_at).is_(None))
    taken = session.execute(change.values(revoked_at=now, revoked_by=registrar.name, revocation_reason=kept))
    session.execute(update(StatusList).where(col(StatusList.number) == credential.revocation_list).values(dirty=True))
    session.commit()
    session.refresh(credential)
    if not taken.rowcount:  # type: ignore[attr-defined]
        raise Refused("already-revoked", id=credential.id)
    return credential


def normal_id(text: str) -> str:
    """Return a credential id in its full form; the UUID alone is enough."""
    return text if text.startswith("urn:uuid:") else f"urn:uuid:{text.lower()}"


def _person(draft: Draft) -> dict[str, Any]:
    return {"number": draft.number, "name": draft.name, "document": draft.document, "phone": draft.phone, "email": draft.email}


def _row(batch_id: str, position: int, draft: Draft, learners: dict[str, str], keys: Keys) -> dict[str, Any]:
    credential_id, learner = f"urn:uuid:{uuid4()}", learners[draft.number]
    return {
        "id": credential_id,
        "batch_id": batch_id,
        "position": position,
        "learner_id": learner,
        "code": draft.code,
        "salt": secrets.token_bytes(32),
        "sealed": keys.seal(learner, jcs.dumps(asdict(draft)), ROW_CONTEXT + credential_id.encode()),
        "signed": False,
    }
