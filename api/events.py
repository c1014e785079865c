"""Live events of a conversation: server-sent events over Redis publish/subscribe.

Redis only carries them; turns and what a person says are in SQL, so that a reader who comes back with
`Last-Event-ID` gets what was missed from there.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, Final, Protocol

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from api.live.wakes import Waker, Woken
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


class LiveNews(Protocol):
    """What a stream also tells of a live conversation; see api/live/feed.py."""

    channels: tuple[str, ...]

    async def news(self, *, woken: bool) -> list[dict[str, Any]]:
        """The events since the last call."""
        ...


async def stream(
    redis: Redis,
    conversation_id: str,
    *,
    missed: Callable[[], Awaitable[Sequence[RecordedTurn]]],
    still_open: Callable[[], Awaitable[bool]],
    live: LiveNews | None = None,
) -> AsyncIterator[dict[str, Any]]:
    """The events of a conversation: first the turns missed, then the turns as they are answered.

    It outlives Redis: what was announced while it was away is read again in SQL.

    Args:
        redis: Where they are announced.
        conversation_id: Whose.
        missed: Gives the turns that the reader has not seen, oldest first; asked once the subscription is
            on, so that none falls between the two.
        still_open: Whether someone still reads.
        live: What a person says, if one may.
    """
    turns = channel_of(conversation_id)
    async with Waker(redis, (turns, *(live.channels if live else ()))) as waker:
        yield {"event": "ready", "data": "{}", "retry": RETRY_MILLISECONDS}
        sent: set[str] = set()
        woken = Woken(renewed=True)
        while await still_open():
            for turn_id, data in await _turns(woken, turns, missed):
                if turn_id not in sent:
                    sent.add(turn_id)
                    yield _event(turn_id, data)
            for event in await live.news(woken=bool(woken.data) or woken.renewed) if live else ():
                yield event
            woken = await waker.wait(POLL_SECONDS)


async def _turns(
    woken: Woken, channel: str, missed: Callable[[], Awaitable[Sequence[RecordedTurn]]]
) -> list[tuple[str, str]]:
    if woken.renewed:
        answered = [(turn.turn_id, turn.reply) for turn in await missed() if turn.reply is not None]
        return [(turn_id, Turn.model_validate(reply).model_dump_json()) for turn_id, reply in answered]
    announced = [data.decode() for each, data in woken.data if each == channel]
    return [(Turn.model_validate_json(data).turn_id, data) for data in announced]


def _event(turn_id: str, data: str) -> dict[str, Any]:
    return {"event": "turn", "id": turn_id, "data": data}
