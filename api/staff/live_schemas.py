"""The JSON of live conversations, as the agents' side has it; in French, as their screens."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.live.schemas import LiveSpeaker
from api.staff.summary import Summary
from records.live_entries import LiveKind, LiveState


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AvailabilityIn(_In):
    """Whether the agent takes live requests."""

    available: bool


class LiveMessageIn(_In):
    """What the agent writes; the same `client_message_id` sent twice is written once."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
    client_message_id: Annotated[str, StringConstraints(min_length=1, max_length=64)]


class ForwardIn(_In):
    """The service that goes on with the resident."""

    service_id: Annotated[str, StringConstraints(min_length=1, max_length=64)]


class NamedService(BaseModel):
    """A service, and whether one of its agents is there to take a resident now."""

    id: str
    name: str
    available: bool


class LiveCard(BaseModel):
    """A live request in a list: nothing of what the resident wrote.

    `urgent` is the reason why it comes first, null for an ordinary one.
    """

    handoff_id: str
    state: LiveState
    service: str
    topic: str | None
    language: str
    urgent: str | None
    child: bool
    put_back: bool
    waiting_since: datetime
    resident_there: bool = Field(description="Whether the resident's page was heard of lately.")
    agent: str | None


class LiveBoard(BaseModel):
    """What an agent sees of the queues: the first to be taken first."""

    available: bool
    at_once: int = Field(description="How many residents an agent may talk to at the same time.")
    queue: list[LiveCard]
    mine: list[LiveCard]


class LiveStaffLine(BaseModel):
    """One line of a live conversation, as the agent sees it."""

    seq: int
    kind: LiveKind
    speaker: LiveSpeaker
    text: str
    direction: str
    client_message_id: str | None
    at: datetime


class LiveExchange(BaseModel):
    """What was asked of the assistant, masked, and what was answered."""

    at: datetime
    asked: str
    answered: str
    direction: str
    sources: list[str]


class LiveDetail(BaseModel):
    """A live request read by an agent, which is put on record.

    `summary` is extracted from what came before the person; in French, but for the resident's masked words.
    """

    card: LiveCard
    mine: bool
    place: str | None
    summary: Summary | None
    exchanges: list[LiveExchange]
    lines: list[LiveStaffLine]
    services: list[NamedService]
