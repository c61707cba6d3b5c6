"""Custody: a member holds another's manifest and recomputes its root before it signs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlmodel import Session

from ledger.credentials.model import MANIFEST_FORMAT, anchor_words
from ledger.credentials.tables import HeldManifest
from ledger.errors import Invalid, LedgerError, Refused, Unverified
from ledger.formats import jcs, merkle, secp256k1
from ledger.formats.cid import is_cid
from ledger.formats.eip712 import Domain
from ledger.institutions.model import Purpose
from ledger.ports import Chain, Keys


def check_request(chain: Chain, request: Mapping[str, Any], body: bytes) -> dict[str, int | bytes]:
    """Return the Anchor message of a custody request, once both persons' signatures and the manifest hold.

    Args:
        request: ``{message, registrar, approver}`` as the issuer sent it.
        body: the manifest's bytes.

    Raises:
        Invalid: ``request-invalid`` with the field.
        Unverified: ``merkle-invalid`` if the manifest does not give the message's root.
        Refused: what the registry says of the institution, its accreditation and keys.
    """
    try:
        message = anchor_words({**request["message"], "nonce": int(request["message"]["nonce"])})
        digest = chain.domain("CredentialRegistry").digest("Anchor", message)
        registrar, approver = (
            secp256k1.key_word(secp256k1.recover(digest, bytes.fromhex(request[person]))) for person in ("registrar", "approver")
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Invalid("request-invalid", field="anchor", why=str(error)[:100]) from error
    chain.call("InstitutionRegistry", "requireIssuer", message["institution"], message["schema"], registrar, approver)
    _check_manifest(message, body)
    return message


def hold(
    session: Session, keys: Keys, domain: Domain, own: bytes, message: Mapping[str, int | bytes], body: bytes, now: datetime
) -> str:
    """Keep a checked manifest and return the custody signature (hex); the row is written before the key signs.

    Raises:
        Refused: ``custodian-not-independent`` for the member's own batch.
    """
    if message["institution"] == own:
        raise Refused("custodian-not-independent", institution=own.hex())
    digest = sha256(body).hexdigest()
    if session.get(HeldManifest, digest) is None:
        institution = message["institution"]
        assert isinstance(institution, bytes)  # noqa: S101 - checked by check_request
        session.add(HeldManifest(digest=digest, institution=institution.hex(), body=body, held_at=now))
        session.commit()
    custody = {name: message[name] for name in ("root", "count", "manifest")}
    return keys.sign_digest("custody", domain.digest("Custody", custody)).hex()


def custody_signer(domain: Domain, message: Mapping[str, int | bytes], signature: str) -> bytes:
    """Return the key (32 bytes) that made a custody signature.

    Raises:
        Invalid: a malformed signature.
    """
    custody = {name: message[name] for name in ("root", "count", "manifest")}
    try:
        raw = bytes.fromhex(signature)
    except ValueError as error:
        raise Invalid("signature-malformed") from error
    return secp256k1.key_word(secp256k1.recover(domain.digest("Custody", custody), raw))


def require_custodian(chain: Chain, institution: bytes, key: bytes) -> None:
    """Require that a key may sign for custody now.

    Raises:
        Refused: what the registry says.
    """
    chain.call("InstitutionRegistry", "requireKey", institution, int(Purpose.CUSTODY), key)


def _check_manifest(message: Mapping[str, int | bytes], body: bytes) -> None:
    try:
        manifest = jcs.loads_canonical(body)
        leaves = [bytes.fromhex(leaf) for leaf in manifest["leaves"]]
        known = set(manifest) == {"format", "institution", "schema", "leaves", "evidence"} and manifest["format"] == MANIFEST_FORMAT
        fits = len(manifest["evidence"]) == len(leaves) and all(len(leaf) == 32 for leaf in leaves)
        fits = fits and all(is_cid(cid) for cid in manifest["evidence"])
    except (LedgerError, KeyError, TypeError, ValueError) as error:
        raise Invalid("request-invalid", field="manifest", why=str(error)[:100]) from error
    if not known or not fits:
        raise Invalid("request-invalid", field="manifest", why="members or lengths are wrong")
    named = {name: message[name] for name in ("institution", "schema")}
    given = {name: bytes.fromhex(manifest[name]) for name in ("institution", "schema")}
    same = named == given and message["manifest"] == sha256(body).digest() and message["count"] == len(leaves)
    if not same or merkle.Tree(leaves).root != message["root"]:
        raise Unverified("merkle-invalid", why="the manifest does not give the message's root")
