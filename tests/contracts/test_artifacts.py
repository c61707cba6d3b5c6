"""What is generated from the contracts is fresh: artifacts, gas snapshot; and the Forge suite passes."""

from __future__ import annotations

import json
import subprocess

import pytest

import contracts
from contracts.compiler import compile_registers
from contracts.forge import forge


def test_the_artifacts_are_fresh() -> None:
    compiled = compile_registers()
    for name in contracts.REGISTERS:
        assert json.loads(json.dumps(compiled[name])) == contracts.artifact(name), f"{name}: run `make artifacts`"


def test_the_contracts_fit_on_chain() -> None:
    assert all(len(contracts.artifact(name)["bytecode"]) // 2 < 24_576 for name in contracts.REGISTERS)


def test_forge_unit_and_fuzz_tests_pass() -> None:
    try:
        printed = forge("test")
    except subprocess.CalledProcessError as error:
        pytest.fail(error.stdout + error.stderr)
    assert " 0 failed" in printed


def test_the_gas_snapshot_is_current() -> None:
    try:
        forge("snapshot", "--match-test", "test_Gas", "--check", ".gas-snapshot")
    except subprocess.CalledProcessError as error:
        pytest.fail(error.stdout + error.stderr + "\nrun `make gas`; a rise is a decision")


def test_the_storage_slots_that_verifiers_read_exist() -> None:
    from ledger.bootstrap import storage_layout

    layout = storage_layout()
    assert layout["CredentialRegistry"] == {"anchors": 1, "status_heads": 2, "status_digests": 3}
    assert layout["InstitutionRegistry"] == {"institutions": 1, "profiles": 2, "keys": 3, "periods": 6, "accreditations": 7}
