"""The published vectors of each standard, positive and negative; SOURCE.md beside each says where they are from."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import Invalid, LedgerError, Unverified
from ledger.formats import cid, data_integrity, did, jcs, multibase, status_list
from tests.conftest import ROOT

VECTORS = ROOT / "tests" / "vectors"


def load(name: str) -> Any:
    return json.loads((VECTORS / name).read_text("utf-8"))


def test_every_standard_names_its_source() -> None:
    assert all((folder / "SOURCE.md").exists() for folder in VECTORS.iterdir() if folder.is_dir())


@pytest.mark.parametrize("suite", data_integrity.SUITES)
def test_w3c_signed_credentials_verify(suite: str) -> None:
    signed = load(f"vc-di-eddsa/{suite}.json")
    assert data_integrity.verify(signed, did.key_from_method)["name"] == "Alumni Credential"


@pytest.mark.parametrize("suite", data_integrity.SUITES)
@pytest.mark.parametrize(
    "change",
    [
        {"name": "Another"},
        {"credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "Elsewhere"}},
        {"unknownTerm": 1},
        {"@context": ["https://www.w3.org/ns/credentials/v2"]},
        {"@context": ["https://example.org/not-packaged"]},
    ],
)
def test_a_changed_w3c_credential_does_not(suite: str, change: dict[str, Any]) -> None:
    with pytest.raises(LedgerError):
        data_integrity.verify({**load(f"vc-di-eddsa/{suite}.json"), **change}, did.key_from_method)


@pytest.mark.parametrize("suite", data_integrity.SUITES)
@pytest.mark.parametrize("member", ["type", "cryptosuite", "created", "verificationMethod", "proofPurpose", "proofValue"])
def test_a_proof_without_or_with_a_wrong_member_is_malformed(suite: str, member: str) -> None:
    signed = load(f"vc-di-eddsa/{suite}.json")
    for wrong in (None, 7, "", [], {}):
        with pytest.raises((Invalid, Unverified)):
            data_integrity.verify({**signed, "proof": {**signed["proof"], member: wrong}}, did.key_from_method)
    missing = {key: value for key, value in signed["proof"].items() if key != member}
    with pytest.raises((Invalid, Unverified)):
        data_integrity.verify({**signed, "proof": missing}, did.key_from_method)


def test_rfc_8785_examples() -> None:
    numbers, sorting = load("rfc8785/cases.json")
    assert jcs.dumps(json.loads(numbers["input"])).decode() == numbers["output"]
    assert list(json.loads(jcs.dumps(json.loads(sorting["input"]))).values()) == sorting["values"]


@pytest.mark.parametrize(
    "text",
    [b'{"a":1,"a":2}', b'{"a":NaN}', b'{"a":Infinity}', b'"\\ud800"', b"\xff", b"[" * 70 + b"]" * 70, b"", b"{", b"1 2"],
)
def test_strict_json_refuses(text: bytes) -> None:
    with pytest.raises(Invalid):
        jcs.loads(text)


@pytest.mark.parametrize("text", [b'{"b":1,"a":2}', b'{"a": 1}', b'{"a":1.0}', b'"\\u0041"'])
def test_json_that_is_not_canonical_is_refused(text: bytes) -> None:
    with pytest.raises(Invalid, match="json-not-canonical"):
        jcs.loads_canonical(text)


@pytest.mark.parametrize("value", [1 << 53, float("nan"), float("inf"), "\ud800", {1: 2}, {"a": object()}])
def test_jcs_refuses_what_json_cannot_carry(value: Any) -> None:
    with pytest.raises(Invalid):
        jcs.dumps(value)


def test_cids_are_kubos() -> None:
    for case in load("cid/cases.json"):
        assert cid.cid_of(case["text"].encode()) == case["cid"]
    assert cid.is_cid(cid.cid_of(b"x" * (3 << 20)))


def test_the_w3c_example_list_is_empty() -> None:
    example = load("bitstring-status-list/empty.json")
    bits = status_list.decode(example["encodedList"])
    assert (len(bits) * 8, any(bits)) == (example["entries"], False)


def test_status_lists_round_trip_and_refuse() -> None:
    encoded = status_list.encode([0, 7, 8, 131_071])
    bits = status_list.decode(encoded)
    assert [index for index in range(131_072) if status_list.is_set(bits, index)] == [0, 7, 8, 131_071]
    assert bits[0] == 0b1000_0001
    assert status_list.digest(encoded) == sha256(encoded.encode()).digest()
    for wrong in ("", "x", "u", encoded[1:], encoded[:-8], encoded + "AAAA", "uH4sI", "u" + "A" * 90_000):
        with pytest.raises(Invalid):
            status_list.decode(wrong)
    with pytest.raises(Invalid):
        status_list.is_set(bits, 131_072)
    with pytest.raises(Invalid):
        status_list.encode([-1])


def test_a_compression_bomb_stops_early() -> None:
    import gzip

    bomb = "u" + multibase.base64url_encode(gzip.compress(bytes(64 << 20)))
    with pytest.raises(Invalid):
        status_list.decode(bomb)


def test_did_key_examples() -> None:
    for case in load("did-key/cases.json"):
        multikey = case["did"].removeprefix("did:key:")
        key = did.key_from_method(f"{case['did']}#{multikey}")
        assert did.key_did(key) == case["did"]
        assert case.get("publicKeyHex", key.raw.hex()) == key.raw.hex()
    for wrong in (
        "did:key:z6Mk",
        "did:key:zzz#zzz",
        "did:web:x#y",
        "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK#other",
    ):
        with pytest.raises(Invalid):
            did.key_from_method(wrong)


def test_did_web() -> None:
    assert did.web_did("https://bank.example", "institutions", "college-a") == "did:web:bank.example:institutions:college-a"
    assert did.web_did("https://bank.example:8443/bank", "x y") == "did:web:bank.example%3A8443:bank:x%20y"
    with pytest.raises(Invalid):
        did.web_did("nonsense")


@pytest.mark.parametrize("text", ["QQ==", "Q", "QR", "a+b/", " QQ", "QQ\n"])
def test_base64url_is_strict(text: str) -> None:
    with pytest.raises(Invalid):
        multibase.base64url_decode(text)


def test_packaged_contexts_are_pinned_by_digest() -> None:
    from ledger.formats import contexts

    for url, (name, digest) in contexts.PINNED.items():
        folder = Path(contexts.__file__).parent / "contexts"
        assert sha256((folder / name).read_bytes()).hexdigest() == digest, url
