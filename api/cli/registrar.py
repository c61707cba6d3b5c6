"""A registrar's and an approver's commands: import, release, batches, revoke."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta, timezone
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.output import console, emit, reports_errors
from ledger import settings as environment
from ledger.errors import Refused, Unavailable

_CHINA = timezone(timedelta(hours=8))
As = Annotated[str, typer.Option("--as", help="Who acts, such as `registrar` or `college-a/registrar`.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON only.")]
_STALL_SECONDS = 180.0


@reports_errors
def import_roster(
    roster: Annotated[Path, typer.Argument(help="The office's spreadsheet: .xlsx, or CSV in UTF-8, UTF-16 or GB 18030.")],
    catalogue: Annotated[Path, typer.Option(help="The college's catalogue of micro-credentials (YAML).")],
    account: As,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Name the faults, write nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Read a roster into drafts; every faulty cell is named at once, and then nothing is written (exit 1)."""
    from api.cli import members
    from ledger import bootstrap
    from ledger.adapters.catalogue_yaml import load_catalogue
    from ledger.adapters.roster_file import open_roster
    from ledger.credentials import roster as rosters

    settings = environment.load()
    known = load_catalogue(catalogue)
    today = bootstrap.clock(settings).now().astimezone(_CHINA).date()
    drafts, faults = rosters.read(open_roster(roster), known, today)
    if faults:
        _show_faults([fault.to_dict() for fault in faults], as_json=as_json)
        raise typer.Exit(1)
    if dry_run:
        if as_json:
            emit([])
        else:
            console.print(
                f"[green]✓[/green] {len(drafts)} 行无误，未写入任何内容 · {len(drafts)} rows without fault, nothing written"
            )
        return
    from sqlmodel import Session

    from ledger.credentials import service

    wanted, name = members.split_account(account)
    network = bootstrap.load_network(settings.home)
    if wanted not in (None, known.issuer.id):
        raise Refused("role-missing", name=account, why=f"the catalogue is of {known.issuer.id}")
    with members.opened(network, known.issuer.id, settings) as member, Session(member.engine) as session:
        batch = service.import_drafts(session, member.keys, drafts, known, roster.read_bytes(), name, member.clock.now())
        result = {"batch": batch.id, "state": batch.state.value, "drafts": batch.size, "imported_by": batch.imported_by}
    if as_json:
        emit(result)
    else:
        console.print(f"[green]✓[/green] {result['drafts']} 份草稿 · drafts in batch {result['batch']}")
        console.print(f"  下一步（另一人）· next, another person:  creditbank release {result['batch']} --as approver")


@reports_errors
def release(
    batch: Annotated[str, typer.Argument(help="The batch's id, as `import` printed it.")],
    account: As,
    again: Annotated[bool, typer.Option("--again", help="Release although some learners hold the achievement already.")] = False,
    wait: Annotated[bool, typer.Option(help="Wait until the sealed files are written.")] = True,
    as_json: Json = False,
) -> None:
    """Release a batch that another person imported; the member's process then signs, seals and delivers it."""
    from sqlmodel import Session

    from api.cli import members
    from api.processes import running
    from ledger import bootstrap
    from ledger.credentials import service
    from ledger.credentials.tables import Batch

    settings = environment.load()
    wanted, name = members.split_account(account)
    network = bootstrap.load_network(settings.home)

    def holds(member: bootstrap.Member) -> bool:
        with Session(member.engine) as session:
            return session.get(Batch, batch) is not None

    slug = members.find(network, settings, holds, wanted, Refused("batch-unknown", batch=batch))
    with members.opened(network, slug, settings) as member:
        with Session(member.engine) as session:
            service.release(session, batch, name, member.clock.now(), again=again)
        if wait:
            with running(settings.home):
                follow(member, batch, quiet=as_json)
        with Session(member.engine) as session:
            found = session.get_one(Batch, batch)
            result = {"batch": found.id, "state": found.state.value, "credentials": found.size, "released_by": found.released_by}
    if as_json:
        emit(result)
    else:
        console.print(f"[green]✓[/green] {result['batch']}: {result['state']} · {result['credentials']}")


@reports_errors
def batches(as_json: Json = False) -> None:
    """List the batches of every member on this machine, with what stops them."""
    from sqlmodel import Session, select

    from api.cli import members
    from ledger import bootstrap
    from ledger.credentials.tables import Batch

    settings = environment.load()
    network = bootstrap.load_network(settings.home)
    rows: list[dict[str, Any]] = []
    for slug in sorted(network.institutions):
        if (network.members / slug).is_dir():
            with members.opened(network, slug, settings) as member, Session(member.engine) as session:
                rows.extend(
                    {
                        "member": slug,
                        "batch": row.id,
                        "state": row.state.value,
                        "credentials": row.size,
                        "imported_by": row.imported_by,
                        "released_by": row.released_by,
                        "problem": row.problem,
                    }
                    for row in session.exec(select(Batch)).all()
                )
    if as_json:
        emit(rows)
    for row in [] if as_json else rows:
        console.print(f"{row['member']}  {row['batch']}  {row['state']}  {row['credentials']}  {row['problem'] or ''}")


@reports_errors
def revoke(
    credential: Annotated[str, typer.Argument(metavar="ID", help="The credential's id (urn:uuid:… or the UUID).")],
    reason: Annotated[str, typer.Option(help="GRADE_ERROR, IDENTITY_ERROR, DATA_ERROR, MISCONDUCT, WITHDRAWN, KEY_COMPROMISED.")],
    account: As = "registrar",
    wait: Annotated[bool, typer.Option(help="Wait until the new list version is published.")] = True,
    as_json: Json = False,
) -> None:
    """Revoke a credential: the next version of its status list says so on chain."""
    from sqlmodel import Session

    from api.cli import members
    from api.processes import running
    from ledger import bootstrap
    from ledger.credentials import service
    from ledger.credentials.tables import Credential, StatusList

    settings = environment.load()
    wanted, name = members.split_account(account)
    network = bootstrap.load_network(settings.home)
    full = service.normal_id(credential)

    def holds(member: bootstrap.Member) -> bool:
        with Session(member.engine) as session:
            return session.get(Credential, full) is not None

    slug = members.find(network, settings, holds, wanted, Refused("credential-unknown", id=credential))
    with members.opened(network, slug, settings) as member:
        with Session(member.engine) as session:
            found = service.revoke(session, member.keys, full, reason, name, member.clock.now())
            number = int(found.revocation_list or 0)
        result: dict[str, Any] = {"id": full, "list": number, "reason": reason}

        def published() -> bool:
            with Session(member.engine) as session:
                row = session.get_one(StatusList, number)
                result["version"] = row.version
                return not row.dirty and row.announced == row.version == row.staged_version

        if wait:
            with running(settings.home) as url:
                _until(published, "status list")
                _until(lambda: _is_final(url), "checkpoint")
    if as_json:
        emit(result)
    else:
        console.print(f"[green]✓[/green] 已撤销 · revoked {full}  ({reason}, list {number})")


def follow(member: Any, batch_id: str, *, quiet: bool) -> None:
    """Show how a released batch comes to its sealed files, until it is delivered.

    Raises:
        Refused: ``batch-state`` if it went back to the approver or stopped.
        Unavailable: ``not-final`` if nothing moves for three minutes.
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
    from sqlalchemy import func
    from sqlmodel import Session, col, select

    from ledger.credentials.tables import Batch, BatchState, Credential

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=quiet) as progress:
        task = progress.add_task("签名 · signing", total=None)

        def arrived() -> bool:
            with Session(member.engine) as session:
                batch = session.get_one(Batch, batch_id)
                signed = select(func.count()).where(Credential.batch_id == batch_id, col(Credential.signed))
                progress.update(task, completed=session.exec(signed).one(), total=batch.size, description=_STEPS[batch.state.value])
                if batch.state is BatchState.RETURNED:
                    raise Refused("batch-state", batch=batch_id, state="returned", why=batch.problem or "")
                return batch.state is BatchState.DELIVERED

        _until(arrived, "batch", lambda: (progress.tasks[0].completed, progress.tasks[0].description))


_STEPS = {
    "draft": "草稿 · draft",
    "released": "签名 · signing",
    "signed": "清单 · manifest",
    "anchoring": "保管与上链 · custody and anchor",
    "sealed": "见证与封存 · witnesses and seal",
    "delivered": "已交付 · delivered",
    "returned": "已退回 · returned",
}


def _until(done: Callable[[], bool], what: str, progress: Callable[[], object] = lambda: None) -> None:
    """Wait until something is done, as long as it moves: three minutes without progress are an error."""
    seen, deadline = progress(), time.monotonic() + _STALL_SECONDS
    while not done():
        if progress() != seen:
            seen, deadline = progress(), time.monotonic() + _STALL_SECONDS
        if time.monotonic() > deadline:
            raise Unavailable("not-final", what=what, why="no progress; the log.txt of operator and member say why")
        time.sleep(0.1)


def _is_final(url: str) -> bool:
    """Say whether a quorum has witnessed the chain's head."""
    from ledger.adapters.operator_http import Operator

    operator = Operator(url)
    try:
        answer = operator.get("/readyz")
    finally:
        operator.close()
    return bool(answer["final"] >= answer["height"])


def _show_faults(faults: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        emit(faults)
        return
    for fault in faults:
        console.print(f"[red]✗[/red] {fault['sheet']}!{fault['cell']}  {fault['why']['zh']} · {fault['why']['en']}")
    console.print(f"{len(faults)} 处错误，未写入任何内容 · faults, nothing written")
