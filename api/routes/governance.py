"""Proposals and where they stand; what decides is on chain."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import select

from api.deps import OperatorDep, SessionDep
from ledger.errors import Invalid
from ledger.governance.model import ProposalState, calls_digest
from ledger.governance.tables import ProposalText

router = APIRouter(tags=["governance"])
Hex = Annotated[str, Field(pattern=r"^0x([0-9a-f]{2})*$", max_length=65_536)]


class NewProposal(BaseModel):
    """The calls behind a proposal that stands on chain."""

    model_config = ConfigDict(extra="forbid")
    id: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    title_zh: Annotated[str, Field(min_length=1, max_length=200)]
    title_en: Annotated[str, Field(min_length=1, max_length=200)]
    calls: Annotated[list[tuple[Hex, Hex]], Field(max_length=32)]
    propose: list[Any]


@router.post("/proposals", status_code=201)
def open_proposal(body: NewProposal, operator: OperatorDep, session: SessionDep) -> dict[str, Any]:
    """Open a signed proposal on chain and publish its calls."""
    calls = [list(call) for call in body.calls]
    try:
        stated = body.propose[0][2]
    except (IndexError, TypeError) as error:
        raise Invalid("request-invalid", field="/propose") from error
    if stated != "0x" + calls_digest(calls).hex():
        raise Invalid("request-invalid", field="/calls", why="not the calls of the proposal")
    receipt = operator.relay.send("Committee", "propose", body.propose)
    session.add(ProposalText(id=body.id, title_zh=body.title_zh, title_en=body.title_en, calls=calls))
    session.commit()
    return {"id": body.id, "block": receipt.block}


@router.get("/proposals")
def proposals(operator: OperatorDep, session: SessionDep) -> list[dict[str, Any]]:
    """Return every proposal with its calls and its tally on chain."""
    found = []
    for text in session.exec(select(ProposalText)).all():
        state, yes, *_ = operator.chain.call("Committee", "tallyOf", bytes.fromhex(text.id))
        found.append(
            {
                "id": text.id,
                "title": {"zh": text.title_zh, "en": text.title_en},
                "calls": text.calls,
                "state": ProposalState(state).name.lower(),
                "yes": yes,
            }
        )
    return found
