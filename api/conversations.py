"""The residents' conversations: open, write, read again, erase, follow live, give feedback."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Header, Query, Request, Response
from sse_starlette import EventSourceResponse

from api import ledger
from api.assemble import as_message, language_not_spoken
from api.dependencies import Address, TheGateway, TheRunningGateway, TheTicket
from api.events import stream
from api.live import desk
from api.live.feed import ResidentFeed, cursor_of, turns_after
from api.problems import Problem, ProblemKind
from api.render import direction
from api.schemas import (
    Accepted,
    Conversation,
    ConversationIn,
    DisplayedIn,
    FeedbackIn,
    MessageIn,
    Transcript,
    TranscriptTurn,
    Turn,
)
from api.tokens import Ticket
from api.turn import take_turn
from knowledge.reply import Said
from records.entries import FeedbackValue
from records.entries import Turn as RecordedTurn
from understanding.masking import mask

_VALUES = {"helpful": FeedbackValue.HELPFUL, "not_helpful": FeedbackValue.UNHELPFUL}

router = APIRouter(prefix="/api/v1/conversations", tags=["conversations"])


@router.post("", status_code=201, summary="Open a conversation")
async def open_conversation(gateway: TheGateway, address: Address, body: ConversationIn) -> Conversation:
    """The notice that an AI is replying is recorded as issued before anything else is said."""
    await gateway.limiter.check(gateway.settings.conversation_rate, "conversation", address)
    language = gateway.spoken(body.language)
    ticket = Ticket(str(uuid4()), language, body.channel)
    notice = gateway.disclosure(language)
    await asyncio.to_thread(ledger.open_conversation, gateway, ticket, notice)
    seen = gateway.seen(language)
    said = [Said(markdown=gateway.composer.texts.get(language, "utter.greet"), lang=language)]
    if body.language is not None and body.language not in gateway.languages:
        said.insert(0, language_not_spoken(gateway, language))
    return Conversation(
        conversation_id=ticket.conversation_id,
        token=gateway.tokens.issue(ticket),
        language=language,
        direction=direction(gateway.composer.texts, language),
        disclosure=notice,
        messages=[as_message(gateway, each) for each in said],
        suggestions=list(gateway.composer.starters(seen)),
        service=gateway.composer.service_for(None, seen),
    )


@router.post("/{conversation_id}/messages", summary="Write a message, get the turn that answers it")
async def write_message(gateway: TheGateway, ticket: TheTicket, address: Address, body: MessageIn) -> Turn:
    """The same `client_message_id` sent twice gives the same turn."""
    await gateway.limiter.check(gateway.settings.message_rate, "message", ticket.conversation_id)
    await gateway.limiter.check(gateway.settings.address_rate, "address", address)
    return await take_turn(gateway, ticket, body)


@router.get("/{conversation_id}", summary="Read the conversation again")
async def read_conversation(gateway: TheGateway, ticket: TheTicket) -> Transcript:
    """The transcript, oldest turn first; the resident's words as they were kept, masked."""
    turns = await asyncio.to_thread(ledger.transcript, gateway, ticket)
    language = gateway.spoken(turns[-1].language if turns else ticket.language)
    live, lines = await asyncio.to_thread(desk.whole, gateway, ticket.conversation_id, language)
    return Transcript(
        conversation_id=ticket.conversation_id,
        language=language,
        direction=direction(gateway.composer.texts, language),
        disclosure=gateway.disclosure(language),
        turns=[_shown(turn) for turn in turns],
        live=live,
        live_lines=lines,
    )


@router.delete("/{conversation_id}", status_code=204, summary="Erase the conversation")
async def erase_conversation(
    gateway: TheGateway,
    ticket: TheTicket,
    callback: Annotated[ledger.OpenCallback, Query(description="What becomes of an open callback")] = (
        ledger.OpenCallback.KEEP
    ),
) -> Response:
    """Erases turns, language and what Rasa remembers. An open callback is kept, detached, or cancelled."""
    await ledger.erase(gateway, ticket, callback)
    return Response(status_code=204)


@router.get(
    "/{conversation_id}/events", summary="Follow the conversation live", response_class=EventSourceResponse
)
async def follow_conversation(
    request: Request,
    gateway: TheRunningGateway,
    ticket: TheTicket,
    last_event_id: Annotated[str | None, Header(description="The last event seen")] = None,
) -> EventSourceResponse:
    """Server-sent events: `ready`, then one `turn` for each turn answered, in whichever window.

    With a person: `live` for each line, in order; `live-state` whenever the place, the wait or the person
    changes; `beat` to be answered by `POST …/live/seen`.
    """
    after = cursor_of(last_event_id)

    async def missed() -> Sequence[RecordedTurn]:
        turns = await asyncio.to_thread(ledger.transcript, gateway, ticket)
        if after is None:
            return _after(turns, last_event_id)
        log = await asyncio.to_thread(gateway.records.live.log, ticket.conversation_id)
        return turns_after(turns, log, after)

    async def still_open() -> bool:
        return not await request.is_disconnected()

    feed = ResidentFeed(gateway, ticket, after)
    events = stream(gateway.redis, ticket.conversation_id, missed=missed, still_open=still_open, live=feed)
    return EventSourceResponse(events, ping=15)


@router.post(
    "/{conversation_id}/disclosure/displayed", status_code=202, summary="The notice was on the screen"
)
async def disclosure_displayed(gateway: TheGateway, ticket: TheTicket, body: DisplayedIn) -> Accepted:
    """Acknowledged by the widget once the notice is in view."""
    notice = gateway.disclosure(gateway.spoken(body.language, gateway.spoken(ticket.language)))
    if body.disclosure_id != notice.id:
        raise Problem(ProblemKind.INVALID_REQUEST, notice.language)
    stored = await asyncio.to_thread(ledger.record_displayed, gateway, ticket, notice)
    return Accepted(stored=stored)


@router.post("/{conversation_id}/feedback", status_code=202, summary="Say whether a turn helped")
async def give_feedback(gateway: TheGateway, ticket: TheTicket, body: FeedbackIn) -> Accepted:
    """The reason is masked before it is kept."""
    reason = mask(body.reason).text if body.reason else None
    await asyncio.to_thread(
        ledger.record_feedback, gateway, ticket, body.turn_id, _VALUES[body.value], reason
    )
    return Accepted(stored="database")


def _shown(turn: RecordedTurn) -> TranscriptTurn:
    return TranscriptTurn(
        turn_id=turn.turn_id,
        client_message_id=turn.client_message_id,
        received_at=turn.received_at,
        text=turn.text,
        language=turn.language,
        reply=Turn.model_validate(turn.reply) if turn.reply is not None else None,
    )


def _after(turns: Sequence[RecordedTurn], last_event_id: str | None) -> Sequence[RecordedTurn]:
    """The turns after the last one seen; none when the reader names none: it has just read the transcript."""
    ids = [turn.turn_id for turn in turns]
    return turns[ids.index(last_event_id) + 1 :] if last_event_id in ids else ()
