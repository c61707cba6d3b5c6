"""Runs the demonstration in a folder of its own and reports what it did."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from sqlmodel import Session, func, select

from api.cli.output import console
from api.cli.registrar import follow
from api.demo import DATA, FOUNDERS, QUORUM
from api.founding import found
from api.processes import reachable, started
from ledger import bootstrap
from ledger.adapters.catalogue_yaml import load_catalogue
from ledger.adapters.operator_http import Operator
from ledger.adapters.roster_file import open_roster
from ledger.bootstrap import Member
from ledger.credentials import roster, service
from ledger.credentials.tables import Credential
from ledger.errors import Refused
from ledger.settings import Settings

_MARKER = ".creditbank-demo"
_VERIFY_CHUNK = 500


def run(home: Path, settings: Settings, source: Path = DATA / "class.xlsx") -> dict[str, Any]:
    """Found a network, issue a class, verify every file offline in another process, and return the report.

    Raises:
        Refused: ``network-exists`` if the folder holds anything but an earlier demonstration, or one that runs.
    """
    begun = time.monotonic()
    _clear(home)
    console.print(
        "[bold]1/4[/bold] 建立网络：五个成员、各自的密钥、链与合约 · five members with keys of their own, chain and contracts"
    )
    found(home, FOUNDERS, QUORUM, settings, tell=lambda step: console.print(f"    ✓ {step}"))
    network = bootstrap.load_network(home)
    member = bootstrap.open_member(network, "college-a", settings)
    try:
        with started(home) as url:
            batch_id = _import_and_release(member, source)
            console.print("[bold]3/4[/bold] 签名、保管、上链、见证 · sign, custody, anchor, witness")
            follow(member, batch_id, quiet=False)
            counts = _counts(url)
        with Session(member.engine) as session:
            issued = session.exec(select(func.count()).where(Credential.signed)).one()
    finally:
        member.close()
    console.print("[bold]4/4[/bold] 另一进程离线核验每个文件 · another process verifies every file offline")
    files = sorted((home / "credentials").glob("*.json"))
    verified = _verify_apart(files, home / "trust.json")
    report = {
        "issued": issued,
        "sealed": len(files),
        "verified_offline": verified,
        **counts,
        "seconds": round(time.monotonic() - begun, 1),
        "peak_memory_mb": _peak_memory_mb(),
    }
    (home / "report.json").write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    return report


def _clear(home: Path) -> None:
    if home.exists() and any(home.iterdir()):
        if not (home / _MARKER).exists():
            raise Refused("network-exists", home=str(home), why="not made by the demonstration; choose another folder")
        if reachable(home):
            raise Refused("network-exists", home=str(home), why="it is running; stop it first")
        shutil.rmtree(home)
    home.mkdir(parents=True, exist_ok=True)
    (home / _MARKER).touch()


def _import_and_release(member: Member, source: Path) -> str:
    console.print("[bold]2/4[/bold] 教务员导入名册，另一人放行 · the registrar imports, another person releases")
    catalogue = load_catalogue(DATA / "catalogue.yaml")
    now = member.clock.now()
    drafts, faults = roster.read(open_roster(source), catalogue, now.date())
    if faults:
        raise Refused("roster-unreadable", faults=len(faults), first=faults[0].en)
    with Session(member.engine) as session:
        batch = service.import_drafts(session, member.keys, drafts, catalogue, source.read_bytes(), "registrar", now)
        service.release(session, batch.id, "approver", member.clock.now())
        console.print(f"    ✓ {batch.size} 份草稿 · drafts, batch {batch.id}")
        return batch.id


def _counts(url: str) -> dict[str, int]:
    """Count the chain's transactions: one a block; an anchor is one, all others set the network up."""
    operator = Operator(url)
    try:
        blocks = operator.get("/chain/blocks", after=0)["blocks"]
        transactions = sum(len(block["transactions"]) for block in blocks)
        anchors = int(operator.get("/statistics")["anchors"])
    finally:
        operator.close()
    return {"anchors": anchors, "setup_transactions": transactions - anchors}


def _verify_apart(files: list[Path], trust: Path) -> int:
    """Verify copies of the files in an empty folder, by a process that gets nothing else."""
    verified = 0
    with tempfile.TemporaryDirectory() as folder:
        for path in [*files, trust]:
            shutil.copy(path, folder)
        for start in range(0, len(files), _VERIFY_CHUNK):
            names = [path.name for path in files[start : start + _VERIFY_CHUNK]]
            command = [sys.executable, "-m", "api.cli.main", "verify", *names, "--trust", "trust.json", "--offline", "--json"]
            environment = {name: value for name, value in os.environ.items() if name != "CREDITBANK_HOME"}
            done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
            answers = json.loads(done.stdout)
            bodies = answers if isinstance(answers, list) else [answers]
            wanted = ("integrity", "issuer", "status", "dates")
            verified += sum(all(body.get(name, {}).get("answer") == "pass" for name in wanted) for body in bodies)
    return verified


def _peak_memory_mb() -> int:
    """Return the largest resident size, in MB, of this process and those it waited for."""
    kilobytes = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return round(kilobytes / (1024 if sys.platform == "linux" else 1024 * 1024))
