"""The operator's part: manifests until they have custodians, and published status lists. It signs nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from ledger.credentials import custody
from ledger.credentials.model import PublishedList, anchor_words
from ledger.credentials.tables import CustodySignature, ManifestRequest, StatusVersion
from ledger.errors import Invalid, Refused, Unverified
from ledger.formats import status_list
from ledger.ports import Chain

CUSTODIANS = 2


def accept_manifest(session: Session, chain: Chain, request: Mapping[str, Any], body: bytes, now: datetime) -> ManifestRequest:
    """Keep a manifest whose anchor both persons of the issuer have signed; again is the same.

    Raises:
        Invalid, Unverified, Refused: as ``custody.check_request``.
    """
    message = custody.check_request(chain, request, body)
    digest, institution = message["manifest"], message["institution"]
    if not isinstance(digest, bytes) or not isinstance(institution, bytes):
        raise Invalid("request-invalid", field="message")
    found = session.get(ManifestRequest, digest.hex())
    if found is None:
        found = ManifestRequest(
            digest=digest.hex(), institution=institution.hex(), request=dict(request), body=body, created_at=now
        )
    else:
        found.request = dict(request)
    session.add(found)
    session.commit()
    session.refresh(found)
    return found


def awaiting(session: Session, institution: str) -> list[ManifestRequest]:
    """Return the manifests that still need custodians and that this institution (hex id) has not signed."""
    signed = select(CustodySignature.digest).where(CustodySignature.institution == institution)
    query = select(ManifestRequest).where(ManifestRequest.institution != institution, col(ManifestRequest.digest).not_in(signed))
    return [request for request in session.exec(query) if len(signatures(session, request.digest)) < CUSTODIANS]


def add_signature(session: Session, chain: Chain, digest: str, institution: str, signature: str) -> None:
    """Keep a custodian's signature once the registry says that its key may sign.

    Raises:
        Refused: ``not-found``, ``custodian-not-independent``, or what the registry says.
    """
    found = session.get(ManifestRequest, digest)
    if found is None:
        raise Refused("not-found", digest=digest)
    if institution == found.institution:
        raise Refused("custodian-not-independent", institution=institution)
    message = anchor_words({**found.request["message"], "nonce": int(found.request["message"]["nonce"])})
    key = custody.custody_signer(chain.domain("CredentialRegistry"), message, signature)
    custody.require_custodian(chain, bytes.fromhex(institution), key)
    if session.get(CustodySignature, (digest, institution)) is None:
        session.add(CustodySignature(digest=digest, institution=institution, signature=signature))
        session.commit()


def signatures(session: Session, digest: str) -> list[tuple[str, str]]:
    """Return the (institution, signature) pairs of a manifest's custodians."""
    query = select(CustodySignature).where(CustodySignature.digest == digest).order_by(col(CustodySignature.institution))
    return [(row.institution, row.signature) for row in session.exec(query)]


def publish_list(
    session: Session, chain: Chain, institution: bytes, slug: str, entry: PublishedList, credential: Mapping[str, Any]
) -> None:
    """Keep a status list's version for the public, once the chain holds its digest.

    Raises:
        Unverified: ``status-list-malformed`` if the chain holds another digest.
    """
    _, digest = chain.call("CredentialRegistry", "statusOf", institution, entry.number, entry.version)
    subject = credential.get("credentialSubject")
    same = isinstance(subject, Mapping) and subject.get("encodedList") == entry.encoded
    if bytes(digest) != status_list.digest(entry.encoded) or not same:
        raise Unverified("status-list-malformed", list=entry.number, version=entry.version)
    status_list.decode(entry.encoded)
    if session.get(StatusVersion, (slug, entry.number, entry.version)) is None:
        row = StatusVersion(
            institution=slug, number=entry.number, version=entry.version, encoded=entry.encoded, credential=dict(credential)
        )
        session.add(row)
        session.commit()


def latest_list(session: Session, slug: str, number: int) -> StatusVersion:
    """Return the latest published version of a list.

    Raises:
        Refused: ``not-found``.
    """
    query = select(StatusVersion).where(StatusVersion.institution == slug, StatusVersion.number == number)
    found = session.exec(query.order_by(col(StatusVersion.version).desc())).first()
    if found is None:
        raise Refused("not-found", institution=slug, list=number)
    return found
