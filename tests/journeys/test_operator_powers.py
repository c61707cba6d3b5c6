"""With all of the operator's files and keys, nobody can issue, vote, witness or take custody for a member."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path
from typing import Any

import pytest
from coincurve import PrivateKey
from sqlmodel import Session

from api.operator import OperatorState
from ledger import settings as environment
from ledger.credentials import relaying
from ledger.credentials.model import PublishedList
from ledger.errors import Invalid, LedgerError, Refused
from ledger.formats import jcs, schemas, secp256k1, status_list
from ledger.governance import checkpoints
from ledger.institutions.model import Purpose

#: The members' own places; the operator has everything else of a network's folder.
MEMBERS = "members"


@pytest.fixture
def operator(demo: Path, tmp_path: Path) -> Any:
    home = tmp_path / "operator-only"
    shutil.copytree(demo, home, ignore=shutil.ignore_patterns(MEMBERS, "credentials", "lock"))
    assert not (home / MEMBERS).exists()
    state = OperatorState(home, environment.load())
    yield state
    state.close()


@pytest.fixture
def stolen(operator: OperatorState) -> bytes:
    """The one private key that the operator's folder holds."""
    keys = [path for path in operator.folder.rglob("*") if path.is_file() and "key" in path.name]
    assert [path.name for path in keys] == ["relay.key"]
    return bytes.fromhex(keys[0].read_text())


def college(operator: OperatorState) -> bytes:
    return bytes.fromhex(operator.network.institutions["college-a"]["institution"])


def test_no_private_key_of_a_member_is_in_the_operators_files(operator: OperatorState, demo: Path) -> None:
    from ledger import bootstrap

    settings = environment.load()
    network = bootstrap.load_network(demo)
    held = b"".join(path.read_bytes() for path in operator.folder.parent.rglob("*") if path.is_file())
    for slug in network.institutions:
        member = bootstrap.open_member(network, slug, settings)
        for private in member.keys._private.values():
            assert private not in held and private.hex().encode() not in held
        member.close()


def test_read_models_are_rebuilt_from_the_chain(operator: OperatorState) -> None:
    from ledger.indexer import service as indexer

    with Session(operator.engine) as session:
        indexer.catch_up(session, operator.chain)
        before = [(event.block, event.name, event.args) for event in indexer.events_named(session, "KeyAdded")]
        assert len(before) == 30
        assert indexer.rebuild(session, operator.chain) >= len(before)
        assert [(event.block, event.name, event.args) for event in indexer.events_named(session, "KeyAdded")] == before


def test_the_operator_cannot_issue(operator: OperatorState, stolen: bytes) -> None:
    message = {
        "institution": college(operator), "root": secrets.token_bytes(32), "count": 1,
        "schema": schemas.digest(schemas.MICRO_CREDENTIAL), "manifest": secrets.token_bytes(32), "nonce": 1, "deadline": 1 << 40,
    }  # fmt: skip
    signature = "0x" + secp256k1.sign(stolen, operator.chain.domain("CredentialRegistry").digest("Anchor", message)).hex()
    fields = ["0x" + value.hex() if isinstance(value, bytes) else value for value in message.values()]
    custodian = ["0x" + operator.network.institutions["gov-g"]["institution"], signature]
    with pytest.raises(Refused) as refused:
        operator.relay.send("CredentialRegistry", "anchor", [fields, signature, signature, [custodian, custodian]])
    assert refused.value.code == "key-not-live"


def test_the_operator_cannot_revoke_or_publish_status(operator: OperatorState, stolen: bytes) -> None:
    encoded = status_list.encode([7])
    message = {
        "institution": college(operator), "list": 1, "version": 99, "digest": status_list.digest(encoded), "nonce": 2, "deadline": 1 << 40,
    }  # fmt: skip
    signature = secp256k1.sign(stolen, operator.chain.domain("CredentialRegistry").digest("PublishStatus", message))
    fields = ["0x" + value.hex() if isinstance(value, bytes) else value for value in message.values()]
    with pytest.raises(Refused) as refused:
        operator.relay.send("CredentialRegistry", "publishStatus", [fields, "0x" + signature.hex()])
    assert refused.value.code == "key-not-live"
    with Session(operator.engine) as session, pytest.raises(LedgerError):
        entry = PublishedList(1, 99, encoded)
        document = {"credentialSubject": {"encodedList": encoded}}
        relaying.publish_list(session, operator.chain, college(operator), "college-a", entry, document)


def test_the_operator_cannot_vote(operator: OperatorState, stolen: bytes) -> None:
    domain = operator.chain.domain("Committee")
    proposal = {"proposer": college(operator), "class": 0, "calls": bytes(32), "closesAt": 1 << 40, "nonce": 3}
    signature = "0x" + secp256k1.sign(stolen, domain.digest("Proposal", proposal)).hex()
    fields = ["0x" + value.hex() if isinstance(value, bytes) else value for value in proposal.values()]
    with pytest.raises(Refused) as refused:
        operator.relay.send("Committee", "propose", [fields, signature])
    assert refused.value.code == "key-not-live"


def test_the_operator_cannot_administer(operator: OperatorState) -> None:
    for register, function, arguments in (
        ("InstitutionRegistry", "suspend", [college(operator)]),
        ("InstitutionRegistry", "addKeyOf", [college(operator), int(Purpose.APPROVE), 2, bytes(31) + b"\x05", 0]),
        ("Committee", "setQuorum", [3]),
    ):
        with pytest.raises(Refused) as refused:
            operator.relay.send(register, function, arguments)
        assert refused.value.code in ("not-committee", "only-self")


def test_the_operator_cannot_witness(operator: OperatorState, stolen: bytes) -> None:
    head = operator.node.head
    signature = secp256k1.sign(stolen, checkpoints.digest(operator.trust.domain, head.number, head.block_hash, head.state_root))
    with Session(operator.engine) as session, pytest.raises(Refused) as refused:
        block = (head.number, head.block_hash, head.state_root)
        checkpoints.record(session, operator.trust.domain, operator.trust.witnesses, block, signature.hex())
    assert refused.value.code == "checkpoint-invalid"
    forged = jcs.loads(operator.trust_bytes)
    forged["witnesses"][0]["key"] = secp256k1.address_of(PrivateKey(stolen).public_key)
    from ledger.formats import trust_file

    with pytest.raises(Invalid):
        trust_file.parse(jcs.dumps(forged))


def test_the_operator_cannot_take_custody(operator: OperatorState, stolen: bytes) -> None:
    from sqlmodel import select

    from ledger.credentials.model import anchor_words
    from ledger.credentials.tables import ManifestRequest

    with Session(operator.engine) as session:
        found = session.exec(select(ManifestRequest)).one()
        message = anchor_words({**found.request["message"], "nonce": int(found.request["message"]["nonce"])})
        custody = {name: message[name] for name in ("root", "count", "manifest")}
        signature = secp256k1.sign(stolen, operator.chain.domain("CredentialRegistry").digest("Custody", custody))
        with pytest.raises(Refused) as refused:
            other = operator.network.institutions["eval-v"]["institution"]
            relaying.add_signature(session, operator.chain, found.digest, other, signature.hex())
        assert refused.value.code == "key-not-live"
