"""The packaged, hash-pinned JSON-LD contexts; nothing is ever fetched."""

from __future__ import annotations

import json
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from ledger.errors import Invalid

CREDENTIALS_V2 = "https://www.w3.org/ns/credentials/v2"
DATA_INTEGRITY_V2 = "https://w3id.org/security/data-integrity/v2"
OPEN_BADGES_V3 = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"

_FOLDER = Path(__file__).parent / "contexts"
_CLR = "https://purl.imsglobal.org/spec/clr/v2p0/"
_OB = "https://purl.imsglobal.org/spec/ob/v3p0/"
_SEC = "https://w3id.org/security/"

PINNED: dict[str, tuple[str, str]] = {
    _CLR + "context-2.0.1.json": ("clr_context_2.0.1.json", "880f1902d4158f2f33ce06af41b90719977cd1ea337a9de2e41edb3ff5e543d6"),
    "https://www.w3.org/ns/credentials/examples/v2": (
        "credentials-examples-v2.json",
        "895d705429f42934c1568b13376dfcb1aec71e5a42add2b9bb0855dfb3bc2ff4",
    ),
    "https://www.w3.org/2018/credentials/v1": (
        "credentials-v1.json",
        "00d7dd6d3ad8b920e3e550dd3a3d9090bffcac84cdbf943da6924b3e0a5c8bb8",
    ),
    CREDENTIALS_V2: ("credentials-v2.json", "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734"),
    "https://www.w3.org/ns/did/v1": ("did-v1.json", "62c1054bf404d6dd3a4b26b64f830fd72095f6a26edc4469908c94351352ce5f"),
    _OB + "context-3.0.1.json": ("ob-v3p0-context-3.0.1.json", "5f3d9dd6288ef437ff8286cf95ffbff609c748a66f24a1e9450c45ca64be1571"),
    _OB + "context-3.0.2.json": ("ob-v3p0-context-3.0.2.json", "00666ad080ba407687ed1846b7f5e7495f5019042b202a727de47c48a1755c53"),
    OPEN_BADGES_V3: ("ob-v3p0-context-3.0.3.json", "3d34f4d4ef1bce691106e63798beb5e7b862ba841423f5ee1e53ab7ddf3bca84"),
    _OB + "extensions.json": ("ob-v3p0-extensions.json", "87c06c81bc2317663bf288d740d94fddd2818c4342b186270ff6371dfaa63f93"),
    _SEC + "data-integrity/v1": (
        "security-data-integrity-v1.json",
        "b5d829bd09aa7c42abc6efa0c8ed7635313b5487f37ccfce3ecd149ca9418554",
    ),
    _SEC + "data-integrity/v2": (
        "security-data-integrity-v2.json",
        "67f21e6e33a6c14e5ccfd2fc7865f7474fb71a04af7e94136cb399dfac8ae8f4",
    ),
    _SEC + "suites/ed25519-2020/v1": (
        "security-ed25519-2020-v1.json",
        "b9e1ab971fd8bf2c7553e0c4a9438e0b9450afde1ea1ca5b2492368b9f549588",
    ),
    _SEC + "multikey/v1": ("security-multikey-v1.json", "ba2c182de2d92f7e47184bcca8fcf0beaee6d3986c527bf664c195bbc7c58597"),
}


#: Contexts whose packaged bytes are the published ones, so that their digests may be compared.
EXACT = frozenset(
    (
        _CLR + "context-2.0.1.json",
        CREDENTIALS_V2,
        *(_OB + f"context-3.0.{patch}.json" for patch in (1, 2, 3)),
        _OB + "extensions.json",
        _SEC + "data-integrity/v2",
        _SEC + "multikey/v1",
    )
)


@cache
def load(url: str) -> dict[str, Any]:
    """Return the packaged context document of a URL, its digest checked.

    Raises:
        Invalid: ``context-unknown`` if the URL is not in the packaged set.
        RuntimeError: a packaged file was changed.
    """
    try:
        name, pinned = PINNED[url]
    except (KeyError, TypeError):
        raise Invalid("context-unknown", url=str(url)[:200]) from None
    data = (_FOLDER / name).read_bytes()
    if sha256(data).hexdigest() != pinned:
        raise RuntimeError(f"packaged context {name} was changed")
    document: dict[str, Any] = json.loads(data)
    return document


def packaged_bytes(url: str) -> bytes:
    """Return the packaged bytes of a context."""
    return (_FOLDER / PINNED[url][0]).read_bytes()


def inline(context: Any) -> Any:
    """Replace every URL of an ``@context`` value by the packaged context it names.

    Raises:
        Invalid: ``context-unknown``.
    """
    if isinstance(context, str):
        return load(context)["@context"]
    if isinstance(context, list):
        flat: list[Any] = []
        for entry in context:
            inlined = inline(entry)
            flat.extend(inlined if isinstance(inlined, list) else [inlined])
        return flat
    return context
