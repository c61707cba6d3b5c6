"""A member's own process: witness of the chain, custodian for others, issuer of its batches.

It opens no port. It follows the operator's journal on a node of its own, reads only that node, and sends signed
messages; what it has accepted it finishes by itself, however often it or its neighbours stop in between.
"""

from __future__ import annotations

import base64
import threading
from functools import cached_property
from typing import TYPE_CHECKING, Any

import structlog
from sqlmodel import Session, select

from api.delivery import deliver
from hardhat_network.anvil import Genesis
from hardhat_network.journal import Block
from hardhat_network.node import ChainNode
from ledger import bootstrap
from ledger.adapters.operator_http import Operator
from ledger.bootstrap import Member
from ledger.credentials import badge, custody, issuing, status
from ledger.credentials.tables import Batch, BatchState, StatusList
from ledger.errors import LedgerError, Refused, Unavailable
from ledger.formats import contexts, data_integrity
from ledger.formats.credential_file import AnchorMessage
from ledger.formats.eip712 import Domain
from ledger.governance import checkpoints
from ledger.institutions.model import assert_method
from ledger.institutions.tables import Account
from ledger.outbox import service as outbox
from ledger.outbox.tables import OutboxMessage

if TYPE_CHECKING:
    from ledger.adapters.chain_web3 import Web3Chain

IDLE_SECONDS = 0.3
_FATAL = "chain-forked"
_log = structlog.get_logger()


class MemberProcess:
    """One member at work.

    Raises:
        Unavailable: ``chain-locked`` if this member runs already.
        Refused: ``chain-forked`` if its own journal does not replay.
    """

    def __init__(self, member: Member, operator_url: str) -> None:
        self.member = member
        self.operator = Operator(operator_url)
        self.node = ChainNode(member.home / "chain", Genesis(**member.network.genesis))
        if self.node.genesis_hash != member.network.genesis_hash:
            self.close()
            raise Refused(_FATAL, what="genesis")
        self._offered: set[str] = set()

    @cached_property
    def chain(self) -> Web3Chain:
        """The registers, read from this member's own node."""
        return bootstrap.open_chain(self.member.network, self.node.url)

    @property
    def _finality(self) -> Domain:
        network = self.member.network
        return Domain(network.chain_id, bytes.fromhex(network.genesis_hash[2:]))

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop.

        Raises:
            Refused: ``chain-forked``: shown and final, never repaired by going on.
        """
        while not stop.is_set():
            try:
                busy = self.tick()
            except Unavailable as error:
                _log.info("waiting", member=self.member.slug, why=error.code)
                stop.wait(1.0)
                continue
            stop.wait(0.02 if busy else IDLE_SECONDS)

    def tick(self) -> bool:
        """Do once what there is to do and say whether anything was done."""
        with Session(self.member.engine) as session:
            busy = self.follow(session)
            busy = self.take_custody(session) or busy
            return self.issue(session) or busy

    def follow(self, session: Session) -> bool:
        """Re-execute new blocks, store each before signing it, and report the signatures."""
        reply = self.operator.get("/chain/blocks", after=self.node.head.number)
        if reply["head"] < self.node.head.number:
            raise Refused(_FATAL, head=reply["head"], witnessed=self.node.head.number)
        now = int(self.member.clock.now().timestamp())
        try:
            for data in reply["blocks"]:
                self.node.follow(Block.from_dict(data), now)
        except Refused as error:
            if error.code != "clock-ahead":
                raise
            _log.warning("a block is ahead of this clock", member=self.member.slug, height=error.details["height"])
        for block in self.node.blocks(checkpoints.last_witnessed(session)):
            checkpoints.witness(session, block.number, block.block_hash, block.state_root)
        pending = checkpoints.unreported(session, self.member.keys, self._finality)
        if pending:
            signatures = [
                {"number": row.number, "block_hash": row.block_hash, "state_root": row.state_root, "signature": signature}
                for row, signature in pending
            ]
            self.operator.post("/checkpoints", {"signatures": signatures})
            for row, _ in pending:
                row.reported = True
                session.add(row)
            session.commit()
        return bool(reply["blocks"] or pending)

    def take_custody(self, session: Session) -> bool:
        """Hold other members' manifests and sign for those that hold together."""
        asked = self.operator.get("/manifests", awaiting=self.member.institution.hex())
        domain = self.chain.domain("CredentialRegistry") if asked else None
        for entry in asked:
            body = base64.b64decode(entry["body"])
            try:
                message = custody.check_request(self.chain, entry["request"], body)
                assert domain is not None  # noqa: S101 - there is something asked
                own, now = self.member.institution, self.member.clock.now()
                signature = custody.hold(session, self.member.keys, domain, own, message, body, now)
                answer = {"institution": own.hex(), "signature": signature}
                self.operator.post(f"/manifests/{entry['digest']}/custody", answer)
            except Unavailable:
                raise
            except LedgerError as error:
                _log.warning("custody refused", member=self.member.slug, digest=entry["digest"], why=error.diagnostics())
        return bool(asked)

    def issue(self, session: Session) -> bool:
        """Bring status lists and batches one step further."""
        busy = self._publish_status(session)
        open_states = [BatchState.RELEASED, BatchState.SIGNED, BatchState.ANCHORING, BatchState.SEALED]
        for batch_id in session.exec(select(Batch.id).where(Batch.state.in_(open_states))).all():  # type: ignore[attr-defined]
            batch = session.get_one(Batch, batch_id)
            try:
                busy = self._advance(session, batch) or busy
            except Unavailable:
                raise
            except LedgerError as error:
                session.rollback()
                batch = session.get_one(Batch, batch_id)
                if batch.problem != error.diagnostics():
                    _log.error("batch stopped", member=self.member.slug, batch=batch_id, why=error.diagnostics())
                batch.problem = error.diagnostics()
                session.add(batch)
                session.commit()
        return busy

    def _advance(self, session: Session, batch: Batch) -> bool:
        member, state, now = self.member, batch.state, self.member.clock.now()
        if state is BatchState.RELEASED:
            for _ in issuing.sign(session, issuing.Tools(member.keys, member.evidence), member.issuer, batch, now):
                pass
        elif state is BatchState.SIGNED:
            domain = self.chain.domain("CredentialRegistry")
            issuing.prepare_anchor(session, member.keys, member.issuer, domain, self._key_of(session), batch, now)
        elif state is BatchState.ANCHORING:
            return self._anchor(session, batch)
        elif self._lists_published(session, batch):
            return deliver(session, self, batch)
        else:
            return False
        return True

    def _anchor(self, session: Session, batch: Batch) -> bool:
        body = batch.manifest or b""
        digest = str((batch.anchor or {})["message"]["manifest"])
        if digest not in self._offered:
            request = {"request": batch.anchor, "body": base64.b64encode(body).decode("ascii")}
            self.operator.post("/manifests", request)
            self._offered.add(digest)
        operation = self.operator.get(f"/operations/{digest}")
        if operation["state"] != "done":
            return False
        custodians = [(entry["institution"], entry["signature"]) for entry in operation["custodians"][:2]]
        issuing.stage_anchor(session, batch, custodians, self.member.clock.now())
        self._pump(session)
        return issuing.settle_anchor(session, batch)

    def _publish_status(self, session: Session) -> bool:
        member = self.member
        dirty = session.exec(select(StatusList).where(StatusList.dirty)).first()
        if dirty is not None:
            domain = self.chain.domain("CredentialRegistry")
            status.stage(session, member.keys, domain, member.institution, self._key_of(session), member.clock.now())
        sent = self._pump(session)
        status.settle(session, member.clock.now())
        unannounced = session.exec(select(StatusList).where(StatusList.announced < StatusList.version)).all()
        for entry in unannounced:
            document = self._list_credential(entry)
            body = {"version": entry.version, "encoded": entry.encoded, "credential": document}
            self.operator.post(f"/status/{member.slug}/{entry.number}", body)
            entry.announced = entry.version
            session.add(entry)
            session.commit()
        return bool(sent or unannounced)

    def _list_credential(self, entry: StatusList) -> dict[str, Any]:
        """Return a status list as a signed BitstringStatusListCredential (W3C Bitstring Status List v1.0)."""
        issuer, now = self.member.issuer, badge.utc_text(self.member.clock.now())
        url = badge.status_url(issuer.base_url, issuer.slug, entry.number)
        document = {
            "@context": [contexts.CREDENTIALS_V2],
            "id": url,
            "type": ["VerifiableCredential", "BitstringStatusListCredential"],
            "issuer": issuer.did,
            "validFrom": now,
            "credentialSubject": {
                "id": f"{url}#list",
                "type": "BitstringStatusList",
                "statusPurpose": entry.purpose,
                "encodedList": entry.encoded,
            },
        }
        options = data_integrity.proof_options("eddsa-rdfc-2022", assert_method(issuer.did, issuer.assert_epoch), now)
        return data_integrity.sign(document, options, lambda data: self.member.keys.sign_ed25519(issuer.assert_key, data))

    def _lists_published(self, session: Session, batch: Batch) -> bool:
        numbers = {number for pair in issuing.lists_of(session, batch) for number in pair}
        return all(session.get_one(StatusList, number).version > 0 for number in numbers)

    def _pump(self, session: Session) -> int:
        def confirm(message: OutboxMessage) -> dict[str, Any] | None:
            return _confirm(self.chain, message)

        return outbox.pump(session, self.operator, confirm)

    def _key_of(self, session: Session) -> Any:
        return lambda name: session.get_one(Account, name).key

    def close(self) -> None:
        """Stop the node and close what is open."""
        self.node.close()
        self.operator.close()
        self.member.close()


def _confirm(chain: Web3Chain, message: OutboxMessage) -> dict[str, Any] | None:
    """Ask the own node whether a message that is "already there" took effect (port ``outbox.pump``)."""
    fields = message.args[0]
    institution = bytes.fromhex(fields[0][2:])
    if message.function == "publishStatus":
        _, digest = chain.call("CredentialRegistry", "statusOf", institution, fields[1], fields[2])
        return {} if bytes(digest).hex() == fields[3][2:] else None
    anchor = AnchorMessage(
        institution, bytes.fromhex(fields[1][2:]), fields[2], bytes.fromhex(fields[3][2:]), bytes.fromhex(fields[4][2:])
    )
    time, state = chain.call("CredentialRegistry", "anchorOf", anchor.batch)
    return {"timestamp": time} if state else None
