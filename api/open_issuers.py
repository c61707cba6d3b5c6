"""Open issuers with did:key keys of this process alone: for interoperability tests, in development mode only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from ledger.credentials.badge import utc_text
from ledger.errors import Invalid
from ledger.formats import contexts, data_integrity, did, proof
from ledger.formats.multikey import Algorithm, PublicKey
from ledger.formats.proof import Suite
from ledger.settings import Settings

_OPEN_SUITES: tuple[Suite, ...] = ("eddsa-rdfc-2022", "eddsa-jcs-2022", "ecdsa-rdfc-2019", "ecdsa-jcs-2019")


@dataclass(frozen=True, slots=True)
class Signer:
    """One test issuer's key."""

    public: PublicKey
    sign: Callable[[bytes], bytes]


class OpenIssuers:
    """A key for each algorithm, made at start and gone with the process.

    Raises:
        Refused: ``development-only`` in production mode.
    """

    def __init__(self, settings: Settings) -> None:
        settings.embedded_default("open issuers under /vc-api")
        self._signers = {"Ed25519": _ed25519(), "P-256": _ecdsa("P-256"), "P-384": _ecdsa("P-384")}

    def issue(self, suite: str, credential: dict[str, Any], algorithm: str | None = None) -> dict[str, Any]:
        """Return the credential signed with a suite; its issuer becomes the test issuer's did:key.

        Raises:
            Invalid: ``proof-malformed`` for an unknown suite or a key that does not belong to it.
        """
        if suite not in _OPEN_SUITES:
            raise Invalid("proof-malformed", member="cryptosuite", why=f"one of {' '.join(_OPEN_SUITES)}")
        algorithms = proof.RULES[suite].algorithms
        chosen = algorithm or algorithms[0]
        if chosen not in algorithms:
            raise Invalid("proof-malformed", member="options", why=f"one of {' '.join(algorithms)}")
        signer = self._signers[chosen]
        issuer = did.key_did(signer.public)
        stated = credential.get("issuer")
        named = {**credential, "issuer": {**stated, "id": issuer} if isinstance(stated, dict) else issuer}
        named["@context"] = _with_proof_terms(credential["@context"])
        options = data_integrity.proof_options(suite, did.key_method(signer.public), utc_text(datetime.now(UTC)))
        return data_integrity.sign(named, options, signer.sign, signer.public.algorithm)


def _with_proof_terms(context: Any) -> Any:
    """Return the contexts with one that defines the proof's terms: version 1.1 of the data model does not."""
    listed = context if isinstance(context, list) else [context]
    return (
        context
        if contexts.CREDENTIALS_V2 in listed or contexts.DATA_INTEGRITY_V2 in listed
        else [*listed, contexts.DATA_INTEGRITY_V2]
    )


def _ed25519() -> Signer:
    key = Ed25519PrivateKey.generate()
    return Signer(PublicKey("Ed25519", key.public_key().public_bytes_raw()), key.sign)


def _ecdsa(algorithm: Algorithm) -> Signer:
    curve, digest, size = (ec.SECP384R1(), hashes.SHA384(), 48) if algorithm == "P-384" else (ec.SECP256R1(), hashes.SHA256(), 32)
    key = ec.generate_private_key(curve)
    raw = key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint)

    def sign(data: bytes) -> bytes:
        r, s = decode_dss_signature(key.sign(data, ec.ECDSA(digest)))
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")

    return Signer(PublicKey(algorithm, raw), sign)
