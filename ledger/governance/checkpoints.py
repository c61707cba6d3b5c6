"""Checkpoints: a witness signs what it re-executed; a quorum of signatures makes a block final."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import func
from sqlmodel import Session, col, select

from ledger.errors import Invalid, Refused
from ledger.formats import secp256k1
from ledger.formats.eip712 import Domain, Value
from ledger.formats.secp256k1 import Address
from ledger.governance.tables import CheckpointSignature, WitnessedBlock
from ledger.ports import Keys


def digest(domain: Domain, number: int, block_hash: str, state_root: str) -> bytes:
    """Return the EIP-712 digest of a checkpoint; hashes as ``0x`` hex.

    Raises:
        Refused: ``state-proof-invalid`` for block 0, which is never checkpointed.
    """
    if number == 0:
        raise Refused("state-proof-invalid", why="block 0 is never checkpointed")
    message: dict[str, Value] = {
        "chainId": domain.chain_id,
        "genesisHash": domain.genesis_hash,
        "number": number,
        "blockHash": bytes.fromhex(block_hash[2:]),
        "stateRoot": bytes.fromhex(state_root[2:]),
    }
    return domain.digest("Checkpoint", message)


def witness(session: Session, number: int, block_hash: str, state_root: str) -> None:
    """Store a re-executed block before anything is signed for its height.

    Raises:
        Refused: ``chain-forked`` if another block was witnessed at this height.
    """
    stored = session.get(WitnessedBlock, number)
    if stored is None:
        session.add(WitnessedBlock(number=number, block_hash=block_hash, state_root=state_root))
        session.commit()
    elif (stored.block_hash, stored.state_root) != (block_hash, state_root):
        raise Refused("chain-forked", height=number, witnessed=stored.block_hash, now=block_hash)


def last_witnessed(session: Session) -> int:
    """Return the height of the last witnessed block, 0 if there is none."""
    return session.exec(select(func.max(WitnessedBlock.number))).one() or 0


def unreported(session: Session, keys: Keys, domain: Domain, limit: int = 200) -> list[tuple[WitnessedBlock, str]]:
    """Return witnessed blocks that the operator does not have yet, each with the witness's signature (hex)."""
    query = select(WitnessedBlock).where(col(WitnessedBlock.reported).is_(False)).order_by(col(WitnessedBlock.number))
    blocks = session.exec(query.limit(limit)).all()
    return [
        (block, keys.sign_digest("witness", digest(domain, block.number, block.block_hash, block.state_root)).hex())
        for block in blocks
    ]


def record(
    session: Session,
    domain: Domain,
    witnesses: Mapping[Address, str],
    block: tuple[int, str, str],
    signature: str,
) -> str:
    """Keep a witness's signature of (number, hash, state root) and return the witness's institution.

    Raises:
        Refused: ``checkpoint-invalid`` if no witness signed these very values.
    """
    try:
        signer = secp256k1.recover(digest(domain, *block), bytes.fromhex(signature))
    except (Invalid, ValueError) as error:
        raise Refused("checkpoint-invalid", number=block[0]) from error
    if signer not in witnesses:
        raise Refused("checkpoint-invalid", number=block[0], signer=signer)
    if session.get(CheckpointSignature, (block[0], signer)) is None:
        session.add(CheckpointSignature(number=block[0], witness=signer, signature=signature))
        session.commit()
    return witnesses[signer]


def latest(session: Session, quorum: int) -> tuple[int, Sequence[str]] | None:
    """Return the highest number that a quorum has signed, with the signatures in the witnesses' order."""
    counted = select(CheckpointSignature.number).group_by(col(CheckpointSignature.number))
    number = session.exec(select(func.max(counted.having(func.count() >= quorum).subquery().c.number))).one()
    if number is None:
        return None
    query = select(CheckpointSignature).where(CheckpointSignature.number == number)
    rows = session.exec(query.order_by(col(CheckpointSignature.witness))).all()
    return number, [row.signature for row in rows]
