"""A newcomer's demonstration, a registrar's import, an employer's verification, from the outside."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.conftest import DATA, DEMO_DATA, Cli

FIXED = {"CREDITBANK_CLOCK": "2025-07-01"}


def test_the_demonstration_reports_what_it_did(report: dict[str, int]) -> None:
    assert {name: report[name] for name in ("issued", "sealed", "verified_offline", "anchors")} == {
        "issued": 200, "sealed": 200, "verified_offline": 200, "anchors": 1,
    }  # fmt: skip
    assert set(report) == {"issued", "sealed", "verified_offline", "anchors", "setup_transactions", "seconds", "peak_memory_mb"}
    assert report["setup_transactions"] == 10


def test_no_file_name_says_who(files: list[Path]) -> None:
    assert len(files) == 200
    assert all(len(path.stem) == 36 and path.stem.count("-") == 4 for path in files)


def test_a_dry_run_names_exactly_the_faulty_cells(cli: Cli, tmp_path: Path) -> None:
    expected = json.loads((DATA / "class-faulty.expected.json").read_text())
    done = cli(
        "import", DATA / "class-faulty.xlsx", "--catalogue", DEMO_DATA / "catalogue.yaml", "--as", "REGISTRAR", "--dry-run", "--json",
        cwd=tmp_path, **FIXED,
    )  # fmt: skip
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert [(fault["sheet"], fault["cell"]) for fault in found] == [(fault["sheet"], fault["cell"]) for fault in expected]
    assert all(set(fault) == {"sheet", "cell", "why"} and fault["why"]["zh"] and fault["why"]["en"] for fault in found)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("roster", [DEMO_DATA / "class.xlsx", DATA / "class.gb18030.csv"], ids=["xlsx", "csv"])
def test_a_dry_run_of_a_good_roster_writes_nothing(cli: Cli, tmp_path: Path, roster: Path) -> None:
    arguments = ("--catalogue", DEMO_DATA / "catalogue.yaml", "--as", "registrar", "--dry-run", "--json")
    done = cli("import", roster, *arguments, cwd=tmp_path, **FIXED)
    assert (done.returncode, json.loads(done.stdout)) == (0, [])


def test_verify_needs_only_the_file_and_the_trust_file(cli: Cli, demo: Path, files: list[Path], tmp_path: Path) -> None:
    shutil.copy(files[0], tmp_path / "one.json")
    shutil.copy(demo / "trust.json", tmp_path / "trust.json")
    done = cli("verify", "one.json", "--trust", "trust.json", "--offline", "--json", cwd=tmp_path)
    answers = json.loads(done.stdout)
    assert done.returncode == 0, done.stdout
    assert {name: answer["answer"] for name, answer in answers.items()} == {
        "integrity": "pass", "issuer": "pass", "status": "pass", "dates": "pass", "holder": "unknown",
    }  # fmt: skip
    assert answers["holder"]["method"] == "not_checked"
    assert all(answer["reason"]["zh"] and answer["reason"]["en"] for answer in answers.values())
    assert cli("verify", "one.json", "--trust", "trust.json", "--offline", "--require-holder", cwd=tmp_path).returncode == 3


def test_an_old_file_is_unknown_at_status(cli: Cli, demo: Path, files: list[Path]) -> None:
    arguments = ("verify", files[0], "--trust", demo / "trust.json", "--offline", "--json")
    late = cli(*arguments, CREDITBANK_CLOCK="2027-12-01")
    assert late.returncode == 3
    assert json.loads(late.stdout)["status"]["code"] == "status-stale"
    assert cli(*arguments, "--max-age-days", "3650", CREDITBANK_CLOCK="2027-12-01").returncode == 0


def test_what_is_no_credential_file_is_exit_2(cli: Cli, demo: Path, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"a": 1}')
    assert cli("verify", tmp_path / "x.json", "--trust", demo / "trust.json").returncode == 2
    assert cli("verify", tmp_path / "absent.json", "--trust", demo / "trust.json").returncode == 2
    (tmp_path / "trust.json").write_text("{}")
    assert cli("verify", tmp_path / "x.json", "--trust", tmp_path / "trust.json").returncode == 2


def test_the_holder_can_be_matched_by_student_number(cli: Cli, demo: Path, files: list[Path]) -> None:
    from openpyxl import load_workbook

    workbook = load_workbook(DEMO_DATA / "class.xlsx")
    numbers = {str(row[1]): str(row[0]) for row in workbook.worksheets[0].iter_rows(min_row=4, values_only=True) if row[0]}
    workbook.close()
    name = json.loads(files[0].read_text())["credential"]["credentialSubject"]["identifier"][0]["identityHash"]
    arguments = ("verify", files[0], "--trust", demo / "trust.json", "--offline", "--json", "--require-holder", "--student-number")
    good = cli(*arguments, numbers[name])
    assert (good.returncode, json.loads(good.stdout)["holder"]["method"]) == (0, "matched_by_document")
    assert cli(*arguments, "A999999").returncode == 1


def test_rare_characters_reach_the_badge_unchanged(files: list[Path]) -> None:
    names = {json.loads(path.read_text())["credential"]["credentialSubject"]["identifier"][0]["identityHash"] for path in files}
    assert {"阿依古丽·买买提", "𠮷野浩", "张䶮", "吾尔开希·阿不都热依木", "赵 子龙", "Li, Wei (李薇)"} <= names


def test_an_importer_cannot_release(cli: Cli, demo: Path) -> None:
    batch = json.loads(cli("batches", "--json", CREDITBANK_HOME=str(demo)).stdout)[0]["batch"]
    done = cli("release", batch, "--as", "registrar", "--json", CREDITBANK_HOME=str(demo))
    assert (done.returncode, json.loads(done.stdout)["error"]["code"]) == (1, "same-person")
    unknown = cli("release", batch, "--as", "nobody", "--json", CREDITBANK_HOME=str(demo))
    assert json.loads(unknown.stdout)["error"]["code"] == "account-unknown"


def test_importing_the_same_file_again_gives_the_same_batch(cli: Cli, demo: Path) -> None:
    known = json.loads(cli("batches", "--json", CREDITBANK_HOME=str(demo)).stdout)[0]["batch"]
    arguments = ("--catalogue", DEMO_DATA / "catalogue.yaml", "--as", "registrar", "--json")
    again = cli("import", DEMO_DATA / "class.xlsx", *arguments, CREDITBANK_HOME=str(demo))
    assert json.loads(again.stdout)["batch"] == known


def test_a_revoked_file_fails_at_status_once_refreshed(
    cli: Cli, demo: Path, files: list[Path], tmp_path: Path, running: str
) -> None:
    victim = tmp_path / files[-1].name
    shutil.copy(files[-1], victim)
    home = {"CREDITBANK_HOME": str(demo)}
    assert running
    done = cli("revoke", files[-1].stem, "--reason", "GRADE_ERROR", "--json", **home)
    assert done.returncode == 0, done.stdout + done.stderr
    before = cli("verify", victim, "--offline", "--json", **home)
    assert before.returncode == 0
    refreshed = cli("refresh", victim, "--json", **home)
    assert refreshed.returncode == 0, refreshed.stdout + refreshed.stderr
    after = cli("verify", victim, "--offline", "--json", **home)
    answers = json.loads(after.stdout)
    assert (after.returncode, answers["status"]["code"], answers["integrity"]["answer"]) == (1, "revoked", "pass")
    again = cli("revoke", files[-1].stem, "--reason", "GRADE_ERROR", "--json", **home)
    assert json.loads(again.stdout)["error"]["code"] == "already-revoked"
    other = tmp_path / "other.json"
    shutil.copy(files[0], other)
    assert cli("refresh", other, **home).returncode == 0
    assert cli("verify", other, "--offline", **home).returncode == 0
