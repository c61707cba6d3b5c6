"""A JSON-RPC client for a node on loopback."""

from __future__ import annotations

from itertools import count
from typing import Any

import httpx

from ledger.errors import LedgerError, Refused, Unavailable


class Rpc:
    """Calls a node's JSON-RPC over one kept connection."""

    def __init__(self, url: str, timeout: float = 30.0) -> None:
        self.url = url
        self._ids = count(1)
        self._http = httpx.Client(timeout=timeout, trust_env=False)

    def __call__(self, method: str, *params: Any) -> Any:
        """Return a call's result.

        Raises:
            Unavailable: ``chain-unavailable`` if the node does not answer.
            Refused: ``reverted`` with the node's error, revert data included.
        """
        request = {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": list(params)}
        try:
            reply = self._http.post(self.url, json=request).json()
        except (httpx.HTTPError, ValueError) as error:
            raise Unavailable("chain-unavailable", why=str(error)) from error
        if "error" in reply:
            raise rpc_error(reply["error"])
        return reply["result"]

    def close(self) -> None:
        """Close the connection."""
        self._http.close()


def rpc_error(error: dict[str, Any]) -> LedgerError:
    """Turn a JSON-RPC error into ours; the revert data stays in ``details['data']``."""
    return Refused("reverted", why=str(error.get("message", ""))[:300], data=error.get("data"))
