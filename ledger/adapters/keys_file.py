"""A key store in files: one scrypt-derived master key wraps the signing keys and the key of each subject.

``keystore.json`` holds the signing keys; ``subjects.sqlite`` holds the subjects' wrapped keys, in a file of its own so
that its backups can lapse sooner than those of the database.
"""

from __future__ import annotations

import hmac
import json
import os
import sqlite3
import threading
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from coincurve import PrivateKey
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from ledger.errors import Refused, Unverified
from ledger.formats import secp256k1

_SCRYPT_N = 1 << 15
_NONCE = 12
_CACHED_SUBJECTS = 1024
_ERASED = b""


class FileKeys:
    """The keys of one member, opened by a passphrase.

    Raises:
        Refused: ``keystore-locked`` for a wrong passphrase, ``key-missing`` if there is no store.
    """

    def __init__(self, folder: Path, passphrase: str) -> None:
        try:
            store: dict[str, Any] = json.loads((folder / "keystore.json").read_text("utf-8"))
        except FileNotFoundError:
            raise Refused("key-missing", folder=str(folder)) from None
        self._master = AESGCM(_derive(passphrase, bytes.fromhex(store["salt"]), store["scrypt_n"]))
        self._public = {name: bytes.fromhex(entry["public"]) for name, entry in store["keys"].items()}
        try:
            self._private = {
                name: _open(self._master, bytes.fromhex(entry["sealed"]), name.encode()) for name, entry in store["keys"].items()
            }
        except InvalidTag:
            raise Refused("keystore-locked") from None
        self._index_key = self._private.pop("index")
        self._subjects = sqlite3.connect(folder / "subjects.sqlite", isolation_level=None, check_same_thread=False)
        self._subjects.execute("PRAGMA journal_mode=WAL")
        self._subjects.execute("PRAGMA secure_delete=ON")
        self._subjects.execute("CREATE TABLE IF NOT EXISTS subject_key (subject TEXT PRIMARY KEY, wrapped BLOB NOT NULL)")
        self._lock = threading.RLock()
        self._cache: dict[str, AESGCM] = {}
        self._ed25519: dict[str, Ed25519PrivateKey] = {}

    @classmethod
    def create(cls, folder: Path, passphrase: str, ed25519: Sequence[str], secp256k1_names: Sequence[str]) -> FileKeys:
        """Make a store with new keys of these names and open it.

        Raises:
            FileExistsError: there is a store already.
        """
        folder.mkdir(parents=True, exist_ok=True)
        salt = os.urandom(16)
        master = AESGCM(_derive(passphrase, salt, _SCRYPT_N))
        keys: dict[str, dict[str, str]] = {}
        for name in ("index", *ed25519, *secp256k1_names):
            private = os.urandom(32)
            if name in secp256k1_names:
                public = secp256k1.key_word(secp256k1.address_of(PrivateKey(private).public_key))
            elif name in ed25519:
                public = Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
            else:
                public = b""
            keys[name] = {"public": public.hex(), "sealed": _close(master, private, name.encode()).hex()}
        descriptor = os.open(folder / "keystore.json", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump({"format": "creditbank-keystore-1", "salt": salt.hex(), "scrypt_n": _SCRYPT_N, "keys": keys}, file, indent=1)
        return cls(folder, passphrase)

    def public(self, name: str) -> bytes:
        """Return the 32-byte registry form of a key."""
        self._need(name)
        return self._public[name]

    def sign_ed25519(self, name: str, data: bytes) -> bytes:
        """Return an Ed25519 signature."""
        if name not in self._ed25519:
            self._ed25519[name] = Ed25519PrivateKey.from_private_bytes(self._need(name))
        return self._ed25519[name].sign(data)

    def sign_digest(self, name: str, digest: bytes) -> bytes:
        """Return a secp256k1 signature of a digest."""
        return secp256k1.sign(self._need(name), digest)

    def new_subject_keys(self, subjects: Sequence[str]) -> None:
        """Make the missing keys of these subjects in one transaction."""
        rows = [(subject, _close(self._master, os.urandom(32), subject.encode())) for subject in subjects]
        with self._lock, self._subjects:
            self._subjects.execute("BEGIN IMMEDIATE")
            self._subjects.executemany("INSERT OR IGNORE INTO subject_key VALUES (?, ?)", rows)

    def seal(self, subject: str, data: bytes, context: bytes) -> bytes:
        """Encrypt for a subject."""
        return _close(self._subject(subject), data, context)

    def unseal(self, subject: str, sealed: bytes, context: bytes) -> bytes:
        """Decrypt for a subject."""
        try:
            return _open(self._subject(subject), sealed, context)
        except InvalidTag:
            raise Unverified("evidence-tampered", subject=subject) from None

    def destroy(self, subject: str) -> None:
        """Overwrite a subject's wrapped key; its row stays, so that no new key is made under the same name."""
        with self._lock:
            self._cache.pop(subject, None)
            self._subjects.execute("INSERT OR REPLACE INTO subject_key VALUES (?, ?)", (subject, _ERASED))
            self._subjects.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def blind_index(self, value: str) -> str:
        """Return HMAC-SHA-256 of a value under the member's index key, in hex."""
        return hmac.new(self._index_key, value.encode("utf-8"), sha256).hexdigest()

    def close(self) -> None:
        """Close the subjects' store."""
        self._subjects.close()

    def _need(self, name: str) -> bytes:
        if name not in self._private:
            raise Refused("key-missing", name=name)
        return self._private[name]

    def _subject(self, subject: str) -> AESGCM:
        with self._lock:
            return self._cache.get(subject) or self._open_subject(subject)

    def _open_subject(self, subject: str) -> AESGCM:
        row = self._subjects.execute("SELECT wrapped FROM subject_key WHERE subject = ?", (subject,)).fetchone()
        if row is None:
            raise Refused("key-missing", subject=subject)
        if row[0] == _ERASED:
            raise Refused("evidence-erased", subject=subject)
        if len(self._cache) >= _CACHED_SUBJECTS:
            self._cache.clear()
        self._cache[subject] = AESGCM(_open(self._master, row[0], subject.encode()))
        return self._cache[subject]


def _derive(passphrase: str, salt: bytes, cost: int) -> bytes:
    return Scrypt(salt=salt, length=32, n=cost, r=8, p=1).derive(passphrase.encode("utf-8"))


def _close(cipher: AESGCM, data: bytes, context: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + cipher.encrypt(nonce, data, context)


def _open(cipher: AESGCM, sealed: bytes, context: bytes) -> bytes:
    return cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], context)
