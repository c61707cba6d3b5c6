"""RDF Dataset Canonicalization (RDFC-1.0) of JSON-LD, without silent loss and with a work limit.

``canonicalize`` is for any document: terms that JSON-LD would drop are errors, and a graph whose blank nodes look
too much alike is refused before the exponential part begins. ``Template`` is the fast way for many documents of one
shape: the terms are checked once, then each document's texts fill the sample's quads.
"""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import pyoxigraph as ox
from pyld import jsonld

from ledger.errors import Invalid
from ledger.formats import contexts
from ledger.formats.keccak import keccak256

MAX_ALIKE = 6
MAX_QUADS = 20_000
_BASE = "https://relative.invalid/"
_HOLE = "urn:creditbank:hole:"
_HOLES = re.compile(f'(["<]){_HOLE}([0-9]+):')
_SHAPE_KEYS = ("@context", "type", "@type", "@language", "@direction")
#: Only schemes that no context uses as a prefix, so that a text is the IRI it looks like.
_IRI = re.compile(r"(?:urn|did|https?|ipfs|data|mailto|tel):[^\x00-\x20<>\"{}|^`\\]*\Z")
_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n", "\r": r"\r"})


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
    """Canonicalizes many documents of one shape: the sample's quads are the form, the documents' texts fill its holes.

    Terms are checked once, with the whole contexts. A document may differ from the sample in its text values only:
    keys, array lengths, types, numbers, booleans and contexts are its shape.

    Raises:
        Invalid: as ``canonicalize``; ``shape-differs`` for a later document of another shape.
    """

    def __init__(self, sample: dict[str, Any]) -> None:
        self._sample = sample
        count = itertools.count()
        hollow = _map_texts(sample, lambda _: f"{_HOLE}{next(count)}:")
        quads = list(ox.parse(_json(expand(hollow)), format=ox.RdfFormat.JSON_LD))
        _require_easy(quads)
        text = (ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b"").decode("utf-8")
        pieces = _HOLES.split(text)
        self._fixed, self._holes = (
            pieces[::3],
            [(mark, int(number)) for mark, number in zip(pieces[1::3], pieces[2::3], strict=True)],
        )
        if self.canonicalize(sample) != canonicalize(sample):
            raise Invalid("shape-differs", why="the sample's texts decide its shape")

    def canonicalize(self, document: dict[str, Any]) -> bytes:
        """Return the canonical N-Quads of a document of the sample's shape."""
        texts: list[str] = []
        if not _same_shape(document, self._sample, texts):
            raise Invalid("shape-differs")
        parts = [self._fixed[0]]
        for (mark, number), following in zip(self._holes, self._fixed[1:], strict=True):
            parts += (mark, _iri(texts[number]) if mark == "<" else _literal(texts[number]), following)
        try:
            return _canonical_bytes(ox.parse("".join(parts), format=ox.RdfFormat.N_QUADS))
        except (SyntaxError, ValueError) as error:
            raise Invalid("shape-differs", why=str(error)[:200]) from error


def _loader(url: str, _options: Any) -> dict[str, Any]:
    return {"contextUrl": None, "documentUrl": url, "document": contexts.load(url), "contentType": "application/ld+json"}


def _canonical_quads(document: Any, *, sha384: bool = False) -> bytes:
    try:
        quads = list(ox.parse(_json(document), format=ox.RdfFormat.JSON_LD))
    except (SyntaxError, ValueError, OSError) as error:
        raise Invalid("json-malformed", why=str(error)[:200]) from error
    if len(quads) > MAX_QUADS:
        raise Invalid("graph-too-hard", quads=len(quads))
    _require_easy(quads)
    return _canonical_bytes(quads, sha384=sha384)


def _canonical_bytes(quads: Iterable[ox.Quad], *, sha384: bool = False) -> bytes:
    dataset = ox.Dataset(quads)
    algorithm = ox.CanonicalizationAlgorithm
    dataset.canonicalize(algorithm.RDFC_1_0_SHA_384 if sha384 else algorithm.RDFC_1_0)
    serialized = ox.serialize(dataset, format=ox.RdfFormat.N_QUADS) or b""
    return b"".join(sorted(serialized.splitlines(keepends=True)))


def _json(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode("utf-8")


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


def _map_texts(node: Any, change: Callable[[str], str]) -> Any:
    """Replace every text of a document, in order, but contexts and types."""
    if isinstance(node, dict):
        return {key: value if key in _SHAPE_KEYS else _map_texts(value, change) for key, value in node.items()}
    if isinstance(node, list):
        return [_map_texts(item, change) for item in node]
    return change(node) if isinstance(node, str) else node


def _same_shape(node: Any, sample: Any, texts: list[str]) -> bool:
    """Compare a document with the sample and collect its texts in the sample's order."""
    if isinstance(sample, str):
        texts.append(node)
        return isinstance(node, str)
    if type(node) is not type(sample):
        return False
    if isinstance(sample, dict):
        return len(node) == len(sample) and all(
            key in node and (node[key] == value if key in _SHAPE_KEYS else _same_shape(node[key], value, texts))
            for key, value in sample.items()
        )
    if isinstance(sample, list):
        return len(node) == len(sample) and all(map(_same_shape, node, sample, itertools.repeat(texts)))
    return bool(node == sample)


def _literal(text: str) -> str:
    return text.translate(_ESCAPES)


def _iri(text: str) -> str:
    if not _IRI.match(text):
        raise Invalid("shape-differs", why=f"not an absolute IRI: {text[:80]}")
    return text
