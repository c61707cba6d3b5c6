"""Starts and stops the anvil program, found in the npm package for this platform."""

from __future__ import annotations

import platform
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hardhat_network.children import dies_with_parent
from hardhat_network.rpc import Rpc
from ledger.errors import Unavailable

VERSION = "1.7.1"
_START_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Genesis:
    """What a chain begins with; two chains with other values have other genesis hashes or chain ids."""

    chain_id: int
    timestamp: int
    gas_limit: int = 1_000_000_000

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return asdict(self)


def binary() -> Path:
    """Return the anvil program's path.

    Raises:
        Unavailable: ``chain-unavailable``, with how to get it.
    """
    machine = {"x86_64": "amd64", "AMD64": "amd64", "aarch64": "arm64", "arm64": "arm64"}.get(platform.machine(), "")
    system = {"linux": "linux", "darwin": "darwin", "win32": "win32"}.get(sys.platform, sys.platform)
    packaged = Path(__file__).parent.parent / "node_modules" / "@foundry-rs" / f"anvil-{system}-{machine}" / "bin" / "anvil"
    found = packaged if packaged.exists() else shutil.which("anvil")
    if not found:
        raise Unavailable("chain-unavailable", why="anvil is not installed; `make setup` installs it")
    return Path(found)


class Anvil:
    """One running anvil on a free loopback port, with manual mining and zero fees."""

    def __init__(self, genesis: Genesis) -> None:
        port = _free_port()
        command = [
            str(binary()), "--host", "127.0.0.1", "--port", str(port), "--chain-id", str(genesis.chain_id),
            "--timestamp", str(genesis.timestamp), "--gas-limit", str(genesis.gas_limit), "--base-fee", "0",
            "--hardfork", "cancun", "--accounts", "0", "--no-mining", "--order", "fifo", "--quiet",
            "--disable-default-create2-deployer",
        ]  # fmt: skip
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=dies_with_parent(),
        )
        self.rpc = Rpc(f"http://127.0.0.1:{port}")
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                self.rpc("eth_chainId")
            except Unavailable:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    self.close()
                    raise
                time.sleep(0.02)
            else:
                return

    @property
    def url(self) -> str:
        """The node's JSON-RPC URL."""
        return self.rpc.url

    def close(self) -> None:
        """Stop the program."""
        self.rpc.close()
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
