"""One turn at a time in a conversation, over all gateways.

redis-py's `Lock` sets and frees with one atomic command each (a Lua script checks the owner); Rasa's own
Redis lock does neither.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from redis.asyncio import Redis
from redis.exceptions import LockError, RedisError

from api.problems import Problem, ProblemKind

# The lock outlives the longest turn, so that it never opens under one, and frees itself if a gateway dies.
LOCK_LIFETIME_SECONDS: Final = 10.0
RETRY_SECONDS: Final = 0.02


class LocksUnavailable(Exception):  # noqa: N818 - it says a state, which the turn handles
    """Redis does not answer."""


@asynccontextmanager
async def hold(redis: Redis, conversation_id: str, *, wait_seconds: float) -> AsyncIterator[None]:
    """Holds the conversation's lock.

    Raises:
        LocksUnavailable: Redis does not answer.
        Problem: Another message of the conversation is still being answered (`busy`).
    """
    lock = redis.lock(
        f"guichet:lock:{conversation_id}",
        timeout=LOCK_LIFETIME_SECONDS,
        blocking_timeout=wait_seconds,
        sleep=RETRY_SECONDS,
    )
    try:
        acquired = await lock.acquire()
    except (RedisError, OSError) as error:
        raise LocksUnavailable from error
    if not acquired:
        raise Problem(ProblemKind.BUSY)
    try:
        yield
    finally:
        # A lock that Redis has already lost frees itself; the turn it protected is done.
        with suppress(LockError, RedisError, OSError):
            await lock.release()
