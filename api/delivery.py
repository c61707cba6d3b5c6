"""Writes sealed files: one seal for all credentials that share their status lists, one file a credential."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlmodel import Session

from ledger import bootstrap
from ledger.credentials import issuing, sealing, status
from ledger.credentials.model import Checkpoint
from ledger.credentials.rules import Policy, verdict
from ledger.credentials.tables import Batch, BatchState
from ledger.errors import Unavailable, Unverified
from ledger.formats import credential_file, trust_file
from ledger.formats.credential_file import Seal

if TYPE_CHECKING:
    from api.member import MemberProcess


def deliver(session: Session, process: MemberProcess, batch: Batch) -> bool:
    """Write every file of a sealed batch and say whether it is delivered; files of an earlier try are replaced.

    Raises:
        Unavailable: ``not-final`` until a quorum of witnesses has signed the anchor's block.
        Unverified: the first file does not verify; none is written.
    """
    member = process.member
    checkpoint = _checkpoint(process.operator.get("/checkpoints/latest"))
    if checkpoint.number > process.node.head.number:
        return False
    anchor = issuing.anchor_message(batch)
    key = member.keys.public(member.issuer.assert_key)
    profile = member.network.institutions[member.slug]["profile"]
    anchored = process.chain.call("CredentialRegistry", "anchorOf", anchor.batch, at=checkpoint.number)
    if anchored[1] == 0:
        raise Unavailable("not-final", retry_after=1, height=checkpoint.number)
    seals = {}
    for pair in issuing.lists_of(session, batch):
        lists = status.published(session, pair)
        members = sealing.build(process.chain, bootstrap.storage_layout(), anchor, [key], lists, profile, checkpoint)
        seals[pair] = Seal(members)
    folder = member.network.home / "credentials"
    folder.mkdir(exist_ok=True)
    _write(process, folder, issuing.files(session, member.keys, batch, seals))
    batch.state, batch.problem = BatchState.DELIVERED, None
    session.add(batch)
    session.commit()
    return True


def file_name(credential_id: str) -> str:
    """Return a credential's file name: its id, never a name or number."""
    return credential_id.removeprefix("urn:uuid:") + ".json"


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees the old bytes or the new ones, nothing between."""
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_bytes(data)
    temporary.replace(path)


def _write(process: MemberProcess, folder: Path, files: Any) -> None:
    checked = False
    for credential_id, data in files:
        if not checked:
            _require_good(process, data)
            checked = True
        write_whole(folder / file_name(credential_id), data)


def _require_good(process: MemberProcess, data: bytes) -> None:
    """Verify a file with the network's trust file, as its receiver will."""
    trust = trust_file.parse((process.member.network.home / "trust.json").read_bytes())
    policy = Policy(process.member.clock.now(), timedelta(days=1))
    answers = verdict(credential_file.parse(data), trust, policy)
    if answers.exit_code() == 1 or answers.integrity.answer != "pass":
        raise Unverified("state-proof-invalid", answers=str({name: value["code"] for name, value in answers.to_dict().items()}))


def _checkpoint(data: dict[str, Any]) -> Checkpoint:
    return Checkpoint(
        data["number"],
        bytes.fromhex(data["block_hash"]),
        bytes.fromhex(data["state_root"]),
        [bytes.fromhex(text) for text in data["signatures"]],
    )
