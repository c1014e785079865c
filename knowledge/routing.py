"""The rules that say which service a request goes to: their file, and how they are applied.

The rules are data (`directory/routing.yml`, and the `topics` and `places` of each service) and public, as the
French code of relations between the public and the administration asks (CRPA, article R311-3-1): the page
`/routing` is written from them. This module only applies them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import ValidationError

from knowledge.hours import next_opening
from knowledge.places import Place
from knowledge.service_file import Identifier, Strict
from knowledge.services import Channel, Service
from knowledge.yaml_files import ContentError, YamlFile


class RouteReason(StrEnum):
    """Why a request goes to a service: the rule of `routing.yml` that applied, in the order they are tried.

    The catalogues say each one (`routing.reasons.<value>`).
    """

    PLACE = "place"
    """The service deals with the topic for the resident's commune or arrondissement."""
    TOPIC = "topic"
    """The service deals with the topic for the whole département."""
    PLACE_UNKNOWN = "place_unknown"
    """A nearer service would deal with the topic, if the place were known."""
    CHANNEL = "channel"
    """The service that deals with the topic cannot be reached in the way that is wanted; this one can."""
    DEFAULT = "default"
    """No service deals with the topic: the central desk does."""


class Preference(StrEnum):
    """What chooses between services that deal with one topic for one place (`prefer` of `routing.yml`)."""

    CHANNEL = "channel"
    LANGUAGE = "language"
    OPEN = "open"


@dataclass(frozen=True)
class Request:
    """What a route depends on, and all that it depends on: nothing about the person.

    Attributes:
        topic: a topic of the taxonomy, or None when it is not known.
        place: where the resident lives, when it is known.
        at: the moment, with a time zone.
        language: the resident's, when it is known.
        channel: how the resident wants to reach somebody, when that is known.
    """

    topic: str | None
    place: Place | None
    at: datetime
    language: str | None = None
    channel: Channel | None = None


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
        next_opening: when it opens again (Paris time); None while it is open, or when nothing is planned.
        speaks: whether its people speak the resident's language; None when that is not known.
        reached: whether it can be reached in the way that is wanted; None when none is.
    """

    service: Service
    reason: RouteReason
    topic: str | None
    place: str | None
    instead_of: str | None
    open_now: bool
    next_opening: datetime | None
    speaks: bool | None
    reached: bool | None


class _Kind(Strict):
    topics: list[Identifier]


class Rules(Strict):
    """`routing.yml`, whose comments explain each key."""

    default: Identifier
    nearest: Identifier
    prefer: tuple[Preference, ...] = ()
    shared: tuple[Identifier, ...] = ()
    received_near: tuple[Identifier, ...] = ()
    kinds: dict[Identifier, _Kind]


def read_rules(file: YamlFile) -> Rules:
    """Read the routing rules.

    Raises:
        ContentError: the file is wrong.
    """
    try:
        return Rules.model_validate(file.data)
    except ValidationError as error:
        raise ContentError(*file.problems_of(error)) from error


@dataclass(frozen=True)
class Router:
    """Applies the rules to the services of a directory."""

    services: Mapping[str, Service]
    rules: Rules

    def route(self, request: Request) -> Route:
        """Return the service for a request; the central desk when no other deals with it.

        Raises:
            ValueError: the moment has no time zone.
        """
        service, reason, covered = self._choose(request)
        final = self._replacement(service, request)
        open_now = final.hours.is_open(request.at)
        return Route(
            service=final,
            reason=reason,
            topic=request.topic,
            place=covered,
            instead_of=None if final is service else service.id,
            open_now=open_now,
            next_opening=None if open_now else next_opening(final.hours, request.at),
            speaks=None if request.language is None else request.language in final.languages,
            reached=None if request.channel is None else request.channel in final.channels,
        )

    def _choose(self, request: Request) -> tuple[Service, RouteReason, str | None]:
        asked = request.topic or (self.rules.nearest if request.place else None)
        found = self._first(asked, request)
        wanted = request.channel
        if wanted is None or wanted in found[0].channels:
            return found
        for service, _, covered in self._others(asked, request):
            if wanted in service.channels:
                return service, RouteReason.CHANNEL, covered
        return found  # nobody else can be reached that way either: whoever knows the topic says so best

    def _first(self, topic: str | None, request: Request) -> tuple[Service, RouteReason, str | None]:
        return next(self._levels(topic, request))

    def _others(
        self, topic: str | None, request: Request
    ) -> Iterator[tuple[Service, RouteReason, str | None]]:
        """Yield who may receive a resident whom the service of the topic cannot receive in that way."""
        if topic in self.rules.received_near:
            yield self._first(self.rules.nearest, request)
        yield from self._levels(topic, request)

    def _levels(
        self, topic: str | None, request: Request
    ) -> Iterator[tuple[Service, RouteReason, str | None]]:
        """Yield a service for each rule that gives one, the nearest first, the central desk last."""
        dealing = [service for service in self.services.values() if topic in service.topics]
        near = [service for service in dealing if not service.everywhere]
        place = request.place
        # A part of a commune that no service names goes where the whole commune goes.
        for insee in (place.insee, place.parent) if place else ():
            here = [service for service in near if insee in service.places]
            if here:
                yield self._preferred(here, request), RouteReason.PLACE, insee
        unknown = bool(near) and place is None
        everywhere = [service for service in dealing if service.everywhere]
        if everywhere:
            reason = RouteReason.PLACE_UNKNOWN if unknown else RouteReason.TOPIC
            yield self._preferred(everywhere, request), reason, None
        reason = RouteReason.PLACE_UNKNOWN if unknown else RouteReason.DEFAULT
        yield self.services[self.rules.default], reason, None

    def _preferred(self, services: Sequence[Service], request: Request) -> Service:
        """Choose between services that deal with the same matter, by `prefer`, then in the files' order."""
        if len(services) == 1:
            return services[0]
        meets: Mapping[Preference, Callable[[Service], bool]] = {
            Preference.CHANNEL: lambda service: request.channel in service.channels,
            Preference.LANGUAGE: lambda service: request.language in service.languages,
            Preference.OPEN: lambda service: service.hours.is_open(request.at),
        }
        return max(services, key=lambda service: [meets[each](service) for each in self.rules.prefer])

    def _replacement(self, service: Service, request: Request) -> Service:
        """Follow the replacements of services that are closed exceptionally on that day."""
        seen = {service.id}
        while True:
            instead = service.hours.replacement(request.at)
            if instead is None or instead in seen:
                return service
            service = self.services[instead]
            seen.add(service.id)


def topics_named(rules: Rules) -> Iterable[tuple[tuple[str | int, ...], str]]:
    """Yield every topic that the rules name, with where it stands in the file."""
    yield ("nearest",), rules.nearest
    for key in ("shared", "received_near"):
        for number, topic in enumerate(getattr(rules, key)):
            yield (key, number), topic
    for name, kind in rules.kinds.items():
        for number, topic in enumerate(kind.topics):
            yield ("kinds", name, "topics", number), topic
