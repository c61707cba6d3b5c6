"""The operator's HTTP API."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from uuid import uuid4

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.routing import APIRoute

from api import problems
from api.limits import BodyLimit
from api.operator import OperatorState
from api.routes import chain, credentials, governance, health, institutions, relay, vc_api

_log = structlog.get_logger()


def create_app(operator: OperatorState) -> FastAPI:
    """Return the app of an operator."""
    app = FastAPI(
        title="creditbank",
        version="0.1.0",
        description="学分银行 · A credit bank: verify credential files, read the registers, relay signed messages.",
        generate_unique_id_function=_operation_name,
        docs_url=None,
        redoc_url=None,
    )
    app.state.operator = operator
    problems.install(app)
    app.add_middleware(BodyLimit)
    for module in (health, credentials, institutions, governance, chain, relay, vc_api):
        app.include_router(module.router)

    @app.middleware("http")
    async def _request_id(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        """Give every request an id, and log method, route and status: no query, no body, no address."""
        request.state.request_id = uuid4().hex
        begun = time.monotonic()
        response = await call_next(request)
        response.headers["x-request-id"] = request.state.request_id
        route = request.scope.get("route")
        _log.info(
            "request",
            request_id=request.state.request_id,
            method=request.method,
            route=getattr(route, "path", "unmatched"),
            status=response.status_code,
            ms=round((time.monotonic() - begun) * 1000, 1),
        )
        return response

    return app


def _operation_name(route: APIRoute) -> str:
    return route.name
