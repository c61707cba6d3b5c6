"""Opens learner accounts: what names the person is sealed under the person's own key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import insert
from sqlmodel import Session, col, select

from ledger.formats import jcs
from ledger.learners.tables import LearnerAccount
from ledger.ports import Keys

_CHUNK = 500
_CONTEXT = b"learner_account"


def open_accounts(session: Session, keys: Keys, people: Mapping[str, Mapping[str, Any]], now: datetime) -> dict[str, str]:
    """Return the account id of each student number, opening the missing accounts.

    Args:
        people: what is known of each person, by student number; it is sealed, never stored in clear.
    """
    indexes = {keys.blind_index(number): number for number in people}
    ids = {indexes[index]: account for index, account in _existing(session, indexes)}
    fresh = {number: str(uuid4()) for number in people if number not in ids}
    keys.new_subject_keys(list(fresh.values()))
    rows = [
        {
            "id": account,
            "number_index": keys.blind_index(number),
            "sealed": keys.seal(account, jcs.dumps(dict(people[number])), _CONTEXT),
            "created_at": now,
        }
        for number, account in fresh.items()
    ]
    if rows:
        session.execute(insert(LearnerAccount), rows)
    return ids | fresh


def person(keys: Keys, account: LearnerAccount) -> dict[str, Any]:
    """Return what is known of a person.

    Raises:
        Refused: ``evidence-erased`` once the person's key was destroyed.
    """
    known: dict[str, Any] = jcs.loads(keys.unseal(account.id, account.sealed, _CONTEXT))
    return known


def _existing(session: Session, indexes: Iterable[str]) -> Iterable[tuple[str, str]]:
    wanted = list(indexes)
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        query = select(LearnerAccount.number_index, LearnerAccount.id).where(col(LearnerAccount.number_index).in_(part))
        yield from session.exec(query)
