"""Our badges in other people's verifiers, and theirs in ours."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ledger.formats import contexts, data_integrity, did, multibase
from ledger.formats.multikey import PublicKey
from ledger.formats.proof import Suite
from tests.conftest import ROOT

MULTIKEY = "https://w3id.org/security/multikey/v1"


def oracle(**request: Any) -> Any:
    done = subprocess.run(
        [ROOT / ".venv" / "bin" / "node", "tests/oracles/vc.mjs"],
        input=json.dumps(request),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def issuer_documents(credential: dict[str, Any], key: bytes) -> dict[str, Any]:
    controller, _, fragment = credential["proof"]["verificationMethod"].partition("#")
    document = did.document(controller, {fragment: PublicKey("Ed25519", key)})
    return {controller: document, f"{controller}#{fragment}": {"@context": MULTIKEY, **document["verificationMethod"][0]}}


@pytest.fixture
def badge(files: list[Path]) -> tuple[dict[str, Any], bytes]:
    body = json.loads(files[0].read_text())
    return body["credential"], bytes.fromhex(body["issuer_keys"][0]["key"])


def test_npm_vc_verifies_our_rdfc_badge(badge: tuple[dict[str, Any], bytes], documents: dict[str, Any]) -> None:
    credential, key = badge
    known = {**documents, **issuer_documents(credential, key)}
    assert oracle(action="verify", suite="eddsa-rdfc-2022", credential=credential, documents=known) == {
        "verified": True,
        "errors": [],
    }
    forged = {**credential, "awardedDate": "2020-01-01T00:00:00Z"}
    assert not oracle(action="verify", suite="eddsa-rdfc-2022", credential=forged, documents=known)["verified"]


def test_openbadgeslib_verifies_our_rdfc_badge(badge: tuple[dict[str, Any], bytes]) -> None:
    from openbadgeslib.ob3.ldp import OB3LdpVerifier
    from openbadgeslib.ob3.verifier import OB3VerificationError

    credential, key = badge
    public = Ed25519PublicKey.from_public_bytes(key)
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    read = OB3LdpVerifier(pem).verify(json.dumps(credential))
    assert read.achievement.achievement_type == "MicroCredential"
    with pytest.raises(OB3VerificationError):
        OB3LdpVerifier(pem).verify(json.dumps({**credential, "name": "x"}))


def test_npm_vc_verifies_our_jcs_badge(badge: tuple[dict[str, Any], bytes], documents: dict[str, Any]) -> None:
    key = Ed25519PrivateKey.generate()
    unsigned = {name: value for name, value in badge[0].items() if name != "proof"}
    method = badge[0]["proof"]["verificationMethod"]
    options = data_integrity.proof_options("eddsa-jcs-2022", method, "2026-01-01T00:00:00Z")
    signed = data_integrity.TemplateSigner(unsigned, options, key.sign).sign(unsigned)
    known = {**documents, **issuer_documents(signed, key.public_key().public_bytes_raw())}
    assert oracle(action="verify", suite="eddsa-jcs-2022", credential=signed, documents=known)["verified"]


@pytest.mark.parametrize("suite", data_integrity.SUITES)
def test_a_badge_made_by_npm_vc_verifies_here(suite: Suite, badge: tuple[dict[str, Any], bytes], documents: dict[str, Any]) -> None:
    private = Ed25519PrivateKey.generate()
    public = PublicKey("Ed25519", private.public_key().public_bytes_raw())
    method = did.key_method(public)
    key = {
        "@context": MULTIKEY,
        "type": "Multikey",
        "id": method,
        "controller": did.key_did(public),
        "publicKeyMultibase": public.multikey,
        "secretKeyMultibase": multibase.base58btc_encode(b"\x80\x26" + private.private_bytes_raw()),
    }
    unsigned = {name: value for name, value in badge[0].items() if name not in ("proof", "issuer")}
    unsigned["issuer"] = did.key_did(public)
    made = oracle(action="issue", suite=suite, credential=unsigned, documents=documents, key=key)["credential"]
    assert made["proof"]["cryptosuite"] == suite
    assert data_integrity.verify(made, did.key_from_method)["id"] == unsigned["id"]
    assert set(made["@context"]) >= {contexts.CREDENTIALS_V2}


def test_the_public_did_document_names_the_key(badge: tuple[dict[str, Any], bytes], running: str) -> None:
    import httpx

    document = httpx.get(f"{running}/institutions/college-a/did.json", trust_env=False).json()
    methods = {entry["id"]: entry["publicKeyMultibase"] for entry in document["verificationMethod"]}
    assert methods[badge[0]["proof"]["verificationMethod"]] == PublicKey("Ed25519", badge[1]).multikey
