"""An auditor's command: re-derive everything, name every difference."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.output import console, emit, reports_errors
from ledger import settings as environment
from ledger.errors import LedgerError

if TYPE_CHECKING:
    from ledger.bootstrap import Member, Network
    from ledger.credentials.fsck import Finding

_BAD = ("different", "withheld")
_SHOWN = 20


@reports_errors
def fsck(
    member: Annotated[str | None, typer.Option(help="This member only; default: every member with a folder here.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
) -> None:
    """Re-derive journals, roots, status lists, evidence and files, and name each difference (exit 1 if there is one).

    The chain is replayed from a copy of the member's own journal, so it also works while the network is running.
    """
    from api.cli import members
    from ledger import bootstrap

    settings = environment.load()
    network = bootstrap.load_network(settings.home)
    counts: Counter[tuple[str, str]] = Counter()
    bad: list[dict[str, str]] = []
    for slug in sorted(network.institutions):
        if member not in (None, slug) or not (network.members / slug).is_dir():
            continue
        with members.opened(network, slug, settings) as opened:
            for finding in _check(network, opened):
                counts[finding.kind, finding.outcome.value] += 1
                if finding.outcome.value in _BAD:
                    bad.append({"member": slug, **finding.to_dict()})
    for finding in _files(network, settings):
        counts[finding.kind, finding.outcome.value] += 1
        if finding.outcome.value in _BAD:
            bad.append({"member": "-", **finding.to_dict()})
    summary = [{"kind": kind, "outcome": outcome, "count": count} for (kind, outcome), count in sorted(counts.items())]
    if as_json:
        emit({"clean": not bad, "counts": summary, "differences": bad})
    else:
        _show(summary, bad)
    raise typer.Exit(1 if bad else 0)


def _check(network: Network, member: Member) -> Iterator[Finding]:
    """Replay the member's journal, then compare its records with that chain."""
    from sqlmodel import Session

    from hardhat_network.anvil import Genesis
    from hardhat_network.journal import copy_journal
    from hardhat_network.node import ChainNode
    from ledger import bootstrap
    from ledger.credentials import fsck as derive
    from ledger.credentials.fsck import Finding, Outcome

    with tempfile.TemporaryDirectory() as folder:
        try:
            copy_journal(member.home / "chain", Path(folder))
            node = ChainNode(Path(folder), Genesis(**network.genesis))
        except LedgerError as error:
            yield Finding("journal", member.slug, Outcome.DIFFERENT, error.diagnostics())
            return
        try:
            same = node.genesis_hash == network.genesis_hash
            yield Finding("journal", member.slug, Outcome.REPRODUCED if same else Outcome.DIFFERENT, "" if same else "genesis")
            chain = bootstrap.open_chain(network, node.url)
            with Session(member.engine) as session:
                yield from derive.check(session, member.keys, member.evidence, chain, member.institution)
        finally:
            node.close()


def _files(network: Network, settings: environment.Settings) -> Iterator[Finding]:
    """Verify the exported files; a revoked one is no difference."""
    from ledger.adapters.clock_system import clock
    from ledger.credentials.fsck import Finding, Outcome
    from ledger.credentials.rules import Policy
    from ledger.formats import trust_file
    from wallets.verify import verify_file

    folder = network.home / "credentials"
    paths = sorted(folder.glob("*.json")) if folder.is_dir() else []
    trust: Any = trust_file.parse((network.home / "trust.json").read_bytes())
    for path in paths:
        try:
            verdict = verify_file(path.read_bytes(), trust, Policy(clock(settings.clock).now()))
            codes = [answer.code for answer in (verdict.integrity, verdict.issuer) if answer.answer == "fail"]
            codes += [verdict.status.code] if verdict.status.code == "status-differs" else []
        except LedgerError as error:
            codes = [error.code]
        yield Finding("file", path.name, Outcome.DIFFERENT if codes else Outcome.REPRODUCED, ", ".join(codes))


def _show(summary: list[dict[str, Any]], bad: list[dict[str, str]]) -> None:
    for entry in summary:
        console.print(f"{entry['count']:>8}  {entry['kind']:<14} {entry['outcome']}")
    for entry in bad[:_SHOWN]:
        console.print(f"[red]✗[/red] {entry['member']}  {entry['kind']} {entry['id']}: {entry['outcome']} {entry['why']}")
    if len(bad) > _SHOWN:
        console.print(f"… {len(bad) - _SHOWN} more (--json lists all)")
    console.print("[green]✓ 全部重现 · all reproduced[/green]" if not bad else f"{len(bad)} 处差异 · differences")
