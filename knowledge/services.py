"""One human service of the directory, and the file it is read from (`directory/services/<id>.yml`)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from itertools import pairwise
from types import MappingProxyType
from typing import Annotated, Literal, Self

import phonenumbers
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from knowledge.hours import DAYS, Closure, Hours, Slot
from knowledge.texts import SOURCE_LANGUAGE
from knowledge.yaml_files import ContentError, YamlFile

EVERYWHERE = "*"
"""In `places`: the service receives residents of the whole département."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Insee = Annotated[str, StringConstraints(pattern=r"^\d[\dAB]\d{3}$")]


class Channel(StrEnum):
    """How a service can be reached; the catalogues name each one (`channels.<value>`)."""

    PHONE = "phone"
    EMAIL = "email"
    COUNTER = "counter"
    POST = "post"
    ONLINE = "online"
    CALLBACK = "callback"
    HOME = "home"


class Accessibility(StrEnum):
    """What a service offers to disabled people; the catalogues name each one (`accessibility.<value>`)."""

    WHEELCHAIR = "wheelchair"
    PARKING = "parking"
    HEARING_LOOP = "hearing_loop"
    SIGN_LANGUAGE = "sign_language"
    EASY_TO_READ = "easy_to_read"
    GUIDE_DOG = "guide_dog"


@dataclass(frozen=True)
class Service:
    """A human service.

    Attributes:
        id: its identifier, the name of its file.
        name: its name by language; French at least.
        kind: a kind of `routing.yml`.
        phone: as it is shown ("04 65 71 13 13").
        email: its address.
        address: where it receives residents.
        url: its page.
        topics: topics of the taxonomy that it deals with, those of its kind included.
        places: INSEE codes of the communes and arrondissements it receives, or `("*",)` for all.
        hours: when it is open.
        channels: how it can be reached.
        languages: codes of the languages that its people speak.
        accessibility: what it offers to disabled people.
    """

    id: str
    name: Mapping[str, str]
    kind: str
    phone: str | None
    email: str | None
    address: str | None
    url: str | None
    topics: tuple[str, ...]
    places: tuple[str, ...]
    hours: Hours
    channels: tuple[Channel, ...]
    languages: tuple[str, ...]
    accessibility: tuple[Accessibility, ...]

    def name_in(self, language: str) -> str:
        """Return its name in a language, in French when it has none there."""
        return self.name.get(language) or self.name[SOURCE_LANGUAGE]

    @property
    def everywhere(self) -> bool:
        """Whether it receives residents of the whole département."""
        return EVERYWHERE in self.places

    @property
    def phone_uri(self) -> str | None:
        """The `tel:` link of its phone (RFC 3966)."""
        if self.phone is None:
            return None
        return phonenumbers.format_number(_parsed(self.phone), phonenumbers.PhoneNumberFormat.RFC3966)


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _ClosureData(_Strict):
    first: date = Field(alias="from")
    last: date = Field(alias="to")
    reason: dict[str, Text]
    instead: Identifier | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.last < self.first:
            raise ValueError("ends before it begins")
        if SOURCE_LANGUAGE not in self.reason:
            raise ValueError("needs its reason in French")
        return self


def _slot(written: object) -> Slot:
    match = re.fullmatch(r"(\d\d):(\d\d)-(\d\d):(\d\d)", written) if isinstance(written, str) else None
    if match is None:
        raise ValueError(f'{written!r} must be written "08:30-12:00", between quotes')
    hour, minute, end_hour, end_minute = map(int, match.groups())
    slot = Slot(time(hour, minute), time(end_hour, end_minute))
    if slot.end <= slot.start:
        raise ValueError(f"{written!r} ends before it begins")
    return slot


def _in_order(slots: list[Slot]) -> list[Slot]:
    for before, after in pairwise(slots):
        if after.start < before.end:
            raise ValueError("slots overlap or are not in order")
    return slots


Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Slots = Annotated[list[Annotated[Slot, BeforeValidator(_slot)]], AfterValidator(_in_order)]


class _HoursData(_Strict):
    weekly: dict[Weekday, Slots]
    closures: list[_ClosureData] = []
    holidays: Literal["closed", "open"] = "closed"


class _ServiceData(_Strict):
    id: Identifier
    name: dict[str, Text]
    kind: Identifier
    phone: Text | None = None
    email: Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[a-z]{2,}$")] | None = None
    address: Text | None = None
    url: Annotated[str, StringConstraints(pattern=r"^https://\S+$")] | None = None
    topics: list[Identifier]
    places: Literal["*"] | Annotated[list[Insee], Field(min_length=1)]
    hours: _HoursData
    channels: list[Channel]
    languages: list[Text]
    accessibility: list[Accessibility]

    @field_validator("name")
    @classmethod
    def _has_a_french_name(cls, name: dict[str, str]) -> dict[str, str]:
        if SOURCE_LANGUAGE not in name:
            raise ValueError("needs a French name")
        return name

    @field_validator("phone")
    @classmethod
    def _is_a_phone(cls, phone: str | None) -> str | None:
        if phone is not None and not phonenumbers.is_possible_number(_parsed(phone)):
            raise ValueError(f"{phone!r} is no French telephone number")
        return phone

    @model_validator(mode="after")
    def _can_be_reached(self) -> Self:
        if self.phone is None and self.email is None:
            raise ValueError("a service needs a phone or an e-mail address")
        return self


def read_service(file: YamlFile) -> Service:
    """Turn a service file into a service, with its own topics only.

    Raises:
        ContentError: the file is wrong.
    """
    try:
        data = _ServiceData.model_validate(file.data)
    except ValidationError as error:
        raise ContentError(*file.problems_of(error)) from error
    if data.id != file.path.stem:
        raise ContentError(file.problem(("id",), f"must be the name of the file, {file.path.stem!r}"))
    return Service(
        id=data.id,
        name=MappingProxyType(data.name),
        kind=data.kind,
        phone=data.phone,
        email=data.email,
        address=data.address,
        url=data.url,
        topics=tuple(data.topics),
        places=(EVERYWHERE,) if data.places == EVERYWHERE else tuple(data.places),
        hours=_hours(data.hours),
        channels=tuple(data.channels),
        languages=tuple(data.languages),
        accessibility=tuple(data.accessibility),
    )


def _hours(data: _HoursData) -> Hours:
    by_day: Mapping[str, list[Slot]] = {str(day): slots for day, slots in data.weekly.items()}
    return Hours(
        weekly=tuple(tuple(by_day.get(day, ())) for day in DAYS),
        closures=tuple(
            Closure(closure.first, closure.last, MappingProxyType(closure.reason), closure.instead)
            for closure in data.closures
        ),
        holidays_closed=data.holidays == "closed",
    )


def _parsed(phone: str) -> phonenumbers.PhoneNumber:
    try:
        return phonenumbers.parse(phone, "FR")
    except phonenumbers.NumberParseException as error:
        raise ValueError(f"{phone!r} is no telephone number") from error
