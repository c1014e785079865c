"""`GET /staff`: the page of the counter assistant."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from starlette.background import BackgroundTask
from starlette.responses import Response

from api.dependencies import TheGateway
from api.render import direction
from api.staff import notice
from api.staff.pages import page
from api.staff.session import TheSession
from api.state import Gateway
from knowledge.index import IndexUnusableError
from records.entries import DisclosureEvent

router = APIRouter(include_in_schema=False)


@router.get("/staff")
async def assistant(request: Request, gateway: TheGateway, session: TheSession) -> Response:
    """The page; the notice that an AI assists is recorded as issued before it leaves."""
    await asyncio.to_thread(notice.record, gateway, session, DisclosureEvent.ISSUED)
    texts = gateway.composer.texts
    languages = [(code, texts.name(code), direction(texts, code)) for code in gateway.languages]
    response = page(
        request,
        "assistant.html",
        session,
        {"languages": languages, "notice": notice.notice(gateway), "characters": 2000},
    )
    response.background = BackgroundTask(_warm, gateway)
    return response


def _warm(gateway: Gateway) -> None:
    """Opens the search while the agent reads the page: its model takes a moment to load."""
    try:
        _ = gateway.now.search
    except IndexUnusableError:
        return  # the first search will say so
