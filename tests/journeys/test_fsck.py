"""One flipped bit anywhere a member keeps something, and `creditbank fsck` names it (C-03)."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Cli


@pytest.fixture
def home(demo: Path, tmp_path: Path) -> Path:
    """A copy of the demonstration, to be damaged."""
    copy = tmp_path / "copy"
    shutil.copytree(demo, copy, ignore=shutil.ignore_patterns("lock", "log.txt"))
    return copy


def check(cli: Cli, home: Path, member: str = "college-a") -> tuple[int, Any]:
    done = cli("fsck", "--member", member, "--json", CREDITBANK_HOME=str(home))
    return done.returncode, json.loads(done.stdout)


def change(home: Path, member: str, statement: str, database: str = "ledger.sqlite") -> None:
    with closing(sqlite3.connect(home / "members" / member / database)) as connection:
        assert connection.execute(statement).rowcount >= 1
        connection.commit()


def holds(home: Path, slug: str) -> bool:
    with closing(sqlite3.connect(home / "members" / slug / "ledger.sqlite")) as connection:
        return bool(connection.execute("SELECT count(*) FROM held_manifest").fetchone()[0])


def flip(path: Path, place: int = 100) -> None:
    data = bytearray(path.read_bytes())
    data[place % len(data)] ^= 1
    path.write_bytes(bytes(data))


def test_an_untouched_network_is_reproduced(cli: Cli, home: Path) -> None:
    done = cli("fsck", "--json", CREDITBANK_HOME=str(home))
    report = json.loads(done.stdout)
    assert (done.returncode, report["differences"], report["clean"]) == (0, [], True)
    counts = {(entry["kind"], entry["outcome"]): entry["count"] for entry in report["counts"]}
    assert counts["credential", "reproduced"] == counts["evidence", "reproduced"] == counts["file", "reproduced"] == 200
    assert (counts["journal", "reproduced"], counts["batch", "reproduced"], counts["status list", "reproduced"]) == (5, 1, 2)
    assert counts["held manifest", "reproduced"] >= 2


@pytest.mark.parametrize(
    ("statement", "kind", "why"),
    [
        ("UPDATE credential SET leaf = zeroblob(32) WHERE position = 7 AND signed", "credential", "leaf"),
        ("UPDATE credential SET salt = zeroblob(32) WHERE position = 7 AND signed", "batch", "root"),
        (
            "UPDATE credential SET revocation_index = revocation_index + 200000 WHERE position = 7 AND signed",
            "credential",
            "revocation_index",
        ),
        ("UPDATE credential SET code = 'MC-SAFE' || 'x' WHERE position = 7 AND signed", "credential", "code"),
        ("UPDATE credential SET sealed = zeroblob(500) WHERE position = 7 AND signed", "credential", "sealed document"),
        ("UPDATE batch SET manifest = zeroblob(20) WHERE anchored_at IS NOT NULL", "batch", "manifest"),
        ("UPDATE batch SET anchored_at = anchored_at + 1 WHERE anchored_at IS NOT NULL", "batch", "anchor on chain"),
        ("UPDATE status_list SET encoded = 'u' || substr(encoded, 3) WHERE number = 1", "status list", "digest on chain"),
        ("UPDATE credential SET revoked_at = '2026-01-01 00:00:00' WHERE position = 7 AND signed", "status list", "bits"),
    ],
)
def test_a_changed_row_is_named(cli: Cli, home: Path, statement: str, kind: str, why: str) -> None:
    change(home, "college-a", statement)
    code, report = check(cli, home)
    assert code == 1
    assert any(entry["kind"] == kind and why in entry["why"] for entry in report["differences"]), report["differences"][:3]


def test_changed_files_are_named(cli: Cli, home: Path) -> None:
    evidence = next(path for path in sorted((home / "members" / "college-a" / "evidence").rglob("b*")) if path.is_file())
    flip(evidence)
    lost = max((home / "members" / "college-a" / "evidence").rglob("b*"))
    lost.unlink()
    exported = sorted((home / "credentials").glob("*.json"))[3]
    flip(exported, 3000)
    code, report = check(cli, home)
    found = {(entry["kind"], entry["id"]): entry["outcome"] for entry in report["differences"]}
    assert (code, found) == (
        1,
        {("evidence", evidence.name): "different", ("evidence", lost.name): "withheld", ("file", exported.name): "different"},
    )


def test_a_changed_journal_is_named(cli: Cli, home: Path) -> None:
    change(home, "ent-b", "UPDATE blocks SET timestamp = timestamp + 1 WHERE number = 4", "chain/journal.sqlite")
    code, report = check(cli, home, "ent-b")
    assert (code, report["differences"][0]["kind"]) == (1, "journal")


def test_a_changed_manifest_in_custody_is_named(cli: Cli, home: Path) -> None:
    holder = next(slug for slug in ("gov-g", "ent-b", "college-c", "eval-v") if holds(home, slug))
    change(home, holder, "UPDATE held_manifest SET body = zeroblob(10)")
    code, report = check(cli, home, holder)
    assert (code, report["differences"][0]["kind"]) == (1, "held manifest")


def test_an_erased_person_is_reported_as_erased_and_nothing_else_breaks(cli: Cli, home: Path) -> None:
    from sqlmodel import Session, select

    from ledger import bootstrap
    from ledger import settings as environment
    from ledger.credentials.tables import Credential

    member = bootstrap.open_member(bootstrap.load_network(home), "college-a", environment.load())
    with Session(member.engine) as session:
        row = session.exec(select(Credential).where(Credential.signed)).first()
        assert row is not None
        member.keys.destroy(row.learner_id)
        erased = row.id
    member.keys.close()  # type: ignore[attr-defined]
    member.close()
    code, report = check(cli, home)
    assert (code, report["differences"]) == (0, [])
    assert {"kind": "credential", "outcome": "erased", "count": 1} in report["counts"], erased
