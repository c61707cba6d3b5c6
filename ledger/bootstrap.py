"""The only place that wires ports to adapters."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, event
from sqlmodel import create_engine

from contracts import storage_slots
from ledger.adapters import clock_system
from ledger.adapters.evidence_folder import FolderEvidence
from ledger.adapters.keys_file import FileKeys
from ledger.credentials.issuing import Issuer
from ledger.credentials.slots import LABELS
from ledger.errors import Refused
from ledger.formats.secp256k1 import Address
from ledger.institutions.model import institution_id
from ledger.ports import Clock, Evidence, Keys
from ledger.settings import Settings

if TYPE_CHECKING:
    from ledger.adapters.chain_web3 import Web3Chain

NETWORK_FORMAT = "creditbank-network-1"
ASSERT_KEY = "assert-1"


@dataclass(frozen=True, slots=True)
class Network:
    """What everybody knows of a network: chain, registers, institutions (``network.json``)."""

    home: Path
    base_url: str
    genesis: dict[str, int]
    genesis_hash: str
    registers: dict[str, Address]
    institutions: dict[str, dict[str, Any]]

    @property
    def chain_id(self) -> int:
        """The chain's id."""
        return self.genesis["chain_id"]

    @property
    def members(self) -> Path:
        """The folder of the members' folders, where one machine plays several."""
        return self.home / "members"


@dataclass(slots=True)
class Member:
    """A member's opened folder: database, keys, evidence, identity."""

    home: Path
    network: Network
    slug: str
    did: str
    institution: bytes
    engine: Engine
    keys: Keys
    evidence: Evidence
    clock: Clock

    @property
    def issuer(self) -> Issuer:
        """The member as an issuer."""
        return Issuer(self.slug, self.did, self.institution, self.network.base_url, ASSERT_KEY, 1)

    def close(self) -> None:
        """Close the database."""
        self.engine.dispose()


def clock(settings: Settings) -> Clock:
    """Return the system's clock, or the fixed one that the settings ask for."""
    return clock_system.clock(settings.clock)


def storage_layout() -> dict[str, dict[str, int]]:
    """Return the slots that verifiers read, from the compiler's layout."""
    return {
        register: {name: storage_slots(register)[label] for name, label in labels.items()} for register, labels in LABELS.items()
    }


def load_network(home: Path) -> Network:
    """Read a network's folder.

    Raises:
        Refused: ``member-unknown`` if there is none.
    """
    try:
        data = json.loads((home / "network.json").read_text("utf-8"))
    except FileNotFoundError:
        raise Refused("member-unknown", home=str(home), why="no network here; `make demo` makes one") from None
    return Network(
        home=home,
        base_url=data["base_url"],
        genesis=data["genesis"],
        genesis_hash=data["genesis_hash"],
        registers=data["registers"],
        institutions=data["institutions"],
    )


def open_database(path: Path) -> Engine:
    """Open an SQLite database (WAL, synced at each commit) with its schema brought up to date."""
    path.parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(f"sqlite:///{path}", connect_args={"check_same_thread": False, "timeout": 30})

    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: Any) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
            connection.execute(f"PRAGMA {pragma}")

    upgrade(engine)
    return engine


def upgrade(engine: Engine) -> None:
    """Bring a database's schema to the newest migration."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def open_member(network: Network, slug: str, settings: Settings) -> Member:
    """Open a member's folder.

    Raises:
        Refused: ``member-unknown``, ``keystore-locked``, or ``development-only`` in production mode.
    """
    home = network.members / slug
    try:
        data = json.loads((home / "member.json").read_text("utf-8"))
    except FileNotFoundError:
        raise Refused("member-unknown", member=slug, members=" ".join(sorted(network.institutions))) from None
    return Member(
        home=home,
        network=network,
        slug=slug,
        did=data["did"],
        institution=institution_id(data["did"]),
        engine=open_database(home / "ledger.sqlite"),
        keys=FileKeys(home / "keys", passphrase(home, settings)),
        evidence=FolderEvidence(home / "evidence"),
        clock=clock(settings),
    )


def passphrase(home: Path, settings: Settings) -> str:
    """Return the key store's passphrase: from the settings, else from the folder (development only)."""
    if settings.passphrase is not None:
        return settings.passphrase
    settings.embedded_default("passphrase beside the key store")
    return (home / "passphrase").read_text("utf-8").strip()


def open_chain(network: Network, url: str) -> Web3Chain:
    """Return the chain's reader at a node's URL."""
    from ledger.adapters.chain_web3 import Web3Chain

    return Web3Chain(url, network.chain_id, bytes.fromhex(network.genesis_hash[2:]), network.registers)
