"""What the records hold, as frozen values: what functions take and give back, never a database row.

Identifiers are UUIDs in text, instants are aware and in UTC. Each entry has its identifier before it is
written, so that writing it twice (from the spool) changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import uuid4


def now() -> datetime:
    """Return the present instant, aware, in UTC."""
    return datetime.now(UTC)


def new_id() -> str:
    """Return a new random identifier."""
    return str(uuid4())


class Channel(StrEnum):
    """Where the conversation takes place. A label: it gives no right."""

    WEB = "web"
    COUNTER = "counter"
    KIOSK = "kiosk"


class TurnStatus(StrEnum):
    """How a turn ended; pending until it is answered."""

    PENDING = "pending"
    ANSWERED = "answered"
    ABSTAINED = "abstained"
    DEGRADED = "degraded"
    RELAYED = "relayed"


class DisclosureEvent(StrEnum):
    """The notice left with a reply, or the widget showed it."""

    ISSUED = "issued"
    DISPLAYED = "displayed"


class HandoffKind(StrEnum):
    """Contact details given, a callback asked for, or a live takeover."""

    CONTACT = "contact"
    CALLBACK = "callback"
    LIVE = "live"


class HandoffStatus(StrEnum):
    """Where a handoff is."""

    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class FeedbackValue(StrEnum):
    """What the resident thought of a turn."""

    HELPFUL = "helpful"
    UNHELPFUL = "unhelpful"


@dataclass(frozen=True)
class Conversation:
    """An exchange with one resident or agent; `language` is that of its last turn."""

    id: str
    language: str
    channel: Channel = Channel.WEB
    created_at: datetime = field(default_factory=now)
    ended_at: datetime | None = None


@dataclass(frozen=True)
class Turn:
    """One message, masked, and the reply to it once there is one."""

    turn_id: str
    conversation_id: str
    client_message_id: str
    text: str
    language: str
    received_at: datetime = field(default_factory=now)
    reply: dict[str, Any] | None = None
    status: TurnStatus = TurnStatus.PENDING
    answered_at: datetime | None = None


@dataclass(frozen=True)
class Answer:
    """The reply to a turn, when it is written apart from the turn."""

    turn_id: str
    reply: dict[str, Any]
    status: TurnStatus
    answered_at: datetime = field(default_factory=now)


@dataclass(frozen=True)
class Disclosure:
    """Proof that the notice "an AI is replying" was issued or displayed. Never changed, never removed."""

    id: str
    conversation_id: str
    notice_id: str
    version: str
    language: str
    text: str
    channel: Channel
    event: DisclosureEvent
    at: datetime = field(default_factory=now)


@dataclass(frozen=True)
class HandoffRequest:
    """What the resident asks for, with contact details in clear: encrypted before it is kept anywhere.

    Attributes:
        conversation_id: None when the handoff comes from outside any conversation.
        contact: the fields of the form (name, phone, …), or None.
        consent_text: the sentence the resident agreed to, as it was shown.
        idempotency_key: the same key in the same conversation gives the same handoff.
    """

    conversation_id: str | None
    kind: HandoffKind
    language: str
    service_id: str
    topic: str | None = None
    place: str | None = None
    contact: Mapping[str, str] | None = None
    consent_text: str | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True)
class Handoff:
    """A conversation brought to a service.

    Attributes:
        reference: short code the resident can say on the phone, such as "K7MF-3Q9D".
        contact: contact details, encrypted (see `Records.contact_details`).
        request_key: fingerprint of the conversation and the idempotency key, unique.
    """

    id: str
    reference: str
    conversation_id: str | None
    kind: HandoffKind
    language: str
    service_id: str
    topic: str | None
    place: str | None
    contact: bytes | None
    consent_text: str | None
    consent_at: datetime | None
    request_key: str | None
    status: HandoffStatus = HandoffStatus.OPEN
    created_at: datetime = field(default_factory=now)
    closed_at: datetime | None = None


@dataclass(frozen=True)
class Erasure:
    """A resident's request to erase a conversation. It outlives it, so that nothing late writes it again."""

    id: str
    conversation_id: str
    keep_callbacks: bool
    at: datetime = field(default_factory=now)


@dataclass(frozen=True)
class Feedback:
    """What a resident said of a turn; `reason` is masked before it comes here."""

    turn_id: str
    value: FeedbackValue
    reason: str | None = None
    at: datetime = field(default_factory=now)


@dataclass(frozen=True)
class Pause:
    """A stretch of time during which the assistant answers only with human contacts (the kill switch)."""

    id: str
    reason: str
    started_by: str
    started_at: datetime = field(default_factory=now)
    ended_by: str | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True)
class Purged:
    """How much an erasure or a purge removed."""

    conversations: int = 0
    turns: int = 0
    handoffs: int = 0
    contacts: int = 0

    def plus(self, other: "Purged") -> "Purged":
        """Return the sum of both."""
        return Purged(
            self.conversations + other.conversations,
            self.turns + other.turns,
            self.handoffs + other.handoffs,
            self.contacts + other.contacts,
        )


Entry = Conversation | Turn | Answer | Disclosure | Handoff | Erasure
"""What must never be lost: what the spool can hold."""
