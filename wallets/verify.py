"""Verifies credential files offline, with nothing but the file, a trust file and the time (P-26)."""

from __future__ import annotations

from ledger.credentials.rules import Policy, Verdict, verdict
from ledger.formats import credential_file
from ledger.formats.trust_file import TrustFile


def verify_file(data: bytes, trust: TrustFile, policy: Policy) -> Verdict:
    """Return the five answers about a file's bytes.

    Raises:
        Invalid: ``not-credential-file`` or ``too-large``.
    """
    return verdict(credential_file.parse(data), trust, policy)
