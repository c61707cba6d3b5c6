"""``creditbank demo``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.output import console, reports_errors
from ledger import settings as environment


@reports_errors
def demo(
    out: Annotated[Path, typer.Option(help="The folder to make; an earlier demonstration in it is replaced.")] = Path("demo-out"),
) -> None:
    """Issue a class of 200 micro-credentials from a real office's spreadsheet, seal them, verify them offline."""
    from api.demo.run import run

    report = run(out.resolve(), environment.load())
    console.print(f"[green]✓[/green] {report}")
    console.print(f"  {out}/credentials/*.json   {out}/trust.json   {out}/report.json")
    first = next((out / "credentials").glob("*.json"), None)
    console.print(f"  试一试 · try:  creditbank verify {first} --trust {out}/trust.json --offline")
    if not report["issued"] == report["sealed"] == report["verified_offline"]:
        raise typer.Exit(1)
