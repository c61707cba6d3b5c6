"""Data Integrity proofs (W3C VC Data Integrity 1.0) with ``eddsa-jcs-2022`` and ``eddsa-rdfc-2022``."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from typing import Any, Literal, cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ledger.errors import Invalid, Unverified
from ledger.formats import jcs, multibase, rdfc

Suite = Literal["eddsa-jcs-2022", "eddsa-rdfc-2022"]
SUITES: tuple[Suite, ...] = ("eddsa-jcs-2022", "eddsa-rdfc-2022")
Canonicalize = Callable[[dict[str, Any]], bytes]
SignBytes = Callable[[bytes], bytes]

_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)\Z")
_MEMBERS = {"@context", "type", "cryptosuite", "created", "verificationMethod", "proofPurpose", "proofValue", "id", "expires"}


def canonicalizer(suite: Suite) -> Canonicalize:
    """Return the canonicalization of a suite."""
    return jcs.dumps if suite == "eddsa-jcs-2022" else rdfc.canonicalize


def proof_options(suite: Suite, method: str, created: str) -> dict[str, Any]:
    """Return a proof without its value; ``created`` is an RFC 3339 time."""
    return {
        "type": "DataIntegrityProof",
        "cryptosuite": suite,
        "created": created,
        "verificationMethod": method,
        "proofPurpose": "assertionMethod",
    }


def sign(document: dict[str, Any], options: dict[str, Any], sign_bytes: SignBytes) -> dict[str, Any]:
    """Return the document with its proof; any earlier ``proof`` is replaced.

    Args:
        document: the credential.
        options: what ``proof_options`` returned.
        sign_bytes: makes a 64-byte Ed25519 signature.

    Raises:
        Invalid: as the canonicalization.
    """
    unsecured = {key: value for key, value in document.items() if key != "proof"}
    return _with_proof(unsecured, options, sign_bytes, canonicalizer(options["cryptosuite"]), _config_digest(options, unsecured))


class TemplateSigner:
    """Signs many documents of one shape with the same options: terms are checked once, on the sample.

    Raises:
        Invalid: as the canonicalization of the sample; ``shape-differs`` for a document with another ``@context`` (and,
            for ``eddsa-rdfc-2022``, of another shape).
    """

    def __init__(self, sample: dict[str, Any], options: dict[str, Any], sign_bytes: SignBytes) -> None:
        self._options, self._sign_bytes, self._context = options, sign_bytes, sample["@context"]
        self._canonicalize: Canonicalize = (
            jcs.Template(sample).dumps if options["cryptosuite"] == "eddsa-jcs-2022" else rdfc.Template(sample).canonicalize
        )
        self._config_digest = _config_digest(options, sample)

    def sign(self, document: dict[str, Any]) -> dict[str, Any]:
        """Return a document without ``proof`` with its proof."""
        if document["@context"] != self._context:
            raise Invalid("shape-differs", member="@context")
        return _with_proof(document, self._options, self._sign_bytes, self._canonicalize, self._config_digest)


def verify(document: dict[str, Any], public_key: Callable[[str], bytes]) -> dict[str, Any]:
    """Return the document without its proof, once every proof in it verified.

    Args:
        document: the secured credential; ``proof`` is one proof or a proof set.
        public_key: returns the 32-byte key of a verification method, or raises.

    Raises:
        Invalid: ``proof-malformed`` with the member, or as the canonicalization.
        Unverified: ``proof-invalid``.
    """
    proofs = document.get("proof")
    proofs = proofs if isinstance(proofs, list) else [proofs]
    unsecured = {key: value for key, value in document.items() if key != "proof"}
    if not proofs:
        raise Invalid("proof-malformed", member="proof", why="empty")
    for proof in proofs:
        suite = check_proof(proof)
        options = {key: value for key, value in proof.items() if key != "proofValue"}
        if suite == "eddsa-jcs-2022" and "@context" in options and not _starts_with(unsecured, options["@context"]):
            raise Invalid("proof-malformed", member="@context", why="not the beginning of the document's")
        if suite == "eddsa-rdfc-2022" and "@context" in options:
            raise Invalid("proof-malformed", member="@context", why="not in an RDF proof")
        data = _config_digest(options, unsecured) + sha256(canonicalizer(suite)(unsecured)).digest()
        key = Ed25519PublicKey.from_public_bytes(public_key(proof["verificationMethod"]))
        try:
            key.verify(multibase.base58btc_decode(proof["proofValue"]), data)
        except InvalidSignature:
            raise Unverified("proof-invalid", method=proof["verificationMethod"]) from None
    return unsecured


def check_proof(proof: Any) -> Suite:
    """Check every member of a proof and return its suite.

    Raises:
        Invalid: ``proof-malformed`` with the member.
    """
    if not isinstance(proof, dict):
        raise Invalid("proof-malformed", member="proof", why="not an object")
    expected = {"type": "DataIntegrityProof", "proofPurpose": "assertionMethod"}
    for member, value in expected.items():
        if proof.get(member) != value:
            raise Invalid("proof-malformed", member=member)
    if proof.get("cryptosuite") not in SUITES:
        raise Invalid("proof-malformed", member="cryptosuite")
    for member in ("verificationMethod", "proofValue", "created"):
        if not isinstance(proof.get(member), str):
            raise Invalid("proof-malformed", member=member)
    if not _DATE_TIME.match(proof["created"]):
        raise Invalid("proof-malformed", member="created")
    if set(proof) - _MEMBERS:
        raise Invalid("proof-malformed", member=min(set(proof) - _MEMBERS))
    if len(multibase.base58btc_decode(proof["proofValue"])) != 64:
        raise Invalid("proof-malformed", member="proofValue", why="not 64 bytes")
    return cast("Suite", proof["cryptosuite"])


def _starts_with(document: dict[str, Any], context: Any) -> bool:
    own = document.get("@context")
    own, context = (value if isinstance(value, list) else [value] for value in (own, context))
    return bool(own[: len(context)] == context)


def _with_proof(
    document: dict[str, Any], options: dict[str, Any], sign_bytes: SignBytes, canonicalize: Canonicalize, config_digest: bytes
) -> dict[str, Any]:
    signature = sign_bytes(config_digest + sha256(canonicalize(document)).digest())
    proof = {**options, "proofValue": multibase.base58btc_encode(signature)}
    if options["cryptosuite"] == "eddsa-jcs-2022":
        proof["@context"] = document["@context"]
    return {**document, "proof": proof}


def _config_digest(options: dict[str, Any], document: dict[str, Any]) -> bytes:
    """Return SHA-256 of the canonical proof configuration, with the document's contexts."""
    if options["cryptosuite"] == "eddsa-jcs-2022":
        return sha256(jcs.dumps({**options, "@context": options.get("@context", document["@context"])})).digest()
    return _rdfc_config_digest(jcs.dumps({**options, "@context": document["@context"]}))


@lru_cache(maxsize=256)
def _rdfc_config_digest(config: bytes) -> bytes:
    """Hash an RDF proof configuration; all credentials of a batch share one."""
    return sha256(rdfc.canonicalize(jcs.loads(config))).digest()
