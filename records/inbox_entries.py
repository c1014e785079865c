"""What the records hold of a request: a handoff as the staff treats it. Frozen values, no database row."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from records.entries import Handoff, HandoffKind, Turn


class RequestStatus(StrEnum):
    """Where a request is: the handoff's own status, told more finely."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    UNREACHABLE = "unreachable"
    CANCELLED = "cancelled"


ACTIVE = (RequestStatus.OPEN, RequestStatus.IN_PROGRESS)
"""Those that somebody still waits for."""


class ChangeKind(StrEnum):
    """What a line of a request's history says."""

    STATUS = "status"
    ASSIGNEE = "assignee"


@dataclass(frozen=True)
class Actor:
    """Who does something to a request; the name is kept beside it, as it was at that moment."""

    id: str
    name: str


@dataclass(frozen=True)
class Wanted:
    """Which requests to list.

    Attributes:
        services: identifiers of the services; a request of another one is never listed.
        assignee_id: only those of this agent.
    """

    services: frozenset[str]
    statuses: tuple[RequestStatus, ...] = ACTIVE
    kind: HandoffKind | None = None
    topic: str | None = None
    language: str | None = None
    assignee_id: str | None = None


@dataclass(frozen=True)
class Request:
    """A callback or a live request, as it can be known without reading it.

    Attributes:
        handoff: its contact details are encrypted.
        dangers: the emergencies that its conversation shows; none once it is erased.
    """

    handoff: Handoff
    status: RequestStatus
    assignee: Actor | None = None
    dangers: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Change:
    """One line of a request's history. `before` and `after` are statuses, or names of agents."""

    id: str
    handoff_id: str
    at: datetime
    agent_id: str
    agent_name: str
    kind: ChangeKind
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Note:
    """What an agent wrote for the colleagues."""

    id: str
    at: datetime
    agent_name: str
    text: str


@dataclass(frozen=True)
class Reading:
    """Proof that somebody read a request. Never changed; removed only when it is old enough."""

    id: str
    at: datetime
    agent_id: str
    agent_name: str
    handoff_id: str
    reference: str
    service_id: str


@dataclass(frozen=True)
class OpenedRequest:
    """A request that an agent reads: the reading is on record.

    Attributes:
        contact: how to reach the resident, in clear; empty when there is nothing (any more).
        turns: the conversation, oldest turn first; () once it is erased or too old.
    """

    request: Request
    contact: Mapping[str, str]
    notes: tuple[Note, ...]
    history: tuple[Change, ...]
    turns: tuple[Turn, ...]


@dataclass(frozen=True)
class Pulse:
    """What a page asks again and again: how many requests are open, and when the last one came."""

    open: int
    latest: datetime | None
