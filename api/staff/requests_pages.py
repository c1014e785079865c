"""`/staff/requests`: the inbox as pages. Forms and links only; requests.js adds the sound and the alert."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import phonenumbers
from babel.dates import format_date, format_datetime
from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from api.dependencies import TheGateway
from api.staff import request_words as words
from api.staff import requests
from api.staff.pages import page
from api.staff.requests import LANGUAGE, Filters, TheRequest, as_actor
from api.staff.session import TheSession
from api.state import Gateway
from records.errors import BadRecord, ChangedMeanwhile
from records.inbox_entries import RequestStatus

router = APIRouter(include_in_schema=False)

INBOX: Final = "/staff/requests"
_FRANCE: Final = 33
_PARIS: Final = ZoneInfo("Europe/Paris")
Short = Annotated[str, Query(max_length=64)]


@router.get(INBOX)
async def inbox(
    request: Request, gateway: TheGateway, session: TheSession, filters: Annotated[Filters, Query()]
) -> Response:
    """The requests of one's services, the urgent first and why."""
    found = await asyncio.to_thread(requests.listed, gateway, session.agent, filters)
    context = {
        "lines": [requests.line(gateway, each, urgent) for each, urgent in found.requests],
        "more": f"{INBOX}?{_query(filters, filters.page + 1)}" if found.more else None,
        "before": f"{INBOX}?{_query(filters, filters.page - 1)}" if filters.page > 1 else None,
        "filters": filters,
        "services": {each: requests.service_name(gateway, each) for each in sorted(session.agent.services)},
        "topics": {each: requests.topic_title(gateway, each) or each for each in gateway.taxonomy.topics},
        "languages": {each: requests.language_name(each) for each in gateway.languages},
        "wait": delay_text,
        **await _common(gateway, session),
    }
    return page(request, "requests.html", session, context)


@router.get(INBOX + "/{request_id}")
async def open_request(
    request: Request,
    gateway: TheGateway,
    session: TheSession,
    asked: TheRequest,
    fault: Short = "",
    done: Short = "",
) -> Response:
    """A request: this reading goes on record."""
    shown = await asyncio.to_thread(requests.opened, gateway, session.agent, asked)
    context = {
        "asked": shown,
        "fault": words.FAULTS.get(fault),
        "done": words.DONE.get(done),
        "dialled": _dialled(shown.contact),
        "readable": readable,
        **await _common(gateway, session),
    }
    return page(request, "request.html", session, context)


@router.post(INBOX + "/{request_id}/status")
async def change_status(
    gateway: TheGateway,
    session: TheSession,
    asked: TheRequest,
    status: Annotated[RequestStatus, Form()],
    seen: Annotated[RequestStatus, Form()],
) -> Response:
    """Begins, finishes, cancels, or opens again."""
    by, records = as_actor(session.agent), gateway.records
    try:
        await asyncio.to_thread(lambda: records.inbox.move(asked.handoff.id, by, status, seen=seen))
    except ChangedMeanwhile:
        return _back(asked.handoff.id, fault="changed")
    return _back(asked.handoff.id, done="status")


@router.post(INBOX + "/{request_id}/assignee")
async def change_assignee(
    gateway: TheGateway,
    session: TheSession,
    asked: TheRequest,
    agent_id: Annotated[str, Form(max_length=36)] = "",
    seen: Annotated[str, Form(max_length=36)] = "",
) -> Response:
    """Gives the request to oneself or to a colleague of the same service, or takes it from whoever had it."""
    to = await asyncio.to_thread(requests.colleague, gateway, asked, agent_id) if agent_id else None
    if agent_id and to is None:
        return _back(asked.handoff.id, fault="colleague")
    by, records = as_actor(session.agent), gateway.records
    try:
        await asyncio.to_thread(lambda: records.inbox.assign(asked.handoff.id, by, to, seen=seen or None))
    except ChangedMeanwhile:
        return _back(asked.handoff.id, fault="changed")
    return _back(asked.handoff.id, done="assignee")


@router.post(INBOX + "/{request_id}/notes")
async def write_note(
    gateway: TheGateway, session: TheSession, asked: TheRequest, text: Annotated[str, Form()] = ""
) -> Response:
    """Writes a note for the colleagues."""
    by = as_actor(session.agent)
    try:
        await asyncio.to_thread(gateway.records.inbox.note, asked.handoff.id, by, text)
    except BadRecord:
        return _back(asked.handoff.id, fault="note")
    return _back(asked.handoff.id, done="note")


@router.post("/staff/availability")
async def change_availability(
    gateway: TheGateway, session: TheSession, available: Annotated[bool, Form()]
) -> Response:
    """Available for live requests, or away."""
    await asyncio.to_thread(lambda: requests.set_available(gateway, session.agent, available=available))
    return RedirectResponse(INBOX, HTTPStatus.SEE_OTHER)


async def _common(gateway: Gateway, session: TheSession) -> dict[str, object]:
    """What both pages show: the state of the alert, and how to say things."""
    pulse = await asyncio.to_thread(gateway.records.inbox.pulse, session.agent.services)
    return {
        "words": words,
        "pulse": pulse,
        "available": await asyncio.to_thread(requests.is_available, gateway, session),
        "poll_seconds": gateway.settings.inbox_poll_seconds,
        "keep_days": gateway.records.reading_log_days,
        "instant": instant_text,
        "day": day_text,
        "language_name": requests.language_name,
        "RequestStatus": RequestStatus,
    }


def instant_text(at: datetime) -> str:
    """An instant as an agent reads it, in Paris."""
    return format_datetime(at.astimezone(_PARIS), "d MMM, HH:mm", locale=LANGUAGE)


def dated_instant_text(at: datetime) -> str:
    """The same, with its year."""
    return format_datetime(at.astimezone(_PARIS), "d MMM y, HH:mm", locale=LANGUAGE)


def day_text(day: date) -> str:
    """A date as an agent reads it."""
    return format_date(day, "d MMMM y", locale=LANGUAGE)


def delay_text(since: datetime, until: datetime | None = None) -> str:
    """How long ago, roughly: minutes, hours, then days."""
    minutes = int(((until or datetime.now(_PARIS)) - since).total_seconds() // 60)
    if minutes < 60:
        return f"{max(minutes, 0)} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} j"


def readable(value: str) -> str:
    """A French phone number as it is read aloud; anything else as it is."""
    try:
        number = phonenumbers.parse(value)
    except phonenumbers.NumberParseException:
        return value
    french = number.country_code == _FRANCE
    forms = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(number, forms.NATIONAL if french else forms.INTERNATIONAL)


def _dialled(contact: Mapping[str, str]) -> str | None:
    """The link that reaches the resident by the channel they chose; None for a visit."""
    scheme = {"phone": "tel:", "sms": "sms:", "email": "mailto:"}.get(contact.get("channel", ""))
    return f"{scheme}{contact['value']}" if scheme and contact.get("value") else None


def _query(filters: Filters, number: int) -> str:
    chosen = filters.model_dump(mode="json", exclude_defaults=True)
    return urlencode({**chosen, "page": number})


def _back(request_id: str, **said: str) -> Response:
    return RedirectResponse(f"{INBOX}/{request_id}?{urlencode(said)}", HTTPStatus.SEE_OTHER)
