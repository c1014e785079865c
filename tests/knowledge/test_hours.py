"""Opening hours: lunch breaks, closures, holidays, and how they are said."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.hours import PARIS, Closure, Hours, Slot, next_opening, opening, weekly_text
from knowledge.texts import load_texts

TEXTS = load_texts(Path(__file__).parents[2] / "knowledge" / "content")
MORNING = Slot(time(8, 30), time(12))
AFTERNOON = Slot(time(13, 30), time(17))
DAY = (MORNING, AFTERNOON)
WEEK = (DAY, DAY, (Slot(time(8, 30), time(12)),), DAY, DAY, (), ())
CLOSED_FOR_WORKS = Closure(
    date(2026, 12, 1), date(2026, 12, 4), {"fr": "travaux dans les locaux", "en": "works in the building"}
)
OFFICE = Hours(WEEK, (CLOSED_FOR_WORKS,))


def at(day: int, hour: int, minute: int = 0, *, month: int = 11, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=PARIS)


@pytest.mark.parametrize(
    ("moment", "open_now", "french", "english"),
    [
        # Monday 23 November 2026
        (
            at(23, 9),
            True,
            "Ouvert jusqu'à 12 h, puis de 13 h 30 à 17 h",
            "Open until 12 PM, then from 1:30 PM to 5 PM",
        ),
        (at(23, 14), True, "Ouvert jusqu'à 17 h", "Open until 5 PM"),
        (at(23, 8, 30), True, "Ouvert jusqu'à 12 h, puis de 13 h 30 à 17 h", None),
        (at(23, 7), False, "Fermé. Réouvre aujourd'hui à 8 h 30", "Closed. Opens again today at 8:30 AM"),
        (at(23, 12), False, "Fermé. Réouvre aujourd'hui à 13 h 30", None),
        (
            at(23, 17),
            False,
            "Fermé. Réouvre demain, mardi 24 novembre, à 8 h 30",
            "Closed. Opens again tomorrow, Tuesday 24 November, at 8:30 AM",
        ),
        # Friday evening, Saturday and Sunday
        (at(27, 18), False, "Fermé. Réouvre lundi 30 novembre à 8 h 30", None),
        (
            at(21, 10),
            False,
            "Fermé. Réouvre lundi 23 novembre à 8 h 30",
            "Closed. Opens again on Monday 23 November at 8:30 AM",
        ),
        (at(22, 10), False, "Fermé. Réouvre demain, lundi 23 novembre, à 8 h 30", None),
        # Armistice day, a Wednesday
        (
            at(11, 10),
            False,
            "Fermé aujourd'hui, jour férié. Réouvre jeudi 12 novembre à 8 h 30",
            "Closed today, public holiday. Opens again on Thursday 12 November at 8:30 AM",
        ),
        (at(10, 18), False, "Fermé. Réouvre jeudi 12 novembre à 8 h 30", None),
        # Exceptional closure from Tuesday 1 to Friday 4 December
        (at(30, 18), False, "Fermé. Réouvre lundi 7 décembre à 8 h 30", None),
        (
            at(2, 10, month=12),
            False,
            "Fermé aujourd'hui : travaux dans les locaux. Réouvre lundi 7 décembre à 8 h 30",
            "Closed today: works in the building. Opens again on Monday 7 December at 8:30 AM",
        ),
    ],
)
def test_what_is_said(moment: datetime, open_now: bool, french: str, english: str | None) -> None:
    said = opening(OFFICE, moment, "fr", TEXTS)
    assert (said.open_now, said.text) == (open_now, french)
    assert (said.next_opening is None) is open_now
    if english:
        assert opening(OFFICE, moment, "en", TEXTS).text == english


@pytest.mark.parametrize(
    "holiday",
    [
        *((2026, 1, 1), (2026, 4, 6), (2026, 5, 1), (2026, 5, 8), (2026, 5, 14), (2026, 5, 25)),
        *((2026, 7, 14), (2027, 11, 1), (2026, 11, 11), (2026, 12, 25), (2027, 3, 29), (2028, 5, 25)),
    ],
)
def test_french_public_holidays_are_closed(holiday: tuple[int, int, int]) -> None:
    day = date(*holiday)
    assert day.weekday() < 5
    assert OFFICE.slots(day) == ()
    assert Hours(WEEK, holidays_closed=False).slots(day) == WEEK[day.weekday()]


def test_good_friday_is_no_holiday_outside_alsace_moselle() -> None:
    assert OFFICE.slots(date(2026, 4, 3)) == DAY


def test_the_moment_may_come_from_any_time_zone() -> None:
    assert opening(OFFICE, datetime(2026, 11, 23, 7, 45, tzinfo=UTC), "fr", TEXTS).open_now
    assert not opening(OFFICE, datetime(2026, 11, 23, 16, 0, tzinfo=UTC), "fr", TEXTS).open_now
    assert opening(OFFICE, datetime(2026, 7, 20, 6, 30, tzinfo=UTC), "fr", TEXTS).open_now
    auckland = datetime(2026, 11, 23, 22, tzinfo=ZoneInfo("Pacific/Auckland"))
    assert opening(OFFICE, auckland, "fr", TEXTS).open_now


def test_a_moment_without_time_zone_is_refused() -> None:
    naive = at(23, 9).replace(tzinfo=None)
    with pytest.raises(ValueError, match="time zone"):
        opening(OFFICE, naive, "fr", TEXTS)
    with pytest.raises(ValueError, match="time zone"):
        next_opening(OFFICE, naive)


def test_next_opening_is_in_paris_time() -> None:
    following = opening(OFFICE, datetime(2026, 11, 21, 12, tzinfo=UTC), "fr", TEXTS).next_opening
    assert following == at(23, 8, 30)
    assert following.utcoffset() == timedelta(hours=1)


def test_a_service_that_never_opens_promises_nothing() -> None:
    never = Hours(((),) * 7)
    said = opening(never, at(23, 9), "fr", TEXTS)
    assert (said.open_now, said.text, said.next_opening) == (False, "Fermé", None)


def test_a_language_without_catalogue_is_said_in_french_dates_included() -> None:
    for language in ("sq", "zz", "not a code"):
        assert (
            opening(OFFICE, at(21, 10), language, TEXTS).text == "Fermé. Réouvre lundi 23 novembre à 8 h 30"
        )


@pytest.mark.parametrize(
    ("language", "day", "hour"),
    [
        ("de", "Montag 23 November", "8:30"),
        ("uk", "понеділок 23 листопада", "8:30"),
        ("ar", "الاثنين 23 نوفمبر", "8:30"),
    ],
)
def test_a_new_catalogue_brings_its_own_dates(tmp_path: Path, language: str, day: str, hour: str) -> None:
    texts = tmp_path / "texts"
    texts.mkdir()
    body = (
        "meta: {language: LANG, name: Name, direction: ltr}\n"
        'formats: {hour: "H", hour_minutes: "H:mm", day: "EEEE d MMMM"}\n'
        'opening: {closed_until: "> {day} > {time}"}\n'
    )
    for code in ("fr", language):
        (texts / f"{code}.yml").write_text(body.replace("LANG", code), encoding="utf-8")
    assert opening(OFFICE, at(21, 10), language, load_texts(tmp_path)).text == f"> {day} > {hour}"


def test_the_week_groups_days_that_are_alike() -> None:
    assert weekly_text(OFFICE, "fr", TEXTS) == (
        "Du lundi au mardi : de 8 h 30 à 12 h et de 13 h 30 à 17 h",
        "Le mercredi : de 8 h 30 à 12 h",
        "Du jeudi au vendredi : de 8 h 30 à 12 h et de 13 h 30 à 17 h",
    )
    assert weekly_text(OFFICE, "en", TEXTS)[1] == "Wednesday: from 8:30 AM to 12 PM"


def test_a_closure_without_reason_in_the_language_gives_the_french_one() -> None:
    hours = Hours(WEEK, (Closure(date(2026, 11, 23), date(2026, 11, 23), {"fr": "formation"}),))
    assert opening(hours, at(23, 10), "en", TEXTS).text.startswith("Closed today: formation.")


@settings(deadline=None)
@given(st.integers(0, 6 * 365 * 24 * 60))
def test_closed_now_means_open_at_the_announced_moment(minutes: int) -> None:
    moment = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    said = opening(OFFICE, moment, "fr", TEXTS)
    if said.next_opening is not None:
        assert said.next_opening > moment
        assert opening(OFFICE, said.next_opening, "fr", TEXTS).open_now
        assert not opening(OFFICE, said.next_opening - timedelta(minutes=1), "fr", TEXTS).open_now
