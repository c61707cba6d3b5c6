"""Multikey public keys (W3C Controlled Identifiers): Ed25519, P-256 and P-384, and how each verifies a signature."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256, sha384
from typing import Final, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from ledger.errors import Invalid, Unverified
from ledger.formats import multibase

Algorithm = Literal["Ed25519", "P-256", "P-384"]
_PREFIXES: Final[dict[Algorithm, tuple[bytes, int]]] = {
    "Ed25519": (b"\xed\x01", 32),
    "P-256": (b"\x80\x24", 33),
    "P-384": (b"\x81\x24", 49),
}
_CURVES: Final = {"P-256": (ec.SECP256R1, hashes.SHA256), "P-384": (ec.SECP384R1, hashes.SHA384)}


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key: 32 raw bytes for Ed25519, a compressed point for the NIST curves."""

    algorithm: Algorithm
    raw: bytes

    @property
    def multikey(self) -> str:
        """The ``publicKeyMultibase`` text."""
        return multibase.base58btc_encode(_PREFIXES[self.algorithm][0] + self.raw)

    @property
    def signature_bytes(self) -> int:
        """How long a signature is: r ‖ s at the curve's size, or 64 for Ed25519."""
        return 96 if self.algorithm == "P-384" else 64

    def verify(self, signature: bytes, data: bytes) -> None:
        """Verify a signature over data.

        Raises:
            Unverified: ``proof-invalid``.
            Invalid: ``multibase-malformed`` if the point is not on the curve.
        """
        try:
            if self.algorithm == "Ed25519":
                Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, data)
                return
            curve, digest = _CURVES[self.algorithm]
            half = len(signature) // 2
            numbers = (int.from_bytes(part, "big") for part in (signature[:half], signature[half:]))
            point = ec.EllipticCurvePublicKey.from_encoded_point(curve(), self.raw)
            point.verify(encode_dss_signature(*numbers), data, ec.ECDSA(digest()))
        except InvalidSignature:
            raise Unverified("proof-invalid", algorithm=self.algorithm) from None
        except ValueError as error:
            raise Invalid("multibase-malformed", why=str(error)[:100]) from error


def parse(text: str) -> PublicKey:
    """Read a Multikey text.

    Raises:
        Invalid: ``multibase-malformed``.
    """
    data = multibase.base58btc_decode(text)
    for algorithm, (prefix, length) in _PREFIXES.items():
        if data.startswith(prefix) and len(data) == len(prefix) + length:
            return PublicKey(algorithm, data[len(prefix) :])
    raise Invalid("multibase-malformed", text=text[:80])


def digest(algorithm: Algorithm, data: bytes) -> bytes:
    """Return the hash that a key's suites use: SHA-384 for P-384, else SHA-256."""
    return (sha384 if algorithm == "P-384" else sha256)(data).digest()
