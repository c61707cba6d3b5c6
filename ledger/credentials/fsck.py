"""Re-derives a member's records from sealed documents, evidence, manifests and the chain, and names every difference.

Each record is *reproduced*, *different*, *erased* (its person's key was destroyed) or *withheld* (its bytes are gone);
never one lump.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any

from sqlmodel import Session, col, select

from ledger.credentials import issuing, model
from ledger.credentials.tables import Batch, BatchState, Credential, HeldManifest, StatusList
from ledger.errors import LedgerError, Refused
from ledger.formats import jcs, merkle, schemas, status_list
from ledger.formats.cid import Cid
from ledger.ports import Chain, Evidence, Keys

_ANCHORED = (BatchState.SEALED, BatchState.DELIVERED)


class Outcome(StrEnum):
    """What re-deriving a record gave."""

    REPRODUCED = "reproduced"
    DIFFERENT = "different"
    ERASED = "erased"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class Finding:
    """One record and what re-deriving it gave; ``why`` names the difference."""

    kind: str
    id: str
    outcome: Outcome
    why: str = ""

    def to_dict(self) -> dict[str, str]:
        """Return the JSON form."""
        return {"kind": self.kind, "id": self.id, "outcome": self.outcome.value, "why": self.why}


def check(session: Session, keys: Keys, evidence: Evidence, chain: Chain, institution: bytes) -> Iterator[Finding]:
    """Yield a finding for every credential, evidence object, batch, status list and held manifest of a member."""
    query = select(Batch).where(col(Batch.state).in_(_ANCHORED)).order_by(col(Batch.imported_at))
    for batch in session.exec(query).all():
        yield from _batch(session, keys, evidence, chain, institution, batch)
    for entry in session.exec(select(StatusList).order_by(col(StatusList.number))).all():
        yield _status(session, chain, institution, entry)
    for held in session.exec(select(HeldManifest).order_by(col(HeldManifest.digest))).all():
        yield _held(held)


def _batch(session: Session, keys: Keys, evidence: Evidence, chain: Chain, institution: bytes, batch: Batch) -> Iterator[Finding]:
    leaves: list[bytes] = []
    cids: list[Cid] = []
    query = select(Credential).where(Credential.batch_id == batch.id).order_by(col(Credential.position))
    for row in session.exec(query).all():
        finding, leaf = _credential(keys, row)
        leaves.append(leaf)
        cids.append(Cid(row.evidence or ""))
        yield finding
        yield _evidence(evidence, cids[-1])
    yield _anchor(chain, institution, batch, leaves, cids)


def _credential(keys: Keys, row: Credential) -> tuple[Finding, bytes]:
    """Return the finding and the leaf: re-derived where the document opens, else the stored one."""
    stored = row.leaf or b""
    try:
        document = keys.unseal(row.learner_id, row.sealed, issuing.document_context(row.id))
    except Refused as error:
        outcome = Outcome.ERASED if error.code == "evidence-erased" else Outcome.WITHHELD
        return Finding("credential", row.id, outcome, error.code), stored
    except LedgerError as error:
        return Finding("credential", row.id, Outcome.DIFFERENT, f"sealed document: {error.code}"), stored
    leaf = merkle.leaf_hash(row.salt, sha256(document).digest())
    differs = _differing_columns(jcs.loads(document), row)
    if leaf != stored:
        differs.append("leaf")
    outcome = Outcome.DIFFERENT if differs else Outcome.REPRODUCED
    return Finding("credential", row.id, outcome, ", ".join(differs)), leaf


def _differing_columns(document: dict[str, Any], row: Credential) -> list[str]:
    revocation, suspension = document["credentialStatus"]
    stated = {
        "id": (document["id"], row.id),
        "code": (document["credentialSubject"]["achievement"]["humanCode"], row.code),
        "evidence": (document["evidence"]["id"], f"ipfs://{row.evidence}"),
        "revocation_index": (revocation["statusListIndex"], str(row.revocation_index)),
        "revocation_list": (revocation["statusListCredential"].rsplit("/", 1)[-1], str(row.revocation_list)),
        "suspension_index": (suspension["statusListIndex"], str(row.suspension_index)),
        "suspension_list": (suspension["statusListCredential"].rsplit("/", 1)[-1], str(row.suspension_list)),
    }
    return [name for name, (signed, stored) in stated.items() if signed != stored]


def _evidence(evidence: Evidence, cid: Cid) -> Finding:
    try:
        evidence.get(cid)
    except Refused as error:
        return Finding("evidence", cid, Outcome.WITHHELD, error.code)
    except LedgerError as error:
        return Finding("evidence", cid, Outcome.DIFFERENT, error.code)
    return Finding("evidence", cid, Outcome.REPRODUCED)


def _anchor(chain: Chain, institution: bytes, batch: Batch, leaves: list[bytes], cids: list[Cid]) -> Finding:
    schema = schemas.digest(schemas.MICRO_CREDENTIAL)
    body = model.manifest(institution, schema, leaves, cids)
    anchor = issuing.anchor_message(batch)
    differs = []
    if body != batch.manifest:
        differs.append("manifest")
    if sha256(batch.manifest or b"").digest() != anchor.manifest:
        differs.append("manifest digest")
    if not leaves or (merkle.Tree(leaves).root, len(leaves), schema, institution) != (
        anchor.root, anchor.count, anchor.schema, anchor.institution,
    ):  # fmt: skip
        differs.append("root")
    time, state = chain.call("CredentialRegistry", "anchorOf", anchor.batch)
    if state == 0 or time != batch.anchored_at:
        differs.append("anchor on chain")
    return Finding("batch", batch.id, Outcome.DIFFERENT if differs else Outcome.REPRODUCED, ", ".join(differs))


def _status(session: Session, chain: Chain, institution: bytes, entry: StatusList) -> Finding:
    name = f"{entry.purpose} {entry.number}"
    chosen = select(Credential.revocation_index).where(
        Credential.revocation_list == entry.number, col(Credential.revoked_at).is_not(None)
    )
    indexes = session.exec(chosen).all() if entry.purpose == "revocation" else []
    head, digest = chain.call("CredentialRegistry", "statusOf", institution, entry.number, entry.version)
    differs = []
    under_way = entry.dirty or entry.staged_version > entry.version
    if not under_way and status_list.encode(index for index in indexes if index is not None) != entry.encoded:
        differs.append("bits")
    if bytes(digest) != status_list.digest(entry.encoded):
        differs.append("digest on chain")
    if head[0] != entry.version:
        differs.append(f"version on chain is {head[0]}")
    return Finding("status list", name, Outcome.DIFFERENT if differs else Outcome.REPRODUCED, ", ".join(differs))


def _held(held: HeldManifest) -> Finding:
    same = sha256(held.body).hexdigest() == held.digest
    why = "" if same else "the bytes are not those of the digest that was signed"
    return Finding("held manifest", held.digest, Outcome.REPRODUCED if same else Outcome.DIFFERENT, why)
