"""A member's commands: its process, its people, its proposals and votes."""

from __future__ import annotations

import signal
import threading
from datetime import datetime
from typing import Annotated

import typer

from api.cli.output import console, emit, reports_errors
from ledger import settings as environment
from ledger.errors import Invalid, Refused

app = typer.Typer(help="成员 · Members: their processes, people and votes.", no_args_is_help=True)
Slug = Annotated[str, typer.Argument(metavar="MEMBER", help="The member's short name, such as college-a.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON only.")]


@app.command("list")
@reports_errors
def list_members(as_json: Json = False) -> None:
    """List the network's institutions and which of them have a folder on this machine."""
    from ledger import bootstrap

    network = bootstrap.load_network(environment.load().home)
    rows = [
        {"member": slug, "did": entry["did"], "kind": entry["profile"]["kind"], "sector": entry["sector"],
         "name": entry["profile"]["name"], "here": (network.members / slug).is_dir()}
        for slug, entry in sorted(network.institutions.items())
    ]  # fmt: skip
    if as_json:
        emit(rows)
    for row in [] if as_json else rows:
        console.print(
            f"{row['member']:<12} {row['kind']:<11} {row['name']['zh']} · {row['name']['en']}  {'●' if row['here'] else '○'}"
        )


@app.command()
@reports_errors
def serve(member: Slug) -> None:
    """Run a member's process: witness, custodian, issuer. It opens no port and stops on SIGTERM or Ctrl-C."""
    from api.member import MemberProcess
    from api.operator import read_endpoint
    from ledger import bootstrap

    settings = environment.load()
    network = bootstrap.load_network(settings.home)
    url = settings.operator_url or read_endpoint(settings.home / "operator")
    if url is None:
        raise Refused("member-unknown", why="no operator; set CREDITBANK_OPERATOR_URL")
    process = MemberProcess(bootstrap.open_member(network, member, settings), url)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        process.run(stop)
    finally:
        process.close()


@app.command("add-account")
@reports_errors
def add_account(
    member: Slug,
    name: Annotated[str, typer.Argument(help="The account's name.")],
    role: Annotated[str, typer.Option(help="register (imports, revokes) or approve (releases).")],
) -> None:
    """Give a person of a member an account; the person's acts are signed with the role's registered key."""
    from sqlmodel import Session

    from api.cli import members
    from ledger import bootstrap
    from ledger.institutions.tables import Account

    keys = {"register": "registrar", "approve": "approver"}
    if role not in keys:
        raise Invalid("request-invalid", field="--role", why="register or approve")
    settings = environment.load()
    with members.opened(bootstrap.load_network(settings.home), member, settings) as opened, Session(opened.engine) as session:
        session.add(Account(name=name, role=role, key=keys[role]))
        session.commit()
    console.print(f"[green]✓[/green] {member}/{name} ({role})")


@app.command("propose-accreditation")
@reports_errors
def propose_accreditation(
    member: Slug,
    institution: Annotated[str, typer.Argument(help="The college to accredit.")],
    start: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"])],
    until: Annotated[datetime, typer.Option("--until", formats=["%Y-%m-%d"])],
    as_json: Json = False,
) -> None:
    """Propose to the committee that a college may issue micro-credentials in a period."""
    from datetime import UTC

    from api.cli import members
    from api.founding import accreditation_calls
    from api.processes import running
    from ledger import bootstrap
    from ledger.adapters.operator_http import Operator
    from ledger.formats import schemas
    from ledger.governance import service

    settings = environment.load()
    network = bootstrap.load_network(settings.home)
    if institution not in network.institutions:
        raise Refused("institution-unknown", institution=institution)
    with members.opened(network, member, settings) as opened, running(settings.home) as url:
        chain = bootstrap.open_chain(network, url)
        period = [int(moment.replace(tzinfo=UTC).timestamp()) for moment in (start, until)]
        identifier = bytes.fromhex(network.institutions[institution]["institution"])
        calls = accreditation_calls(chain, [identifier], schemas.digest(schemas.MICRO_CREDENTIAL), period[0], period[1])
        proposal, arguments = service.propose(opened.keys, chain.domain("Committee"), opened.institution, calls, opened.clock.now())
        name = network.institutions[institution]["profile"]["name"]
        title = {"title_zh": f"授权{name['zh']}颁发微证书", "title_en": f"Accredit {name['en']} for micro-credentials"}
        operator = Operator(url)
        operator.post("/proposals", {"id": proposal, "calls": calls, "propose": arguments, **title})
        operator.close()
    if as_json:
        emit({"proposal": proposal})
    else:
        console.print(f"[green]✓[/green] 提案 · proposal {proposal}")


@app.command()
@reports_errors
def vote(
    member: Slug,
    proposal: Annotated[str, typer.Argument(help="The proposal's id.")],
    choice: Annotated[str, typer.Argument(help="yes, no or abstain.")],
    as_json: Json = False,
) -> None:
    """Vote on a proposal with the member's own key; the vote that adopts it also carries it out."""
    from api.cli import members
    from api.processes import running
    from ledger import bootstrap
    from ledger.adapters.operator_http import Operator
    from ledger.formats.eip712 import Domain
    from ledger.governance import service
    from ledger.governance.model import Choice

    if choice.upper() not in Choice.__members__:
        raise Invalid("no-choice", choice=choice)
    settings = environment.load()
    network = bootstrap.load_network(settings.home)
    with members.opened(network, member, settings) as opened, running(settings.home) as url:
        operator = Operator(url)
        domain = Domain(network.chain_id, bytes.fromhex(network.genesis_hash[2:]), network.registers["Committee"])
        arguments = service.vote(opened.keys, domain, proposal, opened.institution, Choice[choice.upper()])
        operator.send("Committee", "castVote", arguments)
        text = next((entry for entry in operator.get("/proposals") if entry["id"] == proposal), None)
        if text is not None and text["state"] == "adopted":
            operator.send("Committee", "execute", ["0x" + proposal, text["calls"]])
            text["state"] = "executed"
        operator.close()
    state = text["state"] if text else "unknown"
    if as_json:
        emit({"proposal": proposal, "state": state})
    else:
        console.print(f"[green]✓[/green] {proposal}: {state}")
