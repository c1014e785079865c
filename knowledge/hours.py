"""When a service is open, said in the resident's language.

Hours are weekly slots (a lunch break is the gap between two slots of a day), minus exceptional closures and
French public holidays. All times are those of Paris. No slot begins or ends between 2 and 3 in the night
(`services.py` refuses it): on the nights of a change of time that hour does not exist, or exists twice.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache, reduce
from itertools import groupby
from zoneinfo import ZoneInfo

import holidays
from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time

from knowledge.texts import SOURCE_LANGUAGE, Texts

PARIS = ZoneInfo("Europe/Paris")
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
HORIZON = timedelta(days=400)
"""How far the next opening is looked for: beyond, nothing useful can be said."""

HOLIDAY_AREAS = {"57": "57", "67": "6AE", "68": "6AE", "6AE": "6AE"} | {
    code: code for code in ("971", "972", "973", "974", "976")
}
"""Départements that have more public holidays than the others (Alsace, Moselle, overseas), by the name that
the `holidays` library gives to their area."""

A_MONDAY = date(2024, 1, 1)


@dataclass(frozen=True, order=True)
class Slot:
    """A part of a day when a service is open: from `start`, until just before `end`."""

    start: time
    end: time


@dataclass(frozen=True)
class Closure:
    """An exceptional closure, first and last day included.

    Attributes:
        first: its first day.
        last: its last day.
        reason: why, by language; French at least.
        instead: the service that receives residents meanwhile, if there is one.
    """

    first: date
    last: date
    reason: Mapping[str, str]
    instead: str | None = None

    def covers(self, day: date) -> bool:
        """Tell whether the service is closed that day."""
        return self.first <= day <= self.last


@dataclass(frozen=True)
class Hours:
    """The hours of a service.

    Attributes:
        weekly: the slots of each day, Monday first, in order.
        closures: exceptional closures.
        holidays_closed: whether it closes on French public holidays.
        departement: the code of the département, which may have holidays of its own (`HOLIDAY_AREAS`).
    """

    weekly: tuple[tuple[Slot, ...], ...]
    closures: tuple[Closure, ...] = field(default=())
    holidays_closed: bool = True
    departement: str | None = None

    def closure(self, day: date) -> Closure | None:
        """Return the exceptional closure of a day, if there is one."""
        return next((closure for closure in self.closures if closure.covers(day)), None)

    def is_holiday(self, day: date) -> bool:
        """Tell whether the service is closed that day because it is a public holiday."""
        return self.holidays_closed and day in public_holidays(day.year, self.departement)

    def slots(self, day: date) -> tuple[Slot, ...]:
        """Return when the service is open on a given day; nothing when it is closed."""
        if self.is_holiday(day) or self.closure(day):
            return ()
        return self.weekly[day.weekday()]

    def replacement(self, at: datetime) -> str | None:
        """Return the service that receives residents instead on that day, when this one closes exceptionally.

        Raises:
            ValueError: `at` has no time zone.
        """
        closure = self.closure(in_paris(at).date())
        return closure.instead if closure else None

    def is_open(self, at: datetime) -> bool:
        """Tell whether the service is open at a moment.

        Raises:
            ValueError: `at` has no time zone.
        """
        now = in_paris(at)
        return any(slot.start <= now.time() < slot.end for slot in self.slots(now.date()))


@dataclass(frozen=True)
class Opening:
    """Whether a service is open at a moment.

    Attributes:
        open_now: it is.
        text: the same, said to the resident, with the next change.
        next_opening: when it opens again (Paris time); None while it is open, or when nothing is planned.
    """

    open_now: bool
    text: str
    next_opening: datetime | None


def in_paris(moment: datetime) -> datetime:
    """Return the same moment as a clock in Paris shows it.

    Raises:
        ValueError: the moment has no time zone, so that it could be any.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone")
    return moment.astimezone(PARIS)


def opening(hours: Hours, at: datetime, language: str, texts: Texts) -> Opening:
    """Say whether a service is open.

    Args:
        hours: its hours.
        at: the moment, with a time zone.
        language: the resident's; French sentences when there is no catalogue for it.
        texts: the catalogues.

    Raises:
        ValueError: `at` has no time zone.
    """
    now = in_paris(at)
    say = _Say(texts, language)
    today = hours.slots(now.date())
    current = next((slot for slot in today if slot.start <= now.time() < slot.end), None)
    if current:
        return Opening(True, say.open_until(current, _after(today, current)), None)
    following = next_opening(hours, now)
    return Opening(False, say.closed(hours, now, following), following)


def next_opening(hours: Hours, after: datetime) -> datetime | None:
    """Return the first moment after `after` when a slot begins; None when none does within `HORIZON`.

    Args:
        hours: the hours of a service.
        after: a moment, with a time zone.

    Raises:
        ValueError: `after` has no time zone.
    """
    now = in_paris(after)
    for ahead in range(HORIZON.days):
        day = now.date() + timedelta(days=ahead)
        for slot in hours.slots(day):
            start = datetime.combine(day, slot.start, tzinfo=PARIS)
            if start > now:
                return start
    return None


def weekly_text(hours: Hours, language: str, texts: Texts) -> tuple[str, ...]:
    """Return the usual week, one line for days that are alike ("Du lundi au jeudi : de 8 h 30 à 12 h")."""
    return tuple(_Say(texts, language).week(hours.weekly))


def span_text(start: datetime, end: datetime, language: str, texts: Texts) -> str:
    """Return a stretch of one day, as it is said ("lundi 23 novembre, de 8 h 30 à 12 h").

    Raises:
        ValueError: an instant has no time zone.
    """
    return _Say(texts, language).span(in_paris(start), in_paris(end))


@dataclass(frozen=True)
class _Say:
    texts: Texts
    language: str

    def open_until(self, current: Slot, later: Slot | None) -> str:
        if later is None:
            return self._text("open_until", time=self._time(current.end))
        return self._text(
            "open_until_then",
            time=self._time(current.end),
            start=self._time(later.start),
            end=self._time(later.end),
        )

    def closed(self, hours: Hours, now: datetime, following: datetime | None) -> str:
        if following is None:
            return self._text("closed")
        today, when = now.date(), self._time(following.time())
        day = self._format("day", following.date())
        closure = hours.closure(today)
        if closure:
            reason = closure.reason.get(self._written("exceptional")) or closure.reason[SOURCE_LANGUAGE]
            return self._text("exceptional", reason=reason, day=day, time=when)
        if hours.is_holiday(today):
            return self._text("holiday", day=day, time=when)
        if following.date() == today:
            return self._text("reopens_today", time=when)
        if following.date() == today + timedelta(days=1):
            return self._text("reopens_tomorrow", day=day, time=when)
        return self._text("closed_until", day=day, time=when)

    def span(self, start: datetime, end: datetime) -> str:
        slot = self._slot(Slot(start.time(), end.time()))
        return self._text("on_day", day=self._format("day", start.date()), slot=slot)

    def week(self, weekly: Sequence[tuple[Slot, ...]]) -> Iterator[str]:
        for slots, days in groupby(enumerate(weekly), key=lambda item: item[1]):
            numbers = [number for number, _ in days]
            if not slots:
                continue
            spoken = reduce(self._both, map(self._slot, slots))
            first, last = (self._weekday(number) for number in (numbers[0], numbers[-1]))
            if first == last:
                yield self._text("one_day", day=first, slots=spoken)
            else:
                yield self._text("day_range", first=first, last=last, slots=spoken)

    def _slot(self, slot: Slot) -> str:
        return self._text("slot", start=self._time(slot.start), end=self._time(slot.end))

    def _both(self, before: str, after: str) -> str:
        return self._text("slots", before=before, after=after)

    def _weekday(self, number: int) -> str:
        return self._format("weekday", A_MONDAY + timedelta(days=number))

    def _text(self, key: str, **values: str) -> str:
        return self.texts.get(self.language, f"opening.{key}", **values)

    def _written(self, key: str) -> str:
        return self.texts.written_in(self.language, f"opening.{key}")

    def _format(self, name: str, day: date) -> str:
        pattern = self.texts.get(self.language, f"formats.{name}")
        return format_date(day, pattern, locale=self._locale(name))

    def _time(self, moment: time) -> str:
        name = "hour_minutes" if moment.minute else "hour"
        pattern = self.texts.get(self.language, f"formats.{name}")
        return format_time(moment, pattern, locale=self._locale(name))

    def _locale(self, name: str) -> Locale:
        # A sentence that falls back on French must not hold a date in another language.
        written = self.texts.written_in(self.language, f"formats.{name}")
        try:
            return Locale.parse(written, sep="-")
        except (UnknownLocaleError, ValueError):
            return Locale.parse(SOURCE_LANGUAGE)


def _after(slots: Sequence[Slot], current: Slot) -> Slot | None:
    return next((slot for slot in slots if slot.start >= current.end), None)


@cache
def public_holidays(year: int, departement: str | None = None) -> frozenset[date]:
    """Return the public holidays of a year in a département; those of all France when none is given."""
    area = HOLIDAY_AREAS.get(departement or "")
    return frozenset(holidays.country_holidays("FR", subdiv=area, years=year))
