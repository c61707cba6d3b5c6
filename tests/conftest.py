"""Fixtures: one demonstration per session, on real processes and a real EVM node."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DATA = Path(__file__).parent / "data"
DEMO_DATA = ROOT / "api" / "demo" / "data"

Cli = Callable[..., subprocess.CompletedProcess[str]]


def pytest_configure(config: pytest.Config) -> None:
    """Make sure that the five packages come from this checkout and no other."""
    import api
    import contracts
    import hardhat_network
    import ledger
    import wallets

    for package in (api, contracts, hardhat_network, ledger, wallets):
        assert Path(str(package.__file__)).is_relative_to(ROOT), package


@pytest.fixture(scope="session")
def cli() -> Cli:
    """Run `creditbank` in a process of its own, as a user does."""

    def run(*arguments: str | Path, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "api.cli.main", *map(str, arguments)],
            cwd=cwd,
            env={**{k: v for k, v in os.environ.items() if not k.startswith("CREDITBANK_")}, **environment},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, cli: Cli) -> Path:
    """The folder that `creditbank demo` makes."""
    home = tmp_path_factory.mktemp("demo") / "out"
    done = cli("demo", "--out", home)
    assert done.returncode == 0, done.stdout + done.stderr
    return home


@pytest.fixture(scope="session")
def running(demo: Path) -> Iterator[str]:
    """The demonstration's network, up; yields the operator's URL."""
    from api.processes import started

    with started(demo) as url:
        yield url


@pytest.fixture
def files(demo: Path) -> list[Path]:
    """The demonstration's credential files, in a stable order."""
    return sorted((demo / "credentials").glob("*.json"))


@pytest.fixture(scope="session")
def report(demo: Path) -> dict[str, int]:
    """What the demonstration reported."""
    loaded: dict[str, int] = json.loads((demo / "report.json").read_text())
    return loaded


@pytest.fixture(scope="session")
def documents() -> dict[str, object]:
    """The packaged contexts by URL, for other people's verifiers."""
    from ledger.formats import contexts

    return {url: contexts.load(url) for url in contexts.PINNED}
