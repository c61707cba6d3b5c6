"""Refuses request bodies over a limit before they are read into memory."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problems
from ledger.errors import Invalid

DEFAULT_BYTES = 2 << 20
LARGER = {"/manifests": 96 << 20}
VC_API_BYTES = 256 << 10


class BodyLimit:
    """ASGI middleware: at most 2 MiB a request, 96 MiB for manifests, 256 KiB of JSON-LD.

    What arrives is counted, whatever the header says.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on while it stays below its limit, else answer 413."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = VC_API_BYTES if scope["path"].startswith("/vc-api/") else LARGER.get(scope["path"], DEFAULT_BYTES)
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if not declared.isdigit() or int(declared) > limit:
            await self._refuse(scope, receive, send, limit)
            return
        messages: list[Message] = []
        received, more = 0, True
        while more:
            message = await receive()
            messages.append(message)
            received += len(message.get("body", b""))
            more = message["type"] == "http.request" and message.get("more_body", False)
            if received > limit:
                await self._refuse(scope, receive, send, limit)
                return

        async def replayed() -> Message:
            return messages.pop(0) if messages else await receive()

        await self._app(scope, replayed, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        response = problems.problem(Invalid("too-large", limit=f"{limit} bytes"), "refused")
        await response(scope, receive, send)
