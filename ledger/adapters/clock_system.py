"""The system's clock, and a fixed one for reproducible runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime


class SystemClock:
    """Tells the machine's time."""

    def now(self) -> datetime:
        """Return the current time in UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class FixedClock:
    """Tells always the same time; development only."""

    moment: datetime

    def now(self) -> datetime:
        """Return the fixed time."""
        return self.moment


def clock(fixed: datetime | None) -> SystemClock | FixedClock:
    """Return the system's clock, or one fixed at the time that the settings ask for."""
    return FixedClock(fixed) if fixed else SystemClock()
