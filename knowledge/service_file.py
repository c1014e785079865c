"""What may be written in the file of a service or of a site, and how it is checked."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, time
from enum import StrEnum
from itertools import pairwise
from types import MappingProxyType
from typing import Annotated, Literal, Self

import phonenumbers
from babel import Locale, UnknownLocaleError
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from knowledge.hours import Closure, Slot
from knowledge.texts import SOURCE_LANGUAGE

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


class Strict(BaseModel):
    """Refuses any key that it does not know: a misspelt one would silently say nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ClosureData(Strict):
    """An exceptional closure, as it is written."""

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
    if slot.start.hour == 2 or time(2) < slot.end < time(3):
        raise ValueError(f"{written!r}: between 2 and 3 the clock changes twice a year, choose another time")
    return slot


def _in_order(slots: list[Slot]) -> list[Slot]:
    for before, after in pairwise(slots):
        if after.start < before.end:
            raise ValueError("slots overlap or are not in order")
    return slots


def _language(code: str) -> str:
    try:
        Locale.parse(code, sep="-")
    except (UnknownLocaleError, ValueError):
        raise ValueError(f"{code!r} is no code of a language, such as fr or ar") from None
    return code


def _each_once(values: list[str]) -> list[str]:
    twice = next((value for number, value in enumerate(values) if value in values[:number]), None)
    if twice is not None:
        raise ValueError(f"{str(twice)!r} is given twice")
    return values


Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Slots = Annotated[list[Annotated[Slot, BeforeValidator(_slot)]], AfterValidator(_in_order)]
Once = AfterValidator(_each_once)


class HoursData(Strict):
    """The hours of a service, as they are written."""

    weekly: dict[Weekday, Slots]
    closures: list[ClosureData] = []
    holidays: Literal["closed", "open"] = "closed"


class ServiceData(Strict):
    """A service, as it is written."""

    id: Identifier
    name: dict[str, Text]
    kind: Identifier
    phone: Text | None = None
    email: Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[a-z]{2,}$")] | None = None
    site: Identifier | None = None
    address: Text | None = None
    url: Annotated[str, StringConstraints(pattern=r"^https://\S+$")] | None = None
    topics: Annotated[list[Identifier], Once]
    places: Literal["*"] | Annotated[list[Insee], Field(min_length=1), Once]
    hours: HoursData
    channels: Annotated[list[Channel], Once]
    languages: Annotated[list[Annotated[Text, AfterValidator(_language)]], Once]
    accessibility: Annotated[list[Accessibility], Once]

    @field_validator("name")
    @classmethod
    def _has_a_french_name(cls, name: dict[str, str]) -> dict[str, str]:
        if SOURCE_LANGUAGE not in name:
            raise ValueError("needs a French name")
        return name

    @field_validator("phone")
    @classmethod
    def _is_a_phone(cls, phone: str | None) -> str | None:
        if phone is not None and not phonenumbers.is_possible_number(parsed_phone(phone)):
            raise ValueError(f"{phone!r} is no French telephone number")
        return phone

    @model_validator(mode="after")
    def _can_be_reached(self) -> Self:
        if self.phone is None and self.email is None:
            raise ValueError("a service needs a phone or an e-mail address")
        if self.site is not None and self.address is not None:
            raise ValueError("gives a site and an address: the address is that of the site")
        given = {
            Channel.PHONE: self.phone,
            Channel.EMAIL: self.email,
            Channel.COUNTER: self.site or self.address,
        }
        for channel, contact in given.items():
            if channel in self.channels and contact is None:
                raise ValueError(f"says that it is reached by {channel.value!r} and does not say where")
        return self


def closures_of(written: Iterable[ClosureData]) -> tuple[Closure, ...]:
    """Turn closures as they are written into closures."""
    return tuple(Closure(c.first, c.last, _frozen(c.reason), c.instead) for c in written)


def parsed_phone(phone: str) -> phonenumbers.PhoneNumber:
    """Read a telephone number.

    Raises:
        ValueError: it is none.
    """
    try:
        return phonenumbers.parse(phone, "FR")
    except phonenumbers.NumberParseException as error:
        raise ValueError(f"{phone!r} is no telephone number") from error


def _frozen(texts: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(dict(texts))
