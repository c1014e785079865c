"""What is announced is true: at every instant of a year when something changes, and on 20,000 requests.

The truth is in `plain_hours.py`, which shares nothing with the code but the files.
"""

import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from knowledge.directory import load_directory
from knowledge.hours import PARIS, next_opening, opening
from knowledge.places import load_places
from knowledge.taxonomy import load_taxonomy
from knowledge.texts import load_texts
from tests.knowledge.plain_hours import PlainService, clock_changes, instant, public_holidays

CONTENT = Path(__file__).parents[2] / "knowledge" / "content"
DIRECTORY = load_directory(CONTENT)[0]
PLACES = load_places(CONTENT)
TEXTS = load_texts(CONTENT)
FIRST, DAYS, AHEAD = date(2026, 11, 22), 366, 420
PLAIN = {id_: PlainService(CONTENT / "directory", id_, FIRST, DAYS + AHEAD) for id_ in DIRECTORY.services}
MINUTE = timedelta(minutes=1)
SAMPLES, SEED = 20_000, 20261122


def transitions(plain: PlainService) -> list[datetime]:
    """Every opening and closing, every midnight, both changes of time: when an announcement may change."""
    end = instant(FIRST + timedelta(days=DAYS), "00:00")
    moments = {moment for interval in plain.intervals for moment in interval if moment < end}
    moments |= {instant(FIRST + timedelta(days=number), "00:00") for number in range(DAYS)}
    moments |= {change for year in (2027,) for change in clock_changes(year)}
    return sorted(moments)


def test_the_year_that_is_walked_has_everything_in_it() -> None:
    year = {FIRST + timedelta(days=number) for number in range(DAYS)}
    assert len((public_holidays(2026, "13") | public_holidays(2027, "13")) & year) == 11
    assert all(change.date() in year for change in clock_changes(2027))
    assert any(service.hours.closures for service in DIRECTORY.services.values())


@pytest.mark.parametrize("service_id", DIRECTORY.services)
def test_what_is_announced_is_true_at_every_transition_of_a_year(service_id: str) -> None:
    hours, plain = DIRECTORY.service(service_id).hours, PLAIN[service_id]
    moments = transitions(plain)
    assert len(moments) > 700
    for transition in moments:
        for moment in (transition - MINUTE, transition, transition + MINUTE):
            is_open = plain.is_open(moment)
            assert hours.is_open(moment) is is_open, moment
            announced = next_opening(hours, moment)
            assert announced == plain.next_start(moment), moment
            assert announced is not None
            assert plain.is_open(announced.astimezone(UTC))
            assert not plain.is_open(announced.astimezone(UTC) - MINUTE)
        said = opening(hours, transition, "fr", TEXTS)
        assert said.open_now is plain.is_open(transition)
        assert said.next_opening == (None if said.open_now else plain.next_start(transition))


def test_every_request_reaches_a_service_that_is_open_when_it_is_announced() -> None:
    chance = random.Random(SEED)
    taxonomy = load_taxonomy()
    topics = [*taxonomy.topics, *(f"redirect-{owner}" for owner in taxonomy.owners), None]
    begin, year = datetime(2026, 11, 22, tzinfo=UTC), 366 * 24 * 60
    for _ in range(SAMPLES):
        topic, place = chance.choice(topics), chance.choice(PLACES.all)
        moment = begin + MINUTE * chance.randrange(year)
        route = DIRECTORY.route(topic, place, at=moment)
        plain = PLAIN[route.service.id]
        asked = topic or DIRECTORY.rules.nearest
        assert asked in route.service.topics or route.service is DIRECTORY.default
        if not route.service.everywhere:
            assert {place.insee, place.parent} & set(route.service.places)
        assert route.open_now is plain.is_open(moment)
        if not route.open_now:
            assert route.next_opening is not None
            assert route.next_opening.tzinfo is PARIS
            assert plain.is_open(route.next_opening.astimezone(UTC))
            assert plain.next_start(moment) == route.next_opening
