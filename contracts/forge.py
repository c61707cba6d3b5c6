"""Runs forge on the contracts, from the npm package for this platform; development only."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

from contracts import ROOT


def binary() -> Path:
    """Return forge's path.

    Raises:
        FileNotFoundError: it is not installed (``make setup-dev`` installs it).
    """
    machine = {"x86_64": "amd64", "AMD64": "amd64", "aarch64": "arm64", "arm64": "arm64"}.get(platform.machine(), "")
    path = ROOT.parent / "node_modules" / "@foundry-rs" / f"forge-{sys.platform}-{machine}" / "bin" / "forge"
    if not path.exists():
        raise FileNotFoundError(path)
    return path


def forge(*arguments: str) -> str:
    """Run forge in the contracts' folder and return what it printed.

    Raises:
        subprocess.CalledProcessError: a test failed or a source does not compile; ``stdout`` says which.
    """
    done = subprocess.run([binary(), *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout
