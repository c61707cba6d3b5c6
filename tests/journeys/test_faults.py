"""Killed, sent twice, out of order, repeated: nothing is lost and nothing is issued twice."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, func, select

from api.demo import FOUNDERS, QUORUM
from api.founding import found
from api.processes import started
from ledger import bootstrap
from ledger import settings as environment
from ledger.adapters.catalogue_yaml import load_catalogue
from ledger.adapters.operator_http import Operator
from ledger.bootstrap import Member
from ledger.credentials import issuing, service
from ledger.credentials.roster import Draft
from ledger.credentials.rules import Policy
from ledger.credentials.tables import Batch, BatchState, Credential
from ledger.errors import Invalid, LedgerError, Refused
from ledger.evidence.tables import EvidenceObject
from ledger.formats import trust_file
from tests.conftest import DEMO_DATA
from wallets.verify import verify_file

CATALOGUE = load_catalogue(DEMO_DATA / "catalogue.yaml")
DRAFT = Draft("A1", "张三", None, "一班", "MC-SAFE", "90", 16, "2025-06-01", None, None)


def drafts(count: int, start: int = 0) -> list[Draft]:
    return [replace(DRAFT, number=f"A{number:06}", name=f"学生{number}") for number in range(start, start + count)]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("network") / "home"
    found(folder, FOUNDERS, QUORUM, environment.load())
    return folder


@pytest.fixture
def college(home: Path) -> Iterator[Member]:
    member = bootstrap.open_member(bootstrap.load_network(home), "college-a", environment.load())
    yield member
    member.keys.close()  # type: ignore[attr-defined]
    member.close()


def imported(session: Session, member: Member, count: int, source: bytes, start: int = 0) -> Batch:
    return service.import_drafts(session, member.keys, drafts(count, start), CATALOGUE, source, "registrar", datetime.now(UTC))


def test_a_network_is_not_founded_twice(home: Path) -> None:
    with pytest.raises(Refused, match="network-exists"):
        found(home, FOUNDERS, QUORUM, environment.load())


def test_only_the_right_roles_import_and_release(college: Member) -> None:
    now = datetime.now(UTC)
    with Session(college.engine) as session:
        with pytest.raises(Refused, match="role-missing"):
            service.import_drafts(session, college.keys, drafts(1), CATALOGUE, b"x", "approver", now)
        with pytest.raises(Refused, match="account-unknown"):
            service.import_drafts(session, college.keys, drafts(1), CATALOGUE, b"x", "mallory", now)
        with pytest.raises(Invalid, match="empty-batch"):
            service.import_drafts(session, college.keys, [], CATALOGUE, b"x", "registrar", now)
        batch = imported(session, college, 2, b"roles")
        for name, code in (("registrar", "same-person"), ("REGISTRAR", "same-person"), ("nobody", "account-unknown")):
            with pytest.raises(Refused, match=code):
                service.release(session, batch.id, name, now)
        with pytest.raises(Refused, match="batch-unknown"):
            service.release(session, "none", "approver", now)
        with pytest.raises(Refused, match="batch-state"):
            credential = session.exec(select(Credential).where(Credential.batch_id == batch.id)).first()
            assert credential is not None
            service.revoke(session, college.keys, credential.id, "GRADE_ERROR", "registrar", now)
        with pytest.raises(Invalid, match="reason-unknown"):
            service.revoke(session, college.keys, credential.id, "BECAUSE", "registrar", now)
        with pytest.raises(Refused, match="credential-unknown"):
            service.revoke(session, college.keys, "0" * 36, "GRADE_ERROR", "registrar", now)


def test_a_signing_run_that_stops_goes_on_where_it_was(college: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issuing, "CHUNK", 10)
    now = datetime.now(UTC)
    tools = issuing.Tools(college.keys, college.evidence)
    with Session(college.engine) as session:
        batch = imported(session, college, 35, b"resume")
        batch_id = batch.id
        service.release(session, batch.id, "approver", now)
        run = issuing.sign(session, tools, college.issuer, batch, now)
        assert [next(run), next(run)] == [10, 20]
        run.close()
        before = {row.id: (row.leaf, row.evidence) for row in session.exec(select(Credential).where(Credential.signed)).all()}
    with Session(college.engine) as session:
        batch = session.get_one(Batch, batch_id)
        assert list(issuing.sign(session, tools, college.issuer, batch, now)) == [30, 35]
        rows = session.exec(select(Credential).where(Credential.batch_id == batch_id)).all()
        assert batch.state is BatchState.SIGNED
        assert all(row.signed for row in rows)
        assert {key: (row.leaf, row.evidence) for row in rows if (key := row.id) in before} == before
        assert len({row.revocation_index for row in rows}) == len({row.evidence for row in rows}) == 35
        assert session.exec(select(func.count()).select_from(EvidenceObject)).one() >= 35


def test_evidence_reads_back_and_can_be_erased(college: Member) -> None:
    from ledger.evidence import service as evidence
    from ledger.formats.cid import Cid

    with Session(college.engine) as session:
        row = session.exec(select(Credential).where(Credential.signed)).first()
        assert row is not None and row.evidence is not None
        cid = Cid(row.evidence)
        plain = json.loads(evidence.read(session, college.evidence, college.keys, cid))
        assert (plain["credential"], plain["row"]["score"]) == (row.id, "90")
        assert plain["row"]["name"].encode() not in college.evidence.get(cid)
        college.keys.destroy(row.learner_id)
        with pytest.raises(Refused, match="evidence-erased"):
            evidence.read(session, college.evidence, college.keys, cid)
        with pytest.raises(Refused, match="evidence-missing"):
            evidence.read(session, college.evidence, college.keys, Cid("b" + "a" * 58))


def delivered(member: Member, batch_id: str, seconds: float = 120) -> Batch:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with Session(member.engine) as session:
            batch = session.get_one(Batch, batch_id)
            if batch.state is BatchState.DELIVERED:
                return batch
        time.sleep(0.1)
    raise AssertionError((batch.state, batch.problem))


def test_a_member_killed_while_issuing_issues_once(tmp_path: Path) -> None:
    home = tmp_path / "killed"
    found(home, FOUNDERS, QUORUM, environment.load())
    network = bootstrap.load_network(home)
    member = bootstrap.open_member(network, "college-a", environment.load())
    jcs_catalogue = CATALOGUE.model_copy(update={"suite": "eddsa-jcs-2022"})
    with Session(member.engine) as session:
        now = datetime.now(UTC)
        batch = service.import_drafts(session, member.keys, drafts(1600), jcs_catalogue, b"kill", "registrar", now)
        service.release(session, batch.id, "approver", datetime.now(UTC))
        batch_id = batch.id
    with started(home) as url:
        kills = 0
        for wanted in (500, 1000):
            while signed_count(member, batch_id) < wanted:
                time.sleep(0.02)
            kills += kill_member(home, "college-a")
        delivered(member, batch_id)
        operator = Operator(url)
        statistics = operator.get("/statistics")
        operator.close()
    assert kills == 2
    assert (statistics["anchors"], statistics["credentials"]) == (1, 1600)
    files = sorted((home / "credentials").glob("*.json"))
    assert len(files) == 1600
    trust = trust_file.parse((home / "trust.json").read_bytes())
    for path in files[::100]:
        assert verify_file(path.read_bytes(), trust, Policy(datetime.now(UTC))).exit_code() == 0
        assert json.loads(path.read_text())["credential"]["proof"]["cryptosuite"] == "eddsa-jcs-2022"
    member.keys.close()  # type: ignore[attr-defined]
    member.close()


def signed_count(member: Member, batch_id: str) -> int:
    with Session(member.engine) as session:
        return session.exec(select(func.count()).where(Credential.batch_id == batch_id, Credential.signed)).one()


def kill_member(home: Path, slug: str) -> int:
    """Kill -9 the process of a member of this very home, found by its environment, and return how many were."""
    killed = 0
    for entry in Path("/proc").iterdir():
        try:
            command = (entry / "cmdline").read_bytes().split(b"\0")
            environ = (entry / "environ").read_bytes()
        except (OSError, ValueError):
            continue
        if b"serve" in command and slug.encode() in command and f"CREDITBANK_HOME={home.resolve()}".encode() in environ:
            os.kill(int(entry.name), signal.SIGKILL)
            killed += 1
    return killed


def test_the_same_outcome_is_not_released_twice_by_accident(demo: Path) -> None:
    member = bootstrap.open_member(bootstrap.load_network(demo), "college-a", environment.load())
    with Session(member.engine) as session:
        from ledger.adapters.roster_file import open_roster
        from ledger.credentials import roster

        again, _ = roster.read(
            open_roster(Path(__file__).parents[1] / "data" / "class.gb18030.csv"), CATALOGUE, datetime.now(UTC).date()
        )
        batch = service.import_drafts(session, member.keys, again, CATALOGUE, b"the csv", "registrar", datetime.now(UTC))
        with pytest.raises(Refused) as refused:
            service.release(session, batch.id, "approver", datetime.now(UTC))
        assert refused.value.details["repeated"] >= 199
    member.keys.close()  # type: ignore[attr-defined]
    member.close()


def test_a_custodian_refuses_what_does_not_hold_together(demo: Path, running: str) -> None:
    from ledger.credentials import custody
    from ledger.credentials.tables import ManifestRequest

    assert running
    engine = bootstrap.open_database(demo / "operator" / "operator.sqlite")
    network = bootstrap.load_network(demo)
    with Session(engine) as session:
        good = session.exec(select(ManifestRequest)).one()
        request, body = good.request, good.body
    engine.dispose()
    import shutil

    from hardhat_network.anvil import Genesis
    from hardhat_network.node import ChainNode

    copy = demo.parent / "replica"
    shutil.copytree(demo / "members" / "ent-b" / "chain", copy, ignore=shutil.ignore_patterns("lock"))
    node = ChainNode(copy, Genesis(**network.genesis))
    chain = bootstrap.open_chain(network, node.url)
    try:
        assert custody.check_request(chain, request, body)["count"] == 200
        manifest = json.loads(body)
        wrong: list[tuple[Any, bytes]] = [
            ({}, body),
            ({**request, "message": {**request["message"], "count": 199}}, body),
            ({**request, "approver": request["registrar"]}, body),
            ({**request, "registrar": "00"}, body),
            (request, body[:-1]),
            (request, json.dumps(manifest).encode()),
            (request, json.dumps({**manifest, "leaves": manifest["leaves"][::-1]}, separators=(",", ":"), sort_keys=True).encode()),
            (request, b"[]"),
        ]
        for bad_request, bad_body in wrong:
            with pytest.raises(LedgerError):
                custody.check_request(chain, bad_request, bad_body)
    finally:
        node.close()
