"""What the records hold of live conversations, as frozen values."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class LiveState(StrEnum):
    """Where a request to talk to a person is."""

    WAITING = "waiting"
    TAKEN = "taken"
    ENDED = "ended"


class LiveEnd(StrEnum):
    """Why a live request ended.

    AGENT and RESIDENT ended it; LEFT: the resident was no longer there; CLOSED: the service closed while they
    waited; NOBODY: no agent was there any more.
    """

    AGENT = "agent"
    RESIDENT = "resident"
    LEFT = "left"
    CLOSED = "closed"
    NOBODY = "nobody"


class LiveKind(StrEnum):
    """What a line of the log says."""

    ASKED = "asked"
    JOINED = "joined"
    MESSAGE = "message"
    LOST = "lost"
    FORWARDED = "forwarded"
    UNANSWERED = "unanswered"
    DANGER = "danger"
    ENDED = "ended"


class LiveAuthor(StrEnum):
    """Who a line of the log comes from."""

    RESIDENT = "resident"
    AGENT = "agent"
    SYSTEM = "system"


@dataclass(frozen=True)
class LiveRequest:
    """A resident who wants to talk to a person, or does.

    Attributes:
        danger: The emergency found in what they wrote, or None: it puts them first.
        child: They said to be under the age of a callback.
        put_back: Their agent was lost: they wait before those who have not been served.
        asked_at: When they asked; `queued_at`: since when they wait in the queue they are in now.
        told_at: When they were told that nobody had answered yet.
        resident_seen_at: When their page was last heard of.
        agent_id: Who has the conversation; `agent_name` is the name shown to the resident.
    """

    handoff_id: str
    conversation_id: str
    state: LiveState
    service_id: str
    topic: str | None
    place: str | None
    language: str
    danger: str | None
    child: bool
    put_back: bool
    asked_at: datetime
    queued_at: datetime
    told_at: datetime | None
    resident_seen_at: datetime
    agent_id: str | None
    agent_name: str | None
    taken_at: datetime | None
    ended_at: datetime | None
    end: LiveEnd | None


@dataclass(frozen=True)
class LiveEvent:
    """One line of the log of a conversation; `seq` orders them, from 1, without a hole.

    Attributes:
        text: What was written: in clear until the handoff closes, then masked; empty for the system's lines.
        masked: What stays of it.
        person: The agent's shown name, where one is concerned.
        service_id: The agent's service; for `forwarded`, the one it goes to.
        detail: The reason of an end, the identifier of a danger.
    """

    id: str
    conversation_id: str
    handoff_id: str
    seq: int
    kind: LiveKind
    author: LiveAuthor
    client_message_id: str | None
    turn_id: str | None
    text: str
    masked: str
    person: str | None
    service_id: str
    detail: str | None
    at: datetime


@dataclass(frozen=True)
class Presence:
    """An agent's availability."""

    agent_id: str
    name: str
    services: tuple[str, ...]
    available: bool
    seen_at: datetime
