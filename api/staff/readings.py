"""`/admin/readings`: who read which request, and when; for administrators, as a page, as data, as a file.

It says nothing of the residents and opens no request: an administrator reads those of their services only.
"""

from __future__ import annotations

import asyncio
import csv
import io
from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.dependencies import TheGateway
from api.staff import request_schemas as schemas
from api.staff import requests
from api.staff.pages import page
from api.staff.requests_pages import dated_instant_text
from api.staff.session import TheAdministrator, TheSession
from records.inbox_entries import Reading

router = APIRouter(include_in_schema=False)
data = APIRouter(prefix="/api/v1/admin", tags=["admin"])

PAGE: Final = 100
COLUMNS: Final = ("at", "agent_id", "agent", "request_id", "reference", "service")
# A spreadsheet runs what begins like a formula: a name must not be one.
_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")
Number = Annotated[int, Query(alias="page", ge=1, le=100_000)]


@router.get("/admin/readings")
async def readings_page(
    request: Request, gateway: TheGateway, session: TheSession, _: TheAdministrator, number: Number = 1
) -> Response:
    """The readings, the latest first."""
    inbox = gateway.records.inbox
    found = await asyncio.to_thread(lambda: inbox.readings(limit=PAGE + 1, offset=PAGE * (number - 1)))
    context = {
        "readings": found[:PAGE],
        "more": f"/admin/readings?page={number + 1}" if len(found) > PAGE else None,
        "before": f"/admin/readings?page={number - 1}" if number > 1 else None,
        "instant": dated_instant_text,
        "service_name": lambda service: requests.service_name(gateway, service),
        "keep_days": gateway.records.reading_log_days,
    }
    return page(request, "readings.html", session, context)


@router.get("/admin/readings.csv")
async def readings_file(gateway: TheGateway, _: TheAdministrator) -> Response:
    """Every reading that is kept, as a file for a spreadsheet."""
    found = await asyncio.to_thread(gateway.records.inbox.readings)
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for reading in found:
        writer.writerow([_harmless(value) for value in _shown(reading).model_dump(mode="json").values()])
    name = f"guichet-readings-{datetime.now(UTC):%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(file.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


@data.get("/readings", summary="Who read which request, and when")
async def list_readings(
    gateway: TheGateway, _: TheAdministrator, since: datetime | None = None, page: Number = 1
) -> schemas.Readings:
    """The latest first; nothing in it says who the residents are."""
    after = since.replace(tzinfo=since.tzinfo or UTC) if since else None
    inbox = gateway.records.inbox
    found = await asyncio.to_thread(
        lambda: inbox.readings(since=after, limit=PAGE + 1, offset=PAGE * (page - 1))
    )
    return schemas.Readings(readings=[_shown(each) for each in found[:PAGE]], more=len(found) > PAGE)


def _shown(reading: Reading) -> schemas.Reading:
    return schemas.Reading(
        at=reading.at,
        agent_id=reading.agent_id,
        agent=reading.agent_name,
        request_id=reading.handoff_id,
        reference=reading.reference,
        service=reading.service_id,
    )


def _harmless(value: str) -> str:
    return f"'{value}" if value.startswith(_FORMULAS) else value
