"""RFC 9457 problem documents from the one table of failures."""

from __future__ import annotations

from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from ledger.errors import FAILURES, Invalid, LedgerError, Refused, Unavailable

MEDIA_TYPE = "application/problem+json"
_log = structlog.get_logger()
_BY_STATUS = {404: "not-found", 405: "method-not-allowed"}


def problem(error: LedgerError, request_id: str) -> JSONResponse:
    """Return a failure as a problem document with both languages and the request's id."""
    failure = error.failure
    body: dict[str, Any] = {
        "type": f"/problems/{failure.code}",
        "title": failure.en,
        "title_zh": failure.zh,
        "status": failure.status,
        "detail": error.diagnostics(),
        "instance": f"/requests/{request_id}",
        "family": error.family,
        "details": {name: value for name, value in error.details.items() if isinstance(value, (str, int, float))},
    }
    headers = {"retry-after": str(error.retry_after)} if isinstance(error, Unavailable) else None
    return JSONResponse(body, failure.status, headers=headers, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Make every failure of an app a problem document; none leaks a traceback or a library's own form."""

    @app.exception_handler(LedgerError)
    def _ledger(request: Request, error: LedgerError) -> JSONResponse:
        return problem(error, _request_id(request))

    @app.exception_handler(RequestValidationError)
    def _validation(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        pointer = "/" + "/".join(str(part) for part in first["loc"])
        return problem(Invalid("request-invalid", field=pointer, why=first["msg"]), _request_id(request))

    @app.exception_handler(HTTPException)
    def _http(request: Request, error: HTTPException) -> JSONResponse:
        code = _BY_STATUS.get(error.status_code, "request-invalid")
        return problem(Refused(code), _request_id(request))

    @app.exception_handler(Exception)
    def _unexpected(request: Request, error: Exception) -> JSONResponse:
        _log.error("unexpected", request_id=_request_id(request), kind=type(error).__name__, exc_info=error)
        return problem(Refused("internal"), _request_id(request))


def catalogue_entry(code: str) -> dict[str, Any]:
    """Return what a problem type means.

    Raises:
        Refused: ``not-found``.
    """
    if code not in FAILURES:
        raise Refused("not-found", problem=code[:80])
    failure = FAILURES[code]
    return {"type": f"/problems/{code}", "status": failure.status, "title": failure.en, "title_zh": failure.zh}


def _request_id(request: Request) -> str:
    return str(getattr(request.state, "request_id", "unknown"))
