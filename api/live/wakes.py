"""Redis only wakes those who wait for news; the news are read in SQL. With Redis down, readers poll."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

if TYPE_CHECKING:
    from redis.asyncio.client import PubSub

log = structlog.get_logger(__name__)

QUEUES: Final = "guichet:live"
"""The Redis channel of all that moves in the queues."""


def live_channel(conversation_id: str) -> str:
    """The Redis channel that wakes the two sides of a live conversation."""
    return f"guichet:live:{conversation_id}"


async def wake(redis: Redis, conversation_id: str) -> None:
    """Wakes who follows a conversation, and who follows the queues. Never fails: they poll besides."""
    try:
        await redis.publish(live_channel(conversation_id), b"")
        await redis.publish(QUEUES, b"")
    except (RedisError, OSError) as error:
        log.warning("announcement_lost", cause=type(error).__name__)


@dataclass
class Woken:
    """Why a wait ended.

    Attributes:
        data: What was published, by channel.
        renewed: The subscription was lost and is back: something may have been missed between the two.
    """

    data: list[tuple[str, bytes]] = field(default_factory=list)
    renewed: bool = False


class Waker:
    """A subscription that outlives Redis: lost, it is tried again at each wait."""

    def __init__(self, redis: Redis, channels: Sequence[str]) -> None:
        self._redis = redis
        self._channels = tuple(channels)
        self._subscription: PubSub | None = None

    async def __aenter__(self) -> Self:
        await self._subscribe()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._drop()

    async def wait(self, seconds: float) -> Woken:
        """Waits until something is published, or so many seconds; gives all that came at once."""
        if self._subscription is None:
            await asyncio.sleep(seconds)
            return Woken(renewed=await self._subscribe())
        woken = Woken()
        try:
            timeout: float = seconds
            while (message := await self._subscription.get_message(timeout=timeout)) is not None:
                woken.data.append((message["channel"].decode(), message["data"]))
                timeout = 0.0
        except (RedisError, OSError) as error:
            log.warning("subscription_lost", cause=type(error).__name__)
            await self._drop()
        return woken

    async def _subscribe(self) -> bool:
        subscription = self._redis.pubsub(ignore_subscribe_messages=True)
        try:
            await subscription.subscribe(*self._channels)
        except (RedisError, OSError):
            with suppress(RedisError, OSError):
                await subscription.aclose()  # type: ignore[no-untyped-call] # redis-py publishes no type here
            return False
        self._subscription = subscription
        return True

    async def _drop(self) -> None:
        if self._subscription is not None:
            with suppress(RedisError, OSError):
                await self._subscription.aclose()  # type: ignore[no-untyped-call] # as above
        self._subscription = None
