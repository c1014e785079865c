"""The administrators' page of wrong answers: agents' reports, and residents' feedback with their reasons."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Annotated

import structlog
from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from api.dependencies import TheGateway
from api.problems import Problem, ProblemKind
from api.staff.pages import page
from api.staff.session import TheAdministrator, TheSession
from knowledge.article import SOURCE_LANGUAGE, Audience
from records.entries import ReportStatus
from records.errors import UnknownRecord

log = structlog.get_logger(__name__)

router = APIRouter(prefix="/admin/reports", include_in_schema=False)


@router.get("")
async def reports(
    request: Request, gateway: TheGateway, session: TheSession, _: TheAdministrator
) -> Response:
    """The open reports first."""
    listed = await asyncio.to_thread(gateway.records.reports.all)
    complaints = await asyncio.to_thread(gateway.records.reports.complaints)
    names = {agent.id: agent.name for agent in await asyncio.to_thread(gateway.records.staff.all)}
    library = gateway.composer.library

    def title_of(article_id: str) -> str:
        article = library.best(article_id, SOURCE_LANGUAGE, Audience.STAFF)
        return article.title if article else article_id

    def topic_title(topic: str | None) -> str:
        article = next(iter(library.by_topic(topic, SOURCE_LANGUAGE)), None) if topic else None
        return article.title if article else topic or "—"

    context = {
        "reports": listed,
        "complaints": complaints,
        "names": names,
        "title_of": title_of,
        "topic_title": topic_title,
    }
    return page(request, "reports.html", session, context)


@router.post("/{report_id}")
async def settle(
    gateway: TheGateway,
    session: TheSession,
    _: TheAdministrator,
    report_id: str,
    status: Annotated[ReportStatus, Form()],
) -> Response:
    """Says what became of a report."""
    try:
        await asyncio.to_thread(gateway.records.reports.settle, report_id, status, session.agent.id)
    except UnknownRecord as error:
        raise Problem(ProblemKind.NOT_FOUND) from error
    log.info("report_settled", report=report_id, by=session.agent.id, status=status.value)
    return RedirectResponse("/admin/reports", HTTPStatus.SEE_OTHER)
