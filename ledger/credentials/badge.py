"""Builds an Open Badges 3.0 credential from an achievement and a learner (pure; the caller signs)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from ledger.credentials.catalogue import Achievement, Bilingual, BilingualList, Issuer
from ledger.formats import contexts
from ledger.formats.cid import Cid
from ledger.formats.schemas import MICRO_CREDENTIAL

PURPOSES = ("revocation", "suspension")
_TERM = "urn:creditbank:term:"
_XSD_INTEGER = "http://www.w3.org/2001/XMLSchema#integer"
_MAP = {"@container": "@language"}
EXTENSION: dict[str, Any] = {
    "title": {"@id": _TERM + "title", **_MAP},
    "summary": {"@id": _TERM + "summary", **_MAP},
    "requirement": {"@id": _TERM + "requirement", **_MAP},
    "learningOutcomes": {"@id": _TERM + "learningOutcomes", **_MAP},
    "contactHours": {"@id": _TERM + "contactHours", "@type": _XSD_INTEGER},
    "workloadHours": {"@id": _TERM + "workloadHours", "@type": _XSD_INTEGER},
    "assessmentType": _TERM + "assessmentType",
    "participationForm": _TERM + "participationForm",
    "qualityAssurance": {"@id": _TERM + "qualityAssurance", **_MAP},
}


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
    issuer: Issuer,
    did: str,
    achievement: Achievement,
    recipient: Recipient,
    awarded_on: date,
    valid_from: datetime,
    status: tuple[StatusEntry, StatusEntry],
    evidence: Cid,
    base_url: str,
) -> dict[str, Any]:
    """Return the unsigned credential (Open Badges 3.0 ``AchievementCredential``, schema ``micro-credential-1``).

    ``status`` holds the revocation and the suspension entry; times are written in UTC to the second.
    """
    awarded_at = datetime(awarded_on.year, awarded_on.month, awarded_on.day, tzinfo=UTC)
    return {
        "@context": [contexts.CREDENTIALS_V2, contexts.OPEN_BADGES_V3, EXTENSION],
        "id": credential_id,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": achievement.name.zh,
        "issuer": {
            "id": did,
            "type": ["Profile"],
            "name": issuer.name.zh,
            "url": issuer.url,
            "address": {
                "type": ["Address"],
                "addressCountry": issuer.country,
                "addressRegion": issuer.address.region,
                "addressLocality": issuer.address.locality,
            },
        },
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
            "achievement": _achievement(achievement, did),
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
        "credentialSchema": [{"id": f"{base_url}/schemas/{MICRO_CREDENTIAL}.json", "type": "JsonSchema"}],
        "evidence": [{"id": f"ipfs://{evidence}", "type": ["Evidence"]}],
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


def _achievement(entry: Achievement, did: str) -> dict[str, Any]:
    level = entry.level
    return {
        "id": f"{did}#achievement-{entry.code}",
        "type": ["Achievement"],
        "achievementType": "MicroCredential",
        "inLanguage": "zh",
        "humanCode": entry.code,
        "name": entry.name.zh,
        "description": entry.description.zh,
        "criteria": {"narrative": entry.criteria.zh},
        "alignment": [
            {
                "type": ["Alignment"],
                "targetName": level.value,
                "targetFramework": level.framework,
                "targetCode": str(level.rank),
                "targetUrl": f"urn:creditbank:level:{quote(level.framework, safe='')}:{level.rank}",
            }
        ],
        **({"tag": list(entry.skills)} if entry.skills else {}),
        "title": _map(entry.name),
        "summary": _map(entry.description),
        "requirement": _map(entry.criteria),
        "learningOutcomes": _map(entry.outcomes),
        "contactHours": entry.contact_hours,
        "workloadHours": entry.workload_hours,
        "assessmentType": entry.assessment,
        "participationForm": entry.participation,
        "qualityAssurance": _map(entry.quality_assurance),
    }


def _map(text: Bilingual | BilingualList) -> dict[str, Any]:
    return {"zh": text.zh, "en": text.en}
