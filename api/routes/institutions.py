"""Institutions, their DID documents, the schemas and the public status lists."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from api.deps import OperatorDep, SessionDep
from ledger.credentials import relaying
from ledger.credentials.model import PublishedList
from ledger.errors import Refused
from ledger.formats import did, schemas
from ledger.formats.multikey import PublicKey
from ledger.indexer import service as indexer
from ledger.institutions.model import Purpose

router = APIRouter(tags=["institutions"])
ListNumber = Annotated[int, Path(ge=1, lt=1 << 53)]


class ListVersion(BaseModel):
    """A published version of a status list, with the issuer-signed list credential."""

    model_config = ConfigDict(extra="forbid")
    version: Annotated[int, Field(ge=1, lt=1 << 53)]
    encoded: str
    credential: dict[str, Any]


@router.get("/network")
def network(operator: OperatorDep) -> dict[str, Any]:
    """Return what everybody knows of the network."""
    known = operator.network
    return {
        "base_url": known.base_url,
        "genesis": known.genesis,
        "genesis_hash": known.genesis_hash,
        "registers": known.registers,
        "institutions": known.institutions,
    }


@router.get("/trust.json")
def trust(operator: OperatorDep) -> Response:
    """Return the signed trust file, byte for byte."""
    return Response(operator.trust_bytes, media_type="application/json")


@router.get("/institutions")
def list_institutions(operator: OperatorDep) -> list[dict[str, Any]]:
    """Return every institution's public profile."""
    return [{"id": slug, **entry["profile"]} for slug, entry in sorted(operator.network.institutions.items())]


@router.get("/institutions/{slug}/did.json")
def did_document(slug: str, operator: OperatorDep, session: SessionDep) -> dict[str, Any]:
    """Return an institution's DID document (did:web) with every credential key it ever registered."""
    entry = _institution(operator, slug)
    operator.catch_up()
    keys = {
        f"assert-{event.args['epoch']}": PublicKey("Ed25519", bytes.fromhex(event.args["key"][2:]))
        for event in indexer.events_named(session, "KeyAdded")
        if event.args["institution"] == "0x" + entry["institution"] and event.args["purpose"] == Purpose.ASSERT
    }
    return did.document(entry["did"], keys)


@router.get("/schemas/{name}.json")
def schema(name: str) -> dict[str, Any]:
    """Return a credential type's JSON Schema."""
    if name not in schemas.by_digest().values():
        raise Refused("not-found", schema=name[:80])
    return schemas.load(name)


@router.get("/status/{slug}/{number}")
def status_list(slug: str, number: ListNumber, session: SessionDep) -> dict[str, Any]:
    """Return the latest version of a status list as a signed BitstringStatusListCredential."""
    return relaying.latest_list(session, slug, number).credential


@router.post("/status/{slug}/{number}")
def publish_status_list(
    slug: str, number: ListNumber, body: ListVersion, operator: OperatorDep, session: SessionDep
) -> dict[str, Any]:
    """Keep a version for the public; only one whose digest stands on chain is taken."""
    entry = _institution(operator, slug)
    published = PublishedList(number, body.version, body.encoded)
    relaying.publish_list(session, operator.chain, bytes.fromhex(entry["institution"]), slug, published, body.credential)
    return {"list": number, "version": body.version}


def _institution(operator: OperatorDep, slug: str) -> dict[str, Any]:
    try:
        return operator.network.institutions[slug]
    except KeyError:
        raise Refused("institution-unknown", institution=slug[:80]) from None
