"""The relay: signed messages to the registers, manifests to their custodians."""

from __future__ import annotations

import base64
import binascii
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api.deps import OperatorDep, SessionDep
from api.operator import RELAYED
from ledger.credentials import relaying
from ledger.credentials.tables import ManifestRequest
from ledger.errors import Invalid, Refused

router = APIRouter(tags=["relay"])
HexId = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Message(BaseModel):
    """A register call whose arguments carry the signatures that the contract checks."""

    model_config = ConfigDict(extra="forbid")
    register_: Annotated[str, Field(alias="register")]
    function: str
    args: Annotated[list[Any], Field(max_length=8)]


class Manifest(BaseModel):
    """A signed anchor with its manifest (base64), waiting for custodians."""

    model_config = ConfigDict(extra="forbid")
    request: dict[str, Any]
    body: Annotated[str, Field(max_length=64 << 20)]


class Custody(BaseModel):
    """A custodian's signature."""

    model_config = ConfigDict(extra="forbid")
    institution: HexId
    signature: Annotated[str, Field(pattern=r"^[0-9a-f]{130}$")]


@router.post("/relay/messages", status_code=201)
def relay_message(body: Message, operator: OperatorDep) -> dict[str, Any]:
    """Submit a signed message; sending it again is safe, because its nonce is accepted once."""
    if body.function not in RELAYED.get(body.register_, frozenset()):
        raise Refused("not-found", register=body.register_[:40], function=body.function[:40])
    receipt = operator.relay.send(body.register_, body.function, body.args)
    return {"receipt": asdict(receipt)}


@router.post("/manifests", status_code=202)
def offer_manifest(body: Manifest, operator: OperatorDep, session: SessionDep) -> dict[str, Any]:
    """Take a manifest into the operation of finding two custodians for it."""
    try:
        raw = base64.b64decode(body.body, validate=True)
    except binascii.Error as error:
        raise Invalid("request-invalid", field="/body", why="not base64") from error
    found = relaying.accept_manifest(session, operator.chain, body.request, raw, operator.clock.now())
    return _operation(session, found)


@router.get("/manifests")
def manifests_awaiting(awaiting: Annotated[str, Query(pattern=r"^[0-9a-f]{64}$")], session: SessionDep) -> list[dict[str, Any]]:
    """Return the manifests that an institution is asked to take into custody."""
    return [
        {"digest": found.digest, "request": found.request, "body": base64.b64encode(found.body).decode("ascii")}
        for found in relaying.awaiting(session, awaiting)[:4]
    ]


@router.post("/manifests/{digest}/custody", status_code=201)
def give_custody(digest: str, body: Custody, operator: OperatorDep, session: SessionDep) -> dict[str, Any]:
    """Keep a custodian's signature."""
    relaying.add_signature(session, operator.chain, digest, body.institution, body.signature)
    return _operation(session, session.get_one(ManifestRequest, digest))


@router.get("/operations/{digest}")
def operation(digest: str, session: SessionDep) -> dict[str, Any]:
    """Say how far the search for custodians is."""
    found = session.get(ManifestRequest, digest)
    if found is None:
        raise Refused("not-found", operation=digest[:80])
    return _operation(session, found)


def _operation(session: SessionDep, found: ManifestRequest) -> dict[str, Any]:
    signatures = relaying.signatures(session, found.digest)
    return {
        "operation": f"/operations/{found.digest}",
        "state": "done" if len(signatures) >= relaying.CUSTODIANS else "waiting",
        "custodians": [{"institution": institution, "signature": signature} for institution, signature in signatures],
    }
