"""The agents' side of live conversations: the queue, the takeover, what is said, the end, the transfer.

An agent sees the requests of their own services only; any other one does not exist for them (404).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Header, Query, Request
from pydantic import BaseModel
from sse_starlette import EventSourceResponse
from starlette.responses import Response

from api.dependencies import TheGateway, TheRunningGateway
from api.live.wakes import QUEUES, Waker, live_channel, wake
from api.problems import Problem, ProblemKind
from api.staff import live_view
from api.staff.live_schemas import (
    AvailabilityIn,
    ForwardIn,
    LiveBoard,
    LiveCard,
    LiveDetail,
    LiveMessageIn,
    LiveStaffLine,
)
from api.staff.pages import page
from api.staff.request_words import OUTCOMES
from api.staff.session import COOKIE, SessionKeeper, StaffAgent, TheAgent, TheSession
from records.errors import NotInThatState, RecordsUnavailable, TooManyLive, UnknownRecord
from records.inbox_entries import Actor
from records.live import Agent
from records.live_entries import LiveKind, LiveRequest
from understanding.cleaning import clean
from understanding.masking import mask

if TYPE_CHECKING:
    from api.state import Gateway

router = APIRouter(prefix="/api/v1/staff/live", tags=["staff"])
pages = APIRouter(include_in_schema=False)

POLL_SECONDS: Final = 2.0
FOLLOWED: Final = timedelta(minutes=10)
"""For so long a stream that is opened again is the same reading."""


@pages.get("/staff/live")
async def live_page(request: Request, session: TheSession) -> Response:
    """The queue and the conversations."""
    outcomes = {outcome.value: words for outcome, words in OUTCOMES.items()}
    return page(request, "live.html", session, {"outcomes": outcomes})


@router.get("", summary="The queues of one's services")
async def queues(gateway: TheGateway, agent: TheAgent) -> LiveBoard:
    """Who waits, the first to be taken first and why, and the conversations that the agent has."""
    return await asyncio.to_thread(live_view.board, gateway, agent)


@router.post("/availability", summary="Be available, or away")
async def be_available(gateway: TheGateway, agent: TheAgent, body: AvailabilityIn) -> LiveBoard:
    """Residents are told whether somebody is there; being away keeps the conversations that one has."""
    await asyncio.to_thread(_present, gateway, agent, body.available)
    await wake(gateway.redis, agent.id)
    return await queues(gateway, agent)


@router.post("/seen", status_code=204, summary="The page is still there")
async def still_there(gateway: TheGateway, session: TheSession) -> Response:
    """Answers each `beat`; after some silence the agent's residents go back to the queue, the first ones."""
    await asyncio.to_thread(_present, gateway, session.agent, session.available)
    return Response(status_code=204)


@router.get("/events", summary="Follow the queues", response_class=EventSourceResponse)
async def follow_queues(request: Request, gateway: TheRunningGateway, agent: TheAgent) -> EventSourceResponse:
    """Server-sent events: `board` whenever the queues change, `beat` to be answered by `POST …/seen`."""

    async def events() -> AsyncIterator[dict[str, Any]]:
        last: LiveBoard | None = None
        async for beats, reader in _rounds(request, gateway, agent, QUEUES):
            if beats:
                yield {"event": "beat", "data": "{}"}
            try:
                now = await asyncio.to_thread(live_view.board, gateway.at_once(), reader)
            except RecordsUnavailable:
                continue
            if now != last:
                last = now
                yield _event("board", now)

    return EventSourceResponse(events(), ping=15)


@router.get("/{handoff_id}", summary="Read a live request")
async def read(gateway: TheGateway, agent: TheAgent, handoff_id: str) -> LiveDetail:
    """What was asked, answered and said. The reading is put on record."""
    request = await _request(gateway, agent, handoff_id)
    return await asyncio.to_thread(_read, gateway, agent, request)


@router.get("/{handoff_id}/events", summary="Follow a live conversation", response_class=EventSourceResponse)
async def follow(
    request: Request,
    gateway: TheRunningGateway,
    agent: TheAgent,
    handoff_id: str,
    after: Annotated[int, Query(ge=0, description="Number of the last line seen")] = 0,
    last_event_id: Annotated[
        str | None, Header(description="The same, when the stream is read again")
    ] = None,
) -> EventSourceResponse:
    """Server-sent events: `line` for each line, in order; `card` whenever the request changes.

    `gone` ends it: the request went to another service, or the resident erased the conversation. Following
    is reading: it is put on record, once with the reading that it follows.
    """
    found = await _request(gateway, agent, handoff_id)
    with _refusals(gateway):
        await asyncio.to_thread(
            gateway.records.inbox.follow, handoff_id, Actor(agent.id, agent.name), FOLLOWED
        )
    seen = int(last_event_id) if last_event_id and last_event_id.isdigit() else after

    async def events() -> AsyncIterator[dict[str, Any]]:
        nonlocal seen
        last: LiveCard | None = None
        async for _, reader in _rounds(request, gateway, agent, live_channel(found.conversation_id)):
            try:
                lines, card = await asyncio.to_thread(_news, gateway.at_once(), reader, handoff_id, seen)
            except RecordsUnavailable:
                continue
            for line in lines:
                seen = line.seq
                yield {**_event("line", line), "id": str(line.seq)}
            if card is None:
                yield {"event": "gone", "data": "{}"}
                return
            if card != last:
                last = card
                yield _event("card", card)

    return EventSourceResponse(events(), ping=15)


@router.post("/{handoff_id}/take", summary="Take a resident")
async def take(gateway: TheGateway, agent: TheAgent, handoff_id: str) -> LiveDetail:
    """One agent at most takes a resident; the others get `live-moved`."""
    before = await _request(gateway, agent, handoff_id)
    with _refusals(gateway):
        request = await asyncio.to_thread(
            lambda: gateway.records.live.take(
                handoff_id,
                _actor(agent),
                at_once=gateway.settings.live_at_once,
                service_id=before.service_id,
            )
        )
    # The page that takes is there: its silence is counted from now.
    await asyncio.to_thread(_present, gateway, agent, None)
    await wake(gateway.redis, request.conversation_id)
    return await asyncio.to_thread(_read, gateway, agent, request)


@router.post("/{handoff_id}/messages", status_code=201, summary="Write to the resident")
async def write(
    gateway: TheGateway, agent: TheAgent, handoff_id: str, body: LiveMessageIn
) -> list[LiveStaffLine]:
    """Kept in clear, encrypted, until the handoff closes; then masked. Gives the line."""
    request = await _request(gateway, agent, handoff_id)
    text = clean(body.text)
    masked = mask(text, keep=gateway.own_contacts).text
    with _refusals(gateway):
        event = await asyncio.to_thread(
            lambda: gateway.records.live.say(
                handoff_id,
                _actor(agent),
                clear=text,
                masked=masked,
                client_message_id=body.client_message_id,
            )
        )
    await wake(gateway.redis, request.conversation_id)
    return await asyncio.to_thread(live_view.lines, gateway, request, event.seq - 1)


@router.post("/{handoff_id}/end", summary="End: the assistant resumes")
async def end(gateway: TheGateway, agent: TheAgent, handoff_id: str) -> LiveCard:
    """What was written in clear is destroyed."""
    await _request(gateway, agent, handoff_id)
    with _refusals(gateway):
        request = await asyncio.to_thread(gateway.records.live.end, handoff_id, _actor(agent))
    await wake(gateway.redis, request.conversation_id)
    return await asyncio.to_thread(live_view.card, gateway, request)


@router.post("/{handoff_id}/forward", summary="Send the resident to another service")
async def forward(gateway: TheGateway, agent: TheAgent, handoff_id: str, body: ForwardIn) -> LiveCard:
    """The resident waits in that service's queue from now on.

    Raises:
        Problem: The service is in no directory (`invalid-request`), or is this one.
    """
    before = await _request(gateway, agent, handoff_id)
    if body.service_id not in gateway.composer.directory.services or body.service_id == before.service_id:
        raise Problem(ProblemKind.INVALID_REQUEST, live_view.FRENCH)
    with _refusals(gateway):
        request = await asyncio.to_thread(
            gateway.records.live.forward, handoff_id, _actor(agent), body.service_id
        )
    await wake(gateway.redis, request.conversation_id)
    return await asyncio.to_thread(live_view.card, gateway, request)


async def _request(gateway: Gateway, agent: StaffAgent, handoff_id: str) -> LiveRequest:
    """The request, if the agent may see it.

    Raises:
        Problem: There is none, or it is another service's (`not-found`).
    """
    request = await asyncio.to_thread(gateway.records.live.find, handoff_id)
    if request is None or not agent.sees(request.service_id):
        raise Problem(ProblemKind.NOT_FOUND, live_view.FRENCH)
    return request


@contextmanager
def _refusals(gateway: Gateway) -> Iterator[None]:
    try:
        yield
    except UnknownRecord as error:
        raise Problem(ProblemKind.NOT_FOUND, live_view.FRENCH) from error
    except NotInThatState as error:
        raise Problem(ProblemKind.LIVE_MOVED, live_view.FRENCH) from error
    except TooManyLive as error:
        limit = gateway.settings.live_at_once
        raise Problem(ProblemKind.LIVE_TOO_MANY, live_view.FRENCH, values={"limit": limit}) from error


def _read(gateway: Gateway, agent: StaffAgent, request: LiveRequest) -> LiveDetail:
    opened = gateway.records.inbox.read(request.handoff_id, Actor(agent.id, agent.name))
    return live_view.detail(gateway, agent, request, opened.turns)


def _news(
    gateway: Gateway, agent: StaffAgent, handoff_id: str, after: int
) -> tuple[list[LiveStaffLine], LiveCard | None]:
    request = gateway.records.live.find(handoff_id)
    if request is None:
        return [], None
    lines = live_view.lines(gateway, request, after)
    if agent.sees(request.service_id):
        return lines, live_view.card(gateway, request)
    # What is said in the other service is not for this one.
    kinds = [line.kind for line in lines]
    return lines[: kinds.index(LiveKind.FORWARDED) + 1] if LiveKind.FORWARDED in kinds else [], None


def _present(gateway: Gateway, agent: StaffAgent, available: bool | None) -> None:
    if available is not None:
        gateway.records.staff.set_available(agent.id, available=available)
    gateway.records.live.present(_actor(agent), sorted(agent.services), available=available)


def _actor(agent: StaffAgent) -> Agent:
    return Agent(agent.id, agent.name)


async def _rounds(
    request: Request, gateway: Gateway, agent: StaffAgent, channel: str
) -> AsyncIterator[tuple[bool, StaffAgent]]:
    """A round at each wake, and every few seconds: whether to beat, who reads. Ends with their session."""
    beat_at = float("-inf")
    keeper = SessionKeeper(gateway)
    async with Waker(gateway.redis, [channel]) as waker:
        while not await request.is_disconnected():
            beats = monotonic() >= beat_at
            if beats:
                beat_at = monotonic() + gateway.settings.live_agent_seconds / 4
                with suppress(RecordsUnavailable):  # what cannot be known now is asked again at the next beat
                    session = await asyncio.to_thread(keeper.read, request.cookies.get(COOKIE))
                    if session is None:
                        return
                    agent = session.agent
            yield beats, agent
            await waker.wait(POLL_SECONDS)


def _event(name: str, data: BaseModel) -> dict[str, Any]:
    return {"event": name, "data": data.model_dump_json()}
