"""The trust file: what a verifier must know of the network, signed by at least three members."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ledger.errors import Invalid, Unverified
from ledger.formats import jcs, schemas, secp256k1
from ledger.formats.eip712 import Domain
from ledger.formats.secp256k1 import Address

FORMAT = "creditbank-trust-1"
MIN_SIGNATURES = 3


@dataclass(frozen=True, slots=True)
class TrustFile:
    """A checked trust file."""

    chain_id: int
    genesis_hash: bytes
    registers: Mapping[str, Address]
    storage_layout: Mapping[str, Mapping[str, int]]
    witnesses: Mapping[Address, str]
    quorum: int
    published_at: str

    @property
    def domain(self) -> Domain:
        """The EIP-712 domain of checkpoints."""
        return Domain(self.chain_id, self.genesis_hash)


def quorum_of(witnesses: int) -> int:
    """Return ⌊2n/3⌋ + 1."""
    return 2 * witnesses // 3 + 1


def signing_digest(body: Mapping[str, Any]) -> bytes:
    """Return the EIP-712 digest that members sign: TrustFile(SHA-256 of the JCS form without ``signatures``)."""
    unsigned = {key: value for key, value in body.items() if key != "signatures"}
    domain = Domain(body["chain_id"], bytes.fromhex(body["genesis_hash"]))
    return domain.digest("TrustFile", {"digest": jcs.digest(unsigned)})


def parse(data: bytes) -> TrustFile:
    """Read and check a trust file.

    Raises:
        Invalid: ``not-trust-file`` with the place and the reason.
    """
    try:
        body = jcs.loads(data)
    except Invalid as error:
        raise Invalid("not-trust-file", why=error.details.get("why", error.code)) from error
    violation = schemas.violation("trust-1", body)
    if violation:
        raise Invalid("not-trust-file", why=violation)
    witnesses = {Address(entry["key"]): str(entry["institution"]) for entry in body["witnesses"]}
    if len(witnesses) != len(body["witnesses"]) or len(set(witnesses.values())) != len(witnesses):
        raise Invalid("not-trust-file", why="/witnesses: a witness is listed twice")
    if body["quorum"] != quorum_of(len(witnesses)):
        raise Invalid("not-trust-file", why=f"/quorum: {quorum_of(len(witnesses))} of {len(witnesses)} are needed")
    _require_signatures(body, witnesses)
    return TrustFile(
        chain_id=body["chain_id"],
        genesis_hash=bytes.fromhex(body["genesis_hash"]),
        registers=body["registers"],
        storage_layout=body["storage_layout"],
        witnesses=witnesses,
        quorum=body["quorum"],
        published_at=body["published_at"],
    )


def _require_signatures(body: Mapping[str, Any], witnesses: Mapping[Address, str]) -> None:
    digest = signing_digest(body)
    signers = set()
    for entry in body["signatures"]:
        try:
            signer = secp256k1.recover(digest, bytes.fromhex(entry["signature"]))
        except (Invalid, Unverified) as error:
            raise Invalid("not-trust-file", why=f"/signatures: {error.code}") from error
        if signer != entry["key"] or witnesses.get(signer) != entry["institution"]:
            raise Invalid("not-trust-file", why=f"/signatures: not by the witness {entry['institution']}")
        signers.add(signer)
    if len(signers) < MIN_SIGNATURES or len(signers) != len(body["signatures"]):
        raise Invalid("not-trust-file", why=f"/signatures: at least {MIN_SIGNATURES} members must have signed")
