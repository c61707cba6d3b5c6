"""``creditbank``: the command line."""

from __future__ import annotations

import typer

from api.cli import demo, fsck, member, network, registrar, verify

app = typer.Typer(
    name="creditbank",
    help="学分银行 · A credit bank and credential ledger for vocational education.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("import")(registrar.import_roster)
app.command()(registrar.release)
app.command()(registrar.batches)
app.command()(registrar.revoke)
app.command()(verify.refresh)
app.command()(verify.verify)
app.command()(fsck.fsck)
app.command()(demo.demo)
app.add_typer(member.app, name="member")
app.add_typer(network.app, name="network")
app.add_typer(network.operator_app, name="operator")


def run() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    run()
