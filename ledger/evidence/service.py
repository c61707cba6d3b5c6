"""Encrypts evidence with a fresh key an object, wrapped under the subject's key (P-07)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import insert
from sqlmodel import Session

from ledger.errors import Refused, Unverified
from ledger.evidence.tables import EvidenceObject
from ledger.formats.cid import Cid
from ledger.ports import Evidence, Keys

_CONTEXT = b"creditbank.evidence.1"
_WRAP = b"evidence_key"
_NONCE = 12


def store(session: Session, evidence: Evidence, keys: Keys, items: Sequence[tuple[str, bytes]], now: datetime) -> list[Cid]:
    """Encrypt and store (subject, plain bytes) and return the CIDs of the ciphertexts, in order.

    The objects are durable before the rows are written, so a row never names an object that is not there.
    """
    object_keys = [os.urandom(32) for _ in items]
    ciphertexts = [_encrypt(key, plain) for key, (_, plain) in zip(object_keys, items, strict=True)]
    cids = evidence.put_many(ciphertexts)
    rows = [
        {"cid": cid, "subject": subject, "wrapped_key": keys.seal(subject, key, _WRAP + cid.encode()), "created_at": now}
        for cid, key, (subject, _) in zip(cids, object_keys, items, strict=True)
    ]
    if rows:
        session.execute(insert(EvidenceObject), rows)
    return cids


def read(session: Session, evidence: Evidence, keys: Keys, cid: Cid) -> bytes:
    """Return the plain bytes of an evidence object.

    Raises:
        Refused: ``evidence-missing``, or ``evidence-erased`` once the subject's key was destroyed.
        Unverified: ``evidence-tampered``.
    """
    row = session.get(EvidenceObject, cid)
    if row is None:
        raise Refused("evidence-missing", cid=cid)
    key = keys.unseal(row.subject, row.wrapped_key, _WRAP + cid.encode())
    data = evidence.get(cid)
    try:
        return AESGCM(key).decrypt(data[:_NONCE], data[_NONCE:], _CONTEXT)
    except InvalidTag:
        raise Unverified("evidence-tampered", cid=cid) from None


def _encrypt(key: bytes, plain: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, _CONTEXT)
