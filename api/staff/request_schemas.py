"""The JSON of the requests, for agents and administrators. Part of the contract: extend, never rename."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.staff.summary import Summary
from api.staff.urgency import Reason
from records.entries import HandoffKind
from records.inbox_entries import ChangeKind, RequestStatus

AgentId = Annotated[str, StringConstraints(max_length=36)]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Colleague(BaseModel):
    """An agent of the service."""

    id: str
    name: str


class RequestLine(BaseModel):
    """A request as the list shows it: nothing in it says who the resident is.

    `urgent` says why it comes first, the gravest reason first.
    """

    id: str
    reference: str
    kind: HandoffKind
    status: RequestStatus
    urgent: list[Reason]
    service: str
    service_name: str
    topic: str | None
    topic_title: str | None
    language: str
    place: str | None
    created_at: datetime
    closed_at: datetime | None
    wanted_from: datetime | None
    wanted_until: datetime | None
    assignee: Colleague | None


class RequestList(BaseModel):
    """The requests, the urgent first while they are active, else the latest first."""

    requests: list[RequestLine]
    more: bool = Field(description="Whether there are others on the next page.")


class RequestNote(BaseModel):
    """A note of an agent."""

    at: datetime
    agent: str
    text: str


class RequestChange(BaseModel):
    """A line of the history: `before` and `after` are statuses, or names of agents."""

    at: datetime
    agent: str
    kind: ChangeKind
    before: str | None
    after: str | None


class OpenedRequest(RequestLine):
    """A request that was opened, which is on record. `summary` is null once the conversation is gone."""

    contact: dict[str, str]
    consent_text: str | None
    consent_at: datetime | None
    summary: Summary | None
    notes: list[RequestNote]
    history: list[RequestChange]
    next_statuses: list[RequestStatus]
    colleagues: list[Colleague]


class StatusIn(_In):
    """Another status; `seen` is the one that the agent saw."""

    status: RequestStatus
    seen: RequestStatus


class AssigneeIn(_In):
    """Another agent, or null; `seen` is the one that had it on the agent's screen."""

    agent_id: AgentId | None
    seen: AgentId | None


class NoteIn(_In):
    """A note for the colleagues."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]


class Pulse(BaseModel):
    """How many requests nobody has begun, and when the last one came."""

    open: int
    latest: datetime | None


class Reading(BaseModel):
    """Who read which request, and when."""

    at: datetime
    agent_id: str
    agent: str
    request_id: str
    reference: str
    service: str


class Readings(BaseModel):
    """The readings, the latest first."""

    readings: list[Reading]
    more: bool
