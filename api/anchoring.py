"""Anchors the ledger outside the database every hour, in the background, while the gateway runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import structlog

from api.rounds import rounds
from records.errors import AnchorFailed, RecordsUnavailable
from records.store import Records

log = structlog.get_logger(__name__)

LOOK_EVERY_SECONDS: Final = 60.0
"""Several gateways may share a file of anchors: each looks whether it is an hour old."""


@asynccontextmanager
async def anchoring(records: Records) -> AsyncIterator[None]:
    """Anchors every hour until the block ends, whatever fails meanwhile, and once more at the end."""

    async def anchor() -> None:
        made = await asyncio.to_thread(records.audit.anchor_if_due)
        if made is not None:
            log.info("ledger_anchored", book=made.book, number=made.number)

    try:
        async with rounds(anchor, LOOK_EVERY_SECONDS, "ledger_not_anchored"):
            yield
    finally:
        await asyncio.to_thread(_anchor_now, records)


def _anchor_now(records: Records) -> None:
    """A gateway that stops leaves no entry of its own without an anchor."""
    try:
        records.audit.anchor()
    except (AnchorFailed, RecordsUnavailable) as error:
        log.warning("ledger_not_anchored", reason=str(error))
