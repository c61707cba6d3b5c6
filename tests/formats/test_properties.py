"""Properties of the bank's own formats, each against an independent implementation where there is one."""

from __future__ import annotations

import json
import os
from typing import Any

import base58
import pytest
import rfc8785
from eth_account import Account
from eth_account.messages import encode_typed_data
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import Invalid, LedgerError, Unverified
from ledger.formats import eip712, jcs, merkle, multibase, rdfc, secp256k1
from ledger.formats.keccak import keccak256

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
scalars = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(-1e15, 1e15) | texts
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=20)


@given(values)
def test_jcs_equals_the_reference(value: Any) -> None:
    try:
        expected = rfc8785.dumps(value)
    except rfc8785.CanonicalizationError:
        with pytest.raises(Invalid):
            jcs.dumps(value)
        return
    assert jcs.dumps(value) == expected
    assert jcs.dumps(jcs.loads_canonical(jcs.dumps(value))) == jcs.dumps(value)


@given(st.dictionaries(texts, values, max_size=5), st.dictionaries(texts, values, max_size=5))
def test_a_jcs_template_gives_the_same_bytes_for_any_value(sample: dict[str, Any], value: dict[str, Any]) -> None:
    try:
        template = jcs.Template(sample)
        expected = [rfc8785.dumps(candidate) for candidate in (sample, value, {**sample, **value})]
    except (Invalid, rfc8785.CanonicalizationError):
        return
    assert [template.dumps(candidate) for candidate in (sample, value, {**sample, **value})] == expected
    assert template.dumps(json.loads(json.dumps(sample))) == expected[0]


def test_a_jcs_template_does_not_mix_up_true_and_one() -> None:
    template = jcs.Template({"a": {"b": True, "c": [0, 1.0]}})
    assert template.dumps({"a": {"b": 1, "c": [False, 1]}}) == b'{"a":{"b":1,"c":[false,1]}}'


@given(st.binary(max_size=90))
def test_base58_equals_the_library(data: bytes) -> None:
    text = multibase.base58btc_encode(data)
    assert text == "z" + base58.b58encode(data).decode()
    assert multibase.base58btc_decode(text) == data


@pytest.mark.parametrize("count", [*range(1, 18), 100])
def test_every_leaf_leads_to_the_root_and_no_flipped_bit_does(count: int) -> None:
    leaves = [merkle.leaf_hash(bytes([i]) * 32, keccak256(bytes([i]))) for i in range(count)]
    tree = merkle.Tree(leaves)
    for index, leaf in enumerate(leaves):
        path = tree.path(index)
        assert merkle.root_from_path(leaf, index, count, path) == tree.root
        flipped = bytes([leaf[0] ^ 1]) + leaf[1:]
        assert merkle.root_from_path(flipped, index, count, path) != tree.root
        for level, node in enumerate(path):
            wrong = [*path[:level], bytes([node[0] ^ 1]) + node[1:], *path[level + 1 :]]
            assert merkle.root_from_path(leaf, index, count, wrong) != tree.root
        for place, total in ((index + 1, count), (index, count + 1), (index, count - 1)):
            try:
                assert merkle.root_from_path(leaf, place, total, path) != tree.root
            except Unverified:
                continue
        for wrong in (path[:-1], [*path, leaf]) if path else ([leaf],):
            with pytest.raises(Unverified):
                merkle.root_from_path(leaf, index, count, wrong)


def test_the_tree_has_the_shape_of_rfc_6962() -> None:
    a, b, c = (keccak256(bytes([i])) for i in range(3))
    node = keccak256(b"\x01" + keccak256(b"\x01" + a + b) + c)
    assert merkle.Tree([a, b, c]).root == keccak256(b"\x02" + (3).to_bytes(8, "big") + node)
    with pytest.raises(Invalid):
        merkle.Tree([])
    with pytest.raises(Invalid):
        merkle.leaf_hash(b"short", bytes(32))


@pytest.mark.parametrize("name", sorted(eip712.TYPES))
@pytest.mark.parametrize("register", [None, "0x" + "ab" * 20])
def test_messages_hash_as_eth_account_hashes_them(name: str, register: Any) -> None:
    members = [member.split(" ") for member in eip712.TYPES[name][len(name) + 1 : -1].split(",")]
    message: dict[str, Any] = {label: os.urandom(32) if kind == "bytes32" else 7 for kind, label in members}
    domain: dict[str, Any] = {"name": "creditbank", "version": "1", "chainId": 20_260, "salt": b"\x01" * 32}
    if register:
        domain["verifyingContract"] = register
    typed = encode_typed_data(domain, {name: [{"name": label, "type": kind} for kind, label in members]}, message)
    account = Account.create()
    signature = bytes(account.sign_message(typed).signature)
    digest = eip712.Domain(20_260, b"\x01" * 32, register).digest(name, message)
    assert secp256k1.recover(digest, signature) == account.address.lower()
    assert secp256k1.sign(bytes(account.key), digest) == signature


def test_messages_must_fit_their_type() -> None:
    good = {"root": bytes(32), "count": 1, "manifest": bytes(32)}
    for wrong in ({"count": -1}, {"count": 1 << 64}, {"count": True}, {"root": bytes(31)}, {"root": "00"}, {"more": 1}):
        with pytest.raises(Invalid):
            eip712.struct_hash("Custody", {**good, **wrong})


def test_malleable_and_malformed_signatures_are_refused() -> None:
    digest, key = keccak256(b"x"), bytes(31) + b"\x07"
    signature = secp256k1.sign(key, digest)
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    high = signature[:32] + (order - int.from_bytes(signature[32:64], "big")).to_bytes(32, "big") + bytes([55 - signature[64]])
    for wrong in (high, signature[:64], signature + b"\0", signature[:64] + b"\x00", b"\xff" * 32 + signature[32:], bytes(65)):
        with pytest.raises(Invalid):
            secp256k1.recover(digest, wrong)


def test_a_dropped_term_and_a_relative_type_are_errors() -> None:
    base = {"@context": ["https://www.w3.org/ns/credentials/v2"], "id": "urn:x:1", "type": "VerifiableCredential"}
    for change in ({"nonsense": 1}, {"type": ["VerifiableCredential", "NoSuchType"]}, {"@context": ["https://nowhere.example/"]}):
        with pytest.raises(Invalid):
            rdfc.canonicalize({**base, **change})


def test_a_poison_graph_hits_the_work_limit() -> None:
    context = {"p": {"@id": "urn:p", "@type": "@id"}}
    nodes = [{"@id": f"_:n{i}", "p": [f"_:n{j}" for j in range(10) if j != i]} for i in range(10)]
    with pytest.raises(Invalid) as refused:
        rdfc.canonicalize({"@context": context, "@graph": nodes})
    assert refused.value.code == "graph-too-hard"


def test_a_template_refuses_another_shape() -> None:
    sample = {"@context": ["https://www.w3.org/ns/credentials/v2"], "id": "urn:x:1", "type": "VerifiableCredential", "name": "a"}
    template = rdfc.Template(sample)
    assert template.canonicalize({**sample, "name": "乙"}) == rdfc.canonicalize({**sample, "name": "乙"})
    for change in ({"description": "x"}, {"name": ["a"]}, {"type": ["VerifiableCredential"]}, {"@context": []}):
        with pytest.raises(Invalid):
            template.canonicalize({**sample, **change})


SAMPLE: dict[str, Any] = {
    "@context": ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
    "id": "urn:uuid:1",
    "type": ["VerifiableCredential", "OpenBadgeCredential"],
    "name": "sample",
    "issuer": {"id": "did:web:a.example", "type": ["Profile"], "name": "i"},
    "validFrom": "2026-01-01T00:00:00Z",
    "credentialSubject": {
        "type": ["AchievementSubject"],
        "identifier": [
            {"type": ["IdentityObject"], "hashed": False, "identityType": "name", "identityHash": "a"},
            {"type": ["IdentityObject"], "hashed": True, "identityType": "sisSourcedId", "identityHash": "b", "salt": "c"},
        ],
    },
}


@settings(max_examples=150)
@given(
    st.lists(texts, min_size=6, max_size=6),
    st.sampled_from(["urn:uuid:2", "https://x.example/汉?q=1#f", "ipfs://bafy", "did:web:b"]),
)
def test_an_rdf_template_gives_the_same_bytes_for_any_text(words: list[str], identifier: str) -> None:
    template = rdfc.Template(SAMPLE)
    document = json.loads(json.dumps(SAMPLE))
    document["id"], document["name"], document["issuer"]["name"] = identifier, words[0], words[1]
    first, second = document["credentialSubject"]["identifier"]
    first["identityHash"], second["identityHash"], second["salt"], second["identityType"] = words[2:]
    assert template.canonicalize(document) == rdfc.canonicalize(document)


@pytest.mark.parametrize(
    "identifier", ["urn:x> <urn:p> <urn:o> .\n<urn:y", "relative", "", "urn:a b", "xsd:date", 'urn:"', "urn:\\u003e", "_:b0"]
)
def test_an_rdf_template_takes_no_text_for_an_iri_that_is_none(identifier: str) -> None:
    with pytest.raises(Invalid, match="shape-differs"):
        rdfc.Template(SAMPLE).canonicalize({**SAMPLE, "id": identifier})


def test_deeply_nested_rlp_is_a_clear_error() -> None:
    from ledger.formats import block_header, state_proof

    nested = b"\xc0"
    for _ in range(600):
        size = len(nested)
        nested = (
            bytes([0xC0 + size])
            if size < 56
            else bytes([0xF7 + (size.bit_length() + 7) // 8]) + size.to_bytes((size.bit_length() + 7) // 8, "big")
        ) + nested
    with pytest.raises(LedgerError):
        block_header.decode(nested)
    with pytest.raises(LedgerError):
        state_proof.NodePool(keccak256(nested), [nested])


@settings(max_examples=200)
@given(st.binary(max_size=400))
def test_hostile_bytes_are_never_a_foreign_error(data: bytes) -> None:
    from ledger.formats import block_header, credential_file, state_proof, trust_file

    for reader in (
        credential_file.parse,
        trust_file.parse,
        block_header.decode,
        lambda raw: state_proof.NodePool(keccak256(raw), [raw]),
    ):
        try:
            read: Any = reader(data)
        except LedgerError as error:
            read = error.code
        assert read is not None
