"""What routes ask for: the operator's state and a database session."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, cast

from fastapi import Depends, Request
from sqlmodel import Session

from api.operator import OperatorState


def operator_of(request: Request) -> OperatorState:
    """Return the operator that serves this app."""
    return cast("OperatorState", request.app.state.operator)


OperatorDep = Annotated[OperatorState, Depends(operator_of)]


def session_of(operator: OperatorDep) -> Iterator[Session]:
    """Open one session for one request."""
    with Session(operator.engine) as session:
        yield session


SessionDep = Annotated[Session, Depends(session_of)]
