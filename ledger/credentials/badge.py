"""Builds an Open Badges 3.0 credential from an achievement and a learner (pure; the caller signs)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from ledger.credentials.catalogue import Achievement, Bilingual, Issuer
from ledger.formats import contexts
from ledger.formats.cid import Cid
from ledger.formats.schemas import MICRO_CREDENTIAL

PURPOSES = ("revocation", "suspension")
FACETS = "urn:creditbank:facet:"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who gets the badge: the name in clear, the student number salted and hashed."""

    name: str
    number: str
    salt: str


@dataclass(frozen=True, slots=True)
class StatusEntry:
    """Where a credential's bit stands in one list: the list's number, its URL and the index."""

    list: int
    url: str
    index: int


def build(
    credential_id: str,
    issuer: dict[str, Any],
    achievement: dict[str, Any],
    recipient: Recipient,
    awarded_on: date,
    valid_from: datetime,
    status: tuple[StatusEntry, StatusEntry],
    evidence: Cid,
    base_url: str,
) -> dict[str, Any]:
    """Return the unsigned credential (Open Badges 3.0 ``AchievementCredential``, schema ``micro-credential-1``).

    ``issuer`` and ``achievement`` are what ``profile`` and ``achievement`` built, shared by a batch's credentials;
    ``status`` holds the revocation and the suspension entry; times are written in UTC to the second.
    """
    awarded_at = datetime(awarded_on.year, awarded_on.month, awarded_on.day, tzinfo=UTC)
    return {
        "@context": [contexts.CREDENTIALS_V2, contexts.OPEN_BADGES_V3],
        "id": credential_id,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": achievement["name"],
        "issuer": issuer,
        "validFrom": utc_text(valid_from),
        "awardedDate": utc_text(awarded_at),
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [
                {"type": ["IdentityObject"], "hashed": False, "identityType": "name", "identityHash": recipient.name},
                {
                    "type": ["IdentityObject"],
                    "hashed": True,
                    "identityType": "sisSourcedId",
                    "identityHash": hashed_number(recipient.number, recipient.salt),
                    "salt": recipient.salt,
                },
            ],
            "achievement": achievement,
        },
        "credentialStatus": [
            {
                "id": f"{entry.url}#{entry.index}",
                "type": "BitstringStatusListEntry",
                "statusPurpose": purpose,
                "statusListIndex": str(entry.index),
                "statusListCredential": entry.url,
            }
            for purpose, entry in zip(PURPOSES, status, strict=True)
        ],
        "credentialSchema": {"id": f"{base_url}/schemas/{MICRO_CREDENTIAL}.json", "type": "JsonSchema"},
        "evidence": {"id": f"ipfs://{evidence}", "type": ["Evidence"]},
    }


def hashed_number(number: str, salt: str) -> str:
    """Return ``sha256$`` and the hex of SHA-256(number ‖ salt), both as UTF-8 text (OB 3.0 IdentityObject)."""
    return "sha256$" + sha256((number + salt).encode("utf-8")).hexdigest()


def status_url(base_url: str, institution: str, number: int) -> str:
    """Return the public URL of an institution's status list."""
    return f"{base_url}/status/{quote(institution, safe='')}/{number}"


def utc_text(moment: datetime) -> str:
    """Write an aware time in UTC, to the second, with ``Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def profile(issuer: Issuer, did: str) -> dict[str, Any]:
    """Return the issuer's Profile (Open Badges 3.0)."""
    return {
        "id": did,
        "type": ["Profile"],
        "name": _both(issuer.name),
        "url": issuer.url,
        "address": {
            "type": ["Address"],
            "addressCountry": issuer.country,
            "addressRegion": issuer.address.region,
            "addressLocality": issuer.address.locality,
        },
    }


def achievement(entry: Achievement, did: str) -> dict[str, Any]:
    """Return the achievement; what Open Badges has no term for stands in alignments (decision record 0003)."""
    identifier = f"{did}#achievement-{entry.code}"
    return {
        "id": identifier,
        "type": ["Achievement"],
        "achievementType": "MicroCredential",
        "inLanguage": "zh",
        "humanCode": entry.code,
        "name": _both(entry.name),
        "description": _both(entry.description),
        "criteria": {"narrative": _both(entry.criteria)},
        "alignment": [
            _alignment(entry.level.framework, entry.level.value, f"urn:creditbank:level:{entry.level.rank}", str(entry.level.rank)),
            *(
                _alignment(FACETS + "learning-outcome", f"{zh} / {en}", f"{identifier}-outcome-{number}")
                for number, (zh, en) in enumerate(zip(entry.outcomes.zh, entry.outcomes.en, strict=True), start=1)
            ),
            _facet("contact-hours", "{0} 学时 / {0} contact hours", entry.contact_hours),
            _facet("workload-hours", "总学习量 {0} 小时 / {0} hours of workload", entry.workload_hours),
            _facet("assessment", entry.assessment),
            _facet("participation", entry.participation),
            _facet("quality-assurance", _both(entry.quality_assurance)),
        ],
        **_tags(entry.skills),
    }


def _alignment(framework: str, name: str, url: str, code: str | None = None) -> dict[str, Any]:
    plain = {"type": ["Alignment"], "targetName": name, "targetFramework": framework, "targetUrl": url}
    return plain if code is None else {**plain, "targetCode": code}


def _facet(name: str, text: str, value: int | None = None) -> dict[str, Any]:
    shown, code = (text, None) if value is None else (text.format(value), str(value))
    return _alignment(FACETS + name, shown, FACETS + name, code)


def _tags(skills: list[str]) -> dict[str, list[str]]:
    return {"tag": list(skills)} if skills else {}


def _both(text: Bilingual) -> str:
    return f"{text.zh} / {text.en}"
