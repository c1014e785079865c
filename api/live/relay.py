"""What a resident writes while a person has the conversation goes to that person, not to the assistant."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import structlog

from api.live.wakes import wake
from api.schemas import Status
from knowledge.reply import Kind, Reply
from records.errors import RecordsUnavailable
from records.live_entries import LiveState

if TYPE_CHECKING:
    from api.assemble import Draft
    from api.state import Gateway

log = structlog.get_logger(__name__)

RELAYED: Final = Reply(kind=Kind.HANDOFF, topic="handoff")


async def relay(
    gateway: Gateway, conversation_id: str, draft: Draft, *, clear: str, masked: str, key: str | None
) -> Draft | None:
    """Gives a message to the person who has the conversation; None when nobody has it.

    Danger has been looked for already: its block stays in the turn, and the person is told of it.

    Args:
        gateway: The gateway.
        conversation_id: Whose message.
        draft: The turn so far, its emergency if any.
        clear: What was written: encrypted at rest, destroyed when the handoff closes.
        masked: What stays of it.
        key: The message's own identifier.

    Raises:
        RecordsUnavailable: SQL does not answer: the message is with nobody.
    """
    if not clear:
        return None  # a message that could not be read is given to nobody
    live = gateway.records.live
    running = await asyncio.to_thread(live.running, conversation_id)
    if running is None:
        return None
    if draft.emergency is not None:
        await asyncio.to_thread(live.alert, conversation_id, draft.emergency.id)
        await wake(gateway.redis, conversation_id)
    if running.state is not LiveState.TAKEN:
        return None
    said = await asyncio.to_thread(
        lambda: live.relay(
            conversation_id,
            clear=clear,
            masked=masked,
            client_message_id=key or draft.turn_id,
            turn_id=draft.turn_id,
        )
    )
    if said is None:
        return None
    await wake(gateway.redis, conversation_id)
    return _relayed(draft)


async def relay_or_none(
    gateway: Gateway, conversation_id: str, draft: Draft, *, clear: str, masked: str, key: str | None
) -> Draft | None:
    """The same where a part is down already: None also when SQL does not answer."""
    try:
        return await relay(gateway, conversation_id, draft, clear=clear, masked=masked, key=key)
    except RecordsUnavailable as error:
        log.warning("part_down", part="sql", cause=str(error))
        return None


def _relayed(draft: Draft) -> Draft:
    # Nothing was masked for the person: the warning would not be true.
    return replace(draft, reply=RELAYED, status=Status.RELAYED, intent="", masked=False)
