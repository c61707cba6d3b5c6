"""secp256k1 signatures of 65 bytes (r ‖ s ‖ v), low s only, recovered to the signer's address."""

from __future__ import annotations

from typing import NewType

from coincurve import PrivateKey, PublicKey

from ledger.errors import Invalid
from ledger.formats.keccak import keccak256

Address = NewType("Address", str)

_HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0


def address_of(public_key: PublicKey) -> Address:
    """Return the lower-case address (``0x`` + 40 hex) of a public key."""
    return Address("0x" + keccak256(public_key.format(compressed=False)[1:])[12:].hex())


def sign(private_key: bytes, digest: bytes) -> bytes:
    """Return the 65-byte signature of a 32-byte digest; v is 27 or 28."""
    signature = PrivateKey(private_key).sign_recoverable(digest, hasher=None)
    return signature[:64] + bytes((signature[64] + 27,))


def recover(digest: bytes, signature: bytes) -> Address:
    """Return the address that signed a 32-byte digest.

    Raises:
        Invalid: ``signature-length``, ``signature-malleable`` or ``signature-malformed``, as the contracts do.
    """
    if len(signature) != 65:
        raise Invalid("signature-length", length=len(signature))
    if int.from_bytes(signature[32:64], "big") > _HALF_ORDER:
        raise Invalid("signature-malleable")
    if signature[64] not in (27, 28):
        raise Invalid("signature-malformed", v=signature[64])
    try:
        raw = signature[:64] + bytes((signature[64] - 27,))
        return address_of(PublicKey.from_signature_and_message(raw, digest, hasher=None))
    except (ValueError, Exception) as error:
        raise Invalid("signature-malformed", why=str(error)) from error


def key_word(address: Address) -> bytes:
    """Return an address as the 32-byte key that the registry holds."""
    return bytes(12) + bytes.fromhex(address[2:])
