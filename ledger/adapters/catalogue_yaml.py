"""Reads a catalogue from a YAML file, without aliases (which could unfold without end) and up to 1 MB."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from ledger.credentials import catalogue
from ledger.credentials.catalogue import Catalogue
from ledger.errors import Invalid

_MAX_BYTES = 1 << 20


class _PlainLoader(yaml.SafeLoader):
    def compose_node(self, parent: Any, index: Any) -> Any:
        """Refuse aliases."""
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not allowed in a catalogue")
        return super().compose_node(parent, index)


def load_catalogue(path: Path) -> Catalogue:
    """Return the catalogue of a file.

    Raises:
        Invalid: ``catalogue-invalid`` with field or line.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Invalid("catalogue-invalid", file=str(path), why=error.strerror or "cannot be opened") from error
    if len(data) > _MAX_BYTES:
        raise Invalid("too-large", limit="1 MB", size=f"{len(data)} bytes")
    try:
        loaded = yaml.load(data.decode("utf-8-sig"), Loader=_PlainLoader)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid("catalogue-invalid", file=path.name, why=str(error)[:200]) from error
    return catalogue.parse(loaded)
