"""What commands print: JSON for programs, two languages for people, errors without a traceback."""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import typer
from rich.console import Console

from ledger.errors import LedgerError
from ledger.settings import DevelopmentModeWarning

P = ParamSpec("P")
R = TypeVar("R")

console = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, soft_wrap=True)


def emit(value: Any) -> None:
    """Print a value as JSON on standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=1) + "\n")


def fail(error: LedgerError, *, as_json: bool = False, code: int = 1) -> typer.Exit:
    """Print a failure and return the exit to raise."""
    failure = error.failure
    if as_json:
        details = {name: value for name, value in error.details.items() if isinstance(value, (str, int, float))}
        emit({"error": {"code": error.code, "zh": failure.zh, "en": failure.en, "details": details}})
    else:
        values = "  ".join(f"{name}={value}" for name, value in error.details.items())
        errors.print(f"[red]✗[/red] {failure.zh}\n  {failure.en}", markup=True)
        if values:
            errors.print(f"  {values}", markup=False)
    return typer.Exit(code)


def reports_errors(command: Callable[P, R]) -> Callable[P, R]:
    """Turn every failure of a command into a message and exit 1; with ``--json`` into a JSON object."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            with warnings.catch_warnings():
                warnings.showwarning = _warn
                return command(*args, **kwargs)
        except LedgerError as error:
            raise fail(error, as_json=bool(kwargs.get("as_json"))) from None

    return wrapped


_warned: set[str] = set()


def _warn(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
    text = str(message)
    if text not in _warned:
        _warned.add(text)
        label = "development mode" if issubclass(category, DevelopmentModeWarning) else category.__name__
        errors.print(f"[yellow]! {label}:[/yellow] {text}")
