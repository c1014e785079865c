"""Anchors the ledger outside the database every hour, in the background, while the gateway runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

import structlog

from records.errors import AnchorFailed, RecordsUnavailable
from records.store import Records

log = structlog.get_logger(__name__)

LOOK_EVERY_SECONDS: Final = 60.0
"""Several gateways may share a file of anchors: each looks whether it is an hour old."""


@asynccontextmanager
async def anchoring(records: Records) -> AsyncIterator[None]:
    """Anchors every hour until the block ends, whatever fails meanwhile, and once more at the end."""
    task = asyncio.create_task(_anchor_for_ever(records))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await asyncio.to_thread(_anchor_now, records)


async def _anchor_for_ever(records: Records) -> None:
    while True:
        await asyncio.sleep(LOOK_EVERY_SECONDS)
        try:
            anchor = await asyncio.to_thread(records.audit.anchor_if_due)
            if anchor is not None:
                log.info("ledger_anchored", book=anchor.book, number=anchor.number)
        except (AnchorFailed, RecordsUnavailable) as error:
            log.warning("ledger_not_anchored", reason=str(error))
        except Exception:
            # Whatever is wrong with one round, the next one must come.
            log.exception("ledger_not_anchored")


def _anchor_now(records: Records) -> None:
    """A gateway that stops leaves no entry of its own without an anchor."""
    try:
        records.audit.anchor()
    except (AnchorFailed, RecordsUnavailable) as error:
        log.warning("ledger_not_anchored", reason=str(error))
