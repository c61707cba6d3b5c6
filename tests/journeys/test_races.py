"""Two at once: the database and the locks decide, the first stands, nobody is left hanging."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from api.demo import FOUNDERS, QUORUM
from api.founding import found
from ledger import bootstrap
from ledger import settings as environment
from ledger.bootstrap import Member
from ledger.credentials import service
from ledger.credentials.tables import Batch
from ledger.errors import Refused
from tests.conftest import Cli
from tests.journeys.test_faults import imported


@pytest.fixture
def college(tmp_path: Path) -> Iterator[Member]:
    home = tmp_path / "home"
    found(home, FOUNDERS, QUORUM, environment.load())
    member = bootstrap.open_member(bootstrap.load_network(home), "college-a", environment.load())
    yield member
    member.keys.close()  # type: ignore[attr-defined]
    member.close()


def test_of_two_at_once_the_first_stands(college: Member) -> None:
    now = datetime.now(UTC)
    with Session(college.engine) as one, Session(college.engine) as other:
        batch = imported(one, college, 3, b"two at once")
        assert imported(other, college, 3, b"two at once").id == batch.id
        other.rollback()
        one.rollback()
    with ThreadPoolExecutor(8) as pool:

        def attempt(number: int) -> str:
            with Session(college.engine) as session:
                return imported(session, college, 20, b"race %d" % (number % 2), start=5000).id

        ids = list(pool.map(attempt, range(8)))
        assert len(set(ids)) == 2

        def approve(_: int) -> str:
            with Session(college.engine) as session:
                try:
                    return str(service.release(session, ids[0], "approver", now).state.value)
                except Refused as error:
                    return error.code

        outcomes = list(pool.map(approve, range(8)))
        assert set(outcomes) <= {"released", "batch-state"}
        assert "released" in outcomes
        assert list(pool.map(lambda _: service_state(college, ids[0]), range(1))) == ["released"]


def service_state(member: Member, batch_id: str) -> str:
    with Session(member.engine) as session:
        return session.get_one(Batch, batch_id).state.value


def test_two_commands_at_once_share_one_network(cli: Cli, demo: Path, files: list[Path], tmp_path: Path) -> None:
    home = tmp_path / "shared"
    shutil.copytree(demo, home, ignore=shutil.ignore_patterns("*.lock", "lock", "endpoint.json"))
    with ThreadPoolExecutor(3) as pool:

        def revoke(path: Path) -> Any:
            return cli("revoke", path.stem, "--reason", "DATA_ERROR", "--json", CREDITBANK_HOME=str(home))

        outcomes = [(done.returncode, done.stdout, done.stderr) for done in pool.map(revoke, files[10:13])]
    assert [code for code, _, _ in outcomes] == [0, 0, 0], outcomes
