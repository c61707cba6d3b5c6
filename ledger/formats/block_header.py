"""Ethereum block headers: RLP to the few fields that a proof needs, and the block's hash."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import rlp
from rlp.exceptions import RLPException

from ledger.errors import Invalid
from ledger.formats.keccak import keccak256

_FIELDS = (
    "parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot", "logsBloom", "difficulty",
    "number", "gasLimit", "gasUsed", "timestamp", "extraData", "mixHash", "nonce", "baseFeePerGas", "withdrawalsRoot",
    "blobGasUsed", "excessBlobGas", "parentBeaconBlockRoot",
)  # fmt: skip
_INTEGERS = {"difficulty", "number", "gasLimit", "gasUsed", "timestamp", "baseFeePerGas", "blobGasUsed", "excessBlobGas"}


@dataclass(frozen=True, slots=True)
class Header:
    """What a proof reads of a header."""

    number: int
    timestamp: int
    state_root: bytes
    parent_hash: bytes
    block_hash: bytes


def encode(block: dict[str, Any]) -> bytes:
    """Return the RLP of a header from the JSON-RPC form of a Cancun block (values as hex text)."""
    fields = []
    for name in _FIELDS:
        text = block[name][2:]
        if name in _INTEGERS:
            number = int(text, 16)
            fields.append(number.to_bytes((number.bit_length() + 7) // 8, "big"))
        else:
            fields.append(bytes.fromhex(text))
    return bytes(rlp.encode(fields))


def decode(data: bytes) -> Header:
    """Read a header's RLP.

    Raises:
        Invalid: ``state-proof-invalid`` unless it is the canonical RLP of a header.
    """
    try:
        fields = rlp.decode(data)
        if rlp.encode(fields) != data or len(fields) < 15 or any(not isinstance(field, bytes) for field in fields):
            raise Invalid("state-proof-invalid", what="header")
    except (RLPException, TypeError, RecursionError) as error:
        raise Invalid("state-proof-invalid", what="header", why=str(error)[:100]) from error
    if len(fields[0]) != 32 or len(fields[3]) != 32:
        raise Invalid("state-proof-invalid", what="header")
    return Header(
        number=int.from_bytes(fields[8], "big"),
        timestamp=int.from_bytes(fields[11], "big"),
        state_root=fields[3],
        parent_hash=fields[0],
        block_hash=keccak256(data),
    )
