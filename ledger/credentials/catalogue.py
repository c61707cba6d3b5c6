"""The catalogue of micro-credentials that a college issues: what an Open Badges achievement needs."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ledger.errors import Invalid

Text = Annotated[str, Field(min_length=1, max_length=2000)]
Hours = Annotated[int, Field(ge=1, le=10_000)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Bilingual(_Strict):
    """A text in Chinese and English."""

    zh: Text
    en: Text

    @model_validator(mode="before")
    @classmethod
    def _join_commas(cls, data: Any) -> Any:
        """Read ``{en: Programs, tests and repairs}`` as a person does: YAML cuts an unquoted text at its commas."""
        if not isinstance(data, dict):
            return data
        joined: dict[Any, Any] = {}
        last = None
        for key, value in data.items():
            if value is None and key not in cls.model_fields and isinstance(joined.get(last), str):
                joined[last] += f", {key}"
            else:
                joined[key], last = value, key
        return joined


class BilingualList(_Strict):
    """A list of texts in Chinese and English."""

    zh: Annotated[list[Text], Field(min_length=1, max_length=20)]
    en: Annotated[list[Text], Field(min_length=1, max_length=20)]

    @model_validator(mode="after")
    def _equally_long(self) -> Self:
        if len(self.zh) != len(self.en):
            raise ValueError("the Chinese and the English list differ in length")
        return self


class Level(_Strict):
    """A level of a qualifications framework."""

    framework: Text
    value: Text
    rank: Annotated[int, Field(ge=1, le=10)]


class Address(_Strict):
    """Where the issuer is."""

    region: Text
    locality: Text


class Issuer(_Strict):
    """The issuing college."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
    name: Bilingual
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    address: Address
    url: Annotated[str, Field(pattern=r"^https://")]


class Achievement(_Strict):
    """One micro-credential, with the EU's eleven mandatory elements as far as they do not concern the learner."""

    code: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    name: Bilingual
    description: Bilingual
    criteria: Bilingual
    outcomes: BilingualList
    contact_hours: Hours
    workload_hours: Hours
    level: Level
    assessment: Text
    participation: Text
    quality_assurance: Bilingual
    skills: list[Text] = []
    suite: Annotated[str, Field(pattern=r"^eddsa-(rdfc|jcs)-2022$")] | None = None


class Catalogue(_Strict):
    """A catalogue; ``suite`` chooses the proof (an achievement may choose its own)."""

    issuer: Issuer
    pass_mark: Annotated[float, Field(ge=0, le=100)]
    suite: Annotated[str, Field(pattern=r"^eddsa-(rdfc|jcs)-2022$")] = "eddsa-rdfc-2022"
    achievements: Annotated[list[Achievement], Field(min_length=1)]

    @model_validator(mode="after")
    def _codes_once(self) -> Self:
        codes = [achievement.code for achievement in self.achievements]
        if len(set(codes)) != len(codes):
            raise ValueError("an achievement code is given twice")
        return self

    def achievement(self, code: str) -> Achievement | None:
        """Return the achievement of a code, or ``None``."""
        return next((entry for entry in self.achievements if entry.code == code), None)


def parse(data: Any) -> Catalogue:
    """Check a catalogue read from YAML or JSON.

    Raises:
        Invalid: ``catalogue-invalid`` with the field.
    """
    try:
        return Catalogue.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise Invalid("catalogue-invalid", field=field or "/", why=first["msg"], faults=error.error_count()) from error
