"""The resident's side of a live conversation: ask, follow, leave. What they write goes by …/messages."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from fastapi import APIRouter
from starlette.responses import Response

from api.dependencies import TheGateway, TheTicket
from api.live import desk
from api.live.schemas import LiveNow
from api.live.wakes import wake
from api.problems import Problem, ProblemKind
from api.schemas import Handoff
from knowledge.reply import ServiceCard
from records.entries import HandoffRequest
from records.errors import ConversationErased

if TYPE_CHECKING:
    from api.state import Gateway

router = APIRouter(prefix="/api/v1/conversations", tags=["live"])


async def ask_for_a_person(
    gateway: Gateway, asked: HandoffRequest, service: ServiceCard, *, child: bool
) -> Handoff:
    """Puts the resident in the queue, or says at once that nobody can answer now.

    Raises:
        Problem: The conversation was erased.
    """
    try:
        state, request = await asyncio.to_thread(lambda: desk.enter(gateway, asked, service, child=child))
    except ConversationErased as error:
        raise Problem(ProblemKind.CONVERSATION_NOT_FOUND, asked.language) from error
    if request is not None:
        await wake(gateway.redis, request.conversation_id)
    return Handoff(
        kind="live",
        reference=None,
        service=state.service,
        message=state.message,
        stored="database" if request else "nothing",
        live=state,
    )


@router.get("/{conversation_id}/live", summary="Where the wish to talk to a person is")
async def live_state(gateway: TheGateway, ticket: TheTicket) -> LiveNow:
    """The place in the queue, the measured wait, or who has joined.

    Raises:
        Problem: No person was asked for in this conversation (`not-found`).
    """
    state = await asyncio.to_thread(_state, gateway, ticket.conversation_id, ticket.language)
    if state is None:
        raise Problem(ProblemKind.NOT_FOUND, gateway.spoken(ticket.language))
    return state


@router.post("/{conversation_id}/live/seen", status_code=204, summary="The page is still there")
async def still_there(gateway: TheGateway, ticket: TheTicket) -> Response:
    """Answers each `beat` of the events; after some silence the resident leaves the queue."""
    await asyncio.to_thread(gateway.records.live.resident_seen, ticket.conversation_id)
    return Response(status_code=204)


@router.post("/{conversation_id}/live/leave", summary="Go back to the assistant")
async def leave(gateway: TheGateway, ticket: TheTicket) -> LiveNow:
    """Leaves the queue, or the person; the assistant resumes. Leaving twice changes nothing.

    Raises:
        Problem: No person was asked for in this conversation (`not-found`).
    """
    await asyncio.to_thread(gateway.records.live.leave, ticket.conversation_id)
    await wake(gateway.redis, ticket.conversation_id)
    return await live_state(gateway, ticket)


def _state(gateway: Gateway, conversation_id: str, language: str) -> LiveNow | None:
    request = gateway.records.live.latest(conversation_id)
    if request is None:
        return None
    return desk.now(gateway, request, desk.language_of(gateway, conversation_id, language))
