"""An employer's and a holder's commands: verify and refresh."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.output import console, emit, errors, fail, reports_errors
from ledger import settings as environment
from ledger.errors import Invalid, LedgerError, Refused, Unavailable

_MARKS = {"pass": "[green]✓[/green]", "fail": "[red]✗[/red]", "unknown": "[yellow]?[/yellow]"}
_LABELS = {
    "integrity": "完整 integrity",
    "issuer": "颁发 issuer   ",
    "status": "状态 status   ",
    "dates": "日期 dates    ",
    "holder": "持证人 holder ",
}
Trust = Annotated[Path | None, typer.Option(help="The trust file; default: trust.json of the network's folder.")]


@reports_errors
def verify(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Credential files.")],
    trust: Trust = None,
    offline: Annotated[bool, typer.Option("--offline", help="Ask nobody; judge by the file alone.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the five answers as JSON.")] = False,
    max_age_days: Annotated[int | None, typer.Option(min=0, help="Older status is `unknown` (default 30).")] = None,
    require_holder: Annotated[bool, typer.Option("--require-holder", help="An unchecked holder counts too.")] = False,
    student_number: Annotated[str | None, typer.Option(help="Match the holder by student number.")] = None,
    operator: Annotated[str | None, typer.Option(help="Ask this operator for the latest status first.")] = None,
) -> None:
    """Answer five questions about each file: integrity, issuer, status, dates, holder.

    Exit 0: nothing failed or unknown (the holder apart); 1: something failed; 3: something is unknown; 2: not a
    credential file.
    """
    from ledger.adapters.clock_system import clock
    from ledger.credentials.rules import Policy
    from ledger.formats import trust_file

    settings = environment.load()
    try:
        known = trust_file.parse((trust or settings.home / "trust.json").read_bytes())
    except OSError as error:
        raise fail(Invalid("not-trust-file", why=error.strerror), as_json=as_json, code=2) from None
    except LedgerError as error:
        raise fail(error, as_json=as_json, code=2) from None
    days = settings.max_status_days if max_age_days is None else max_age_days
    policy = Policy(clock(settings.clock).now(), timedelta(days=days), student_number)
    source = None if offline else operator or settings.operator_url
    results = [_check(path, known, policy, source, require_holder=require_holder) for path in files]
    if as_json:
        bodies = [body for _, body in results]
        emit(bodies[0] if len(bodies) == 1 else [{"file": str(path), **body} for path, body in zip(files, bodies, strict=True)])
    else:
        for path, (code, body) in zip(files, results, strict=True):
            _show(path, code, body)
    codes = {code for code, _ in results}
    raise typer.Exit(next((code for code in (1, 2, 3) if code in codes), 0))


@reports_errors
def refresh(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A credential file; it is replaced.")],
    trust: Trust = None,
    operator: Annotated[str | None, typer.Option(help="The operator's URL; default: the network's own.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
) -> None:
    """Bring a file's status and proofs up to the latest checkpoint; only the batch is named to the operator."""
    from contextlib import nullcontext

    from api.delivery import write_whole
    from api.processes import running
    from ledger.formats import trust_file

    settings = environment.load()
    try:
        data = file.read_bytes()
    except OSError as error:
        raise Invalid("not-credential-file", file=str(file), why=error.strerror) from None
    known = trust_file.parse((trust or settings.home / "trust.json").read_bytes())
    url = operator or settings.operator_url
    with nullcontext(url) if url else running(settings.home) as source:
        fresh = _refreshed(data, str(source))
    from ledger.adapters.clock_system import clock
    from ledger.credentials.rules import Policy
    from wallets.verify import verify_file

    verdict = verify_file(fresh, known, Policy(clock(settings.clock).now()))
    if verdict.integrity.answer != "pass":
        raise Refused("state-proof-invalid", why="the refreshed file does not verify; the old one is kept")
    write_whole(file, fresh)
    result = {"file": str(file), "status": verdict.status.to_dict()}
    if as_json:
        emit(result)
    else:
        console.print(f"[green]✓[/green] {file}: {verdict.status.to_dict()['reason']['zh']}")


def _check(path: Path, trust: Any, policy: Any, source: str | None, *, require_holder: bool) -> tuple[int, dict[str, Any]]:
    from ledger.formats.credential_file import MAX_BYTES
    from wallets.verify import verify_file

    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        return 2, _not_a_file(Invalid("not-credential-file", why=error.strerror))
    try:
        verdict = verify_file(_latest(data, source), trust, policy)
    except Invalid as error:
        return 2, _not_a_file(error)
    return verdict.exit_code(require_holder=require_holder), verdict.to_dict()


def _latest(data: bytes, source: str | None) -> bytes:
    """Return the file with the operator's latest seal, or as it is if the operator cannot help."""
    if source is None:
        return data
    try:
        return _refreshed(data, source)
    except (Unavailable, Refused) as error:
        errors.print(f"[yellow]! {error.failure.zh} · {error.failure.en}[/yellow]")
        return data


def _refreshed(data: bytes, source: str) -> bytes:
    from ledger.adapters.operator_http import Operator
    from wallets.refresh import seal_request, with_seal

    request = seal_request(data)
    operator = Operator(source)
    try:
        return with_seal(data, operator.post("/seals", request))
    finally:
        operator.close()


def _not_a_file(error: LedgerError) -> dict[str, Any]:
    failure = error.failure
    return {"error": {"code": error.code, "zh": failure.zh, "en": failure.en, "details": error.details}}


def _show(path: Path, code: int, body: dict[str, Any]) -> None:
    console.print(f"[bold]{path.name}[/bold]")
    if code == 2:
        console.print(f"  [red]✗[/red] {body['error']['zh']} · {body['error']['en']} {body['error']['details']}")
        return
    for question, label in _LABELS.items():
        answer = body[question]
        console.print(f"  {_MARKS[answer['answer']]} {label} {answer['reason']['zh']} · {answer['reason']['en']}")
    console.print("  [dim]核验不评价证书内容是否属实 · Verification says nothing about the truth of the claims.[/dim]")
