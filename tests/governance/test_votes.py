"""A vote from the outside: proposed, voted on and carried out by members with keys of their own (C-17)."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from ledger.governance.model import Choice, Sector
from ledger.governance.rules import is_adopted
from tests.conftest import Cli

SECTORS = {"g": Sector.GOVERNMENT, "a": Sector.COLLEGE, "c": Sector.COLLEGE, "b": Sector.ENTERPRISE, "v": Sector.NONE}


@given(st.dictionaries(st.sampled_from([*SECTORS, "stranger"]), st.sampled_from(list(Choice))))
def test_the_rule_is_a_quorum_with_a_yes_from_each_sector(votes: dict[str, Choice]) -> None:
    yes = {member for member, choice in votes.items() if choice is Choice.YES and member in SECTORS}
    assert is_adopted(votes, SECTORS, 3) == (len(yes) >= 3 and "g" in yes and "b" in yes and bool(yes & {"a", "c"}))


def test_members_decide_a_proposal(cli: Cli, demo: Path, running: str) -> None:
    home = {"CREDITBANK_HOME": str(demo)}
    assert running
    period = ("--from", "2031-01-01", "--until", "2032-01-01")
    done = cli("member", "propose-accreditation", "college-a", "college-c", *period, "--json", **home)
    assert done.returncode == 0, done.stdout + done.stderr
    proposal = json.loads(done.stdout)["proposal"]

    def vote(member: str, choice: str) -> str:
        answer = json.loads(cli("member", "vote", member, proposal, choice, "--json", **home).stdout)
        return str(answer.get("state") or answer["error"]["code"])

    assert [vote("gov-g", "yes"), vote("college-a", "yes"), vote("college-c", "no"), vote("eval-v", "abstain")] == ["open"] * 4
    assert vote("gov-g", "yes") == "already-voted"
    assert vote("ent-b", "maybe") == "no-choice"
    assert vote("ent-b", "yes") == "executed"
    assert vote("ent-b", "yes") == "proposal-state"
    members = json.loads(cli("member", "list", "--json", **home).stdout)
    assert {row["member"] for row in members} == {"gov-g", "college-a", "college-c", "ent-b", "eval-v"}
