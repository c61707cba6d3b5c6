"""Evidence in a folder: a file a CID, two levels of folders, written before it is named."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

from ledger.errors import Refused, Unverified
from ledger.formats.cid import Cid, cid_of, is_cid


class FolderEvidence:
    """Keeps each object under its CID; what is there is complete, because a file is renamed only once synced."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._folder.mkdir(parents=True, exist_ok=True)

    def put(self, data: bytes) -> Cid:
        """Store bytes and return their CID."""
        return self.put_many([data])[0]

    def put_many(self, items: Sequence[bytes]) -> list[Cid]:
        """Store many; files are synced by a few threads, then the folders once."""
        cids = [cid_of(data) for data in items]
        for parent in {self._path(cid).parent for cid in cids}:
            parent.mkdir(parents=True, exist_ok=True)
        with ThreadPoolExecutor(max_workers=8) as pool:
            list(pool.map(self._write, cids, items))
        for parent in {self._path(cid).parent for cid in cids}:
            _sync_folder(parent)
        return cids

    def get(self, cid: Cid) -> bytes:
        """Return the bytes of a CID, checked against it."""
        if not is_cid(cid):
            raise Refused("evidence-missing", cid=str(cid)[:80])
        try:
            data = self._path(cid).read_bytes()
        except FileNotFoundError:
            raise Refused("evidence-missing", cid=cid) from None
        if cid_of(data) != cid:
            raise Unverified("evidence-tampered", cid=cid)
        return data

    def has(self, cid: Cid) -> bool:
        """Say whether a file of this CID is there."""
        return is_cid(cid) and self._path(cid).exists()

    def _path(self, cid: Cid) -> Path:
        return self._folder / cid[-2:] / cid

    def _write(self, cid: Cid, data: bytes) -> None:
        target = self._path(cid)
        if target.exists():
            return
        temporary = target.with_name(f".{uuid4().hex}")
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(target)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
