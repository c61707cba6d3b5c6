"""The sealed credential file, version 1: a credential and everything that proves it without a network.

Every member is either signed, proved or compared with what is; the file is in JCS form, and other bytes are refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ledger.errors import Invalid
from ledger.formats import jcs, schemas
from ledger.formats.keccak import keccak256

FORMAT = "creditbank-credential-1"
MAX_BYTES = 1 << 20
ANCHOR_MEMBERS = ("institution", "root", "count", "schema", "manifest")


@dataclass(frozen=True, slots=True)
class AnchorMessage:
    """The five members that name a batch on chain."""

    institution: bytes
    root: bytes
    count: int
    schema: bytes
    manifest: bytes

    @property
    def batch(self) -> bytes:
        """The batch's key: keccak256(abi.encode(root, count, schema, manifest, institution))."""
        words = (self.root, self.count.to_bytes(32, "big"), self.schema, self.manifest, self.institution)
        return keccak256(b"".join(words))

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "institution": self.institution.hex(),
            "root": self.root.hex(),
            "count": self.count,
            "schema": self.schema.hex(),
            "manifest": self.manifest.hex(),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> AnchorMessage:
        """Read the JSON form (checked before against the file's schema)."""
        raw = {name: bytes.fromhex(data[name]) for name in ("institution", "root", "schema", "manifest")}
        return cls(count=data["count"], **raw)


@dataclass(frozen=True, slots=True)
class CredentialFile:
    """A parsed file; nothing in it is verified yet."""

    credential: Mapping[str, Any]
    salt: bytes
    index: int
    count: int
    path: tuple[bytes, ...]
    anchor: AnchorMessage
    anchor_time: int
    header: bytes
    account_proofs: Mapping[str, tuple[bytes, ...]]
    checkpoint: Mapping[str, Any]
    checkpoint_signatures: tuple[bytes, ...]
    status: tuple[Mapping[str, Any], ...]
    issuer: Mapping[str, Any]
    issuer_keys: tuple[Mapping[str, Any], ...]


def parse(data: bytes) -> CredentialFile:
    """Read a credential file.

    Raises:
        Invalid: ``not-credential-file`` with the place and the reason; ``too-large`` above 1 MiB.
    """
    if len(data) > MAX_BYTES:
        raise Invalid("too-large", limit=f"{MAX_BYTES} bytes", size=len(data))
    try:
        body = jcs.loads_canonical(data)
    except Invalid as error:
        raise Invalid("not-credential-file", why=error.details.get("why", error.code)) from error
    violation = schemas.violation("credential-file-1", body)
    if violation:
        raise Invalid("not-credential-file", why=violation)
    proofs = {entry["register"]: tuple(map(bytes.fromhex, entry["nodes"])) for entry in body["account_proofs"]}
    if len(proofs) != len(body["account_proofs"]):
        raise Invalid("not-credential-file", why="/account_proofs: a register is given twice")
    return CredentialFile(
        credential=body["credential"],
        salt=bytes.fromhex(body["leaf"]["salt"]),
        index=body["leaf"]["index"],
        count=body["leaf"]["count"],
        path=tuple(map(bytes.fromhex, body["leaf"]["path"])),
        anchor=AnchorMessage.from_dict(body["anchor"]["message"]),
        anchor_time=body["anchor"]["time"],
        header=bytes.fromhex(body["header"]),
        account_proofs=proofs,
        checkpoint=body["checkpoint"]["message"],
        checkpoint_signatures=tuple(map(bytes.fromhex, body["checkpoint"]["signatures"])),
        status=tuple(body["status"]),
        issuer=body["issuer"],
        issuer_keys=tuple(body["issuer_keys"]),
    )


class Seal:
    """The public members that all credentials of a batch share, each canonicalized once."""

    def __init__(self, members: Mapping[str, Any]) -> None:
        self._members = {name: jcs.dumps(value) for name, value in {"format": FORMAT, **members}.items()}

    def around(self, credential: bytes, leaf: Mapping[str, Any]) -> bytes:
        """Return a file's bytes from a credential's JCS bytes and its leaf."""
        members = {**self._members, "credential": credential, "leaf": jcs.dumps(leaf)}
        return b"{" + b",".join(b'"%s":%s' % (name.encode(), members[name]) for name in sorted(members)) + b"}"


def leaf_member(salt: bytes, index: int, count: int, path: Sequence[bytes]) -> dict[str, Any]:
    """Return the ``leaf`` member."""
    return {"salt": salt.hex(), "index": index, "count": count, "path": [node.hex() for node in path]}
