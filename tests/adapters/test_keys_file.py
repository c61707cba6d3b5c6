"""The file adapter of `Keys`: keys stay inside, subjects' keys can be destroyed."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ledger.adapters.keys_file import FileKeys
from ledger.errors import Refused, Unverified
from ledger.formats import secp256k1
from ledger.formats.keccak import keccak256


@pytest.fixture
def keys(tmp_path: Path) -> FileKeys:
    return FileKeys.create(tmp_path, "correct horse", ["assert-1"], ["vote"])


def test_signatures_are_by_the_public_keys(keys: FileKeys) -> None:
    Ed25519PublicKey.from_public_bytes(keys.public("assert-1")).verify(keys.sign_ed25519("assert-1", b"x"), b"x")
    digest = keccak256(b"x")
    assert secp256k1.key_word(secp256k1.recover(digest, keys.sign_digest("vote", digest))) == keys.public("vote")
    with pytest.raises(Refused, match="key-missing"):
        keys.sign_digest("witness", digest)


def test_a_wrong_passphrase_opens_nothing(keys: FileKeys, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="keystore-locked"):
        FileKeys(tmp_path, "wrong")
    again = FileKeys(tmp_path, "correct horse")
    assert again.public("vote") == keys.public("vote")
    again.close()
    with pytest.raises(FileExistsError):
        FileKeys.create(tmp_path, "x", [], [])
    assert (tmp_path / "keystore.json").stat().st_mode & 0o077 == 0


def test_what_is_sealed_opens_for_its_subject_and_context_only(keys: FileKeys) -> None:
    keys.new_subject_keys(["p", "q"])
    sealed = keys.seal("p", b"private", b"row")
    assert keys.unseal("p", sealed, b"row") == b"private"
    assert keys.seal("p", b"private", b"row") != sealed
    for subject, data, context in (
        ("q", sealed, b"row"),
        ("p", sealed, b"other"),
        ("p", sealed[:-1] + bytes([sealed[-1] ^ 1]), b"row"),
    ):
        with pytest.raises(Unverified):
            keys.unseal(subject, data, context)
    with pytest.raises(Refused, match="key-missing"):
        keys.seal("nobody", b"", b"")


def test_a_destroyed_key_stays_destroyed(keys: FileKeys, tmp_path: Path) -> None:
    keys.new_subject_keys(["p"])
    sealed = keys.seal("p", b"private", b"row")
    wrapped = keys._subjects.execute("SELECT wrapped FROM subject_key").fetchone()[0]
    keys.destroy("p")
    keys.new_subject_keys(["p"])
    with pytest.raises(Refused, match="evidence-erased"):
        keys.unseal("p", sealed, b"row")
    keys.close()
    assert wrapped not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


def test_blind_indexes_are_keyed(keys: FileKeys, tmp_path: Path) -> None:
    other = FileKeys.create(tmp_path / "other", "x", [], [])
    assert keys.blind_index("A1") == keys.blind_index("A1") != other.blind_index("A1")
