"""Live events of a conversation: server-sent events over Redis publish/subscribe.

Redis only carries them; the turns themselves are in SQL, so that a reader who comes back with `Last-Event-ID`
gets what was missed from there.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, Final

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from api.schemas import Turn
from records.entries import Turn as RecordedTurn

log = structlog.get_logger(__name__)

RETRY_MILLISECONDS: Final = 2000
POLL_SECONDS: Final = 1.0


def channel_of(conversation_id: str) -> str:
    """The Redis channel of a conversation."""
    return f"guichet:events:{conversation_id}"


async def announce(redis: Redis, conversation_id: str, turn: Turn) -> None:
    """Tells every open window of a conversation that a turn was answered. Never fails."""
    try:
        await redis.publish(channel_of(conversation_id), turn.model_dump_json())
    except (RedisError, OSError) as error:
        log.warning("announcement_lost", cause=type(error).__name__)


async def stream(
    redis: Redis,
    conversation_id: str,
    *,
    missed: Callable[[], Awaitable[Sequence[RecordedTurn]]],
    still_open: Callable[[], Awaitable[bool]],
) -> AsyncIterator[dict[str, Any]]:
    """The events of a conversation: first the turns missed, then the turns as they are answered.

    Args:
        redis: Where they are announced.
        conversation_id: Whose.
        missed: Gives the turns that the reader has not seen, oldest first; asked once the subscription is
            on, so that none falls between the two.
        still_open: Whether someone still reads.
    """
    async with redis.pubsub(ignore_subscribe_messages=True) as subscription:
        await subscription.subscribe(channel_of(conversation_id))
        yield {"event": "ready", "data": "{}", "retry": RETRY_MILLISECONDS}
        sent: set[str] = set()
        for turn in await missed():
            if turn.reply is not None:
                sent.add(turn.turn_id)
                yield _event(turn.turn_id, Turn.model_validate(turn.reply).model_dump_json())
        while await still_open():
            announced = await subscription.get_message(timeout=POLL_SECONDS)
            if announced is None:
                continue
            turn_id = Turn.model_validate_json(announced["data"]).turn_id
            if turn_id not in sent:
                yield _event(turn_id, announced["data"].decode())


def _event(turn_id: str, data: str) -> dict[str, Any]:
    return {"event": "turn", "id": turn_id, "data": data}
