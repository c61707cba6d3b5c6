"""When a proposal is adopted: M of N with a yes from each sector (C-17), as the contract decides it."""

from __future__ import annotations

from collections.abc import Mapping

from ledger.governance.model import Choice, Sector

SECTORS = frozenset({Sector.GOVERNMENT, Sector.COLLEGE, Sector.ENTERPRISE})


def is_adopted(votes: Mapping[str, Choice], sectors: Mapping[str, Sector], quorum: int) -> bool:
    """Say whether these votes of members adopt a proposal.

    Args:
        votes: each member's choice.
        sectors: each member's sector; whoever is not in it has no vote.
        quorum: the number of yes votes needed.
    """
    yes = [member for member, choice in votes.items() if choice is Choice.YES and member in sectors]
    return len(yes) >= quorum and {sectors[member] for member in yes} >= SECTORS
