"""The only reader of the environment.

==============================  ==============================================================================
``CREDITBANK_HOME``             the network's folder; default: the current folder if it holds ``network.json``,
                                else ``demo-out``
``CREDITBANK_CLOCK``            fixes the clock, such as ``2025-07-01`` or ``2025-07-01T08:00:00Z`` (development only)
``CREDITBANK_MODE``             ``development`` (default) or ``production``, in which embedded defaults refuse to start
``CREDITBANK_OPERATOR_URL``     the operator's API; default: the one in the network's folder
``CREDITBANK_PASSPHRASE``       the key store's passphrase; default: a file in the member's folder (development only)
``CREDITBANK_BASE_URL``         the public https URL that DIDs, status lists and schemas of a new network are under; default
                                ``https://bank.example`` (development only)
``CREDITBANK_MAX_STATUS_DAYS``  a status older than this is ``unknown``; default 30
==============================  ==============================================================================
"""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ledger.errors import Invalid, Refused


class DevelopmentModeWarning(UserWarning):
    """An embedded default is in use; in production mode it refuses to start."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment says."""

    home: Path
    clock: datetime | None
    production: bool
    operator_url: str | None
    passphrase: str | None
    max_status_days: int
    base_url: str | None

    def embedded_default(self, what: str) -> None:
        """Warn that an embedded default is in use.

        Raises:
            Refused: ``development-only`` in production mode.
        """
        if self.production:
            raise Refused("development-only", what=what)
        warnings.warn(f"development default in use: {what}", DevelopmentModeWarning, stacklevel=2)


def load() -> Settings:
    """Read the settings.

    Raises:
        Invalid: ``setting-invalid`` with the variable.
        Refused: ``development-only`` for a fixed clock in production mode.
    """
    env = os.environ
    mode = env.get("CREDITBANK_MODE", "development")
    if mode not in ("development", "production"):
        raise Invalid("setting-invalid", name="CREDITBANK_MODE", value=mode)
    days = env.get("CREDITBANK_MAX_STATUS_DAYS", "30")
    if not days.isdecimal():
        raise Invalid("setting-invalid", name="CREDITBANK_MAX_STATUS_DAYS", value=days)
    clock = _time(env.get("CREDITBANK_CLOCK"))
    if clock and mode == "production":
        raise Refused("development-only", what="CREDITBANK_CLOCK")
    return Settings(
        home=_home(env.get("CREDITBANK_HOME")),
        clock=clock,
        production=mode == "production",
        operator_url=env.get("CREDITBANK_OPERATOR_URL"),
        passphrase=env.get("CREDITBANK_PASSPHRASE"),
        max_status_days=int(days),
        base_url=_https(env.get("CREDITBANK_BASE_URL")),
    )


def _home(configured: str | None) -> Path:
    if configured:
        return Path(configured)
    here = Path.cwd()
    return here if (here / "network.json").exists() else here / "demo-out"


def _https(text: str | None) -> str | None:
    if text and not text.startswith("https://"):
        raise Invalid("setting-invalid", name="CREDITBANK_BASE_URL", value=text)
    return text.rstrip("/") if text else None


def _time(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid("setting-invalid", name="CREDITBANK_CLOCK", value=text) from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
