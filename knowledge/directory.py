"""The directory of human services: reads it whole, says what is wrong in it, and finds who a request goes to.

The rules are in `routing.py`; one service, in `services.py`; the buildings, in `sites.py`.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from knowledge.hours import Closure
from knowledge.places import Place, Places, load_places
from knowledge.problems import Problem, Severity
from knowledge.routing import Request, Route, Router, RouteReason, Rules, read_rules, topics_named
from knowledge.services import EVERYWHERE, Accessibility, Channel, Service, read_service
from knowledge.settings import DEPARTEMENT
from knowledge.sites import FOLDER as SITES
from knowledge.sites import Site, load_sites
from knowledge.taxonomy import load_taxonomy
from knowledge.yaml_files import ContentError, YamlFile, read_yaml

__all__ = [
    "Accessibility",
    "Channel",
    "Directory",
    "Route",
    "RouteReason",
    "Service",
    "load_directory",
]


@dataclass(frozen=True)
class Directory:
    """All services.

    Attributes:
        services: by identifier, in the order of the files.
        rules: how requests are routed to them.
        sites: the buildings that services share, by identifier.
    """

    services: Mapping[str, Service]
    rules: Rules
    sites: Mapping[str, Site]

    @property
    def default(self) -> Service:
        """The central desk."""
        return self.services[self.rules.default]

    @cached_property
    def _router(self) -> Router:
        return Router(self.services, self.rules)

    def service(self, service_id: str) -> Service:
        """Return a service.

        Raises:
            KeyError: there is no such service.
        """
        return self.services[service_id]

    def route(
        self,
        topic: str | None,
        place: Place | None = None,
        *,
        at: datetime,
        language: str | None = None,
        channel: Channel | None = None,
    ) -> Route:
        """Return the service for a request; the central desk when no other deals with it.

        Args:
            topic: a topic of the taxonomy, or None when it is not known.
            place: where the resident lives, when it is known.
            at: the moment of the request, with a time zone.
            language: the resident's, when it is known.
            channel: how the resident wants to reach somebody, when that is known.

        Raises:
            ValueError: `at` has no time zone.
        """
        return self._router.route(Request(topic, place, at, language, channel))

    def contacts(self) -> frozenset[str]:
        """Return every phone, e-mail address, address and link that may be shown to a resident."""
        return frozenset(
            contact
            for service in self.services.values()
            for contact in (service.phone, service.email, service.address, service.url)
            if contact
        )


def load_directory(
    content_dir: Path, departement: str = DEPARTEMENT
) -> tuple[Directory, tuple[Problem, ...]]:
    """Read the services, their sites and the routing rules.

    A service whose file is wrong is left out, and said in the problems: the others still answer.

    Args:
        content_dir: the knowledge base.
        departement: the code of the département whose places the services name and whose holidays they keep.

    Raises:
        ContentError: the routing rules or the central desk cannot be read: nobody could be sent anywhere.
    """
    folder = content_dir / "directory"
    rules_file = read_yaml(folder / "routing.yml")
    rules = read_rules(rules_file)
    places = load_places(content_dir, departement)
    sites, wrong_sites = load_sites(folder)
    services: dict[str, Service] = {}
    problems = [*wrong_sites, *_unknown_topics(rules_file, rules), *_unknown_sites(sites, places, folder)]
    for path in sorted((folder / "services").glob("*.yml")):
        try:
            file = read_yaml(path)
            service = _with_kind(read_service(file, sites, departement), rules, file)
        except ContentError as error:
            problems.extend(error.problems)
            continue
        services[service.id] = service
        problems.extend(_check_service(file, service, places))
    if rules.default not in services:
        reason = f"no service file can be read for {rules.default!r}"
        raise ContentError(rules_file.problem(("default",), reason), *problems)
    services, broken = _without_broken_replacements(services, sites, folder)
    problems.extend((*broken, *_overlaps(services, rules, folder), *_gaps(services, places, rules_file)))
    return Directory(MappingProxyType(services), rules, sites), tuple(problems)


def _with_kind(service: Service, rules: Rules, file: YamlFile) -> Service:
    if service.kind not in rules.kinds:
        raise ContentError(file.problem(("kind",), f"must be one of {', '.join(rules.kinds)}"))
    topics = dict.fromkeys((*service.topics, *rules.kinds[service.kind].topics))
    return replace(service, topics=tuple(topics))


def _unknown_topics(file: YamlFile, rules: Rules) -> Iterator[Problem]:
    for location, topic in topics_named(rules):
        if not load_taxonomy().is_topic(topic):
            yield file.problem(location, f"{topic!r} is not in the taxonomy")


def _unknown_sites(sites: Mapping[str, Site], places: Places, folder: Path) -> Iterator[Problem]:
    for site in sites.values():
        if site.place not in places:
            file = read_yaml(folder / SITES / f"{site.id}.yml")
            yield file.problem(("place",), f"{site.place!r} is no place of the département")


def _check_service(file: YamlFile, service: Service, places: Places) -> Iterator[Problem]:
    for number, topic in enumerate(file.data["topics"]):
        if not load_taxonomy().is_topic(topic):
            yield file.problem(("topics", number), f"{topic!r} is not in the taxonomy")
    for number, insee in enumerate(service.places):
        if insee != EVERYWHERE and insee not in places:
            yield file.problem(("places", number), f"{insee!r} is no place of the département")


def _without_broken_replacements(
    services: Mapping[str, Service], sites: Mapping[str, Site], folder: Path
) -> tuple[dict[str, Service], list[Problem]]:
    """Forget the replacements that do not exist, and say in which file: the site's when it is its own."""
    kept, problems = dict(services), dict[Problem, None]()
    for service in services.values():
        closures = service.hours.closures
        if all(closure.instead in services for closure in closures if closure.instead):
            continue
        for number, closure in enumerate(closures):
            if closure.instead and closure.instead not in services:
                problems[_no_replacement(service, closure, number, sites, folder)] = None
        hours = replace(service.hours, closures=tuple(_known(closure, services) for closure in closures))
        kept[service.id] = replace(service, hours=hours)
    return kept, list(problems)


def _known(closure: Closure, services: Mapping[str, Service]) -> Closure:
    return closure if closure.instead in services else replace(closure, instead=None)


def _no_replacement(
    service: Service, closure: Closure, number: int, sites: Mapping[str, Site], folder: Path
) -> Problem:
    site = sites.get(service.site or "")
    reason = f"no service {closure.instead!r}"
    if site and closure in site.closures:
        location = ("closures", site.closures.index(closure), "instead")
        return read_yaml(folder / SITES / f"{site.id}.yml").problem(location, reason)
    file = read_yaml(folder / "services" / f"{service.id}.yml")
    return file.problem(("hours", "closures", number, "instead"), reason)


def _overlaps(services: Mapping[str, Service], rules: Rules, folder: Path) -> Iterator[Problem]:
    """Report the second service that claims a topic for a place: which one answers would be chance.

    The `shared` topics are for several on purpose, unless nothing that `prefer` looks at tells two apart.
    """
    taken: dict[tuple[str, str], Service] = {}
    for service in services.values():
        claims = ((topic, place) for place in service.places for topic in service.topics)
        for topic, place in claims:
            other = taken.setdefault((topic, place), service)
            if other is service or (topic in rules.shared and _told_apart(service, other)):
                continue
            path = folder / "services" / f"{service.id}.yml"
            reason = f"{topic!r} for {place!r} is already dealt with by {other.id!r}"
            yield Problem(path, read_yaml(path).problem(("topics",), "").line, "topics", reason)
            break


def _told_apart(one: Service, other: Service) -> bool:
    seen = [(set(each.channels), set(each.languages), each.hours.weekly) for each in (one, other)]
    return seen[0] != seen[1]


def _gaps(services: Mapping[str, Service], places: Places, file: YamlFile) -> Iterator[Problem]:
    """Warn of places that a kind of near service leaves out."""
    near = [service for service in services.values() if not service.everywhere]
    for kind in Counter(service.kind for service in near):
        covered = {place for service in near if service.kind == kind for place in service.places}
        left = [
            place.name for place in places.all if place.insee not in covered and place.parent not in covered
        ]
        if left:
            reason = f"no service of this kind receives {', '.join(left)}"
            yield file.problem(("kinds", kind), reason, Severity.WARNING)
