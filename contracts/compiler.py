"""Compiles the registers through py-solc-x with the npm solc; development only."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import solcx

from contracts import REGISTERS, ROOT

MODULES = ROOT.parent / "node_modules"
SOLC_VERSION = "0.8.37"
SETTINGS: dict[str, Any] = {
    "optimizer": {"enabled": True, "runs": 200},
    "viaIR": True,
    "evmVersion": "cancun",
    "metadata": {"bytecodeHash": "none", "appendCBOR": False},
    "outputSelection": {"*": {"*": ["abi", "evm.bytecode.object", "storageLayout"]}},
}
_IMPORT = re.compile(r'^\s*import\s+(?:\{[^}]*\}\s+from\s+)?"([^"]+)";', re.MULTILINE)
_SOURCES = {
    "Committee": "governance/Committee.sol",
    "InstitutionRegistry": "institutions/InstitutionRegistry.sol",
    "CredentialRegistry": "credentials/CredentialRegistry.sol",
}


def _collect(unit: str, sources: dict[str, dict[str, str]]) -> None:
    if unit in sources:
        return
    path = (MODULES if unit.startswith("@") else ROOT) / unit
    text = path.read_text("utf-8")
    sources[unit] = {"content": text}
    for target in _IMPORT.findall(text):
        base = (MODULES if unit.startswith("@") else ROOT).resolve()
        relative = target.startswith(".")
        _collect((path.parent / target).resolve().relative_to(base).as_posix() if relative else target, sources)


def compile_registers() -> dict[str, dict[str, Any]]:
    """Compile every register and return its artifact by name.

    Raises:
        solcx.exceptions.SolcError: the compiler refused a source.
        FileNotFoundError: a source or the npm packages are missing (``make setup-dev`` installs them).
    """
    sources: dict[str, dict[str, str]] = {}
    for unit in _SOURCES.values():
        _collect(unit, sources)
    request = {"language": "Solidity", "sources": sources, "settings": SETTINGS}
    output = solcx.compile_standard(request, solc_binary=str(ROOT / "solc-shim.js"))
    artifacts = {}
    for name in REGISTERS:
        compiled = output["contracts"][_SOURCES[name]][name]
        layout = [{key: entry[key] for key in ("label", "slot", "offset")} for entry in compiled["storageLayout"]["storage"]]
        artifacts[name] = {
            "contractName": name,
            "compiler": {"version": SOLC_VERSION, "settings": SETTINGS},
            "abi": compiled["abi"],
            "bytecode": "0x" + compiled["evm"]["bytecode"]["object"],
            "storageLayout": layout,
        }
    return artifacts


def write_artifacts(folder: Path = ROOT / "artifacts") -> None:
    """Compile and write ``artifacts/<Register>.json``, one stable byte sequence a source state."""
    folder.mkdir(exist_ok=True)
    for name, data in compile_registers().items():
        (folder / f"{name}.json").write_text(json.dumps(data, indent=1, sort_keys=True) + "\n", "utf-8")
