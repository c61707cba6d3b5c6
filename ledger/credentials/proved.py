"""From a file's bytes to proved facts: checkpoint → header → state → slots, and leaf → root (no IO)."""

from __future__ import annotations

from enum import IntEnum

from ledger.credentials import slots
from ledger.errors import Invalid, Unverified
from ledger.formats import block_header, jcs, merkle, secp256k1, state_proof
from ledger.formats.credential_file import CredentialFile
from ledger.formats.eip712 import Value
from ledger.formats.trust_file import TrustFile


class AnchorState(IntEnum):
    """Where an anchored batch stands."""

    NONE = 0
    ANCHORED = 1
    DISPUTED = 2
    DISAVOWED = 3


class ProvedState:
    """The registers' storage at the checkpointed block, as far as the file proves it."""

    def __init__(self, file: CredentialFile, trust: TrustFile, header: block_header.Header) -> None:
        self.layout: slots.Layout = trust.storage_layout
        self.timestamp = header.timestamp
        self._pools = {}
        self._roots = {}
        for register, nodes in file.account_proofs.items():
            pool = state_proof.NodePool(header.state_root, nodes)
            self._pools[register] = pool
            address = bytes.fromhex(trust.registers[register][2:])
            self._roots[register] = state_proof.storage_root(pool, header.state_root, address)

    def word(self, register: str, slot: bytes) -> int:
        """Return the proved word of a register's slot; 0 if it is proved empty.

        Raises:
            Unverified: ``state-proof-invalid`` if the file does not prove it.
        """
        return state_proof.storage_word(self._pools[register], self._roots[register], slot)


def prove_finality(file: CredentialFile, trust: TrustFile) -> ProvedState:
    """Check the header against the checkpoint, the checkpoint against the witnesses, and the nodes against the state.

    Raises:
        Unverified: ``checkpoint-invalid`` or ``state-proof-invalid``.
        Invalid: a malformed header or signature.
    """
    stated = file.checkpoint
    header = block_header.decode(file.header)
    expected = {
        "chain_id": trust.chain_id,
        "genesis_hash": trust.genesis_hash.hex(),
        "number": header.number,
        "block_hash": header.block_hash.hex(),
        "state_root": header.state_root.hex(),
    }
    if stated != expected:
        raise Unverified("checkpoint-invalid", why="the checkpoint is of another block or chain")
    message: dict[str, Value] = {
        "chainId": trust.chain_id,
        "genesisHash": trust.genesis_hash,
        "number": header.number,
        "blockHash": header.block_hash,
        "stateRoot": header.state_root,
    }
    digest = trust.domain.digest("Checkpoint", message)
    try:
        signers = [secp256k1.recover(digest, signature) for signature in file.checkpoint_signatures]
    except Invalid as error:
        raise Unverified("checkpoint-invalid", why=error.code) from error
    ordered = list(file.checkpoint_signatures) == sorted(set(file.checkpoint_signatures))
    if not ordered or len(set(signers)) != len(signers) or not set(signers) <= set(trust.witnesses) or len(signers) < trust.quorum:
        raise Unverified("checkpoint-invalid", signers=len(set(signers)), quorum=trust.quorum)
    return ProvedState(file, trust, header)


def prove_anchor(file: CredentialFile, state: ProvedState) -> AnchorState:
    """Check that the batch is anchored with the stated time, not after the proved block.

    Raises:
        Unverified: ``not-anchored`` or ``state-proof-invalid``.
    """
    try:
        word = state.word(slots.CREDENTIALS, slots.anchor(state.layout, file.anchor.batch))
    except Unverified as error:
        raise Unverified("not-anchored", why=error.code) from error
    time, anchored = slots.unpack_anchor(word)
    known = anchored in list(AnchorState) and AnchorState(anchored) is not AnchorState.NONE
    if not known or time != file.anchor_time or time > state.timestamp or file.anchor.count != file.count:
        raise Unverified("not-anchored")
    return AnchorState(anchored)


def prove_leaf(file: CredentialFile) -> None:
    """Check that the credential, with its proofs and salt, is a leaf of the anchored root.

    Raises:
        Unverified: ``merkle-invalid``.
    """
    leaf = merkle.leaf_hash(file.salt, jcs.digest(file.credential))
    if merkle.root_from_path(leaf, file.index, file.count, file.path) != file.anchor.root:
        raise Unverified("merkle-invalid")
