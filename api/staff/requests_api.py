"""`/api/v1/staff/requests`: the inbox of the agents' services as data."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.dependencies import TheGateway
from api.problems import Problem, ProblemKind
from api.staff import request_schemas as schemas
from api.staff import requests
from api.staff.requests import Filters, TheRequest, as_actor
from api.staff.session import TheAgent
from api.state import Gateway
from records.errors import ChangedMeanwhile
from records.inbox_entries import Request

router = APIRouter(prefix="/api/v1/staff", tags=["staff"])


@router.get("/requests", summary="The requests of one's services, the urgent first")
async def list_requests(
    gateway: TheGateway, agent: TheAgent, filters: Annotated[Filters, Query()]
) -> schemas.RequestList:
    """Without a status, those that are not closed. Nothing in the list says who the residents are."""
    found = await asyncio.to_thread(requests.listed, gateway, agent, filters)
    lines = [requests.line(gateway, request, urgent) for request, urgent in found.requests]
    return schemas.RequestList(requests=lines, more=found.more)


@router.get("/requests/pulse", summary="Whether new requests came")
async def pulse(gateway: TheGateway, agent: TheAgent) -> schemas.Pulse:
    """What an open page asks again and again."""
    found = await asyncio.to_thread(gateway.records.inbox.pulse, agent.services)
    return schemas.Pulse(open=found.open, latest=found.latest)


@router.get("/requests/{request_id}", summary="Open a request: this reading goes on record")
async def open_request(
    gateway: TheGateway, agent: TheAgent, request: TheRequest, response: Response
) -> schemas.OpenedRequest:
    """The contact details in clear, the summary of the conversation, the notes and the history."""
    response.headers["Cache-Control"] = "no-store"
    return await asyncio.to_thread(requests.opened, gateway, agent, request)


@router.post("/requests/{request_id}/status", summary="Begin, finish, cancel or open a request again")
async def change_status(
    gateway: TheGateway, agent: TheAgent, request: TheRequest, body: schemas.StatusIn
) -> schemas.RequestLine:
    """Refused (`changed-meanwhile`) when the request is no longer as the agent saw it."""
    inbox = gateway.records.inbox
    try:
        changed = await asyncio.to_thread(
            lambda: inbox.move(request.handoff.id, as_actor(agent), body.status, seen=body.seen)
        )
    except ChangedMeanwhile as error:
        raise Problem(ProblemKind.CHANGED_MEANWHILE) from error
    return _line(gateway, changed)


@router.post("/requests/{request_id}/assignee", summary="Give a request to oneself or to a colleague")
async def change_assignee(
    gateway: TheGateway, agent: TheAgent, request: TheRequest, body: schemas.AssigneeIn
) -> schemas.RequestLine:
    """Only an agent of the same service can get it."""
    to = None
    if body.agent_id is not None:
        to = await asyncio.to_thread(requests.colleague, gateway, request, body.agent_id)
        if to is None:
            raise Problem(
                ProblemKind.INVALID_REQUEST,
                extra={"errors": [{"field": "body.agent_id", "reason": "not of this service"}]},
            )
    inbox = gateway.records.inbox
    try:
        changed = await asyncio.to_thread(
            lambda: inbox.assign(request.handoff.id, as_actor(agent), to, seen=body.seen)
        )
    except ChangedMeanwhile as error:
        raise Problem(ProblemKind.CHANGED_MEANWHILE) from error
    return _line(gateway, changed)


@router.post("/requests/{request_id}/notes", status_code=201, summary="Write a note for the colleagues")
async def write_note(
    gateway: TheGateway, agent: TheAgent, request: TheRequest, body: schemas.NoteIn
) -> schemas.RequestNote:
    """Kept encrypted, and erased with the contact details."""
    note = await asyncio.to_thread(gateway.records.inbox.note, request.handoff.id, as_actor(agent), body.text)
    return schemas.RequestNote(at=note.at, agent=note.agent_name, text=note.text)


def _line(gateway: Gateway, request: Request) -> schemas.RequestLine:
    return requests.line(gateway, request, requests.urgency(gateway, request))
