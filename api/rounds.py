"""What the gateway does again and again in the background: one round after the other, whatever fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import structlog

from records.errors import AnchorFailed, RecordsUnavailable

log = structlog.get_logger(__name__)


@asynccontextmanager
async def rounds(
    a_round: Callable[[], Awaitable[None]], every_seconds: float, failed: str
) -> AsyncIterator[None]:
    """Does a round at once and again after each pause, until the block ends.

    Args:
        a_round: One round. What it raises is told in the log, and the next round comes.
        every_seconds: The pause between two rounds.
        failed: The event of the log for a round that failed.
    """
    task = asyncio.create_task(_for_ever(a_round, every_seconds, failed))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _for_ever(a_round: Callable[[], Awaitable[None]], every_seconds: float, failed: str) -> None:
    while True:
        try:
            await a_round()
        except (AnchorFailed, RecordsUnavailable) as error:
            log.warning(failed, reason=str(error))
        except Exception:
            log.exception(failed)  # nobody foresaw it; the next round must come all the same
        await asyncio.sleep(every_seconds)
