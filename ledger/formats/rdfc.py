"""RDF Dataset Canonicalization (RDFC-1.0) of JSON-LD, without silent loss and with a work limit.

``canonicalize`` is for any document: terms that JSON-LD would drop are errors, and a graph whose blank nodes look
too much alike is refused before the exponential part begins. ``Template`` is the fast way for many documents of one
shape: the terms are checked once, then each document only against the shape.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import Any

import pyoxigraph as ox
from pyld import jsonld

from ledger.errors import Invalid
from ledger.formats import contexts
from ledger.formats.keccak import keccak256

MAX_ALIKE = 6
MAX_QUADS = 20_000
_BASE = "https://relative.invalid/"
_KEEP = ("@version", "@protected", "@vocab", "@base", "@propagate", "@import", "id", "type", "@language")


def canonicalize(document: dict[str, Any], *, sha384: bool = False) -> bytes:
    """Return the canonical N-Quads of a JSON-LD document, UTF-8; blank nodes are told apart by SHA-256 or SHA-384.

    Raises:
        Invalid: ``context-unknown``, ``term-dropped`` (with the term), ``graph-too-hard``, ``json-malformed``.
    """
    return _canonical_quads(expand(document), sha384=sha384)


def expand(document: dict[str, Any]) -> list[Any]:
    """Expand a JSON-LD document; every term must be defined, every ``id`` and ``type`` absolute.

    Raises:
        Invalid: ``context-unknown``, ``term-dropped``, ``json-malformed``.
    """

    def dropped(term: Any) -> None:
        raise Invalid("term-dropped", term=str(term)[:120])

    try:
        expanded: list[Any] = jsonld.expand(
            document, {"documentLoader": _loader, "processingMode": "json-ld-1.1", "base": _BASE}, on_property_dropped=dropped
        )
    except jsonld.JsonLdError as error:
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, Invalid):
                raise cause from error
            cause = getattr(cause, "cause", None) or cause.__cause__
        raise Invalid("json-malformed", why=str(error).split("\n", 1)[0][:200]) from error
    _require_absolute(expanded)
    return expanded


class Template:
    """Canonicalizes many documents of one shape; contexts are cut to the terms that the shape uses.

    The first document is the sample: its terms are checked with the whole contexts, and the cut contexts must give
    the same bytes for it.

    Raises:
        Invalid: as ``canonicalize``; ``shape-differs`` for a later document of another shape.
    """

    def __init__(self, sample: dict[str, Any]) -> None:
        self._shape = _shape(sample)
        self._own_context = sample["@context"]
        used = _words(sample)
        inlined = contexts.inline(sample["@context"])
        self._context = [_cut(entry, used) for entry in (inlined if isinstance(inlined, list) else [inlined])]
        if self.canonicalize(sample) != canonicalize(sample):
            raise Invalid("shape-differs", why="the cut contexts change the sample")

    def canonicalize(self, document: dict[str, Any]) -> bytes:
        """Return the canonical N-Quads of a document of the sample's shape."""
        if document["@context"] != self._own_context or _shape(document) != self._shape:
            raise Invalid("shape-differs")
        return _canonical_quads({**document, "@context": self._context})


def _loader(url: str, _options: Any) -> dict[str, Any]:
    return {"contextUrl": None, "documentUrl": url, "document": contexts.load(url), "contentType": "application/ld+json"}


def _canonical_quads(document: Any, *, sha384: bool = False) -> bytes:
    source = json.dumps(document, ensure_ascii=False).encode("utf-8")
    try:
        quads = list(ox.parse(source, format=ox.RdfFormat.JSON_LD))
    except (SyntaxError, ValueError, OSError) as error:
        raise Invalid("json-malformed", why=str(error)[:200]) from error
    if len(quads) > MAX_QUADS:
        raise Invalid("graph-too-hard", quads=len(quads))
    _require_easy(quads)
    dataset = ox.Dataset(quads)
    algorithm = ox.CanonicalizationAlgorithm
    dataset.canonicalize(algorithm.RDFC_1_0_SHA_384 if sha384 else algorithm.RDFC_1_0)
    serialized = ox.serialize(dataset, format=ox.RdfFormat.N_QUADS) or b""
    return b"".join(sorted(serialized.splitlines(keepends=True)))


def _require_easy(quads: list[ox.Quad]) -> None:
    """Refuse a graph in which more than ``MAX_ALIKE`` blank nodes have one first-degree hash."""
    if len({node for quad in quads for node in (quad.subject, quad.object) if isinstance(node, ox.BlankNode)}) <= MAX_ALIKE:
        return
    mentions: defaultdict[ox.BlankNode, list[bytes]] = defaultdict(list)
    for quad in quads:
        subject, value, graph = quad.subject, quad.object, quad.graph_name
        nodes = [node for node in (subject, value, graph) if isinstance(node, ox.BlankNode)]
        for node in set(nodes):
            parts = [
                ("_:a" if part == node else "_:z") if isinstance(part, ox.BlankNode) else str(part)
                for part in (subject, quad.predicate, value, graph)
            ]
            mentions[node].append(" ".join(parts).encode())
    alike = Counter(keccak256(b"\n".join(sorted(lines))) for lines in mentions.values())
    if alike and max(alike.values()) > MAX_ALIKE:
        raise Invalid("graph-too-hard", alike=max(alike.values()))


def _require_absolute(node: Any) -> None:
    if isinstance(node, list):
        for item in node:
            _require_absolute(item)
    elif isinstance(node, dict):
        names = [node["@id"]] if isinstance(node.get("@id"), str) else []
        kinds = node.get("@type", [])
        names += kinds if isinstance(kinds, list) else [kinds]
        for name in names:
            if ":" not in name or name.startswith(_BASE):
                raise Invalid("term-dropped", term=name[:120])
        if "@value" not in node:
            for value in node.values():
                _require_absolute(value)


def _shape(node: Any) -> Any:
    """Describe keys, array lengths, value kinds and types; ``@context`` is compared apart."""
    if isinstance(node, dict):
        return tuple(
            (key, tuple(value) if key == "type" and isinstance(value, list) else value if key == "type" else _shape(value))
            for key, value in sorted(node.items())
            if key != "@context"
        )
    if isinstance(node, list):
        return tuple(_shape(item) for item in node)
    return type(node).__name__


def _words(node: Any) -> set[str]:
    if isinstance(node, dict):
        words = set(node)
        for key, value in node.items():
            words |= _words(value)
            if key in ("type", "@type"):
                words |= set(value) if isinstance(value, list) else {value}
        return words
    if isinstance(node, list):
        return set().union(*(_words(item) for item in node)) if node else set()
    return set()


def _cut(context: Any, used: set[str]) -> Any:
    if not isinstance(context, dict):
        return context
    prefixes = {
        definition.split(":", 1)[0] for definition in json.dumps(context).split('"') if ":" in definition and "//" not in definition
    }
    cut = {}
    for term, definition in context.items():
        if term in _KEEP or term in used or term in prefixes:
            scoped = isinstance(definition, dict) and "@context" in definition
            cut[term] = {**definition, "@context": _cut(definition["@context"], used)} if scoped else definition
    return cut
