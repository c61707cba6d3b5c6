"""A member's status lists: random indexes, and one published version for all that changed since the last."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from ledger.credentials.badge import PURPOSES
from ledger.credentials.model import MESSAGE_DAYS, PublishedList
from ledger.credentials.tables import Credential, StatusList
from ledger.errors import Refused
from ledger.formats import status_list
from ledger.formats.eip712 import Domain, Value
from ledger.outbox import service as outbox
from ledger.outbox.tables import OutboxMessage, OutboxState
from ledger.ports import Keys

_PAUSE = timedelta(minutes=1)
_FILL = status_list.ENTRIES * 9 // 10
_COLUMNS = {
    "revocation": (Credential.revocation_list, Credential.revocation_index),
    "suspension": (Credential.suspension_list, Credential.suspension_index),
}


def draw_indexes(session: Session, purpose: str, count: int, registrar: str) -> list[tuple[int, int]]:
    """Return ``count`` free (list, index) pairs drawn at random; a list that is nine tenths full is followed by a new one."""
    pairs: list[tuple[int, int]] = []
    while len(pairs) < count:
        current = _open_list(session, purpose, registrar)
        list_column, index_column = _COLUMNS[purpose]
        used = set(session.exec(select(index_column).where(list_column == current.number)))
        taken: set[int] = set()
        for _ in range(min(count - len(pairs), _FILL - len(used))):
            index = secrets.randbelow(status_list.ENTRIES)
            while index in used or index in taken:
                index = secrets.randbelow(status_list.ENTRIES)
            taken.add(index)
            pairs.append((current.number, index))
        if len(pairs) < count:
            _add_list(session, purpose, registrar)
    return pairs


def stage(session: Session, keys: Keys, domain: Domain, institution: bytes, key_of: Callable[[str], str], now: datetime) -> None:
    """Write a signed PublishStatus message for every list that changed and has none under way."""
    query = select(StatusList).where(StatusList.dirty, StatusList.staged_version == StatusList.version)
    for entry in session.exec(query).all():
        list_column, index_column = _COLUMNS[entry.purpose]
        chosen = select(index_column).where(list_column == entry.number, col(Credential.revoked_at).is_not(None))
        indexes = session.exec(chosen).all() if entry.purpose == "revocation" else []
        entry.staged_encoded = status_list.encode(index for index in indexes if index is not None)
        entry.staged_version, entry.dirty = entry.version + 1, False
        message: dict[str, Value] = {
            "institution": institution,
            "list": entry.number,
            "version": entry.staged_version,
            "digest": status_list.digest(entry.staged_encoded),
            "nonce": secrets.randbits(256),
            "deadline": int((now + timedelta(days=MESSAGE_DAYS)).timestamp()),
        }
        signature = keys.sign_digest(key_of(entry.registrar), domain.digest("PublishStatus", message))
        args = [[_json(value) for value in message.values()], "0x" + signature.hex()]
        outbox.put(session, _key(entry), "CredentialRegistry", "publishStatus", args, now)
        session.add(entry)
    session.commit()


def settle(session: Session, now: datetime) -> None:
    """Take over what the chain has accepted; a refused version is staged anew after a minute."""
    for entry in session.exec(select(StatusList).where(StatusList.staged_version > StatusList.version)).all():
        message = session.get(OutboxMessage, _key(entry))
        if message is not None and message.state is OutboxState.DONE:
            entry.version, entry.encoded = entry.staged_version, entry.staged_encoded
        elif message is not None and message.state is OutboxState.REFUSED and now - message.created_at > _PAUSE:
            session.delete(message)
            entry.staged_version, entry.dirty = entry.version, True
        session.add(entry)
    session.commit()


def published(session: Session, numbers: Sequence[int]) -> list[PublishedList]:
    """Return the published versions of these lists.

    Raises:
        Refused: ``status-version`` if one has none yet.
    """
    lists = []
    for number in numbers:
        entry = session.get_one(StatusList, number)
        if entry.version == 0:
            raise Refused("status-version", list=number)
        lists.append(PublishedList(entry.number, entry.version, entry.encoded))
    return lists


def _open_list(session: Session, purpose: str, registrar: str) -> StatusList:
    query = select(StatusList).where(StatusList.purpose == purpose).order_by(col(StatusList.number).desc())
    return session.exec(query).first() or _add_list(session, purpose, registrar)


def _add_list(session: Session, purpose: str, registrar: str) -> StatusList:
    """Add the next list of a purpose; revocation lists have odd numbers, suspension lists even ones."""
    existing = session.exec(select(func.count()).select_from(StatusList).where(StatusList.purpose == purpose)).one()
    entry = StatusList(number=2 * existing + PURPOSES.index(purpose) + 1, purpose=purpose, registrar=registrar)
    session.add(entry)
    session.flush()
    return entry


def _key(entry: StatusList) -> str:
    return f"status:{entry.number}:{entry.staged_version}"


def _json(value: Any) -> Any:
    return "0x" + value.hex() if isinstance(value, bytes) else value
