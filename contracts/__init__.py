"""Solidity sources and compiled artifacts of the registers.

The artifacts (ABI, bytecode, storage layout, compiler settings) are committed under ``artifacts/`` and read from
there at run time; ``contracts.compiler`` makes them anew in development, and a test proves them fresh.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent
REGISTERS = ("Committee", "CredentialRegistry", "InstitutionRegistry")


@cache
def artifact(name: str) -> dict[str, Any]:
    """Return the committed artifact of a register.

    Raises:
        FileNotFoundError: there is no artifact of this name.
    """
    loaded: dict[str, Any] = json.loads((ROOT / "artifacts" / f"{name}.json").read_text("utf-8"))
    return loaded


@cache
def storage_slots(name: str) -> dict[str, int]:
    """Map each state variable of a register to its storage slot, by the compiler's layout."""
    layout = artifact(name)["storageLayout"]
    return {entry["label"]: int(entry["slot"]) for entry in layout}
