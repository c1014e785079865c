"""Brings back into SQL what waited in the spool, in the background, while the gateway runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

import structlog

from records.errors import RecordsUnavailable
from records.store import Records

log = structlog.get_logger(__name__)

EVERY_SECONDS: Final = 2.0


@asynccontextmanager
async def replaying(records: Records) -> AsyncIterator[None]:
    """Replays the spool every few seconds until the block ends."""
    task = asyncio.create_task(_replay_for_ever(records))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _replay_for_ever(records: Records) -> None:
    while True:
        try:
            replayed = await asyncio.to_thread(records.replay)
            if replayed:
                log.info("spool_replayed", records=replayed)
        except RecordsUnavailable as error:
            log.warning("spool_waits", reason=error.reason)
        await asyncio.sleep(EVERY_SECONDS)
