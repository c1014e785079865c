"""The half days in which a service can call back or receive: what a resident may choose, and nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from knowledge.hours import PARIS, Hours, Slot, in_paris

NOON = time(12)
SHORTEST = timedelta(hours=1)
"""A slot is cut at noon only where both parts are at least this long."""

OFFERED = 8
FURTHEST_DAYS = 28
"""Closed for longer than that, a service offers no half day: its resident is called as soon as it opens."""


@dataclass(frozen=True)
class HalfDay:
    """A stretch of opening hours, in Paris time."""

    start: datetime
    end: datetime


def next_half_days(hours: Hours, after: datetime, count: int = OFFERED) -> tuple[HalfDay, ...]:
    """Return the next half days of a service, those that have not begun yet.

    Args:
        hours: its hours.
        after: a moment, with a time zone.
        count: how many at most.

    Raises:
        ValueError: `after` has no time zone.
    """
    coming = (half for half in _from(hours, in_paris(after).date()) if half.start > after)
    return tuple(half for half, _ in zip(coming, range(count), strict=False))


def half_day_at(hours: Hours, start: datetime, now: datetime) -> HalfDay | None:
    """Return the half day that begins at `start`, if a resident may still choose it.

    One that began while the form was being filled in may be chosen until it ends.

    Raises:
        ValueError: an instant has no time zone.
    """
    today, wanted = in_paris(now).date(), in_paris(start)
    if not today <= wanted.date() < today + timedelta(days=FURTHEST_DAYS):
        return None
    return next((half for half in _of(hours, wanted.date()) if half.start == wanted and half.end > now), None)


def _from(hours: Hours, first: date) -> Iterator[HalfDay]:
    for ahead in range(FURTHEST_DAYS):
        yield from _of(hours, first + timedelta(days=ahead))


def _of(hours: Hours, day: date) -> Iterator[HalfDay]:
    for slot in hours.slots(day):
        start, noon, end = (
            datetime.combine(day, moment, tzinfo=PARIS) for moment in (slot.start, NOON, slot.end)
        )
        if _is_cut(slot, noon - start, end - noon):
            yield HalfDay(start, noon)
            yield HalfDay(noon, end)
        else:
            yield HalfDay(start, end)


def _is_cut(slot: Slot, before: timedelta, after: timedelta) -> bool:
    return slot.start < NOON < slot.end and min(before, after) >= SHORTEST
