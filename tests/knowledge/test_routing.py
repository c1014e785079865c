"""Routing: cases written apart from the rules, channels, languages, services that share a topic, sites."""

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge.directory import Channel, Directory, RouteReason, load_directory
from knowledge.hours import PARIS
from knowledge.places import load_places

CONTENT = Path(__file__).parents[2] / "knowledge" / "content"
CASES = yaml.safe_load(Path(__file__).with_name("routing_cases.yml").read_text(encoding="utf-8"))
PLACES = load_places(CONTENT)
DIRECTORY = load_directory(CONTENT)[0]
AUBAGNE, ARLES, NORTH = PLACES.place("13005"), PLACES.place("13004"), PLACES.place("13215")
MONDAY = datetime(2026, 11, 23, 10, tzinfo=PARIS)

Change = Callable[[dict[str, Any]], None]


def test_there_are_enough_cases_of_each_sort() -> None:
    assert sum(map(len, CASES.values())) >= 150
    named = {case[3] for group in CASES.values() for case in group}
    assert set(DIRECTORY.services) <= named


@pytest.mark.parametrize(
    "case", [case for group in CASES.values() for case in group], ids=lambda case: " | ".join(map(str, case))
)
def test_a_resident_reaches_the_service_expected(case: list[Any]) -> None:
    topic, words, moment, expected, state, *more = case
    others = more[0] if more else {}
    found = PLACES.find(words) if words else ()
    if expected == "ask":
        whole = len(found) == 1 and bool(PLACES.parts(found[0]))
        assert ("arrondissement" if whole else len(found)) == state
        return
    assert len(found) <= 1
    route = DIRECTORY.route(
        topic,
        found[0] if found else None,
        at=datetime.fromisoformat(moment).replace(tzinfo=PARIS),
        language=others.get("language"),
        channel=Channel(others["channel"]) if "channel" in others else None,
    )
    assert route.service.id == expected
    assert ("open" if route.next_opening is None else f"{route.next_opening:%Y-%m-%d %H:%M}") == state
    assert route.speaks is others.get("speaks")


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    shutil.copytree(CONTENT / "directory", tmp_path / "directory")
    return tmp_path


def edit(content: Path, name: str, change: Change) -> Path:
    """Changes a YAML file of a copied directory."""
    path = content / "directory" / name
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(data)
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def test_a_wanted_channel_that_a_service_has_changes_nothing() -> None:
    for channel in DIRECTORY.service("autonomie").channels:
        route = DIRECTORY.route("apa", ARLES, at=MONDAY, channel=channel)
        assert (route.service.id, route.reason, route.reached) == ("autonomie", RouteReason.TOPIC, True)


def test_a_counter_is_found_near_home_for_the_topics_that_say_so() -> None:
    near = DIRECTORY.route("fsl", AUBAGNE, at=MONDAY, channel=Channel.COUNTER)
    assert (near.service.id, near.reason, near.place) == ("maison-aubagne", RouteReason.CHANNEL, "13005")
    central = DIRECTORY.route("routes", AUBAGNE, at=MONDAY, channel=Channel.COUNTER)
    assert (central.service.id, central.reason, central.reached) == ("accueil", RouteReason.CHANNEL, True)


def test_what_nobody_offers_leaves_the_service_that_knows() -> None:
    route = DIRECTORY.route("routes", AUBAGNE, at=MONDAY, channel=Channel.HOME)
    assert (route.service.id, route.reason, route.reached) == ("routes", RouteReason.TOPIC, False)


def test_another_service_of_the_same_topic_comes_before_the_others() -> None:
    # The maison receives the place; nobody who deals with this is reached online.
    route = DIRECTORY.route("protection-enfance", AUBAGNE, at=MONDAY, channel=Channel.ONLINE)
    assert (route.service.id, route.reached) == ("maison-aubagne", False)


def shared(content: Path, **differs: Any) -> Directory:
    """A second service for the topic of the archives, which differs from the first in something."""
    edit(content, "routing.yml", lambda rules: rules.update(shared=["archives"]))
    data = yaml.safe_load((content / "directory" / "services" / "archives.yml").read_text(encoding="utf-8"))
    other = data | {"id": "lecture"} | differs
    path = content / "directory" / "services" / "lecture.yml"
    path.write_text(yaml.safe_dump(other, allow_unicode=True), encoding="utf-8")
    directory, problems = load_directory(content)
    assert problems == ()
    return directory


def test_the_language_chooses_between_services_that_share_a_topic(copied: Path) -> None:
    directory = shared(copied, languages=["fr", "uk"])
    for language, service, speaks in (
        ("uk", "lecture", True),
        ("en", "archives", True),
        ("tr", "archives", False),
    ):
        route = directory.route("archives", at=MONDAY, language=language)
        assert (route.service.id, route.speaks) == (service, speaks)


def test_the_channel_comes_before_the_language(copied: Path) -> None:
    directory = shared(copied, languages=["fr", "uk"], channels=["phone", "home"])
    wanted = {"language": "uk", "channel": Channel.COUNTER}
    assert directory.route("archives", at=MONDAY, **wanted).service.id == "archives"
    home = directory.route("archives", at=MONDAY, language="en", channel=Channel.HOME)
    assert (home.service.id, home.reason) == ("lecture", RouteReason.TOPIC)


def test_the_one_that_is_open_comes_before_the_one_that_is_not(copied: Path) -> None:
    directory = shared(copied, hours={"weekly": {"monday": ["08:00-20:00"]}})
    assert directory.route("archives", at=MONDAY).service.id == "lecture"
    assert directory.route("archives", at=MONDAY.replace(day=24)).service.id == "archives"


def test_what_comes_first_is_data(copied: Path) -> None:
    directory = shared(copied, languages=["fr", "uk"], hours={"weekly": {"monday": ["08:00-20:00"]}})
    assert directory.route("archives", at=MONDAY.replace(day=24), language="uk").service.id == "lecture"
    edit(copied, "routing.yml", lambda rules: rules.update(prefer=["open", "language"]))
    first = load_directory(copied)[0].route("archives", at=MONDAY.replace(day=24), language="uk")
    assert first.service.id == "archives"


def test_two_services_that_nothing_tells_apart_are_a_problem(copied: Path) -> None:
    edit(copied, "routing.yml", lambda rules: rules.update(shared=["archives"]))
    source = copied / "directory" / "services" / "archives.yml"
    twin = source.with_name("lecture.yml")
    twin.write_text(
        source.read_text(encoding="utf-8").replace("id: archives", "id: lecture"), encoding="utf-8"
    )
    (problem,) = load_directory(copied)[1]
    assert (problem.path.name, problem.field) == ("lecture.yml", "topics")
    assert "already dealt with by 'archives'" in problem.reason


@pytest.mark.parametrize("key", ["shared", "received_near"])
def test_a_topic_of_the_rules_that_does_not_exist_is_named_with_its_line(copied: Path, key: str) -> None:
    path = edit(copied, "routing.yml", lambda rules: rules.update({key: ["fsl", "nothing"]}))
    line = path.read_text(encoding="utf-8").splitlines().index("- nothing") + 1
    (problem,) = load_directory(copied)[1]
    assert (problem.path, problem.line, problem.field) == (path, line, f"{key}.1")


def test_a_site_gives_its_services_an_address_an_access_and_its_closures(copied: Path) -> None:
    closure = {"from": "2026-11-23", "to": "2026-11-27", "reason": {"fr": "travaux"}, "instead": "accueil"}
    path = copied / "directory" / "sites" / "registres.yml"
    lines = yaml.safe_dump([closure], allow_unicode=True).replace("'", "")
    path.write_text(f"{path.read_text(encoding='utf-8')}closures:\n{lines}", encoding="utf-8")
    directory, problems = load_directory(copied)
    assert problems == ()
    for service_id, topic in (("archives", "archives"), ("culture-sport", "sport")):
        service = directory.service(service_id)
        assert service.address == directory.sites["registres"].address
        assert {"wheelchair", "guide_dog"} <= set(service.accessibility)
        route = directory.route(topic, at=MONDAY)
        assert (route.service.id, route.instead_of) == ("accueil", service_id)
        assert directory.route(topic, at=MONDAY.replace(month=12, day=1)).service is service


@pytest.mark.parametrize(
    ("old", "new", "field", "reason"),
    [
        ("id: registres", "id: other", "id", "name of the file"),
        ('place: "13202"', 'place: "13999"', "place", "no place of the département"),
        ("address:", "adress:", "adress", "not permitted"),
        ("[wheelchair", "[wheels", "accessibility.0", "'wheelchair'"),
        (
            "accessibility:",
            "closures: [{from: 2026-12-01, to: 2026-12-02, reason: {fr: x}, instead: nobody}]\n"
            "accessibility:",
            "closures.0.instead",
            "no service 'nobody'",
        ),
    ],
)
def test_a_wrong_site_is_named_with_its_line(
    copied: Path, old: str, new: str, field: str, reason: str
) -> None:
    path = copied / "directory" / "sites" / "registres.yml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    found = [problem for problem in load_directory(copied)[1] if problem.path == path]
    problem = next(problem for problem in found if reason in problem.reason)
    assert problem.field == field
    assert problem.line == text[: text.index(new)].count("\n") + 1


@pytest.mark.parametrize(
    ("service", "old", "new", "field", "reason"),
    [
        ("dpo", "site: hotel-du-departement", "site: nowhere", "site", "no site 'nowhere'"),
        (
            "dpo",
            "site: hotel-du-departement",
            "site: registres\naddress: 1 rue X",
            "file",
            "a site and an address",
        ),
        ("dpo", "languages: [fr]", "languages: [fr, xq]", "languages.1", "no code of a language"),
        ("dpo", "languages: [fr]", "languages: [fr, fr]", "languages", "given twice"),
        ("dpo", "phone: 04 65 71 43 00\n", "", "file", "reached by 'phone'"),
        ("elus", "site: hotel-du-departement\n", "channel: x\n", "channel", "not permitted"),
        ("accueil", "site: hotel-du-departement\n", "", "file", "reached by 'counter'"),
        (
            "dpo",
            'wednesday: ["09:00-12:00"]',
            'wednesday: ["01:00-02:30"]',
            "hours.weekly.wednesday.0",
            "clock changes",
        ),
        (
            "dpo",
            'wednesday: ["09:00-12:00"]',
            'wednesday: ["02:00-05:00"]',
            "hours.weekly.wednesday.0",
            "clock changes",
        ),
    ],
)
def test_a_fault_of_a_service_is_named(
    copied: Path, service: str, old: str, new: str, field: str, reason: str
) -> None:
    path = copied / "directory" / "services" / f"{service}.yml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    try:
        problems = load_directory(copied)[1]
    except ValueError as error:  # the central desk itself
        problems = error.problems  # type: ignore[attr-defined]  # a ContentError
    problem = next(problem for problem in problems if problem.path == path)
    assert (problem.field, reason in problem.reason) == (field, True)
