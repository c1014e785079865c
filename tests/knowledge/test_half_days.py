from datetime import date, datetime, time

import pytest

from knowledge.half_days import half_day_at, next_half_days
from knowledge.hours import PARIS, Closure, Hours, Slot

WHOLE = Slot(time(8, 30), time(17))
LUNCH = (Slot(time(8, 30), time(12, 30)), Slot(time(13, 30), time(17)))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


def week(*slots: Slot) -> tuple[tuple[Slot, ...], ...]:
    return (slots,) * 5 + ((), ())


def starts(hours: Hours, after: str, count: int) -> list[str]:
    return [half.start.strftime("%m-%d %H:%M") for half in next_half_days(hours, at(after), count)]


def test_a_whole_day_is_cut_at_noon() -> None:
    assert starts(Hours(week(WHOLE)), "2026-11-23T07:00", 3) == ["11-23 08:30", "11-23 12:00", "11-24 08:30"]


def test_a_lunch_break_cuts_the_day_already() -> None:
    assert starts(Hours(week(*LUNCH)), "2026-11-23T07:00", 3) == ["11-23 08:30", "11-23 13:30", "11-24 08:30"]


def test_only_those_that_have_not_begun_are_offered_and_weekends_are_left_out() -> None:
    assert starts(Hours(week(WHOLE)), "2026-11-27T08:30", 2) == ["11-27 12:00", "11-30 08:30"]


def test_holidays_and_closures_are_left_out() -> None:
    closed = Closure(date(2026, 12, 28), date(2026, 12, 31), {"fr": "inventaire"})
    hours = Hours(week(WHOLE), (closed,))
    assert starts(hours, "2026-12-24T18:00", 1) == ["01-04 08:30"]


def test_summer_time_moves_the_instant_not_the_hour() -> None:
    before, after = (
        next_half_days(Hours(week(WHOLE)), at(day), 1)[0].start
        for day in ("2026-03-27T07:00", "2026-03-30T07:00")
    )
    assert (before.hour, after.hour) == (8, 8)
    assert (before.utcoffset(), after.utcoffset()) != (after.utcoffset(), before.utcoffset())


def test_a_service_closed_for_long_offers_none() -> None:
    assert next_half_days(Hours(week()), at("2026-11-23T07:00")) == ()


@pytest.mark.parametrize(
    ("start", "now", "is_right"),
    [
        ("2026-11-23T08:30", "2026-11-22T10:00", True),
        ("2026-11-23T08:30", "2026-11-23T09:00", True),
        ("2026-11-23T08:30", "2026-11-23T12:00", False),
        ("2026-11-23T09:00", "2026-11-22T10:00", False),
        ("2026-11-22T08:30", "2026-11-21T10:00", False),
        ("2027-11-22T08:30", "2026-11-21T10:00", False),
        ("2020-11-23T08:30", "2026-11-21T10:00", False),
    ],
)
def test_a_half_day_may_be_chosen_until_it_ends(start: str, now: str, is_right: bool) -> None:
    assert (half_day_at(Hours(week(WHOLE)), at(start), at(now)) is not None) is is_right
