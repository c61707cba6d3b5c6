"""Data Integrity proofs (W3C VC Data Integrity 1.0): EdDSA and ECDSA suites, proof sets and chains."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from ledger.errors import Invalid, Unverified
from ledger.formats import jcs, multibase, multikey, proof, rdfc
from ledger.formats.multikey import Algorithm, PublicKey
from ledger.formats.proof import RULES, Suite

SUITES: tuple[Suite, ...] = ("eddsa-jcs-2022", "eddsa-rdfc-2022")
Canonicalize = Callable[[dict[str, Any]], bytes]
SignBytes = Callable[[bytes], bytes]
Resolve = Callable[[str], PublicKey]


def proof_options(suite: Suite, method: str, created: str) -> dict[str, Any]:
    """Return a proof without its value; ``created`` is an RFC 3339 time."""
    return {
        "type": "DataIntegrityProof",
        "cryptosuite": suite,
        "created": created,
        "verificationMethod": method,
        "proofPurpose": "assertionMethod",
    }


def sign(
    document: dict[str, Any], options: dict[str, Any], sign_bytes: SignBytes, algorithm: Algorithm = "Ed25519"
) -> dict[str, Any]:
    """Return the document with its proof; any earlier ``proof`` is replaced.

    Args:
        document: the credential.
        options: what ``proof_options`` returned, or with more members.
        sign_bytes: signs the hash data: 64 bytes for Ed25519, r ‖ s for ECDSA.
        algorithm: the key's; it chooses the hash.

    Raises:
        Invalid: as the canonicalization.
    """
    unsecured = {key: value for key, value in document.items() if key != "proof"}
    config = _config_digest(options, unsecured, algorithm)
    return _with_proof(unsecured, options, sign_bytes, _canonicalizer(options, algorithm), config, algorithm)


class TemplateSigner:
    """Signs many documents of one shape with the same options and an Ed25519 key: terms are checked once, on the sample.

    Raises:
        Invalid: as the canonicalization of the sample; ``shape-differs`` for a document with another ``@context`` (and,
            for ``eddsa-rdfc-2022``, of another shape).
    """

    def __init__(self, sample: dict[str, Any], options: dict[str, Any], sign_bytes: SignBytes) -> None:
        self._options, self._sign_bytes, self._context = options, sign_bytes, sample["@context"]
        self._canonicalize: Canonicalize = (
            jcs.Template(sample).dumps if options["cryptosuite"] == "eddsa-jcs-2022" else rdfc.Template(sample).canonicalize
        )
        self._config_digest = _config_digest(options, sample, "Ed25519")

    def sign(self, document: dict[str, Any]) -> dict[str, Any]:
        """Return a document without ``proof`` with its proof."""
        if document["@context"] != self._context:
            raise Invalid("shape-differs", member="@context")
        return _with_proof(document, self._options, self._sign_bytes, self._canonicalize, self._config_digest, "Ed25519")


def verify(
    document: Mapping[str, Any], public_key: Resolve, purpose: str = "assertionMethod", expected: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return the document without its proof, once every proof in it verified.

    Args:
        document: the secured document; ``proof`` is one proof, a proof set or a chain (``previousProof``).
        public_key: returns the key of a verification method, or raises.
        purpose: the ``proofPurpose`` that every proof must have.
        expected: ``challenge`` and ``domain`` that every proof must state.

    Raises:
        Invalid: ``proof-malformed`` with the member, or as the canonicalization.
        Unverified: ``proof-invalid``.
    """
    proofs = document.get("proof")
    proofs = proofs if isinstance(proofs, list) else [proofs]
    unsecured = {key: value for key, value in document.items() if key != "proof"}
    if not proofs:
        raise Invalid("proof-malformed", member="proof", why="empty")
    for entry in proofs:
        proof.check(entry, purpose)
        for member, value in (expected or {}).items():
            stated = entry.get(member)
            if value not in (stated if isinstance(stated, list) else [stated]):
                raise Invalid("proof-malformed", member=member, why="not the expected one")
    for entry in proofs:
        _verify_one(entry, {**unsecured, **_previous(entry, proofs)}, public_key)
    return unsecured


def _verify_one(entry: dict[str, Any], document: dict[str, Any], public_key: Resolve) -> None:
    rule = RULES[proof.suite_of(entry)]
    options = {key: value for key, value in entry.items() if key != "proofValue"}
    if "@context" in options and (rule.canonicalization == "rdfc" or not _starts_with(document, options["@context"])):
        raise Invalid("proof-malformed", member="@context", why="not the beginning of the document's")
    key, signature = public_key(entry["verificationMethod"]), multibase.base58btc_decode(entry["proofValue"])
    if key.algorithm not in rule.algorithms or len(signature) != key.signature_bytes:
        raise Invalid("proof-malformed", member="verificationMethod", why=f"a {key.algorithm} key does not belong to the suite")
    hashed = multikey.digest(key.algorithm, _canonicalizer(options, key.algorithm)(document))
    try:
        key.verify(signature, _config_digest(options, document, key.algorithm) + hashed)
    except Unverified:
        raise Unverified("proof-invalid", method=entry["verificationMethod"]) from None


def _previous(entry: dict[str, Any], proofs: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the ``proof`` member over which a chained proof was made: those it names, which verify on their own."""
    named = entry.get("previousProof")
    if named is None:
        return {}
    wanted = named if isinstance(named, list) else [named]
    found = [other for other in proofs if other.get("id") in wanted and other is not entry]
    if {other.get("id") for other in found} != set(wanted):
        raise Invalid("proof-malformed", member="previousProof", why="a named proof is absent")
    return {"proof": found}


def _canonicalizer(options: Mapping[str, Any], algorithm: Algorithm) -> Canonicalize:
    if RULES[proof.suite_of(dict(options))].canonicalization == "jcs":
        return jcs.dumps
    return lambda document: rdfc.canonicalize(document, sha384=algorithm == "P-384")


def _with_proof(
    document: dict[str, Any],
    options: dict[str, Any],
    sign_bytes: SignBytes,
    canonicalize: Canonicalize,
    config_digest: bytes,
    algorithm: Algorithm,
) -> dict[str, Any]:
    signature = sign_bytes(config_digest + multikey.digest(algorithm, canonicalize(document)))
    made = {**options, "proofValue": multibase.base58btc_encode(signature)}
    if RULES[options["cryptosuite"]].canonicalization == "jcs":
        made["@context"] = document["@context"]
    return {**document, "proof": made}


def _config_digest(options: Mapping[str, Any], document: Mapping[str, Any], algorithm: Algorithm) -> bytes:
    """Return the hash of the canonical proof configuration, with the document's contexts."""
    if RULES[proof.suite_of(dict(options))].canonicalization == "jcs":
        config = {"@context": document["@context"], **options}
        return multikey.digest(algorithm, jcs.dumps(config))
    return _rdfc_config_digest(jcs.dumps({**options, "@context": document["@context"]}), algorithm)


@lru_cache(maxsize=256)
def _rdfc_config_digest(config: bytes, algorithm: Algorithm) -> bytes:
    """Hash an RDF proof configuration; all credentials of a batch share one."""
    return multikey.digest(algorithm, rdfc.canonicalize(jcs.loads(config), sha384=algorithm == "P-384"))


def _starts_with(document: Mapping[str, Any], context: Any) -> bool:
    own = document.get("@context")
    own, context = (value if isinstance(value, list) else [value] for value in (own, context))
    return bool(own[: len(context)] == context)
