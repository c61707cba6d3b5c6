"""Finds the member that a command is about: by name, by catalogue, by batch or by credential."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ledger import bootstrap
from ledger.bootstrap import Member, Network
from ledger.errors import Refused
from ledger.settings import Settings


def split_account(name: str) -> tuple[str | None, str]:
    """Return (member, account) of ``college-a/registrar``; the member is ``None`` for ``registrar`` alone."""
    member, _, account = name.rpartition("/")
    return member or None, account


@contextmanager
def opened(network: Network, slug: str, settings: Settings) -> Iterator[Member]:
    """Open a member's folder for the time of the block."""
    member = bootstrap.open_member(network, slug, settings)
    try:
        yield member
    finally:
        member.close()


def find(network: Network, settings: Settings, holds: Callable[[Member], bool], wanted: str | None, missing: Refused) -> str:
    """Return the slug of the member on this machine for which ``holds`` is true.

    Raises:
        Refused: ``missing`` if there is none.
    """
    for slug in sorted(network.institutions):
        if wanted not in (None, slug) or not (network.members / slug).is_dir():
            continue
        with opened(network, slug, settings) as member:
            if holds(member):
                return slug
    raise missing
