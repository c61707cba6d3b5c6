"""The folder adapter of `Evidence`."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.adapters.evidence_folder import FolderEvidence
from ledger.errors import Unverified
from tests.behaviours.evidence import EvidenceBehaviour


class TestFolderEvidence(EvidenceBehaviour):
    @pytest.fixture
    def store(self, tmp_path: Path) -> FolderEvidence:
        return FolderEvidence(tmp_path)

    def test_a_changed_byte_is_noticed(self, store: FolderEvidence, tmp_path: Path) -> None:
        cid = store.put(b"evidence")
        next(path for path in tmp_path.rglob("b*") if path.is_file()).write_bytes(b"evidencE")
        with pytest.raises(Unverified, match="evidence-tampered"):
            store.get(cid)

    def test_a_write_cut_short_leaves_no_object(self, store: FolderEvidence, tmp_path: Path) -> None:
        cid = store.put(b"whole")
        path = next(path for path in tmp_path.rglob("b*") if path.is_file())
        path.rename(path.with_name(".cut"))
        assert not store.has(cid)
        assert store.put(b"whole") == cid
