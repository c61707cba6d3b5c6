"""The steps from a released batch to sealed files; each can be resumed, none can happen twice.

``sign`` → ``request_custody`` → ``stage_anchor`` → (outbox) → ``settle_anchor`` → ``seal`` and ``files``.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any, cast

from sqlmodel import Session, col, select

from ledger.credentials import badge, model, service, status
from ledger.credentials.catalogue import Catalogue
from ledger.credentials.model import MESSAGE_DAYS, anchor_words
from ledger.credentials.roster import Draft
from ledger.credentials.tables import Batch, BatchState, Credential
from ledger.errors import Invalid
from ledger.evidence import service as evidence_service
from ledger.formats import data_integrity, jcs, merkle, schemas
from ledger.formats.cid import Cid
from ledger.formats.credential_file import AnchorMessage, Seal, leaf_member
from ledger.formats.data_integrity import TemplateSigner
from ledger.formats.eip712 import Domain
from ledger.formats.proof import Suite
from ledger.institutions.model import assert_method
from ledger.outbox import service as outbox
from ledger.outbox.tables import OutboxMessage, OutboxState
from ledger.ports import Evidence, Keys

CHUNK = 500
DOCUMENT_CONTEXT = b"credential_document:"
_SCHEMA = schemas.MICRO_CREDENTIAL


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who issues: names, addresses, the credential key and its registry epoch."""

    slug: str
    did: str
    institution: bytes
    base_url: str
    assert_key: str
    assert_epoch: int


@dataclass(frozen=True, slots=True)
class Tools:
    """The ports that issuing needs."""

    keys: Keys
    evidence: Evidence


def sign(session: Session, tools: Tools, issuer: Issuer, batch: Batch, now: datetime) -> Iterator[int]:
    """Sign what is unsigned, a chunk a transaction, and yield how many are signed so far.

    A chunk's evidence is durable before its rows are written; a crash in between costs orphaned ciphertext only.
    """
    catalogue = Catalogue.model_validate(batch.catalogue)
    signer = _Signer(tools.keys, issuer, catalogue, batch)
    done = batch.size - _count_unsigned(session, batch.id)
    while chunk := _unsigned(session, batch.id):
        rows = [
            Draft(**jcs.loads(tools.keys.unseal(row.learner_id, row.sealed, _context(service.ROW_CONTEXT, row)))) for row in chunk
        ]
        for purpose in badge.PURPOSES:
            pairs = status.draw_indexes(session, purpose, len(chunk), batch.imported_by)
            for row, (number, index) in zip(chunk, pairs, strict=True):
                setattr(row, f"{purpose}_list", number)
                setattr(row, f"{purpose}_index", index)
        plain = [(row.learner_id, _evidence(row, draft, batch)) for row, draft in zip(chunk, rows, strict=True)]
        cids = evidence_service.store(session, tools.evidence, tools.keys, plain, now)
        for row, draft, cid in zip(chunk, rows, cids, strict=True):
            document = signer.sign(row, draft, cid)
            row.evidence = cid
            row.leaf = merkle.leaf_hash(row.salt, sha256(document).digest())
            row.sealed = tools.keys.seal(row.learner_id, document, document_context(row.id))
            row.signed = True
            session.add(row)
        session.commit()
        for row in chunk:
            session.expunge(row)
        done += len(chunk)
        yield done
    batch.state = BatchState.SIGNED
    session.add(batch)
    session.commit()


def prepare_anchor(
    session: Session, keys: Keys, issuer: Issuer, domain: Domain, key_of: Callable[[str], str], batch: Batch, now: datetime
) -> Batch:
    """Build the manifest and have both persons' keys sign the Anchor message under one nonce."""
    leaves, cids = _leaves(session, batch.id)
    body = model.manifest(issuer.institution, schemas.digest(_SCHEMA), leaves, cids)
    message = {
        "institution": issuer.institution.hex(),
        "root": merkle.Tree(leaves).root.hex(),
        "count": len(leaves),
        "schema": schemas.digest(_SCHEMA).hex(),
        "manifest": sha256(body).hexdigest(),
        "nonce": secrets.randbits(256),
        "deadline": int((now + timedelta(days=MESSAGE_DAYS)).timestamp()),
    }
    digest = domain.digest("Anchor", anchor_words(message))
    registrar, approver = (keys.sign_digest(key_of(str(name)), digest).hex() for name in (batch.imported_by, batch.released_by))
    batch.manifest = body
    batch.anchor = {"message": {**message, "nonce": str(message["nonce"])}, "registrar": registrar, "approver": approver}
    batch.state = BatchState.ANCHORING
    session.add(batch)
    session.commit()
    return batch


def stage_anchor(session: Session, batch: Batch, custodians: Sequence[tuple[str, str]], now: datetime) -> None:
    """Write the anchor with all four signatures to the outbox, once per nonce.

    Args:
        custodians: two (institution id, signature), both hex.
    """
    anchor = batch.anchor or {}
    message = _message(batch)
    args = [
        [f"0x{value}" if isinstance(value, str) else value for value in message.values()],
        "0x" + anchor["registrar"],
        "0x" + anchor["approver"],
        [["0x" + institution, "0x" + signature] for institution, signature in custodians],
    ]
    outbox.put(session, _outbox_key(batch), "CredentialRegistry", "anchor", args, now)
    session.commit()


def settle_anchor(session: Session, batch: Batch) -> bool:
    """Take over the outbox's outcome and say whether the batch is anchored; a refused one goes back to the approver."""
    message = session.get(OutboxMessage, _outbox_key(batch))
    if message is None or message.state is OutboxState.PENDING:
        return False
    outcome = message.outcome or {}
    if message.state is OutboxState.REFUSED:
        batch.state, batch.problem = BatchState.RETURNED, str(outcome.get("why"))
    else:
        batch.state, batch.problem = BatchState.SEALED, None
        batch.anchored_at, batch.anchor_gas = outcome.get("timestamp"), outcome.get("gas_used")
    session.add(batch)
    session.commit()
    return batch.state is BatchState.SEALED


def anchor_message(batch: Batch) -> AnchorMessage:
    """Return the five members that name the batch on chain."""
    return AnchorMessage.from_dict(_message(batch))


def document_context(credential_id: str) -> bytes:
    """Return what a sealed document is bound to, so that it cannot be moved to another row."""
    return DOCUMENT_CONTEXT + credential_id.encode()


def lists_of(session: Session, batch: Batch) -> list[tuple[int, int]]:
    """Return the distinct (revocation list, suspension list) pairs of a batch's credentials."""
    query = select(Credential.revocation_list, Credential.suspension_list).where(Credential.batch_id == batch.id).distinct()
    return sorted((int(first or 0), int(second or 0)) for first, second in session.exec(query))


def files(session: Session, keys: Keys, batch: Batch, seals: dict[tuple[int, int], Seal]) -> Iterator[tuple[str, bytes]]:
    """Yield (credential id, file bytes) of a sealed batch; ``seals`` by the lists that a credential names."""
    leaves, _ = _leaves(session, batch.id)
    tree = merkle.Tree(leaves)
    query = select(Credential).where(Credential.batch_id == batch.id).order_by(col(Credential.position))
    for row in session.exec(query.execution_options(yield_per=CHUNK)):
        yield row.id, file_of(keys, row, tree, seals[int(row.revocation_list or 0), int(row.suspension_list or 0)])


def file_of(keys: Keys, row: Credential, tree: merkle.Tree, seal: Seal) -> bytes:
    """Return one credential's file."""
    document = keys.unseal(row.learner_id, row.sealed, document_context(row.id))
    return seal.around(document, leaf_member(row.salt, row.position, tree.count, tree.path(row.position)))


class _Signer:
    """Signs the credentials of a batch; what they share is built once, and each achievement's terms are checked once."""

    def __init__(self, keys: Keys, issuer: Issuer, catalogue: Catalogue, batch: Batch) -> None:
        self._keys, self._issuer, self._catalogue = keys, issuer, catalogue
        self._valid_from: datetime = batch.released_at  # type: ignore[assignment]  # set at release
        self._profile = badge.profile(catalogue.issuer, issuer.did)
        self._achievements = {entry.code: badge.achievement(entry, issuer.did) for entry in catalogue.achievements}
        self._templates: dict[str, TemplateSigner] = {}

    def sign(self, row: Credential, draft: Draft, cid: Cid) -> bytes:
        """Return the JCS bytes of the signed credential."""
        places = ((row.revocation_list, row.revocation_index), (row.suspension_list, row.suspension_index))
        revocation, suspension = (self._entry(int(number or 0), int(index or 0)) for number, index in places)
        document = badge.build(
            credential_id=row.id,
            issuer=self._profile,
            achievement=self._achievements[draft.code],
            recipient=badge.Recipient(draft.name, draft.number, secrets.token_hex(32)),
            awarded_on=date.fromisoformat(draft.completed_on),
            valid_from=self._valid_from,
            status=(revocation, suspension),
            evidence=cid,
            base_url=self._issuer.base_url,
        )
        return jcs.dumps(self._template(draft.code, document).sign(document))

    def _entry(self, number: int, index: int) -> badge.StatusEntry:
        return badge.StatusEntry(number, badge.status_url(self._issuer.base_url, self._issuer.slug, number), index)

    def _template(self, code: str, document: dict[str, Any]) -> TemplateSigner:
        if code not in self._templates:
            violation = schemas.violation(_SCHEMA, {**document, "proof": {}})
            entry = self._catalogue.achievement(code)
            if violation or entry is None:
                raise Invalid("catalogue-invalid", field=code, why=violation or "unknown code")
            suite = cast("Suite", entry.suite or self._catalogue.suite)
            method = assert_method(self._issuer.did, self._issuer.assert_epoch)
            options = data_integrity.proof_options(suite, method, badge.utc_text(self._valid_from))
            self._templates[code] = TemplateSigner(document, options, self._sign_bytes)
        return self._templates[code]

    def _sign_bytes(self, data: bytes) -> bytes:
        return self._keys.sign_ed25519(self._issuer.assert_key, data)


def _evidence(row: Credential, draft: Draft, batch: Batch) -> bytes:
    """Return the evidence of a credential: the row as the office sent it, and where it came from."""
    return jcs.dumps(
        {
            "format": "creditbank-evidence-1",
            "credential": row.id,
            "row": {name: value for name, value in asdict(draft).items() if value is not None},
            "source": batch.source_digest,
            "imported_by": batch.imported_by,
            "released_by": batch.released_by,
        }
    )


def _unsigned(session: Session, batch_id: str) -> Sequence[Credential]:
    query = select(Credential).where(Credential.batch_id == batch_id, col(Credential.signed).is_(False))
    return session.exec(query.order_by(col(Credential.position)).limit(CHUNK)).all()


def _count_unsigned(session: Session, batch_id: str) -> int:
    query = select(Credential.id).where(Credential.batch_id == batch_id, col(Credential.signed).is_(False))
    return len(session.exec(query).all())


def _leaves(session: Session, batch_id: str) -> tuple[list[bytes], list[Cid]]:
    query = select(Credential.leaf, Credential.evidence).where(Credential.batch_id == batch_id).order_by(col(Credential.position))
    rows = session.exec(query).all()
    return [bytes(leaf or b"") for leaf, _ in rows], [Cid(str(cid)) for _, cid in rows]


def _message(batch: Batch) -> dict[str, Any]:
    message: dict[str, Any] = (batch.anchor or {})["message"]
    return {**message, "nonce": int(message["nonce"])}


def _outbox_key(batch: Batch) -> str:
    return f"anchor:{batch.id}:{_message(batch)['nonce']}"


def _context(prefix: bytes, row: Credential) -> bytes:
    return prefix + row.id.encode()
