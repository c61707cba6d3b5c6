"""The five-answer verdict on a credential file: a pure function of the file, the trust file and the time (P-26).

The answers are independent: *integrity* (signature, Merkle path, state proof, finality), *issuer* (accredited then, key
live then), *status* (revocation and suspension as of the proved block), *dates*, *holder*. What depends on content that
is not proved is ``unknown``, never ``pass``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from ledger.credentials import slots
from ledger.credentials.badge import hashed_number, utc_text
from ledger.credentials.proved import AnchorState, ProvedState, prove_anchor, prove_finality, prove_leaf
from ledger.credentials.texts import TEXTS
from ledger.errors import Invalid, LedgerError, Unverified
from ledger.formats import data_integrity, jcs, schemas, status_list
from ledger.formats.credential_file import CredentialFile
from ledger.formats.multikey import PublicKey
from ledger.formats.trust_file import TrustFile
from ledger.institutions import rules as institutions
from ledger.institutions.model import Kind, Purpose, assert_method, institution_id

Result = Literal["pass", "fail", "unknown"]
QUESTIONS = ("integrity", "issuer", "status", "dates", "holder")


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer with its reason in both languages; ``facts`` are proved values that belong to it."""

    answer: Result
    code: str
    facts: Mapping[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return ``{answer, code, reason: {zh, en}, …facts}``."""
        zh, en = (text.format(**self.facts) for text in TEXTS[self.code])
        shown = {name: value for name, value in self.facts.items() if name in ("method", "valid_as_of")}
        return {"answer": self.answer, "code": self.code, "reason": {"zh": zh, "en": en}, **shown}


@dataclass(frozen=True, slots=True)
class Policy:
    """What the verifier decides: the time, how old a status may be, and the number to match the holder with."""

    now: datetime
    max_status_age: timedelta = timedelta(days=30)
    student_number: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The five answers."""

    integrity: Answer
    issuer: Answer
    status: Answer
    dates: Answer
    holder: Answer

    def to_dict(self) -> dict[str, Any]:
        """Return the answers by question."""
        return {question: getattr(self, question).to_dict() for question in QUESTIONS}

    def exit_code(self, *, require_holder: bool = False) -> int:
        """Return 0 if nothing failed or is unknown, 1 if something failed, 3 if something is unknown.

        The holder counts only if asked for, or if checking the holder failed.
        """
        counted = [self.integrity, self.issuer, self.status, self.dates]
        if require_holder or self.holder.answer == "fail":
            counted.append(self.holder)
        answers = {answer.answer for answer in counted}
        return 1 if "fail" in answers else 3 if "unknown" in answers else 0


def verdict(file: CredentialFile, trust: TrustFile, policy: Policy) -> Verdict:
    """Answer the five questions about a parsed file."""
    unproved = Answer("unknown", "unproved")
    try:
        state = prove_finality(file, trust)
        anchor_state = prove_anchor(file, state)
        prove_leaf(file)
    except LedgerError as error:
        broken = Answer("fail", error.code if error.code in TEXTS else "state-proof-invalid")
        return Verdict(broken, unproved, unproved, unproved, _holder(file, policy, proved=False))
    issuer, keys = _issuer(file, state, anchor_state)
    integrity = _integrity(file, keys)
    if integrity.answer != "pass":
        if integrity.answer == "fail":
            issuer = unproved
        return Verdict(integrity, issuer, unproved, unproved, _holder(file, policy, proved=False))
    return Verdict(integrity, issuer, _status(file, state, policy), _dates(file, policy), _holder(file, policy, proved=True))


def _integrity(file: CredentialFile, keys: Mapping[str, bytes]) -> Answer:
    """Check signature and type; the batch, its place in it and its finality are proved before."""

    def public_key(method: str) -> PublicKey:
        if method not in keys:
            raise Unverified("key-not-live", method=method)
        return PublicKey("Ed25519", keys[method])

    try:
        data_integrity.verify(dict(file.credential), public_key)
        schema = schemas.by_digest().get(file.anchor.schema)
        if schema is None:
            return Answer("unknown", "schema-unknown")
        if schemas.violation(schema, file.credential):
            return Answer("fail", "schema-violated")
    except Unverified as error:
        return Answer("unknown", "issuer-key-unproved") if error.code == "key-not-live" else Answer("fail", "proof-invalid")
    except Invalid:
        return Answer("fail", "proof-malformed")
    return Answer("pass", "intact", {"sealed_at": _text(file.anchor_time)})


def _issuer(file: CredentialFile, state: ProvedState, anchor_state: AnchorState) -> tuple[Answer, Mapping[str, bytes]]:
    """Return the answer and the proved keys by verification method."""
    issuer = file.credential.get("issuer")
    did = issuer.get("id") if isinstance(issuer, dict) else issuer
    keys: dict[str, bytes] = {}
    try:
        if not isinstance(did, str) or institution_id(did) != file.anchor.institution:
            return Answer("fail", "issuer-differs"), keys
        if len({entry["key"] for entry in file.issuer_keys}) != len(file.issuer_keys):
            return Answer("fail", "issuer-unproved"), keys
        profile = _proved_profile(file, state)
        for entry in file.issuer_keys:
            public = bytes.fromhex(entry["key"])
            word = state.word(slots.INSTITUTIONS, slots.key(state.layout, file.anchor.institution, Purpose.ASSERT, public))
            record = institutions.unpack_key(word)
            if (record.epoch, record.start, record.until, record.cut_off) != (
                entry["epoch"], entry["from"], entry["until"], entry["cut_off"],
            ) or not word:  # fmt: skip
                return Answer("fail", "key-unknown"), {}
            keys[assert_method(did, record.epoch)] = public
            if not institutions.is_live(record, file.anchor_time):
                return Answer("fail", "key-not-live"), keys
    except LedgerError:
        return Answer("fail", "issuer-unproved"), {}
    if profile is None:
        return Answer("fail", "issuer-unproved"), keys
    accredited = _accredited(file, state)
    if accredited is None:
        return Answer("fail", "issuer-unproved"), keys
    if not accredited:
        return Answer("fail", "not-accredited"), keys
    if anchor_state is AnchorState.DISAVOWED:
        return Answer("fail", "batch-disavowed"), keys
    if anchor_state is AnchorState.DISPUTED:
        return Answer("unknown", "batch-disputed"), keys
    name = profile["name"]
    return Answer("pass", "accredited", {"issuer_zh": str(name["zh"]), "issuer_en": str(name["en"])}), keys


def _proved_profile(file: CredentialFile, state: ProvedState) -> Mapping[str, Any] | None:
    stated = file.issuer
    word = state.word(slots.INSTITUTIONS, slots.institution(state.layout, file.anchor.institution))
    kind, registered_at, suspended_at, suspensions = institutions.unpack_institution(word)
    digest = state.word(slots.INSTITUTIONS, slots.profile(state.layout, file.anchor.institution))
    same = (
        kind in list(Kind)
        and stated["kind"] == Kind(kind).name.lower()
        and (stated["registered_at"], stated["suspended_at"], stated["suspensions"]) == (registered_at, suspended_at, suspensions)
        and jcs.digest(stated["profile"]) == digest.to_bytes(32, "big")
    )
    return stated["profile"] if same else None


def _accredited(file: CredentialFile, state: ProvedState) -> bool | None:
    stated = file.issuer["accreditation"]
    slot = slots.accreditation(state.layout, file.anchor.institution, file.anchor.schema, stated["period"])
    try:
        period = institutions.unpack_accreditation(state.word(slots.INSTITUTIONS, slot))
    except Unverified:
        return None
    if (period.start, period.until, period.withdrawn_at) != (stated["from"], stated["until"], stated["withdrawn_at"]):
        return None
    return institutions.is_accredited(period, file.anchor_time)


def _status(file: CredentialFile, state: ProvedState, policy: Policy) -> Answer:
    """Read each of the credential's status entries in the latest list that the proved block knows."""
    facts = {"valid_as_of": _text(state.timestamp), "max_days": str(policy.max_status_age.days)}
    stated = {entry["list"]: entry for entry in file.status}
    entries = file.credential["credentialStatus"]
    set_purposes = set()
    try:
        for entry in entries:
            number = int(entry["statusListCredential"].rsplit("/", 1)[-1])
            bits = _proved_bits(file, state, stated.pop(number))
            if status_list.is_set(bits, int(entry["statusListIndex"])):
                set_purposes.add(entry["statusPurpose"])
    except (LedgerError, KeyError, ValueError):
        return Answer("fail", "status-differs", facts)
    if stated or len(file.status) != len(entries):
        return Answer("fail", "status-differs", facts)
    if "revocation" in set_purposes:
        return Answer("fail", "revoked", facts)
    as_of = datetime.fromtimestamp(state.timestamp, UTC)
    if as_of > policy.now + timedelta(seconds=60):
        return Answer("unknown", "clock-behind", facts)
    if policy.now - as_of > policy.max_status_age:
        return Answer("unknown", "status-stale", facts)
    return Answer("fail", "suspended", facts) if set_purposes else Answer("pass", "live", facts)


def _proved_bits(file: CredentialFile, state: ProvedState, stated: Mapping[str, Any]) -> bytes:
    institution, number, version = file.anchor.institution, stated["list"], stated["version"]
    head = slots.unpack_status_head(state.word(slots.CREDENTIALS, slots.status_head(state.layout, institution, number)))
    digest = state.word(slots.CREDENTIALS, slots.status_digest(state.layout, institution, number, version))
    if head[0] != version or digest.to_bytes(32, "big") != status_list.digest(stated["encoded_list"]):
        raise Unverified("status-list-malformed", list=number)
    return status_list.decode(stated["encoded_list"])


def _dates(file: CredentialFile, policy: Policy) -> Answer:
    try:
        begins = _moment(file.credential["validFrom"])
        ends = _moment(file.credential["validUntil"]) if "validUntil" in file.credential else None
    except (KeyError, TypeError, ValueError):
        return Answer("fail", "dates-malformed")
    if policy.now < begins:
        return Answer("fail", "not-yet-valid")
    if ends is not None and policy.now >= ends:
        return Answer("fail", "expired")
    return Answer("pass", "in-force")


def _holder(file: CredentialFile, policy: Policy, *, proved: bool) -> Answer:
    if policy.student_number is None or not proved:
        return Answer("unknown", "holder-not-checked", {"method": "not_checked"})
    hashed = file.credential["credentialSubject"]["identifier"][1]
    matches = hashed_number(policy.student_number, hashed["salt"]) == hashed["identityHash"]
    facts = {"method": "matched_by_document"}
    return Answer("pass", "holder-matched", facts) if matches else Answer("fail", "holder-differs", facts)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment


def _text(timestamp: int) -> str:
    return utc_text(datetime.fromtimestamp(timestamp, UTC))
