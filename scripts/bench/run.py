"""Measures the bank, beside a peer in the same run where there is one.

Prints JSON with ``--json``. ``--rows`` sets the size of the issuing run (default 10,000), ``--only`` one measurement.
"""

from __future__ import annotations

import argparse
import json
import resource
import secrets
import statistics
import subprocess
import tempfile
import time
import warnings
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from openpyxl import Workbook
from sqlmodel import Session

from api.demo import DATA, FOUNDERS, QUORUM
from api.founding import found
from api.processes import started
from ledger import bootstrap
from ledger import settings as environment
from ledger.adapters.catalogue_yaml import load_catalogue
from ledger.adapters.roster_file import open_roster
from ledger.credentials import badge, roster, service
from ledger.credentials.rules import Policy
from ledger.credentials.tables import Batch, BatchState
from ledger.formats import contexts, data_integrity, did, multibase, trust_file
from ledger.formats.cid import cid_of
from ledger.formats.multikey import PublicKey
from wallets.verify import verify_file

ROOT = Path(__file__).parents[2]
SIGN_COUNT = 2000
PEER_COUNT = 400


def sign_only() -> dict[str, Any]:
    """Sign full Open Badges of one shape, and have npm @digitalbazaar/vc issue the same badge."""
    catalogue = load_catalogue(DATA / "catalogue.yaml")
    key = Ed25519PrivateKey.generate()
    public = PublicKey("Ed25519", key.public_key().public_bytes_raw())
    controller, method = did.key_did(public), did.key_method(public)
    profile, entry = badge.profile(catalogue.issuer, controller), badge.achievement(catalogue.achievements[0], controller)
    sample = [_badge(number, profile, entry) for number in range(SIGN_COUNT)]
    results = {}
    for suite in data_integrity.SUITES:
        options = data_integrity.proof_options(suite, method, "2026-01-01T00:00:00Z")
        signer = data_integrity.TemplateSigner(sample[0], options, key.sign)
        begun = time.perf_counter()
        for document in sample:
            signer.sign(document)
        ours = SIGN_COUNT / (time.perf_counter() - begun)
        peer = _peer(suite, sample[0], key, controller, method)
        results[suite] = {"ours_per_second": round(ours), "peer_per_second": round(peer), "ratio": round(ours / peer, 2)}
    return results


def _badge(number: int, profile: dict[str, Any], entry: dict[str, Any]) -> dict[str, Any]:
    url = "https://bank.example/status/college-a/"
    status = (badge.StatusEntry(1, url + "1", number), badge.StatusEntry(2, url + "2", number))
    recipient = badge.Recipient(f"学生{number}", f"A{number:06}", secrets.token_hex(32))
    return badge.build(
        f"urn:uuid:00000000-0000-4000-8000-{number:012}", profile, entry, recipient, date(2025, 6, 1), datetime(2026, 1, 1, tzinfo=UTC),
        status, cid_of(str(number).encode()), "https://bank.example",
    )  # fmt: skip


def _peer(suite: str, document: dict[str, Any], key: Ed25519PrivateKey, controller: str, method: str) -> float:
    pair = {
        "@context": "https://w3id.org/security/multikey/v1", "type": "Multikey", "id": method, "controller": controller,
        "publicKeyMultibase": method.rsplit("#", 1)[1], "secretKeyMultibase": multibase.base58btc_encode(b"\x80\x26" + key.private_bytes_raw()),
    }  # fmt: skip
    known = {url: contexts.load(url) for url in contexts.PINNED}
    request = {"action": "bench", "suite": suite, "count": PEER_COUNT, "credential": document, "documents": known, "key": pair}
    done = subprocess.run(
        ["node", "tests/oracles/vc.mjs"], cwd=ROOT, input=json.dumps(request), capture_output=True, text=True, check=True
    )
    return float(json.loads(done.stdout)["per_second"])


def issue(rows: int) -> dict[str, Any]:
    """Take a roster of many rows to sealed files, in the processes of a real network, and verify a sample of them."""
    settings = environment.load()
    with tempfile.TemporaryDirectory() as folder:
        home, source = Path(folder) / "home", Path(folder) / "roster.xlsx"
        _roster(source, rows)
        found(home, FOUNDERS, QUORUM, settings)
        member = bootstrap.open_member(bootstrap.load_network(home), "college-a", settings)
        with started(home):
            begun = time.perf_counter()
            steps: dict[str, float] = {}
            catalogue = load_catalogue(DATA / "catalogue.yaml")
            drafts, faults = roster.read(open_roster(source), catalogue, datetime.now(UTC).date())
            assert not faults, faults[:3]
            with Session(member.engine) as session:
                batch_id = service.import_drafts(
                    session, member.keys, drafts, catalogue, source.read_bytes(), "registrar", datetime.now(UTC)
                ).id
                steps["imported"] = time.perf_counter() - begun
                service.release(session, batch_id, "approver", datetime.now(UTC))
            seen = ""
            while seen != BatchState.DELIVERED:
                with Session(member.engine) as session:
                    batch = session.get_one(Batch, batch_id)
                    seen, gas, problem = batch.state.value, batch.anchor_gas, batch.problem
                if seen not in steps:
                    steps[seen] = time.perf_counter() - begun
                assert not problem, problem
                time.sleep(0.05)
            seconds = time.perf_counter() - begun
        files = sorted((home / "credentials").glob("*.json"))
        verification = _verify(files, home / "trust.json")
        member.close()
        kilobytes = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        return {
            "rows": rows, "files": len(files), "seconds": round(seconds, 1), "reached_after": {k: round(v, 1) for k, v in steps.items()},
            "largest_process_mb": kilobytes // 1024, "anchor_gas": gas, **verification,
        }  # fmt: skip


def _roster(path: Path, rows: int) -> None:
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("成绩汇总")
    sheet.append(["学号", "姓名", "班级", "微证书代码", "成绩", "学时", "完成日期"])
    codes = (("MC-PLC-3", 32), ("MC-VISION", 32), ("MC-MES", 48), ("MC-SAFE", 16), ("MC-CNC-5X", 64))
    for number in range(rows):
        code, hours = codes[number % 5]
        sheet.append([f"A{number:06}", f"学生{number}", f"班{number % 40}", code, 60 + number % 40, hours, "2025-06-01"])
    workbook.save(path)


def _verify(files: list[Path], trust: Path) -> dict[str, Any]:
    """Verify a sample in this warm process."""
    known, policy = trust_file.parse(trust.read_bytes()), Policy(datetime.now(UTC), timedelta(days=30))
    sample = files[:: max(1, len(files) // 500)][:500]
    times = []
    for path in [*sample[:10], *sample]:
        data = path.read_bytes()
        begun = time.perf_counter()
        verdict = verify_file(data, known, policy)
        times.append((time.perf_counter() - begun) * 1000)
        assert verdict.exit_code() == 0, verdict
    times = sorted(times[10:])
    return {
        "verify_ms_p50": round(statistics.median(times), 2),
        "verify_ms_p95": round(times[int(len(times) * 0.95)], 2),
        "file_bytes_median": int(statistics.median(path.stat().st_size for path in sample)),
    }


def main() -> None:
    """Run the measurements and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--only", choices=("sign", "issue"))
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    results: dict[str, Any] = {}
    if arguments.only != "sign":  # first: the peer's process must not count as the largest of the issuing run
        results["issue"] = issue(arguments.rows)
    if arguments.only != "issue":
        results["sign_only"] = sign_only()
    print(json.dumps(results, indent=1 if arguments.json else 2))


if __name__ == "__main__":
    main()
