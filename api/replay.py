"""Brings back into SQL what waited in the spool, in the background, while the gateway runs."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import Final

import structlog

from api.rounds import rounds
from records.store import Records

log = structlog.get_logger(__name__)

EVERY_SECONDS: Final = 2.0


def replaying(records: Records) -> AbstractAsyncContextManager[None]:
    """Replays the spool every few seconds until the block ends."""

    async def replay() -> None:
        replayed = await asyncio.to_thread(records.replay)
        if replayed:
            log.info("spool_replayed", records=replayed)

    return rounds(replay, EVERY_SECONDS, "spool_waits")
