"""The house's own laws: one name per failure, docs that cannot lie, small files, nothing of a machine or a person."""

from __future__ import annotations

import ast
import re
import string
import subprocess
from pathlib import Path

import pytest

import contracts
from ledger.credentials.texts import TEXTS
from ledger.errors import BY_SOLIDITY, FAILURES
from tests.conftest import ROOT

PACKAGES = ("contracts", "ledger", "api", "wallets", "hardhat_network")
SOURCES = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if "versions" not in path.parts]
#: Errors of OpenZeppelin's libraries that no call of ours can reach are not in the table.
UNREACHABLE: set[str] = set()


def tracked() -> list[Path]:
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in done.stdout.splitlines() if (ROOT / name).is_file()]


def test_every_contract_error_has_a_name_and_the_table_names_no_other() -> None:
    declared = {
        entry["name"] for name in contracts.REGISTERS for entry in contracts.artifact(name)["abi"] if entry["type"] == "error"
    } - UNREACHABLE
    assert declared == set(BY_SOLIDITY)


def test_every_code_raised_is_in_the_table_and_every_code_in_the_table_is_used() -> None:
    raised, mentioned = set(), ""
    for path in SOURCES:
        text = path.read_text("utf-8")
        if path.name != "errors.py":
            mentioned += text
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Refused", "Invalid", "Unverified", "Unavailable"):
                first = node.args[0] if node.args else None
                if isinstance(first, ast.Constant):
                    raised.add(first.value)
    assert raised <= set(FAILURES), raised - set(FAILURES)
    unused = {code for code, failure in FAILURES.items() if f'"{code}"' not in mentioned and failure.solidity is None}
    assert unused == set()


def test_every_failure_speaks_both_languages() -> None:
    for failure in FAILURES.values():
        assert re.search(r"[\u4e00-\u9fff]", failure.zh), failure.code
        assert failure.en.endswith("."), failure.code
        assert 400 <= failure.status < 600


def test_every_answer_speaks_both_languages_with_the_same_facts() -> None:
    formatter = string.Formatter()
    for code, (zh, en) in TEXTS.items():
        zh_facts, en_facts = ({name for _, name, _, _ in formatter.parse(text) if name} for text in (zh, en))
        assert {name.removesuffix("_zh") for name in zh_facts} == {name.removesuffix("_en") for name in en_facts}, code


def test_every_answer_code_is_documented() -> None:
    format_page = (ROOT / "docs" / "format.md").read_text("utf-8")
    assert {code for code in TEXTS if f"`{code}`" not in format_page} == set()


def test_hand_written_files_stay_small() -> None:
    lengths = sorted(len(path.read_text("utf-8").splitlines()) for path in SOURCES)
    assert lengths[-1] <= 400
    assert lengths[len(lengths) // 2] <= 120
    assert sum(length > 300 for length in lengths) <= len(lengths) * 0.1


def test_settings_are_documented() -> None:
    text = (ROOT / "ledger" / "settings.py").read_text("utf-8")
    names = set(re.findall(r'"(CREDITBANK_[A-Z_]+)"', text))
    docs = (ROOT / "docs" / "operations.md").read_text("utf-8")
    assert names
    assert {name for name in names if name not in docs} == set()
    readers = [
        path
        for path in SOURCES
        if "os.environ" in path.read_text("utf-8") and path.name not in ("settings.py", "processes.py", "run.py")
    ]
    assert readers == []


def test_coverage_names_tests_that_exist() -> None:
    text = (ROOT / "docs" / "coverage.md").read_text("utf-8")
    for identifier in ("C-17", "C-20", "P-26"):
        assert identifier in text
    named = re.findall(r"`(tests/[\w/.]+?)(?:::(\w+))?`|`(contracts/test/[\w.]+?)(?:::(\w+))?`", text)
    assert named
    for python, function, solidity, name in named:
        path = ROOT / (python or solidity)
        assert path.exists(), path
        if function or name:
            assert (function or name) in path.read_text("utf-8"), (path, function or name)


def test_decision_records_are_numbered_and_name_what_holds_them() -> None:
    records = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [record.name[:4] for record in records] == [f"{number:04}" for number in range(1, len(records) + 1)]
    assert all("**Held by**" in record.read_text("utf-8") for record in records)


def test_the_readme_commands_and_help_exist() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"`make (\w+)`", readme):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    from api.cli.main import app

    commands = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    assert {name for name in commands if f"creditbank {name}" not in readme} == set()


@pytest.mark.parametrize(
    "pattern", [r"/" + "root/", r"/" + r"work/", r"registry\." + r"npmjs", r"pypi\." + r"org", r"proxy\.golang" + r"\.org"]
)
def test_no_path_of_a_machine_and_no_registry_host(pattern: str) -> None:
    found = [
        path.relative_to(ROOT)
        for path in tracked()
        if path.suffix not in (".xlsx", ".png") and re.search(pattern, path.read_bytes().decode("utf-8", "replace"))
    ]
    assert found == []


def test_no_file_is_large() -> None:
    assert [path for path in tracked() if path.stat().st_size > 1 << 20] == []


def test_migrations_give_the_tables_of_the_models(tmp_path: Path) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from sqlmodel import SQLModel

    from ledger import bootstrap

    engine = bootstrap.open_database(tmp_path / "x.sqlite")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []
    engine.dispose()


def test_help_answers_without_heavy_imports() -> None:
    import sys

    program = (
        "import sys; import api.cli.main; print([m for m in ('web3', 'sqlmodel', 'fastapi', 'ipfshttpclient') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
