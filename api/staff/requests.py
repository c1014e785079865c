"""The requests of an agent's services: who may read which, and what pages and API show of them.

Every route that names a request asks for `TheRequest`, which answers 404 for one of another service as for
one that does not exist: nothing tells them apart.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final
from uuid import UUID

from babel import Locale
from fastapi import Depends
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationInfo, field_validator

from api.dependencies import TheGateway
from api.problems import Problem, ProblemKind
from api.render import direction
from api.schemas import LanguageCode
from api.staff import request_schemas as schemas
from api.staff.session import StaffAgent, StaffSession, TheAgent
from api.staff.summary import Names, summarise
from api.staff.urgency import Delays, Reason, reasons, urgent_first
from api.state import Gateway
from knowledge.sections import SectionKey
from knowledge.taxonomy import EMERGENCY_PREFIX
from records.entries import HandoffKind
from records.inbox import MOST_LISTED, next_statuses
from records.inbox_entries import ACTIVE, Actor, OpenedRequest, Request, RequestStatus, Wanted
from records.live import Agent as LiveAgent

LANGUAGE: Final = "fr"
"""The agents' language."""

PAGE: Final = 50
"""How many closed requests a page shows; the active ones are shown together, so that none is overlooked."""


class Filters(BaseModel):
    """What an agent chose to see; the fields left empty in a form count for nothing.

    `status`: without one, the requests that are not closed. `mine`: only one's own.
    """

    model_config = ConfigDict(frozen=True)

    service: Annotated[str, StringConstraints(max_length=64)] | None = None
    status: RequestStatus | None = None
    kind: HandoffKind | None = None
    topic: Annotated[str, StringConstraints(pattern="^[a-z0-9-]{1,64}$")] | None = None
    language: LanguageCode | None = None
    mine: bool = False
    page: int = Field(default=1, ge=1, le=1000)

    @field_validator("*", mode="before")
    @classmethod
    def _nothing_chosen(cls, value: object, field: ValidationInfo) -> object:
        return cls.model_fields[str(field.field_name)].default if value == "" else value


@dataclass(frozen=True)
class Listing:
    """Requests to show, each with why it is urgent."""

    requests: tuple[tuple[Request, tuple[Reason, ...]], ...]
    more: bool


async def the_request(gateway: TheGateway, agent: TheAgent, request_id: str) -> Request:
    """The request that a path names, unread.

    Raises:
        Problem: There is none, or it is not of one of the agent's services (`not-found`).
    """
    try:
        UUID(request_id)
    except ValueError as error:
        raise Problem(ProblemKind.NOT_FOUND) from error
    request = await asyncio.to_thread(gateway.records.inbox.find, request_id)
    if request is None or not agent.sees(request.handoff.service_id):
        raise Problem(ProblemKind.NOT_FOUND)
    return request


TheRequest = Annotated[Request, Depends(the_request)]


def as_actor(agent: StaffAgent) -> Actor:
    """The agent as the records name who did something."""
    return Actor(agent.id, agent.name)


def listed(gateway: Gateway, agent: StaffAgent, filters: Filters) -> Listing:
    """The requests of the agent's services that pass the filters."""
    services = agent.services if filters.service is None else agent.services & {filters.service}
    active = filters.status is None or filters.status in ACTIVE
    size, offset = (MOST_LISTED, 0) if active else (PAGE, PAGE * (filters.page - 1))
    wanted = Wanted(
        services,
        ACTIVE if filters.status is None else (filters.status,),
        filters.kind,
        filters.topic,
        filters.language,
        agent.id if filters.mine else None,
    )
    found = gateway.records.inbox.listed(wanted, limit=size + 1, offset=offset)
    shown = found[:size]
    told = (
        urgent_first(shown, datetime.now(UTC), delays(gateway)) if active else [(each, ()) for each in shown]
    )
    return Listing(tuple(told), more=len(found) > size)


def delays(gateway: Gateway) -> Delays:
    """When a request has waited too long, and when a preferred time is near."""
    settings = gateway.settings
    return Delays(
        timedelta(hours=settings.request_delay_hours), timedelta(minutes=settings.wanted_soon_minutes)
    )


def urgency(gateway: Gateway, request: Request) -> tuple[Reason, ...]:
    """Why a request is urgent now."""
    return reasons(request, datetime.now(UTC), delays(gateway))


def is_available(gateway: Gateway, session: StaffSession) -> bool:
    """Whether the agent takes live requests, as the live page sees it too."""
    presence = gateway.records.live.presence(session.agent.id)
    return session.available if presence is None else presence.available


def set_available(gateway: Gateway, agent: StaffAgent, *, available: bool) -> None:
    """Records that an agent takes live requests, or is away."""
    gateway.records.staff.set_available(agent.id, available=available)
    present = LiveAgent(agent.id, agent.name)
    gateway.records.live.present(present, sorted(agent.services), available=available)


def colleagues(gateway: Gateway, service_id: str) -> list[schemas.Colleague]:
    """The agents who may treat a request of this service."""
    return [
        schemas.Colleague(id=account.id, name=account.name)
        for account in gateway.records.staff.all()
        if account.active and service_id in account.services
    ]


def colleague(gateway: Gateway, request: Request, agent_id: str) -> Actor | None:
    """The agent to give a request to; None for one who may not read it."""
    those = colleagues(gateway, request.handoff.service_id)
    return next((Actor(each.id, each.name) for each in those if each.id == agent_id), None)


def line(gateway: Gateway, request: Request, urgent: Iterable[Reason]) -> schemas.RequestLine:
    """A request as the list shows it."""
    handoff = request.handoff
    return schemas.RequestLine(
        id=handoff.id,
        reference=handoff.reference,
        kind=handoff.kind,
        status=request.status,
        urgent=list(urgent),
        service=handoff.service_id,
        service_name=service_name(gateway, handoff.service_id),
        topic=handoff.topic,
        topic_title=topic_title(gateway, handoff.topic) if handoff.topic else None,
        language=handoff.language,
        place=gateway.places.place(handoff.place).name
        if handoff.place and handoff.place in gateway.places
        else None,
        created_at=handoff.created_at,
        closed_at=handoff.closed_at,
        wanted_from=handoff.wanted_from,
        wanted_until=handoff.wanted_until,
        assignee=schemas.Colleague(id=request.assignee.id, name=request.assignee.name)
        if request.assignee
        else None,
    )


def opened(gateway: Gateway, agent: StaffAgent, request: Request) -> schemas.OpenedRequest:
    """A request with everything in it; that this agent read it is on record.

    Raises:
        RecordsUnavailable: The reading cannot be recorded, so nothing is shown.
    """
    read: OpenedRequest = gateway.records.inbox.read(request.handoff.id, as_actor(agent))
    request = read.request
    shown = line(gateway, request, urgency(gateway, request))
    return schemas.OpenedRequest(
        **dict(shown),
        contact=dict(read.contact),
        consent_text=request.handoff.consent_text,
        consent_at=request.handoff.consent_at,
        summary=summarise(read.turns, names(gateway), shown.place),
        notes=[schemas.RequestNote(at=note.at, agent=note.agent_name, text=note.text) for note in read.notes],
        history=[
            schemas.RequestChange(
                at=each.at, agent=each.agent_name, kind=each.kind, before=each.before, after=each.after
            )
            for each in read.history
        ],
        next_statuses=list(next_statuses(request)),
        colleagues=colleagues(gateway, request.handoff.service_id) if next_statuses(request) else [],
    )


def names(gateway: Gateway) -> Names:
    """How things are called in the agents' language."""
    library, texts = gateway.composer.library, gateway.composer.texts

    def article(article_id: str) -> str | None:
        found = library.best(article_id, LANGUAGE)
        return found.title if found else None

    def section(key: str) -> str | None:
        return texts.get(LANGUAGE, f"sections.{key}") if key in set(SectionKey) else None

    return Names(
        article=article,
        section=section,
        topic=lambda topic: topic_title(gateway, topic),
        danger=article,
        language=language_name,
        direction=lambda code: direction(texts, code) if code in texts.languages else "ltr",
    )


def topic_title(gateway: Gateway, topic: str) -> str | None:
    """The title of the article of a topic; None for a danger, which is told apart, and for no topic."""
    if topic.startswith(EMERGENCY_PREFIX):
        return None
    found = gateway.composer.library.by_topic(topic, LANGUAGE)
    return found[0].title if found else None


def service_name(gateway: Gateway, service_id: str) -> str:
    """The name of a service; its identifier once it has left the directory."""
    service = gateway.composer.directory.services.get(service_id)
    return service.name_in(LANGUAGE) if service else service_id


def language_name(code: str) -> str:
    """The French name of a language."""
    return str(Locale(LANGUAGE).languages.get(code, code))
