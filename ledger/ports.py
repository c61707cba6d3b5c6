"""What the subjects need from outside, as protocols of primitives and ``formats`` types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from ledger.formats.cid import Cid
from ledger.formats.eip712 import Domain
from ledger.formats.secp256k1 import Address


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""
        ...


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a register, in chain order; ``args`` holds ids as ``0x`` hex and numbers as ``int``."""

    block: int
    timestamp: int
    transaction: str
    index: int
    register: str
    name: str
    args: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What including a transaction gave."""

    transaction: str
    block: int
    timestamp: int
    gas_used: int


class Chain(Protocol):
    """Reads the registers of one chain."""

    chain_id: int
    genesis_hash: bytes
    registers: Mapping[str, Address]

    def domain(self, register: str) -> Domain:
        """Return the EIP-712 domain of a register."""
        ...

    def call(self, register: str, function: str, *args: Any, at: int | None = None) -> Any:
        """Return what a view function gives at a height (default: the latest); structs come as tuples.

        Raises:
            Refused: the contract's error by its name in the table.
            Unavailable: ``chain-unavailable``.
        """
        ...

    def head(self) -> tuple[int, int]:
        """Return height and timestamp of the latest block."""
        ...

    def header(self, number: int) -> bytes:
        """Return the RLP of a block's header."""
        ...

    def proof(self, number: int, slots: Mapping[str, Sequence[bytes]]) -> dict[str, list[bytes]]:
        """Return for each register the trie nodes that prove its account and these slots at a block."""
        ...

    def events(self, after: int) -> list[Event]:
        """Return the registers' events above a height."""
        ...


class Relay(Protocol):
    """Submits a signed message of an institution to a register."""

    def send(self, register: str, function: str, args: Sequence[Any]) -> Receipt:
        """Submit and wait for inclusion.

        Raises:
            Refused: the contract's error by its name in the table; nothing was included.
            Unavailable: try again; sending the same message twice is safe.
        """
        ...


class Evidence(Protocol):
    """Keeps encrypted evidence by the CID of its bytes."""

    def put(self, data: bytes) -> Cid:
        """Store bytes durably and return their CID; storing the same bytes again changes nothing."""
        ...

    def put_many(self, items: Sequence[bytes]) -> list[Cid]:
        """Store many at once, durable as a whole when it returns."""
        ...

    def get(self, cid: Cid) -> bytes:
        """Return the bytes of a CID.

        Raises:
            Refused: ``evidence-missing``.
            Unverified: ``evidence-tampered`` if the store gives other bytes.
        """
        ...

    def has(self, cid: Cid) -> bool:
        """Say whether the store holds the bytes of a CID."""
        ...


class Keys(Protocol):
    """Holds one member's signing keys and the keys of its subjects; private bytes never leave it."""

    def public(self, name: str) -> bytes:
        """Return the 32-byte registry form of a key: Ed25519 public key, or left-padded address.

        Raises:
            Refused: ``key-missing``.
        """
        ...

    def sign_ed25519(self, name: str, data: bytes) -> bytes:
        """Return a 64-byte Ed25519 signature."""
        ...

    def sign_digest(self, name: str, digest: bytes) -> bytes:
        """Return a 65-byte secp256k1 signature of a digest."""
        ...

    def new_subject_keys(self, subjects: Sequence[str]) -> None:
        """Make a key for each subject that has none and never had one."""
        ...

    def seal(self, subject: str, data: bytes, context: bytes) -> bytes:
        """Encrypt for a subject: AES-256-GCM, ``context`` authenticated, nonce in front.

        Raises:
            Refused: ``evidence-erased`` if the subject's key was destroyed, ``key-missing`` if there was none.
        """
        ...

    def unseal(self, subject: str, sealed: bytes, context: bytes) -> bytes:
        """Decrypt what ``seal`` gave.

        Raises:
            Refused: ``evidence-erased`` or ``key-missing``.
            Unverified: ``evidence-tampered``.
        """
        ...

    def destroy(self, subject: str) -> None:
        """Destroy a subject's key for ever."""
        ...

    def blind_index(self, value: str) -> str:
        """Return a keyed digest by which an exact value can be found, in hex."""
        ...
