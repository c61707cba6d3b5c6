"""The operator: node, relay, indexer and public reads; it holds no key of any member."""

from __future__ import annotations

import json
import os
import threading
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlmodel import Session

from api.open_issuers import OpenIssuers
from hardhat_network.anvil import Genesis
from hardhat_network.node import ChainNode
from ledger import bootstrap
from ledger.credentials.model import Checkpoint
from ledger.errors import Refused, Unavailable
from ledger.formats import block_header, trust_file
from ledger.formats.trust_file import TrustFile
from ledger.governance import checkpoints
from ledger.indexer import service as indexer
from ledger.settings import Settings

if TYPE_CHECKING:
    from ledger.adapters.chain_web3 import Web3Chain, Web3Relay

RELAYED = {
    "CredentialRegistry": frozenset({"anchor", "publishStatus"}),
    "InstitutionRegistry": frozenset({"addKey", "closeKey"}),
    "Committee": frozenset({"propose", "castVote", "execute"}),
}


class OperatorState:
    """Everything the operator's process holds open.

    Raises:
        Refused: ``chain-forked``, ``member-unknown``, ``development-only``.
        Unavailable: ``chain-locked`` if an operator runs already.
    """

    def __init__(self, home: Path, settings: Settings) -> None:
        settings.embedded_default("embedded chain and relay key")
        self.network = bootstrap.load_network(home)
        self.folder = home / "operator"
        self.clock = bootstrap.clock(settings)
        self.max_status_days = settings.max_status_days
        self.node = ChainNode(self.folder / "chain", Genesis(**self.network.genesis))
        if self.node.genesis_hash != self.network.genesis_hash:
            self.node.close()
            raise Refused("chain-forked", what="genesis", stored=self.network.genesis_hash, now=self.node.genesis_hash)
        self.engine = bootstrap.open_database(self.folder / "operator.sqlite")
        self.chain: Web3Chain = bootstrap.open_chain(self.network, self.node.url)
        self.relay = self._open_relay()
        self.trust_bytes = (home / "trust.json").read_bytes() if (home / "trust.json").exists() else b""
        self._trust: TrustFile | None = None
        self._indexing = threading.Lock()
        self._settings = settings

    def _open_relay(self) -> Web3Relay:
        from ledger.adapters.chain_web3 import Web3Relay

        key = bytes.fromhex((self.folder / "relay.key").read_text("ascii").strip())
        return Web3Relay(self.chain, key, self.submit)

    @cached_property
    def open_issuers(self) -> OpenIssuers:
        """The open issuers of ``/vc-api``; refused in production mode."""
        return OpenIssuers(self._settings)

    @property
    def trust(self) -> TrustFile:
        """The network's trust file, checked once."""
        if self._trust is None:
            self._trust = trust_file.parse(self.trust_bytes)
        return self._trust

    def submit(self, raw: str) -> None:
        """Put a raw signed transaction into a block, through the journal."""
        self.node.submit(raw, int(self.clock.now().timestamp()))

    def profile(self, institution: str) -> tuple[str, dict[str, Any]]:
        """Return slug and public profile of an institution by its on-chain id (hex).

        Raises:
            Refused: ``institution-unknown``.
        """
        for slug, entry in self.network.institutions.items():
            if entry["institution"] == institution:
                return slug, entry["profile"]
        raise Refused("institution-unknown", institution=institution)

    def checkpoint(self, session: Session) -> Checkpoint:
        """Return the latest block that a quorum of witnesses has signed.

        Raises:
            Unavailable: ``not-final`` if there is none yet.
        """
        found = checkpoints.latest(session, self.trust.quorum)
        if found is None:
            raise Unavailable("not-final", retry_after=2)
        number, signatures = found
        header = block_header.decode(self.chain.header(number))
        return Checkpoint(number, header.block_hash, header.state_root, [bytes.fromhex(text) for text in signatures])

    def catch_up(self) -> None:
        """Bring the read models up to the chain's head."""
        with self._indexing, Session(self.engine) as session:
            indexer.catch_up(session, self.chain)

    def close(self) -> None:
        """Stop the node and close the database."""
        self.engine.dispose()
        self.node.close()


def write_endpoint(folder: Path, url: str) -> None:
    """Publish where a process listens, for others on this machine; written whole or not at all."""
    temporary = folder / "endpoint.json.new"
    temporary.write_text(json.dumps({"url": url, "pid": os.getpid()}), "utf-8")
    temporary.replace(folder / "endpoint.json")


def read_endpoint(folder: Path) -> str | None:
    """Return the URL of a process that published it."""
    try:
        url: str = json.loads((folder / "endpoint.json").read_text("utf-8"))["url"]
    except (FileNotFoundError, ValueError, KeyError):
        return None
    return url
