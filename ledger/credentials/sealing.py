"""Builds the seal: everything in a credential file but the credential and its leaf, proved at one checkpoint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ledger.credentials import slots
from ledger.credentials.model import Checkpoint, PublishedList
from ledger.errors import Refused, Unavailable
from ledger.formats.credential_file import AnchorMessage
from ledger.institutions.model import Accreditation, Kind, Purpose
from ledger.institutions.rules import is_accredited
from ledger.ports import Chain


def build(
    chain: Chain,
    layout: slots.Layout,
    anchor: AnchorMessage,
    keys: Sequence[bytes],
    lists: Sequence[PublishedList],
    profile: Mapping[str, Any],
    checkpoint: Checkpoint,
) -> dict[str, Any]:
    """Return the members ``anchor header account_proofs checkpoint status issuer issuer_keys``.

    Args:
        keys: the issuer's Ed25519 keys that the credentials are signed with.
        lists: the latest published versions of the status lists that the credentials name.
        checkpoint: a signed block at or after the anchor's.

    Raises:
        Refused: ``not-anchored``, ``key-not-live`` or ``not-accredited`` if the chain does not say what is needed.
        Unavailable: ``not-final`` if a list's version is newer than the checkpoint.
    """
    at, institution = checkpoint.number, anchor.institution
    anchored_at, state = chain.call("CredentialRegistry", "anchorOf", anchor.batch, at=at)
    if state == 0:
        raise Refused("not-anchored", batch=anchor.batch.hex(), height=at)
    for entry in lists:
        (version, _), _ = chain.call("CredentialRegistry", "statusOf", institution, entry.number, entry.version, at=at)
        if version != entry.version:
            raise Unavailable("not-final", list=entry.number, version=version, wanted=entry.version)
    record, _ = chain.call("InstitutionRegistry", "institutionOf", institution, at=at)
    period, accreditation = _period(chain, anchor, anchored_at, at)
    wanted = {
        slots.INSTITUTIONS: [
            slots.institution(layout, institution),
            slots.profile(layout, institution),
            *(slots.key(layout, institution, Purpose.ASSERT, key) for key in keys),
            slots.accreditation(layout, institution, anchor.schema, period),
        ],
        slots.CREDENTIALS: [
            slots.anchor(layout, anchor.batch),
            *(slots.status_head(layout, institution, entry.number) for entry in lists),
            *(slots.status_digest(layout, institution, entry.number, entry.version) for entry in lists),
        ],
    }
    proofs = chain.proof(at, wanted)
    return {
        "anchor": {"message": anchor.to_dict(), "time": anchored_at},
        "header": chain.header(at).hex(),
        "account_proofs": [{"register": name, "nodes": sorted(node.hex() for node in proofs[name])} for name in sorted(proofs)],
        "checkpoint": {
            "message": {
                "chain_id": chain.chain_id,
                "genesis_hash": chain.genesis_hash.hex(),
                "number": at,
                "block_hash": checkpoint.block_hash.hex(),
                "state_root": checkpoint.state_root.hex(),
            },
            "signatures": sorted(signature.hex() for signature in checkpoint.signatures),
        },
        "status": [{"list": entry.number, "version": entry.version, "encoded_list": entry.encoded} for entry in lists],
        "issuer": {
            "profile": dict(profile),
            "kind": Kind(record[0]).name.lower(),
            "registered_at": record[1],
            "suspended_at": record[2],
            "suspensions": record[3],
            "accreditation": {
                "period": period,
                "from": accreditation.start,
                "until": accreditation.until,
                "withdrawn_at": accreditation.withdrawn_at,
            },
        },
        "issuer_keys": [_key(chain, institution, key, at) for key in keys],
    }


def _period(chain: Chain, anchor: AnchorMessage, anchored_at: int, at: int) -> tuple[int, Accreditation]:
    """Return the accreditation period that covered the anchor's time."""
    periods, _ = chain.call("InstitutionRegistry", "accreditationOf", anchor.institution, anchor.schema, 0, at=at)
    for period in range(periods, 0, -1):
        _, record = chain.call("InstitutionRegistry", "accreditationOf", anchor.institution, anchor.schema, period, at=at)
        accreditation = Accreditation(*record)
        if is_accredited(accreditation, anchored_at):
            return period, accreditation
    raise Refused("not-accredited", schema=anchor.schema.hex(), at=anchored_at)


def _key(chain: Chain, institution: bytes, key: bytes, at: int) -> dict[str, Any]:
    _, epoch, start, until, cut_off = chain.call("InstitutionRegistry", "keyOf", institution, int(Purpose.ASSERT), key, at=at)
    if epoch == 0:
        raise Refused("key-not-live", key=key.hex())
    return {
        "purpose": "assert",
        "algorithm": "ed25519",
        "key": key.hex(),
        "epoch": epoch,
        "from": start,
        "until": until,
        "cut_off": cut_off,
    }
