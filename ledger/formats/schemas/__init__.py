"""JSON Schemas of the bank's own formats; a credential type is named by the digest of its schema."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from ledger.formats import jcs

MICRO_CREDENTIAL = "micro-credential-1"


@cache
def load(name: str) -> dict[str, Any]:
    """Return a packaged schema by its file name without ``.json``."""
    loaded: dict[str, Any] = jcs.loads((Path(__file__).parent / f"{name}.json").read_bytes())
    return loaded


@cache
def digest(name: str) -> bytes:
    """Return SHA-256 of a schema's JCS form: the schema id that accreditation and anchors name."""
    return jcs.digest(load(name))


@cache
def by_digest() -> dict[bytes, str]:
    """Map digests to the names of the packaged credential types."""
    return {digest(name): name for name in (MICRO_CREDENTIAL,)}


def violation(name: str, document: Any) -> str | None:
    """Return where and how a document violates a schema (JSON pointer and message), or ``None``."""
    error = best_match(_validator(name).iter_errors(document))
    if error is None:
        return None
    pointer = "".join(f"/{part}" for part in error.absolute_path)
    return f"{pointer or '/'}: {error.message[:160]}"


@cache
def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(load(name))
