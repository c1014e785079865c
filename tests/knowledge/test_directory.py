"""The directory: every topic and every place lead to a service, by rules that are data."""

import re
import shutil
from datetime import datetime
from pathlib import Path

import pytest
import yaml

from knowledge.checks.directory import check_directory
from knowledge.directory import Directory, RouteReason, load_directory
from knowledge.hours import PARIS
from knowledge.places import load_places
from knowledge.services import EVERYWHERE
from knowledge.taxonomy import load_taxonomy
from knowledge.texts import load_texts
from knowledge.yaml_files import ContentError

CONTENT = Path(__file__).parents[2] / "knowledge" / "content"
DIRECTORY, PROBLEMS = load_directory(CONTENT)
PLACES = load_places(CONTENT)
TEXTS = load_texts(CONTENT)
TAXONOMY = load_taxonomy()
SERVICES = list(DIRECTORY.services.values())
MAISONS = [service for service in SERVICES if service.kind == "maison"]
SOCIAL_WORK = yaml.safe_load((CONTENT / "directory" / "routing.yml").read_text("utf-8"))["kinds"]["maison"][
    "topics"
]
MONDAY = datetime(2026, 11, 23, 10, tzinfo=PARIS)
FICTION = re.compile(r"(01 99 00|02 61 91|03 53 01|04 65 71|05 36 49|06 39 98)( \d\d){2}")


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    shutil.copytree(CONTENT / "directory", tmp_path / "directory")
    return tmp_path


def rewrite(content: Path, service: str, old: str, new: str) -> Path:
    path = content / "directory" / "services" / f"{service}.yml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def test_the_demonstration_directory_has_no_problem() -> None:
    assert PROBLEMS == ()
    assert DIRECTORY.default.id == "accueil"


@pytest.mark.parametrize("topic", TAXONOMY.topics)
def test_every_topic_of_the_taxonomy_has_a_service_of_its_own(topic: str) -> None:
    route = DIRECTORY.route(topic, at=MONDAY)
    assert topic in route.service.topics
    assert route.service.everywhere
    assert route.reason in {RouteReason.TOPIC, RouteReason.PLACE_UNKNOWN}


@pytest.mark.parametrize("place", PLACES.all, ids=lambda place: place.insee)
def test_every_place_is_covered_by_exactly_one_maison(place) -> None:
    assert len([maison.id for maison in MAISONS if place.insee in maison.places]) == 1


def test_the_maisons_cover_nothing_else() -> None:
    assert 8 <= len(MAISONS) <= 10
    assert sorted(insee for maison in MAISONS for insee in maison.places) == sorted(PLACES.by_insee)


@pytest.mark.parametrize("topic", SOCIAL_WORK)
def test_social_work_goes_to_the_maison_of_the_place(topic: str) -> None:
    for place in PLACES.all:
        route = DIRECTORY.route(topic, place, at=MONDAY)
        assert route.reason is RouteReason.PLACE
        assert route.service.kind == "maison"
        assert place.insee == route.place
        assert place.insee in route.service.places


@pytest.mark.parametrize("topic", SOCIAL_WORK)
def test_social_work_without_a_place_goes_to_a_central_service_that_says_so(topic: str) -> None:
    route = DIRECTORY.route(topic, at=MONDAY)
    assert route.reason is RouteReason.PLACE_UNKNOWN
    assert route.service.everywhere
    assert route.place is None


def test_the_first_needs_are_met_near_residents() -> None:
    assert set(SOCIAL_WORK) >= {
        *("accompagnement-social", "maison-solidarite", "aide-financiere-urgence", "accompagnement-budget"),
        *("pmi", "protection-enfance"),
    }


@pytest.mark.parametrize(
    ("topic", "service"),
    [
        ("apa", "autonomie"),
        ("rsa", "insertion"),
        ("mdph-dossier", "mdph"),
        ("fsl", "logement-fsl"),
        ("college-inscription", "colleges"),
        ("college-transport", "transport-scolaire"),
        ("college-handicap", "mdph"),
        ("donnees-personnelles", "dpo"),
        ("reclamation", "usagers"),
        ("emergency-enfant", "enfance"),
    ],
)
def test_a_topic_of_the_whole_departement_ignores_the_place(topic: str, service: str) -> None:
    for place in (None, PLACES.place("13005"), PLACES.place("13203")):
        route = DIRECTORY.route(topic, place, at=MONDAY)
        assert (route.service.id, route.reason, route.place) == (service, RouteReason.TOPIC, None)


@pytest.mark.parametrize("topic", ["redirect-caf", "emergency-incendie", "smalltalk", "no such topic"])
def test_what_no_service_deals_with_goes_to_the_central_desk(topic: str | None) -> None:
    route = DIRECTORY.route(topic, PLACES.place("13005"), at=MONDAY)
    assert (route.service, route.reason, route.topic) == (DIRECTORY.default, RouteReason.DEFAULT, topic)


def test_a_place_without_a_topic_goes_to_the_nearest_service() -> None:
    near = DIRECTORY.route(None, PLACES.place("13005"), at=MONDAY)
    assert (near.service.id, near.topic) == ("maison-aubagne", None)
    assert DIRECTORY.route(None, at=MONDAY).service == DIRECTORY.default


def test_a_route_says_whether_the_service_is_open() -> None:
    assert DIRECTORY.route("apa", at=MONDAY).open_now
    assert not DIRECTORY.route("apa", at=MONDAY.replace(hour=12, minute=30)).open_now
    assert not DIRECTORY.route("apa", at=MONDAY.replace(day=22)).open_now


def test_phones_are_fictional_and_each_different() -> None:
    phones = [service.phone for service in SERVICES]
    assert all(phone and FICTION.fullmatch(phone) for phone in phones)
    assert len(set(phones)) == len(phones)
    assert DIRECTORY.default.phone_uri == "tel:+33-4-65-71-13-13"


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.id)
def test_a_service_of_the_demonstration_is_complete(service) -> None:
    assert set(service.name) >= {"fr", "en"}
    assert service.name_in("en") != service.name_in("fr")
    assert service.email.endswith("@garlaban.example")
    assert service.url == f"https://www.garlaban.example/services/{service.id}"
    assert {"phone", "email"} <= set(service.channels)
    assert service.accessibility
    assert "fr" in service.languages


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.id)
def test_an_address_is_in_a_real_commune(service) -> None:
    assert len(PLACES.find(service.address)) == 1
    if service.kind == "maison":
        assert PLACES.find(service.address)[0].insee in service.places


@pytest.mark.parametrize("language", TEXTS.languages)
def test_channels_and_accessibility_have_a_name_in_every_language(language: str) -> None:
    for service in SERVICES:
        for channel in service.channels:
            assert TEXTS.get(language, f"channels.{channel}")
        for help_offered in service.accessibility:
            assert TEXTS.get(language, f"accessibility.{help_offered}")


def test_contacts_hold_all_that_may_be_shown() -> None:
    contacts = DIRECTORY.contacts()
    for service in SERVICES:
        assert {service.phone, service.email, service.address, service.url} <= contacts


def test_an_unknown_service_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        DIRECTORY.service("no-such-service")


def test_a_service_without_a_name_in_a_language_is_shown_in_french(copied: Path) -> None:
    rewrite(copied, "dpo", "  tr: Kişisel verilerin korunması\n", "")
    service = load_directory(copied)[0].service("dpo")
    assert service.name_in("tr") == service.name_in("fr") != service.name_in("en")


def test_rules_are_data(copied: Path) -> None:
    rewrite(copied, "autonomie", "  - apa\n", "")
    rewrite(copied, "archives", "  - archives\n", "  - archives\n  - apa\n")
    directory, problems = load_directory(copied)
    assert problems == ()
    assert directory.route("apa", at=MONDAY).service.id == "archives"


def closed(content: Path, service: str, instead: str) -> Directory:
    closure = (
        "hours:\n  closures:\n    - {from: 2026-11-01, to: 2026-11-30, reason: {fr: travaux}, "
        f"instead: {instead}}}\n"
    )
    rewrite(content, service, "hours:\n", closure)
    return load_directory(content)[0]


def test_a_closed_service_sends_to_the_one_that_replaces_it(copied: Path) -> None:
    directory = closed(copied, "maison-aubagne", "maison-marseille-est")
    aubagne = PLACES.place("13005")
    route = directory.route("pmi", aubagne, at=MONDAY)
    assert (route.service.id, route.instead_of) == ("maison-marseille-est", "maison-aubagne")
    assert route.reason is RouteReason.PLACE
    after = directory.route("pmi", aubagne, at=MONDAY.replace(month=12))
    assert (after.service.id, after.instead_of) == ("maison-aubagne", None)


def test_services_that_replace_each_other_do_not_loop(copied: Path) -> None:
    closed(copied, "mdph", "autonomie")
    directory = closed(copied, "autonomie", "mdph")
    assert directory.route("aah", at=MONDAY).service.id == "autonomie"
    assert directory.route("apa", at=MONDAY).service.id == "mdph"


def test_a_replacement_that_does_not_exist_is_said_and_ignored(copied: Path) -> None:
    directory = closed(copied, "mdph", "nobody")
    assert directory.route("aah", at=MONDAY).service.id == "mdph"
    assert "no service 'nobody'" in str(load_directory(copied)[1][0])


@pytest.mark.parametrize(
    ("service", "old", "new", "field", "reason"),
    [
        ("dpo", "id: dpo", "id: other", "id", "name of the file, 'dpo'"),
        ("dpo", "kind: specialised", "kind: office", "kind", "must be one of"),
        ("dpo", "phone: 04 65 71 43 00", "phone: 12", "phone", "valid string"),
        ("dpo", "phone: 04 65 71 43 00", "phone: 04 65 71", "phone", "no French telephone number"),
        ("dpo", "phone: 04 65 71 43 00", "phone: appelez-nous", "phone", "no telephone number"),
        ("dpo", "email: dpo@garlaban.example", "email: dpo", "email", "pattern"),
        ("dpo", "url: https", "url: http", "url", "pattern"),
        ("dpo", "name:\n  fr: ", "name:\n  nl: ", "name", "French name"),
        ("dpo", "  - donnees-personnelles", "  - donnees", "topics.0", "not in the taxonomy"),
        ("dpo", 'places: "*"', "places: []", "places", "at least 1 item"),
        ("dpo", 'monday: ["09:00-12:00"', 'monday: ["9:00-12:00"', "hours.weekly.monday.0", "between quotes"),
        ("dpo", 'monday: ["09:00-12:00"', "monday: [12:30", "hours.weekly.monday.0", "between quotes"),
        ("dpo", 'monday: ["09:00-12:00"', 'monday: ["14:15-15:00"', "hours.weekly.monday", "overlap"),
        ("dpo", 'monday: ["09:00-12:00"', 'monday: ["12:00-09:00"', "hours.weekly.monday.0", "ends before"),
        ("dpo", "    monday:", "    lundi:", "hours.weekly.lundi", "'monday'"),
        ("dpo", "channels: [phone", "channels: [fax", "channels.0", "'phone'"),
        ("dpo", "channels:", "channel:", "channel", "not permitted"),
        ("maison-aix", '  - "13001"', '  - "13999"', "places.0", "no place of the département"),
    ],
)
def test_a_wrong_service_is_named_with_its_line_and_the_others_answer(
    copied: Path, service: str, old: str, new: str, field: str, reason: str
) -> None:
    path = rewrite(copied, service, old, new)
    text = path.read_text(encoding="utf-8")
    directory, problems = load_directory(copied)
    problem = next(problem for problem in problems if problem.path == path and reason in problem.reason)
    assert problem.field.startswith(field)
    assert problem.line == text[: text.index(new)].count("\n") + 1
    assert directory.route("apa", at=MONDAY).service.id == "autonomie"


def test_two_services_for_the_same_topic_and_place_are_a_problem(copied: Path) -> None:
    rewrite(copied, "archives", "  - archives\n", "  - archives\n  - apa\n")
    (problem,) = load_directory(copied)[1]
    assert "'apa' for '*' is already dealt with by 'archives'" in str(problem)


def test_a_place_that_no_maison_receives_is_a_warning(copied: Path) -> None:
    rewrite(copied, "maison-aubagne", '  - "13005"  # Aubagne\n', "")
    (problem,) = load_directory(copied)[1]
    assert str(problem).endswith("kinds.maison: warning: no service of this kind receives Aubagne")
    route = load_directory(copied)[0].route("pmi", PLACES.place("13005"), at=MONDAY)
    assert (route.service.id, route.reason) == ("pmi", RouteReason.TOPIC)


def test_a_part_that_no_service_names_goes_where_the_whole_goes(copied: Path) -> None:
    path = copied / "directory" / "services" / "maison-marseille-nord.yml"
    path.unlink()
    route = load_directory(copied)[0].route("pmi", PLACES.place("13203"), at=MONDAY)
    assert (route.service.id, route.place) == ("maison-marseille-centre", "13055")


def test_without_the_central_desk_nothing_can_be_routed(copied: Path) -> None:
    (copied / "directory" / "services" / "accueil.yml").unlink()
    with pytest.raises(ContentError, match="'accueil'"):
        load_directory(copied)


def test_wrong_rules_are_refused_with_their_line(copied: Path) -> None:
    path = copied / "directory" / "routing.yml"
    rules = "default: accueil\nnearest: maison-solidarite\nkinds:\n  maison: {topic: []}\n"
    path.write_text(rules, encoding="utf-8")
    with pytest.raises(ContentError, match=r"routing\.yml:4: kinds\.maison\.topics"):
        load_directory(copied)


def test_everywhere_is_written_as_a_star() -> None:
    assert DIRECTORY.default.places == (EVERYWHERE,)


def test_a_departement_without_its_files_is_told_what_to_make(copied: Path) -> None:
    first, *others = check_directory(copied, "67")
    assert first.path == copied / "directory" / "places" / "67.json"
    assert "guichet directory places 67 --communes" in first.reason
    named = {problem.path.relative_to(copied / "directory").as_posix() for problem in others}
    maisons = {f"services/{service.id}.yml" for service in MAISONS}
    assert maisons <= named
    assert "sites/amandiers.yml" in named
    assert "services/accueil.yml" not in named, "what serves the whole département may stay"
    assert all("'67'" in problem.reason for problem in others)
