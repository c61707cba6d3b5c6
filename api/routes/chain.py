"""The chain for witnesses and members: blocks to re-execute, raw transactions, checkpoints."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api.deps import OperatorDep, SessionDep
from ledger.errors import Refused
from ledger.governance import checkpoints

router = APIRouter(tags=["chain"])
_MAX_BLOCKS = 500


class RawTransaction(BaseModel):
    """A signed transaction of anybody's own; the relay can be walked around."""

    model_config = ConfigDict(extra="forbid")
    raw: Annotated[str, Field(pattern=r"^0x([0-9a-f]{2})+$", max_length=262_144)]


class WitnessSignature(BaseModel):
    """A witness's signature over a block."""

    model_config = ConfigDict(extra="forbid")
    number: Annotated[int, Field(ge=1, lt=1 << 53)]
    block_hash: Annotated[str, Field(pattern=r"^0x[0-9a-f]{64}$")]
    state_root: Annotated[str, Field(pattern=r"^0x[0-9a-f]{64}$")]
    signature: Annotated[str, Field(pattern=r"^[0-9a-f]{130}$")]


class WitnessReport(BaseModel):
    """What a witness has signed since its last report."""

    model_config = ConfigDict(extra="forbid")
    signatures: Annotated[list[WitnessSignature], Field(max_length=500)]


@router.get("/chain/blocks")
def blocks(operator: OperatorDep, after: Annotated[int, Query(ge=0, lt=1 << 53)] = 0) -> dict[str, Any]:
    """Return the next blocks above a height, with their raw transactions, to be re-executed."""
    found = operator.node.blocks(after, _MAX_BLOCKS)
    return {"head": operator.node.head.number, "blocks": [block.to_dict() for block in found]}


@router.post("/chain/transactions", status_code=201)
def submit_transaction(body: RawTransaction, operator: OperatorDep) -> dict[str, Any]:
    """Put a raw signed transaction into the next block."""
    block = operator.node.submit(body.raw, int(operator.clock.now().timestamp()))
    return {"block": block.number}


@router.post("/checkpoints", status_code=201)
def report_checkpoints(body: WitnessReport, operator: OperatorDep, session: SessionDep) -> dict[str, int]:
    """Keep a witness's signatures of blocks of this very history."""
    for entry in body.signatures:
        known = operator.node.blocks(entry.number - 1, 1)
        if not known or (known[0].block_hash, known[0].state_root) != (entry.block_hash, entry.state_root):
            raise Refused("chain-forked", height=entry.number, witnessed=entry.block_hash)
        block = (entry.number, entry.block_hash, entry.state_root)
        checkpoints.record(session, operator.trust.domain, operator.trust.witnesses, block, entry.signature)
    return {"accepted": len(body.signatures)}


@router.get("/checkpoints/latest")
def latest_checkpoint(operator: OperatorDep, session: SessionDep) -> dict[str, Any]:
    """Return the latest block that a quorum of witnesses has signed."""
    found = operator.checkpoint(session)
    return {
        "number": found.number,
        "block_hash": found.block_hash.hex(),
        "state_root": found.state_root.hex(),
        "signatures": [signature.hex() for signature in found.signatures],
    }
