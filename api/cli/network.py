"""Commands for whoever runs a network's machines: found it, bring it up, serve the operator."""

from __future__ import annotations

import signal
import socket
import threading
from typing import Annotated

import typer

from api.cli.output import console, reports_errors
from ledger import settings as environment

app = typer.Typer(help="网络 · Networks on this machine.", no_args_is_help=True)
operator_app = typer.Typer(help="运营方 · The operator's process.", no_args_is_help=True)


@app.command()
@reports_errors
def create() -> None:
    """Found a network in CREDITBANK_HOME with the demonstration's five members (development only)."""
    from api.demo import FOUNDERS, QUORUM
    from api.founding import found

    settings = environment.load()
    founded = found(settings.home, FOUNDERS, QUORUM, settings)
    console.print(
        f"[green]✓[/green] {settings.home}: {len(FOUNDERS)} 个成员 · members, {founded.transactions} 笔交易 · transactions"
    )


@app.command()
@reports_errors
def up() -> None:
    """Run the operator and every member of this folder until Ctrl-C."""
    from api.processes import started

    settings = environment.load()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with started(settings.home) as url:
        console.print(f"[green]✓[/green] {url}  (API: {url}/openapi.json)")
        stop.wait()


@operator_app.command()
@reports_errors
def reindex() -> None:
    """Drop the read models and build them anew from the chain; the operator must be stopped."""
    from sqlmodel import Session

    from api.operator import OperatorState
    from ledger.indexer import service

    settings = environment.load()
    operator = OperatorState(settings.home, settings)
    try:
        with Session(operator.engine) as session:
            count = service.rebuild(session, operator.chain)
    finally:
        operator.close()
    console.print(f"[green]✓[/green] {count} 个事件 · events")


@operator_app.command()
@reports_errors
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port; 0 takes a free one.")] = 0,
) -> None:
    """Run the operator: embedded chain, relay, public API. It holds no member's key."""
    import uvicorn

    from api.main import create_app
    from api.operator import OperatorState, write_endpoint

    settings = environment.load()
    operator = OperatorState(settings.home, settings)
    try:
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((host, port))
            write_endpoint(operator.folder, f"http://{host}:{listener.getsockname()[1]}")
            config = uvicorn.Config(create_app(operator), log_level="warning", access_log=False, lifespan="off")
            uvicorn.Server(config).run(sockets=[listener])
    finally:
        operator.close()
