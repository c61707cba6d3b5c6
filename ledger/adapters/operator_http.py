"""A member's line to the operator over HTTP: relay, journal, custody, checkpoints, proofs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from ledger.errors import FAILURES, Invalid, LedgerError, Refused, Unavailable, Unverified
from ledger.ports import Receipt

_RETRY_STATUS = 503


class Operator:
    """Calls the operator's API; every problem document becomes our own error again."""

    def __init__(self, url: str, timeout: float = 60.0) -> None:
        self.url = url.rstrip("/")
        self._http = httpx.Client(base_url=self.url, timeout=timeout, trust_env=False)

    def get(self, path: str, **query: Any) -> Any:
        """Return the JSON of a GET.

        Raises:
            Unavailable: ``operator-unavailable``.
            LedgerError: what the operator answered.
        """
        return self._call("GET", path, params=query)

    def post(self, path: str, body: Any) -> Any:
        """Return the JSON of a POST with a JSON body; errors as ``get``."""
        return self._call("POST", path, json=body)

    def send(self, register: str, function: str, args: Sequence[Any]) -> Receipt:
        """Submit a signed message through the relay (port ``Relay``)."""
        reply = self.post("/relay/messages", {"register": register, "function": function, "args": list(args)})
        return Receipt(**reply["receipt"])

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def _call(self, method: str, path: str, **options: Any) -> Any:
        try:
            response = self._http.request(method, path, **options)
        except httpx.HTTPError as error:
            raise Unavailable("operator-unavailable", url=self.url, why=type(error).__name__) from error
        if response.is_success:
            return response.json()
        raise _problem(response)


def _problem(response: httpx.Response) -> LedgerError:
    try:
        problem: Mapping[str, Any] = response.json()
        code = str(problem["type"]).rsplit("/", 1)[-1]
        details = dict(problem.get("details", {}))
    except (ValueError, KeyError, TypeError):
        return Unavailable("operator-unavailable", status=response.status_code)
    if code not in FAILURES:
        return Unavailable("operator-unavailable", status=response.status_code, answered=code)
    if response.status_code == _RETRY_STATUS:
        retry_after = int(response.headers.get("retry-after", "5"))
        named = {name: value for name, value in details.items() if name not in ("retry_after", "code")}
        return Unavailable(code, retry_after=retry_after, **named)
    family = {"invalid": Invalid, "unverified": Unverified}.get(str(problem.get("family")), Refused)
    return family(code, **details)
