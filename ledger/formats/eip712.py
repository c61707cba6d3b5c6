"""EIP-712 messages of flat structs (``bytes32``, ``uintN``, ``address``), the only kind that the bank signs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from ledger.errors import Invalid
from ledger.formats.keccak import keccak256
from ledger.formats.secp256k1 import Address

Value = int | bytes | str
_DOMAIN = "EIP712Domain(string name,string version,uint256 chainId"
_NAME = keccak256(b"creditbank")
_VERSION = keccak256(b"1")

TYPES: dict[str, str] = {
    "Anchor": "Anchor(bytes32 institution,bytes32 root,uint64 count,bytes32 schema,bytes32 manifest,uint256 nonce,uint64 deadline)",
    "Custody": "Custody(bytes32 root,uint64 count,bytes32 manifest)",
    "PublishStatus": "PublishStatus(bytes32 institution,uint64 list,uint64 version,bytes32 digest,uint256 nonce,uint64 deadline)",
    "AddKey": "AddKey(bytes32 institution,uint8 purpose,uint8 algorithm,bytes32 key,uint64 from,uint256 nonce,uint64 deadline)",
    "CloseKey": "CloseKey(bytes32 institution,uint8 purpose,bytes32 key,uint64 until,uint64 cutOff,uint256 nonce,uint64 deadline)",
    "Proposal": "Proposal(bytes32 proposer,uint8 class,bytes32 calls,uint64 closesAt,uint256 nonce)",
    "Vote": "Vote(bytes32 proposal,bytes32 member,uint8 choice)",
    "Checkpoint": "Checkpoint(uint256 chainId,bytes32 genesisHash,uint64 number,bytes32 blockHash,bytes32 stateRoot)",
    "TrustFile": "TrustFile(bytes32 digest)",
}


@dataclass(frozen=True)
class Domain:
    """The EIP-712 domain of one register on one chain; ``register`` is absent for checkpoints and trust files."""

    chain_id: int
    genesis_hash: bytes
    register: Address | None = None

    @cached_property
    def separator(self) -> bytes:
        """The 32-byte domain separator; the salt is the genesis hash."""
        contract = ",address verifyingContract" if self.register else ""
        parts = [keccak256(f"{_DOMAIN}{contract},bytes32 salt)".encode()), _NAME, _VERSION, self.chain_id.to_bytes(32, "big")]
        if self.register:
            parts.append(_word("address", self.register))
        return keccak256(b"".join([*parts, self.genesis_hash]))

    def digest(self, name: str, message: Mapping[str, Value]) -> bytes:
        """Return the digest to sign for a message of one of ``TYPES``."""
        return keccak256(b"\x19\x01" + self.separator + struct_hash(name, message))


def struct_hash(name: str, message: Mapping[str, Value]) -> bytes:
    """Return the EIP-712 struct hash of a message.

    Raises:
        Invalid: ``request-invalid`` for a member missing, unknown, of a wrong kind or out of range.
    """
    signature = TYPES[name]
    members = [member.split(" ") for member in signature[len(name) + 1 : -1].split(",")]
    if set(message) != {label for _, label in members}:
        raise Invalid("request-invalid", field=name, why="members differ from the type's")
    words = [_word(kind, message[label]) for kind, label in members]
    return keccak256(keccak256(signature.encode()) + b"".join(words))


def _word(kind: str, value: Value) -> bytes:
    if kind == "bytes32" and isinstance(value, bytes) and len(value) == 32:
        return value
    if kind == "address" and isinstance(value, str) and len(value) == 42:
        return bytes(12) + bytes.fromhex(value[2:])
    is_number = kind.startswith("uint") and isinstance(value, int) and not isinstance(value, bool)
    if is_number and isinstance(value, int) and 0 <= value < 1 << int(kind[4:]):
        return value.to_bytes(32, "big")
    raise Invalid("request-invalid", field=kind, why="the value does not fit the type")
