"""VC-API: every suite against another implementation, every malformed member refused."""

from __future__ import annotations

import copy
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.formats import contexts, data_integrity, did, multikey
from ledger.formats.multikey import PublicKey
from tests.journeys.test_interop import MULTIKEY, oracle

V2 = contexts.CREDENTIALS_V2
GOOD: dict[str, Any] = {
    "@context": [V2, "https://www.w3.org/ns/credentials/examples/v2"],
    "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
    "type": ["VerifiableCredential", "AlumniCredential"],
    "issuer": "https://vc.example/issuers/5678",
    "validFrom": "2023-01-01T00:00:00Z",
    "credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "The School of Examples"},
}
V1: dict[str, Any] = {
    "@context": ["https://www.w3.org/2018/credentials/v1", "https://www.w3.org/ns/credentials/examples/v2"],
    "type": ["VerifiableCredential"],
    "issuer": "https://vc.example/issuers/5678",
    "issuanceDate": "2023-01-01T00:00:00Z",
    "credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "学校"},
}
KEYS = [
    ("eddsa-rdfc-2022", None), ("eddsa-jcs-2022", None), ("ecdsa-rdfc-2019", "P-256"), ("ecdsa-rdfc-2019", "P-384"),
    ("ecdsa-jcs-2019", "P-256"), ("ecdsa-jcs-2019", "P-384"),
]  # fmt: skip


@pytest.fixture
def http(running: str) -> Any:
    with httpx.Client(base_url=f"{running}/vc-api", trust_env=False, timeout=30) as client:
        yield client


def issued(http: httpx.Client, suite: str, credential: dict[str, Any] = GOOD, algorithm: str | None = None) -> dict[str, Any]:
    options = {"algorithm": algorithm} if algorithm else {}
    reply = http.post(f"/issuers/{suite}/credentials/issue", json={"credential": credential, "options": options})
    assert reply.status_code == 201, reply.text
    signed: dict[str, Any] = reply.json()["verifiableCredential"]
    return signed


def verified(http: httpx.Client, credential: Any, **options: Any) -> tuple[int, bool]:
    reply = http.post("/credentials/verify", json={"verifiableCredential": credential, "options": options})
    return reply.status_code, reply.json().get("verified")


def issuer_documents(signed: dict[str, Any]) -> dict[str, Any]:
    controller, _, fragment = signed["proof"]["verificationMethod"].partition("#")
    document = did.document(controller, {fragment: multikey.parse(fragment)})
    method = {"@context": MULTIKEY, **document["verificationMethod"][0]}
    return {controller: document, f"{controller}#{fragment}": method}


@pytest.mark.parametrize(("suite", "algorithm"), KEYS)
@pytest.mark.parametrize("credential", [GOOD, V1], ids=["2.0", "1.1"])
def test_what_is_issued_verifies_here_and_elsewhere(
    http: httpx.Client, documents: dict[str, Any], suite: str, algorithm: str | None, credential: dict[str, Any]
) -> None:
    signed = issued(http, suite, credential, algorithm)
    assert verified(http, signed) == (200, True)
    assert verified(http, signed, checks=["proof"]) == (200, True)
    known = {**documents, **issuer_documents(signed)}
    assert oracle(action="verify", suite=suite, credential=signed, documents=known) == {"verified": True, "errors": []}
    forged = copy.deepcopy(signed)
    forged["credentialSubject"]["alumniOf"] = "Elsewhere"
    assert verified(http, forged) == (400, False)
    other = "ecdsa-rdfc-2019" if suite.startswith("eddsa") else "eddsa-rdfc-2022"
    assert verified(http, {**signed, "proof": {**signed["proof"], "cryptosuite": other}}) == (400, False)


BAD: list[tuple[str, Any]] = [
    ("@context", []), ("@context", "https://www.w3.org/2018/credentials/v1"), ("@context", [V2, 7]), ("@context", [V2, "no url"]),
    ("@context", ["https://www.w3.org/ns/credentials/examples/v2", V2]), ("@context", [V2, "https://nowhere.example/"]), ("@context", None),
    ("type", []), ("type", "AlumniCredential"), ("type", ["VerifiableCredential", 7]),
    ("id", "not a url"), ("id", ["urn:a", "urn:b"]), ("id", 7), ("issuer", None), ("issuer", "no url"), ("issuer", {"name": "x"}),
    ("issuer", {"id": "x y"}), ("issuer", 7), ("credentialSubject", None), ("credentialSubject", []), ("credentialSubject", {}),
    ("credentialSubject", "text"), ("credentialSubject", {"id": "no url", "alumniOf": "x"}), ("credentialSubject", [{}]),
    ("validFrom", "2023-01-01"), ("validFrom", 7), ("validFrom", "2023-13-01T00:00:00Z"), ("validUntil", "2022-01-01T00:00:00Z"),
    ("issuanceDate", "2023-01-01T00:00:00Z"), ("credentialSchema", {"id": "urn:x"}), ("credentialSchema", {"type": "JsonSchema"}),
    ("credentialSchema", {"id": "x y", "type": "JsonSchema"}), ("evidence", {"id": "urn:x"}), ("evidence", "x"), ("termsOfUse", {}),
    ("refreshService", {"id": "urn:x"}), ("credentialStatus", {"id": "urn:x"}), ("credentialStatus", {"id": "x y", "type": "A"}),
    ("credentialStatus", {"type": "BitstringStatusListEntry", "statusPurpose": "revocation", "statusListIndex": -1}),
    ("name", {"@value": 7}), ("name", {"@value": "x", "@language": "not a tag"}), ("name", {"@value": "x", "extra": 1}), ("name", 7),
    ("description", {"@value": "x", "@direction": "up"}), ("relatedResource", {"id": "urn:x"}), ("relatedResource", "x"),
    ("relatedResource", {"id": V2, "digestSRI": "sha256-AAAA"}), ("relatedResource", [{"id": "urn:x", "digestSRI": "sha256-A"}] * 2),
    ("proof", {"type": "DataIntegrityProof"}),
]  # fmt: skip


@pytest.mark.parametrize(("member", "value"), BAD, ids=[f"{member}={value!r}"[:60] for member, value in BAD])
def test_malformed_members_are_refused_at_issue(http: httpx.Client, member: str, value: Any) -> None:
    reply = http.post("/issuers/eddsa-rdfc-2022/credentials/issue", json={"credential": {**GOOD, member: value}})
    assert reply.status_code == 400, reply.text
    assert reply.json()["errors"][0]["title_zh"]


@pytest.mark.parametrize(
    "change", [{"undefinedTerm": "x"}, {"type": ["VerifiableCredential", "NoSuchType"]}, {"credentialSubject": {"x": 1}}]
)
def test_a_term_that_json_ld_would_drop_is_refused(http: httpx.Client, change: dict[str, Any]) -> None:
    plain = {**GOOD, "@context": [V2], "type": ["VerifiableCredential"], "credentialSubject": {"id": "did:example:a", "name": "x"}}
    assert issued(http, "eddsa-jcs-2022", plain)
    for suite in ("eddsa-rdfc-2022", "eddsa-jcs-2022"):
        reply = http.post(f"/issuers/{suite}/credentials/issue", json={"credential": {**plain, **change}})
        assert (reply.status_code, reply.json()["type"]) == (400, "/problems/term-dropped")


def test_well_formed_variants_are_issued(http: httpx.Client) -> None:
    digest = "sha256-WZVc7WaX1h4D8rJVb+tTCKsWhChGtYb1htfxrewScjQ="
    from base64 import b64encode

    exact = "sha256-" + b64encode(bytes.fromhex(contexts.PINNED[V2][1])).decode()
    assert digest != exact
    for change in (
        {"name": {"@value": "微证书", "@language": "zh"}},
        {"name": [{"@value": "a", "@language": "en"}, {"@value": "乙", "@language": "zh-Hans", "@direction": "ltr"}]},
        {"credentialSubject": [GOOD["credentialSubject"], {"alumniOf": "x"}]},
        {"validUntil": "2099-01-01T00:00:00+08:00"},
        {"credentialSchema": {"id": "https://x.example/s", "type": "JsonSchema"}},
        {"relatedResource": {"id": V2, "digestSRI": exact}},
        {
            "@context": [V2, {"undefinedTerm": "urn:x:term"}],
            "type": "VerifiableCredential",
            "credentialSubject": {"undefinedTerm": "x"},
        },
    ):
        signed = issued(http, "eddsa-rdfc-2022", {**GOOD, **change})
        assert verified(http, signed) == (200, True), change


def test_requests_that_are_no_requests(http: httpx.Client) -> None:
    for path in ("/issuers/eddsa-rdfc-2022/credentials/issue", "/credentials/verify", "/presentations/verify"):
        for content in (
            b"",
            b"[]",
            b"{}",
            b'{"credential":1,"verifiableCredential":1,"verifiablePresentation":1}',
            b'{"a":1,"a":2}',
            b"\xff",
        ):
            assert http.post(path, content=content).status_code == 400, (path, content)
    assert http.post("/issuers/no-such-suite/credentials/issue", json={"credential": GOOD}).status_code == 400


def test_dates_count_unless_only_the_proof_is_asked_for(http: httpx.Client) -> None:
    expired = issued(http, "eddsa-jcs-2022", {**GOOD, "validUntil": "2024-01-01T00:00:00Z"})
    assert verified(http, expired) == (400, False)
    assert verified(http, expired, checks=["proof"]) == (200, True)


def test_proof_sets_and_chains(http: httpx.Client) -> None:
    first, second = issued(http, "eddsa-rdfc-2022"), issued(http, "eddsa-jcs-2022")
    assert first["issuer"] == second["issuer"]
    both = {**first, "proof": [first["proof"], second["proof"]]}
    assert verified(http, both) == (200, True)
    broken = {**both, "proof": [first["proof"], {**second["proof"], "created": "2020-01-01T00:00:00Z"}]}
    assert verified(http, broken) == (400, False)
    dangling = {**both, "proof": [first["proof"], {**second["proof"], "previousProof": "urn:absent"}]}
    assert verified(http, dangling) == (400, False)
    assert verified(http, {**first, "proof": []}) == (400, False)


def test_presentations(http: httpx.Client) -> None:
    credential = issued(http, "eddsa-rdfc-2022")
    presentation = {"@context": [V2], "type": ["VerifiablePresentation"], "verifiableCredential": [credential]}

    def ask(body: Any) -> int:
        return http.post("/presentations/verify", json={"verifiablePresentation": body, "options": {}}).status_code

    assert ask(presentation) == 200
    forged = copy.deepcopy(presentation)
    forged["verifiableCredential"][0]["validFrom"] = "2022-01-01T00:00:00Z"
    for wrong in (
        forged,
        {**presentation, "type": "X"},
        {**presentation, "verifiableCredential": ["x"]},
        {**presentation, "holder": "x y"},
    ):
        assert ask(wrong) == 400


def test_a_credential_signed_with_anothers_key_is_refused(http: httpx.Client) -> None:
    victim, forger = issued(http, "eddsa-rdfc-2022"), issued(http, "ecdsa-rdfc-2019")
    unsigned = {name: value for name, value in GOOD.items() if name != "proof"}
    key = Ed25519PrivateKey.generate()
    method = did.key_method(PublicKey("Ed25519", key.public_key().public_bytes_raw()))
    options = data_integrity.proof_options("eddsa-rdfc-2022", method, "2026-01-01T00:00:00Z")
    impostor = data_integrity.sign({**unsigned, "issuer": victim["issuer"]}, options, key.sign)
    assert verified(http, impostor) == (400, False)
    assert verified(http, impostor, checks=["proof"]) == (200, True)
    both = {**victim, "proof": [victim["proof"], impostor["proof"]]}
    assert verified(http, both) == (400, False)
    assert forger["issuer"] != victim["issuer"]


def test_a_signed_presentation_needs_its_challenge_and_its_holders_key(http: httpx.Client) -> None:
    key = Ed25519PrivateKey.generate()
    public = PublicKey("Ed25519", key.public_key().public_bytes_raw())
    unsigned = {
        "@context": [V2], "type": ["VerifiablePresentation"], "holder": did.key_did(public),
        "verifiableCredential": [issued(http, "eddsa-rdfc-2022")],
    }  # fmt: skip
    options = {
        **data_integrity.proof_options("eddsa-rdfc-2022", did.key_method(public), "2026-01-01T00:00:00Z"),
        "proofPurpose": "authentication", "challenge": "c1", "domain": "https://verifier.example",
    }  # fmt: skip

    def ask(body: Any, **asked: str) -> int:
        return http.post("/presentations/verify", json={"verifiablePresentation": body, "options": asked}).status_code

    signed = data_integrity.sign(unsigned, options, key.sign)
    right = {"challenge": "c1", "domain": "https://verifier.example"}
    assert ask(signed, **right) == 200
    for wrong in (
        {},
        {"challenge": "c1"},
        {"domain": right["domain"]},
        {**right, "challenge": "c2"},
        {**right, "domain": "https://x.example"},
    ):
        assert ask(signed, **wrong) == 400, wrong
    stolen = data_integrity.sign(
        {**unsigned, "holder": "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"}, options, key.sign
    )
    assert ask(stolen, **right) == 400


def test_did_resolution(http: httpx.Client) -> None:
    identifier = issued(http, "ecdsa-rdfc-2019", algorithm="P-384")["issuer"]
    reply = http.get(f"/1.0/identifiers/{identifier}")
    assert (reply.status_code, reply.json()["didDocument"]["id"]) == (200, identifier)
    assert set(reply.json()) == {"@context", "didDocument", "didDocumentMetadata", "didResolutionMetadata"}
    for wrong, error in (("did:key:zzz", "invalidDid"), ("nonsense", "invalidDid"), ("did:web:bank.example", "methodNotSupported")):
        reply = http.get(f"/1.0/identifiers/{wrong}")
        assert 400 <= reply.status_code < 600
        assert reply.json()["didResolutionMetadata"]["error"] == error
