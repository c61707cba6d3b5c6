"""What a Data Integrity proof may look like: its members, suites and keys (W3C VC Data Integrity 1.0, section 2.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final, Literal

from ledger.errors import Invalid
from ledger.formats import multibase
from ledger.formats.multikey import Algorithm

Suite = Literal["eddsa-jcs-2022", "eddsa-rdfc-2022", "ecdsa-jcs-2019", "ecdsa-rdfc-2019", "Ed25519Signature2020"]
Canonicalization = Literal["jcs", "rdfc"]


@dataclass(frozen=True, slots=True)
class SuiteRule:
    """How a suite canonicalizes, and with which keys."""

    canonicalization: Canonicalization
    algorithms: tuple[Algorithm, ...]


RULES: Final[dict[str, SuiteRule]] = {
    "eddsa-jcs-2022": SuiteRule("jcs", ("Ed25519",)),
    "eddsa-rdfc-2022": SuiteRule("rdfc", ("Ed25519",)),
    "ecdsa-jcs-2019": SuiteRule("jcs", ("P-256", "P-384")),
    "ecdsa-rdfc-2019": SuiteRule("rdfc", ("P-256", "P-384")),
    "Ed25519Signature2020": SuiteRule("rdfc", ("Ed25519",)),
}
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)\Z")
_TEXTS = ("id", "created", "expires", "domain", "challenge", "nonce", "previousProof", "verificationMethod", "proofValue")
_MEMBERS = {*_TEXTS, "@context", "type", "cryptosuite", "proofPurpose"}
_SIGNATURE_BYTES = (64, 96)


def check(proof: Any, purpose: str) -> SuiteRule:
    """Check every member of a proof and return the rule of its suite.

    Raises:
        Invalid: ``proof-malformed`` with the member.
    """
    if not isinstance(proof, dict):
        raise Invalid("proof-malformed", member="proof", why="not an object")
    if proof.get("proofPurpose") != purpose:
        raise Invalid("proof-malformed", member="proofPurpose")
    rule = RULES.get(suite_of(proof))
    if rule is None:
        raise Invalid("proof-malformed", member="cryptosuite")
    if set(proof) - _MEMBERS:
        raise Invalid("proof-malformed", member=min(set(proof) - _MEMBERS))
    for member in _TEXTS:
        listed = member in ("domain", "previousProof") and isinstance(proof.get(member), list)
        texts = proof[member] if listed else [proof.get(member, "")]
        if not all(isinstance(text, str) for text in texts):
            raise Invalid("proof-malformed", member=member)
    if ":" not in proof.get("verificationMethod", ""):
        raise Invalid("proof-malformed", member="verificationMethod")
    for member in ("created", "expires"):
        if member in proof and not _DATE_TIME.match(proof[member]):
            raise Invalid("proof-malformed", member=member)
    if len(multibase.base58btc_decode(proof.get("proofValue", ""))) not in _SIGNATURE_BYTES:
        raise Invalid("proof-malformed", member="proofValue")
    return rule


def suite_of(proof: dict[str, Any]) -> str:
    """Return a proof's suite, or an empty text."""
    if proof.get("type") == "Ed25519Signature2020":
        return "Ed25519Signature2020" if "cryptosuite" not in proof else ""
    suite = proof.get("cryptosuite")
    known = proof.get("type") == "DataIntegrityProof" and isinstance(suite, str) and suite != "Ed25519Signature2020"
    return str(suite) if known else ""
