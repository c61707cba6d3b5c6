"""Verify a credential file, and give a file's holder a fresh seal; neither needs an account."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from api.deps import OperatorDep, SessionDep
from ledger.credentials import relaying, sealing
from ledger.credentials.model import PublishedList
from ledger.credentials.rules import Policy, verdict
from ledger.errors import Invalid
from ledger.formats import credential_file
from ledger.formats.credential_file import AnchorMessage

router = APIRouter(tags=["credentials"])
Hex32 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class AnchorBody(BaseModel):
    """The five members that name a batch."""

    model_config = ConfigDict(extra="forbid")
    institution: Hex32
    root: Hex32
    count: Annotated[int, Field(ge=1, lt=1 << 53)]
    schema_: Annotated[Hex32, Field(alias="schema")]
    manifest: Hex32


class SealRequest(BaseModel):
    """What a refresh needs to know of a file: nothing of the credential or its holder."""

    model_config = ConfigDict(extra="forbid")
    anchor: AnchorBody
    keys: Annotated[list[Hex32], Field(min_length=1, max_length=16)]
    lists: Annotated[list[Annotated[int, Field(ge=1, lt=1 << 53)]], Field(min_length=1, max_length=8)]


@router.post(
    "/verify",
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}},
)
async def verify(
    request: Request, operator: OperatorDep, max_age_days: Annotated[int | None, Query(ge=0, le=36_500)] = None
) -> dict[str, Any]:
    """Answer the five questions about a credential file; 400 only for what is no credential file."""
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > credential_file.MAX_BYTES:
            raise Invalid("too-large", limit=f"{credential_file.MAX_BYTES} bytes")
    file = credential_file.parse(bytes(data))
    days = operator.max_status_days if max_age_days is None else max_age_days
    policy = Policy(now=operator.clock.now(), max_status_age=timedelta(days=days))
    answers = await run_in_threadpool(verdict, file, operator.trust, policy)
    return answers.to_dict()


@router.post("/seals")
def make_seal(body: SealRequest, operator: OperatorDep, session: SessionDep) -> dict[str, Any]:
    """Return the public members of a credential file anew, proved at the latest checkpoint."""
    anchor = AnchorMessage.from_dict(body.anchor.model_dump(by_alias=True))
    slug, profile = operator.profile(body.anchor.institution)
    lists = [relaying.latest_list(session, slug, number) for number in body.lists]
    return sealing.build(
        operator.chain,
        operator.trust.storage_layout,
        anchor,
        [bytes.fromhex(key) for key in body.keys],
        [PublishedList(entry.number, entry.version, entry.encoded) for entry in lists],
        profile,
        operator.checkpoint(session),
    )
