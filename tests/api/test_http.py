"""The operator's HTTP API: verification without an account, problems instead of failures, nothing but signatures counts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from ledger.formats import credential_file, data_integrity, status_list
from ledger.formats.eip712 import struct_hash


@pytest.fixture
def http(running: str) -> Any:
    with httpx.Client(base_url=running, trust_env=False, timeout=30) as client:
        yield client


def test_verify_gives_the_answers_of_the_command(http: httpx.Client, files: list[Path], demo: Path) -> None:
    from datetime import UTC, datetime

    from ledger.credentials.rules import Policy
    from ledger.formats import trust_file
    from wallets.verify import verify_file

    data = files[1].read_bytes()
    reply = http.post("/verify", content=data)
    trust = trust_file.parse((demo / "trust.json").read_bytes())
    assert (reply.status_code, reply.json()) == (200, verify_file(data, trust, Policy(datetime.now(UTC))).to_dict())
    body = json.loads(data)
    body["leaf"]["salt"] = "00" * 32
    from ledger.formats import jcs

    failed = http.post("/verify", content=jcs.dumps(body))
    assert (failed.status_code, failed.json()["integrity"]["answer"]) == (200, "fail")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[1]",
        b'{"a":1,"a":2}',
        b'{"a":NaN}',
        b"\xff\xfe",
        b"[" * 5000,
        b'"' + b"x" * 500_000 + b'"',
        b'{"a":"\\ud800"}',
    ],
)
def test_what_is_no_file_is_a_400_problem(http: httpx.Client, content: bytes) -> None:
    reply = http.post("/verify", content=content)
    assert reply.status_code == 400
    assert reply.headers["content-type"] == "application/problem+json"
    problem = reply.json()
    assert problem["type"] == "/problems/not-credential-file"
    assert problem["title"] and problem["title_zh"] and problem["instance"].endswith(reply.headers["x-request-id"])
    assert http.get(problem["type"]).json()["status"] == 400


def test_a_huge_body_is_refused_with_its_limit(http: httpx.Client) -> None:
    reply = http.post("/verify", content=b"x" * (credential_file.MAX_BYTES + 1))
    assert (reply.status_code, reply.json()["type"]) == (413, "/problems/too-large")


@pytest.mark.parametrize("path", ["/relay/messages", "/seals", "/checkpoints"])
def test_a_flood_in_one_body_is_refused_before_it_is_read(http: httpx.Client, path: str) -> None:
    chunk = b"[" * (1 << 20)
    for content in (chunk * 3, iter([chunk] * 3)):
        reply = http.post(path, content=content, headers={"content-type": "application/json"})
        assert reply.status_code == 413, reply.text


def test_health_readiness_and_openapi(http: httpx.Client) -> None:
    assert http.get("/healthz").json() == {"status": "ok"}
    ready = http.get("/readyz").json()
    assert ready["height"] >= ready["final"] > 0
    paths = http.get("/openapi.json").json()["paths"]
    assert {"/verify", "/seals", "/relay/messages", "/chain/blocks", "/checkpoints", "/institutions/{slug}/did.json"} <= set(paths)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/nowhere", None, 404), ("GET", f"/status/college-a/{10**30}", None, 422), ("GET", f"/chain/blocks?after={10**30}", None, 422),
        ("DELETE", "/verify", None, 405), ("GET", "/status/college-a/99", None, 404),
        ("GET", "/institutions/nobody/did.json", None, 404), ("GET", "/schemas/x.json", None, 404), ("GET", "/problems/x", None, 404),
        ("POST", "/seals", {}, 422), ("POST", "/relay/messages", {"register": "Committee", "function": "setQuorum", "args": [1]}, 404),
        ("POST", "/relay/messages", {"register": "CredentialRegistry", "function": "anchor", "args": ["x"]}, 422),
        ("POST", "/relay/messages", {"register": "CredentialRegistry", "function": "anchor", "args": []}, 422),
        ("POST", "/chain/transactions", {"raw": "0x00"}, 409), ("POST", "/chain/transactions", {"raw": "zz"}, 422),
        ("POST", "/checkpoints", {"signatures": [{}]}, 422), ("GET", "/chain/blocks?after=-1", None, 422),
        ("GET", "/manifests?awaiting=x", None, 422), ("GET", "/operations/x", None, 404),
        ("POST", "/manifests", {"request": {}, "body": "!"}, 422), ("POST", "/manifests", {"request": {}, "body": ""}, 422),
        ("POST", "/status/college-a/1", {"version": 1, "encoded": "u", "credential": {}}, 422),
        ("POST", "/proposals", {"id": "00" * 32, "title_zh": "x", "title_en": "x", "calls": [], "propose": []}, 422),
    ],
)  # fmt: skip
def test_bad_requests_are_problems(http: httpx.Client, method: str, path: str, body: Any, status: int) -> None:
    reply = http.request(method, path, json=body)
    assert (reply.status_code, reply.headers["content-type"]) == (status, "application/problem+json"), reply.text


def test_a_seal_for_an_unknown_batch_is_refused(http: httpx.Client, files: list[Path]) -> None:
    from wallets.refresh import seal_request

    request = seal_request(files[0].read_bytes())
    assert http.post("/seals", json=request).status_code == 200
    assert "credential" not in json.dumps(request)
    request["anchor"]["root"] = "00" * 32
    assert http.post("/seals", json=request).json()["type"] == "/problems/not-anchored"


def test_a_checkpoint_of_another_history_is_refused(http: httpx.Client) -> None:
    block = http.get("/chain/blocks", params={"after": 0}).json()["blocks"][0]
    entry = {"number": 1, "block_hash": "0x" + "00" * 32, "state_root": block["state_root"], "signature": "00" * 65}
    assert http.post("/checkpoints", json={"signatures": [entry]}).json()["type"] == "/problems/chain-forked"
    entry["block_hash"] = block["block_hash"]
    assert http.post("/checkpoints", json={"signatures": [entry]}).json()["type"] == "/problems/checkpoint-invalid"


def test_a_replayed_anchor_is_refused_once_it_stands(http: httpx.Client, demo: Path) -> None:
    from sqlmodel import Session, select

    from ledger import bootstrap
    from ledger.outbox.tables import OutboxMessage

    engine = bootstrap.open_database(demo / "members" / "college-a" / "ledger.sqlite")
    with Session(engine) as session:
        sent = session.exec(select(OutboxMessage).where(OutboxMessage.function == "anchor")).one()
        body = {"register": sent.target, "function": sent.function, "args": sent.args}
    engine.dispose()
    reply = http.post("/relay/messages", json=body)
    assert (reply.status_code, reply.json()["type"]) == (409, "/problems/already-anchored")


def test_public_status_lists_are_signed(http: httpx.Client) -> None:
    document = http.get("/status/college-a/1").json()
    key = http.get("/institutions/college-a/did.json").json()["verificationMethod"][0]
    from ledger.formats import multikey

    signed = data_integrity.verify(
        document, lambda method: multikey.parse(key["publicKeyMultibase"] if method == key["id"] else "")
    )
    assert signed["type"] == ["VerifiableCredential", "BitstringStatusListCredential"]
    assert len(status_list.decode(signed["credentialSubject"]["encodedList"])) * 8 == 131_072
    assert document["proof"]["verificationMethod"].startswith(document["issuer"] + "#")


def test_the_first_decision_is_public(http: httpx.Client) -> None:
    proposal = next(entry for entry in http.get("/proposals").json() if entry["title"]["en"] == "First accreditations")
    assert (proposal["state"], proposal["yes"]) == ("executed", 3)
    assert len(struct_hash("Vote", {"proposal": bytes(32), "member": bytes(32), "choice": 1})) == 32


def test_the_log_holds_no_personal_data(http: httpx.Client, files: list[Path], demo: Path) -> None:
    body = json.loads(files[0].read_text())
    http.post("/verify", content=files[0].read_bytes())
    log = (demo / "operator" / "log.txt").read_text("utf-8")
    name = body["credential"]["credentialSubject"]["identifier"][0]["identityHash"]
    assert "route=/verify" in log and name not in log and body["credential"]["id"] not in log


def test_the_operators_files_name_nobody(http: httpx.Client, files: list[Path], demo: Path) -> None:
    names = {json.loads(path.read_text())["credential"]["credentialSubject"]["identifier"][0]["identityHash"] for path in files}
    held = b"".join(path.read_bytes() for path in (demo / "operator").rglob("*") if path.is_file())
    assert {name for name in names if name.encode() in held} == set()
    member = b"".join(path.read_bytes() for path in (demo / "members" / "college-a").glob("ledger.sqlite*"))
    assert {name for name in names if name.encode() in member} == set()
