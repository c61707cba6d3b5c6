"""What every adapter of the port `Evidence` must do."""

from __future__ import annotations

import pytest

from ledger.errors import Refused
from ledger.formats.cid import Cid, cid_of
from ledger.ports import Evidence


class EvidenceBehaviour:
    """Mixed into a test class per adapter; `store` is the adapter's fixture."""

    def test_gives_back_what_was_put(self, store: Evidence) -> None:
        for data in (b"", b"x", bytes(range(256)) * 5000, bytes((3 << 20) + 1)):
            cid = store.put(data)
            assert (cid, store.get(cid), store.has(cid)) == (cid_of(data), data, True)

    def test_putting_twice_changes_nothing(self, store: Evidence) -> None:
        assert store.put(b"again") == store.put(b"again")

    def test_puts_many_in_order(self, store: Evidence) -> None:
        items = [b"%d" % number for number in range(100)]
        assert store.put_many(items) == [cid_of(item) for item in items]
        assert store.put_many([]) == []

    def test_what_is_absent_is_missing(self, store: Evidence) -> None:
        absent = cid_of(b"never put")
        assert not store.has(absent)
        for wrong in (absent, Cid("../../etc/passwd"), Cid(""), Cid("b" + "a" * 58)):
            with pytest.raises(Refused, match="evidence-missing"):
                store.get(wrong)
