"""Rate limits, shared by all gateways through Redis; each gateway counts alone while Redis is down.

The sliding-window counter of the `limits` library: two counters a key, no burst at the edge of a window.
"""

from __future__ import annotations

from typing import Any

import structlog
from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.errors import StorageError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from api.problems import Problem, ProblemKind

log = structlog.get_logger(__name__)


class Limiter:
    """Counts what a conversation or an address asks."""

    def __init__(self, redis: Redis, redis_url: str) -> None:
        # The gateway's own pool, for its short time-outs.
        pool: dict[str, Any] = {"connection_pool": redis.connection_pool}
        shared = RedisStorage(
            f"async+{redis_url}",
            wrap_exceptions=True,
            implementation="redispy",
            key_prefix="guichet:limit",
            **pool,
        )
        self._shared = SlidingWindowCounterRateLimiter(shared)
        self._alone = SlidingWindowCounterRateLimiter(MemoryStorage())

    async def check(self, rate: str, scope: str, key: str) -> None:
        """Counts one request.

        Args:
            rate: As in `20/minute`.
            scope: What is counted.
            key: Whose it is.

        Raises:
            Problem: Over the limit (`too-many-requests`), with the `Retry-After` header in seconds.
        """
        item = parse(rate)
        if not await self._hit(item, scope, key):
            seconds = item.get_expiry()
            raise Problem(
                ProblemKind.TOO_MANY_REQUESTS,
                values={"seconds": seconds},
                headers={"Retry-After": str(seconds)},
            )

    async def _hit(self, item: RateLimitItem, scope: str, key: str) -> bool:
        try:
            return await self._shared.hit(item, scope, key)
        except (StorageError, RedisError, OSError):
            log.warning("rate_limit_alone", scope=scope)
            return await self._alone.hit(item, scope, key)
