"""Every leaf value of a credential file is signed, proved or compared: one change, and the right answer fails (P-26)."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ledger.credentials.rules import QUESTIONS, Policy
from ledger.errors import Invalid
from ledger.formats import jcs, trust_file
from ledger.formats.trust_file import TrustFile
from wallets.verify import verify_file

#: Which answer a changed member must fail; a member that is not a credential file any more is refused as such.
RESPONSIBLE = {"issuer": "issuer", "issuer_keys": "issuer", "status": "status"}


@pytest.fixture
def trust(demo: Path) -> TrustFile:
    return trust_file.parse((demo / "trust.json").read_bytes())


@pytest.fixture
def body(files: list[Path]) -> dict[str, Any]:
    loaded: dict[str, Any] = jcs.loads(files[0].read_bytes())
    return loaded


def leaves(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from leaves(value, (*path, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from leaves(value, (*path, index))
    else:
        yield path


def changed(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    last = value[-1:] or "a"
    return value[:-1] + ("b" if last != "b" else "c")


def replaced(body: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    copied = copy.deepcopy(body)
    node = copied
    for part in path[:-1]:
        node = node[part]
    node[path[-1]] = value
    return copied


def at(body: Any, path: tuple[Any, ...]) -> Any:
    for part in path:
        body = body[part]
    return body


def test_every_flipped_leaf_fails_the_right_answer(body: dict[str, Any], trust: TrustFile) -> None:
    policy = Policy(datetime.now(UTC))
    tried = 0
    for path in leaves(body):
        mutant = replaced(body, path, changed(at(body, path)))
        try:
            verdict = verify_file(jcs.dumps(mutant), trust, policy)
        except Invalid as error:
            assert error.code == "not-credential-file", path
            continue
        tried += 1
        failing = [question for question in QUESTIONS if getattr(verdict, question).answer == "fail"]
        assert failing == [RESPONSIBLE.get(path[0], "integrity")], (path, verdict)
        assert verdict.exit_code() == 1
    assert tried > 100


def test_removing_or_adding_a_member_is_refused(body: dict[str, Any], trust: TrustFile) -> None:
    policy = Policy(datetime.now(UTC))
    for member in body:
        with pytest.raises(Invalid):
            verify_file(jcs.dumps({key: value for key, value in body.items() if key != member}), trust, policy)
    with pytest.raises(Invalid):
        verify_file(jcs.dumps({**body, "note": "x"}), trust, policy)


def test_flipped_bytes_are_no_file_or_a_failure(files: list[Path], trust: TrustFile) -> None:
    policy, data = Policy(datetime.now(UTC)), files[0].read_bytes()
    chance = random.Random(2026)
    for _ in range(300):
        place = chance.randrange(len(data))
        mutant = data[:place] + bytes([data[place] ^ 1 << chance.randrange(8)]) + data[place + 1 :]
        try:
            assert verify_file(mutant, trust, policy).exit_code() == 1
        except Invalid as error:
            assert error.code == "not-credential-file"


def test_an_element_dropped_or_doubled_never_passes(body: dict[str, Any], trust: TrustFile) -> None:
    policy = Policy(datetime.now(UTC))
    for member in ("status", "issuer_keys"):
        for mutant in ([], body[member][:1], [*body[member], body[member][0]]):
            if mutant == body[member]:
                continue
            try:
                assert verify_file(jcs.dumps({**body, member: mutant}), trust, policy).exit_code() in (1, 3)
            except Invalid:
                continue
    for index in range(2):
        nodes = body["account_proofs"][index]["nodes"]
        for mutant in (nodes[1:], [*nodes, nodes[0]], [*nodes, "c0"], [*nodes, "80"]):
            changed_body = replaced(body, ("account_proofs", index, "nodes"), mutant)
            assert verify_file(jcs.dumps(changed_body), trust, policy).exit_code() == 1


def test_fewer_witnesses_than_the_quorum_do_not_do(body: dict[str, Any], trust: TrustFile) -> None:
    signatures = body["checkpoint"]["signatures"]
    for kept in (signatures[: trust.quorum - 1], [signatures[0]] * trust.quorum):
        mutant = replaced(body, ("checkpoint", "signatures"), kept)
        assert verify_file(jcs.dumps(mutant), trust, Policy(datetime.now(UTC))).integrity.code == "checkpoint-invalid"


def test_another_files_parts_do_not_fit(files: list[Path], trust: TrustFile) -> None:
    one, other = (jcs.loads(path.read_bytes()) for path in files[:2])
    for member in ("credential", "leaf"):
        assert verify_file(jcs.dumps({**one, member: other[member]}), trust, Policy(datetime.now(UTC))).exit_code() == 1


def test_a_verifier_whose_clock_is_behind_says_so(files: list[Path], trust: TrustFile) -> None:
    verdict = verify_file(files[0].read_bytes(), trust, Policy(datetime.now(UTC) - timedelta(days=2)))
    assert (verdict.status.code, verdict.dates.code) == ("clock-behind", "not-yet-valid")


def test_no_two_credentials_share_proof_leaf_or_index(files: list[Path]) -> None:
    bodies = [jcs.loads(path.read_bytes()) for path in files]
    assert len({body["credential"]["proof"]["proofValue"] for body in bodies}) == len(bodies)
    assert len({body["leaf"]["salt"] for body in bodies}) == len(bodies)
    assert len({body["credential"]["credentialStatus"][0]["statusListIndex"] for body in bodies}) == len(bodies)
    assert sorted(body["leaf"]["index"] for body in bodies) == list(range(len(bodies)))


def test_nothing_public_names_a_person(files: list[Path]) -> None:
    body = jcs.loads(files[0].read_bytes())
    name = body["credential"]["credentialSubject"]["identifier"][0]["identityHash"]
    public = jcs.dumps({member: value for member, value in body.items() if member != "credential"})
    assert name.encode() not in public
