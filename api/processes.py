"""Runs a network's processes on this machine: one operator, one process a member, each with its own folder."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx

from api.operator import read_endpoint
from hardhat_network.children import dies_with_parent
from ledger import bootstrap
from ledger.errors import Unavailable

_START_SECONDS = 60.0
_STOP_SECONDS = 10.0
_RESTARTS = 5


def reachable(home: Path) -> str | None:
    """Return the URL of this folder's operator if it answers."""
    url = read_endpoint(home / "operator")
    if url is None:
        return None
    try:
        answer = httpx.get(f"{url}/network", timeout=5, trust_env=False).json()
    except (httpx.HTTPError, ValueError):
        return None
    return url if answer.get("genesis_hash") == bootstrap.load_network(home).genesis_hash else None


@contextmanager
def running(home: Path) -> Iterator[str]:
    """Yield the operator's URL; a network that is not up is started for the time of the block.

    Of several commands at once the first starts the network and the others use it; it is stopped when the last is done.

    Raises:
        Unavailable: ``operator-unavailable`` if the operator does not come up (its log says why).
    """
    deadline = time.monotonic() + _START_SECONDS
    while True:
        with _locked(home, "users.lock", fcntl.LOCK_SH):
            url = reachable(home)
            if url is not None:
                yield url
                return
        with ExitStack() as stack:
            try:
                fresh = stack.enter_context(started(home))
            except Unavailable as error:
                if error.code != "chain-locked" or time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
                continue
            yield fresh
            with _locked(home, "users.lock", fcntl.LOCK_EX):
                return


@contextmanager
def _locked(home: Path, name: str, kind: int) -> Iterator[None]:
    with (home / "operator" / name).open("w") as lock:
        try:
            fcntl.flock(lock, kind)
        except OSError as error:
            raise Unavailable("chain-locked", folder=str(home)) from error
        yield


@contextmanager
def started(home: Path) -> Iterator[str]:
    """Start every process of a network, yield the operator's URL, and stop them in the end.

    A member's process that dies is started again after a second, at most ``_RESTARTS`` times.

    Raises:
        Unavailable: ``chain-locked`` if another process runs this network, ``operator-unavailable``.
    """
    with _locked(home, "start.lock", fcntl.LOCK_EX | fcntl.LOCK_NB):
        yield from _run(home)


def _run(home: Path) -> Iterator[str]:
    network = bootstrap.load_network(home)
    (home / "operator" / "endpoint.json").unlink(missing_ok=True)
    operator = _start(home, home / "operator", ["operator", "serve"])
    running_members: dict[str, subprocess.Popen[bytes]] = {}
    stop = threading.Event()
    watcher = threading.Thread(target=_watch, args=(home, running_members, stop), daemon=True)
    try:
        url = _wait(home, operator)
        for slug in network.institutions:
            if (network.members / slug).is_dir():
                running_members[slug] = _start_member(home, slug)
        watcher.start()
        yield url
    finally:
        stop.set()
        if watcher.is_alive():
            watcher.join()
        _stop([operator, *running_members.values()])


def _watch(home: Path, members: dict[str, subprocess.Popen[bytes]], stop: threading.Event) -> None:
    left = dict.fromkeys(members, _RESTARTS)
    while not stop.wait(1.0):
        for slug, process in members.items():
            if process.poll() is not None and left[slug] > 0:
                left[slug] -= 1
                members[slug] = _start_member(home, slug)


def _start_member(home: Path, slug: str) -> subprocess.Popen[bytes]:
    return _start(home, home / "members" / slug, ["member", "serve", slug])


def _start(home: Path, folder: Path, arguments: list[str]) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "CREDITBANK_HOME": str(home.resolve()), "PYTHONUNBUFFERED": "1"}
    with (folder / "log.txt").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "api.cli.main", *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            preexec_fn=dies_with_parent(signal.SIGTERM),
        )


def _wait(home: Path, operator: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and operator.poll() is None:
        url = reachable(home)
        if url is not None:
            return url
        time.sleep(0.1)
    raise Unavailable("operator-unavailable", log=str(home / "operator" / "log.txt"))


def _stop(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in reversed(processes):
        process.terminate()
    for process in reversed(processes):
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
