"""The directory of human services, and which of them a request goes to.

The rules are data: `directory/routing.yml`, and the `topics` and `places` of each service. They are public,
as the French code of relations between the public and the administration requires (CRPA, article R311-3-1).
This module only applies them.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict, ValidationError

from knowledge.hours import in_paris
from knowledge.places import Place, Places, load_places
from knowledge.problems import Problem, Severity
from knowledge.services import EVERYWHERE, Accessibility, Channel, Identifier, Service, read_service
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


class RouteReason(StrEnum):
    """Why a request goes to a service: the rule of `routing.yml` that applied."""

    PLACE = "place"
    """The service deals with the topic for the resident's commune or arrondissement."""
    TOPIC = "topic"
    """The service deals with the topic for the whole département."""
    PLACE_UNKNOWN = "place_unknown"
    """A nearer service would deal with the topic, if the place were known."""
    DEFAULT = "default"
    """No service deals with the topic: the central desk does."""


@dataclass(frozen=True)
class Route:
    """Where a request goes, and why.

    Attributes:
        service: the service.
        reason: the rule that applied.
        topic: the topic asked about, if any.
        place: the INSEE code that the service covers, when the place decided.
        instead_of: the service that the rules gave, when it is closed exceptionally and names this one.
        open_now: whether the service is open at the moment of the request.
    """

    service: Service
    reason: RouteReason
    topic: str | None
    place: str | None
    instead_of: str | None
    open_now: bool


@dataclass(frozen=True)
class Directory:
    """All services.

    Attributes:
        services: by identifier, in the order of the files.
        default: the central desk.
        nearest: the topic that a request with a place and no topic is taken for.
    """

    services: Mapping[str, Service]
    default: Service
    nearest: str

    def service(self, service_id: str) -> Service:
        """Return a service.

        Raises:
            KeyError: there is no such service.
        """
        return self.services[service_id]

    def route(self, topic: str | None, place: Place | None = None, *, at: datetime) -> Route:
        """Return the service for a request; the central desk when no other deals with it.

        Args:
            topic: a topic of the taxonomy, or None when it is not known.
            place: where the resident lives, when it is known.
            at: the moment of the request, with a time zone.

        Raises:
            ValueError: `at` has no time zone.
        """
        asked = topic or (self.nearest if place else None)
        dealing = [service for service in self.services.values() if asked in service.topics]
        service, reason, covered = self._choose(dealing, place)
        moment = in_paris(at)
        final = self._replacement(service, moment.date())
        return Route(
            service=final,
            reason=reason,
            topic=topic,
            place=covered,
            instead_of=None if final is service else service.id,
            open_now=any(slot.start <= moment.time() < slot.end for slot in final.hours.slots(moment.date())),
        )

    def contacts(self) -> frozenset[str]:
        """Return every phone, e-mail address, address and link that may be shown to a resident."""
        return frozenset(
            contact
            for service in self.services.values()
            for contact in (service.phone, service.email, service.address, service.url)
            if contact
        )

    def _choose(
        self, dealing: Iterable[Service], place: Place | None
    ) -> tuple[Service, RouteReason, str | None]:
        near = [service for service in dealing if not service.everywhere]
        # A part of a commune that no service names goes where the whole commune goes.
        for insee in (place.insee, place.parent) if place else ():
            for service in near:
                if insee in service.places:
                    return service, RouteReason.PLACE, insee
        reason = RouteReason.PLACE_UNKNOWN if near and place is None else RouteReason.TOPIC
        everywhere = next((service for service in dealing if service.everywhere), None)
        if everywhere:
            return everywhere, reason, None
        return self.default, reason if reason is RouteReason.PLACE_UNKNOWN else RouteReason.DEFAULT, None

    def _replacement(self, service: Service, day: date) -> Service:
        seen = {service.id}
        while True:
            closure = service.hours.closure(day)
            if closure is None or closure.instead is None or closure.instead in seen:
                return service
            service = self.services[closure.instead]
            seen.add(service.id)


class _Kind(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    topics: list[Identifier]


class _Routing(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    default: Identifier
    nearest: Identifier
    kinds: dict[Identifier, _Kind]


def load_directory(content_dir: Path, departement: str = "13") -> tuple[Directory, tuple[Problem, ...]]:
    """Read the services and the routing rules.

    A service whose file is wrong is left out, and said in the problems: the others still answer.

    Args:
        content_dir: the knowledge base.
        departement: the code of the département whose places the services name.

    Raises:
        ContentError: the routing rules or the central desk cannot be read: nobody could be sent anywhere.
    """
    folder = content_dir / "directory"
    rules_file = read_yaml(folder / "routing.yml")
    rules = _read_rules(rules_file)
    places = load_places(content_dir, departement)
    services: dict[str, Service] = {}
    problems = list(_unknown_topics(rules_file, rules))
    for path in sorted((folder / "services").glob("*.yml")):
        try:
            file = read_yaml(path)
            service = _with_kind(read_service(file), rules, file)
        except ContentError as error:
            problems.extend(error.problems)
            continue
        services[service.id] = service
        problems.extend(_check_service(file, service, places))
    if rules.default not in services:
        reason = f"no service file can be read for {rules.default!r}"
        raise ContentError(rules_file.problem(("default",), reason), *problems)
    services, broken = _without_broken_replacements(services, folder)
    problems.extend((*broken, *_overlaps(services, folder), *_gaps(services, places, rules_file)))
    return Directory(MappingProxyType(services), services[rules.default], rules.nearest), tuple(problems)


def _read_rules(file: YamlFile) -> _Routing:
    try:
        return _Routing.model_validate(file.data)
    except ValidationError as error:
        raise ContentError(*file.problems_of(error)) from error


def _with_kind(service: Service, rules: _Routing, file: YamlFile) -> Service:
    if service.kind not in rules.kinds:
        raise ContentError(file.problem(("kind",), f"must be one of {', '.join(rules.kinds)}"))
    topics = dict.fromkeys((*service.topics, *rules.kinds[service.kind].topics))
    return replace(service, topics=tuple(topics))


def _unknown_topics(file: YamlFile, rules: _Routing) -> Iterator[Problem]:
    if not load_taxonomy().is_topic(rules.nearest):
        yield file.problem(("nearest",), f"{rules.nearest!r} is not in the taxonomy")
    for name, kind in rules.kinds.items():
        for number, topic in enumerate(kind.topics):
            if not load_taxonomy().is_topic(topic):
                yield file.problem(("kinds", name, "topics", number), f"{topic!r} is not in the taxonomy")


def _check_service(file: YamlFile, service: Service, places: Places) -> Iterator[Problem]:
    for number, topic in enumerate(file.data["topics"]):
        if not load_taxonomy().is_topic(topic):
            yield file.problem(("topics", number), f"{topic!r} is not in the taxonomy")
    for number, insee in enumerate(service.places):
        if insee != EVERYWHERE and insee not in places:
            yield file.problem(("places", number), f"{insee!r} is no place of the département")


def _without_broken_replacements(
    services: Mapping[str, Service], folder: Path
) -> tuple[dict[str, Service], list[Problem]]:
    kept, problems = dict(services), []
    for service in services.values():
        for closure in service.hours.closures:
            if closure.instead is not None and closure.instead not in services:
                path = folder / "services" / f"{service.id}.yml"
                problems.append(Problem(path, 1, "hours.closures.instead", f"no service {closure.instead!r}"))
                closures = tuple(
                    replace(c, instead=None) if c is closure else c for c in kept[service.id].hours.closures
                )
                kept[service.id] = replace(service, hours=replace(service.hours, closures=closures))
    return kept, problems


def _overlaps(services: Mapping[str, Service], folder: Path) -> Iterator[Problem]:
    """Report the second service that claims a topic for a place: which one answers would be chance."""
    taken: dict[tuple[str, str], str] = {}
    for service in services.values():
        for place in service.places:
            for topic in service.topics:
                other = taken.setdefault((topic, place), service.id)
                if other != service.id:
                    path = folder / "services" / f"{service.id}.yml"
                    reason = f"{topic!r} for {place!r} is already dealt with by {other!r}"
                    yield Problem(path, 1, "topics", reason)
                    break


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
