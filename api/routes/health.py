"""Is it up, is it ready, and what a problem type means."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from api import problems
from api.deps import OperatorDep, SessionDep
from ledger.governance import checkpoints
from ledger.indexer import service as indexer

router = APIRouter(tags=["health"])


@router.get("/healthz")
def healthz() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "ok"}


@router.get("/readyz")
def readyz(operator: OperatorDep, session: SessionDep) -> dict[str, Any]:
    """Say how far chain and witnesses are; 503 if the node or the database does not answer."""
    height, timestamp = operator.chain.head()
    final = checkpoints.latest(session, operator.trust.quorum)
    return {"status": "ready", "height": height, "timestamp": timestamp, "final": final[0] if final else 0}


@router.get("/problems/{code}")
def explain_problem(code: str) -> dict[str, Any]:
    """Say what a problem type means, in both languages."""
    return problems.catalogue_entry(code)


@router.get("/statistics")
def statistics(operator: OperatorDep, session: SessionDep) -> dict[str, int]:
    """Count what the registers hold: anchored batches, the credentials in them, status-list versions."""
    operator.catch_up()
    anchored = indexer.events_named(session, "BatchAnchored")
    return {
        "anchors": len(anchored),
        "credentials": sum(event.args["count"] for event in anchored),
        "status_versions": len(indexer.events_named(session, "StatusPublished")),
    }
