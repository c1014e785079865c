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


class NoticeChannel(StrEnum):
    """Where the notice was shown: a conversation's channel, or the staff assistant."""

    WEB = "web"
    COUNTER = "counter"
    KIOSK = "kiosk"
    STAFF = "staff"


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


class DeliveryChannel(StrEnum):
    """How a service is told of a callback."""

    EMAIL = "email"
    WEBHOOK = "webhook"


class DeliveryEvent(StrEnum):
    """What a service is told."""

    CREATED = "callback.created"
    CANCELLED = "callback.cancelled"


class FeedbackValue(StrEnum):
    """What the resident thought of a turn."""

    HELPFUL = "helpful"
    UNHELPFUL = "unhelpful"


class Role(StrEnum):
    """What an account of the staff may do. An administrator keeps the accounts and the knowledge base."""

    AGENT = "agent"
    ADMINISTRATOR = "administrator"


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
class Routing:
    """A conversation was sent to a service. No place: a small commune, a topic and an hour may name somebody.

    Attributes:
        reason: why this service, a short identifier such as the rule's; never a sentence.
    """

    id: str
    conversation_id: str
    service_id: str
    topic: str | None
    reason: str
    at: datetime = field(default_factory=now)


@dataclass(frozen=True)
class Answer:
    """The reply to a turn, when it is written apart from the turn, and the service it sent to."""

    turn_id: str
    reply: dict[str, Any]
    status: TurnStatus
    answered_at: datetime = field(default_factory=now)
    routing: Routing | None = None


@dataclass(frozen=True)
class Disclosure:
    """Proof that the notice "an AI is replying" was issued or displayed. Never changed, never removed."""

    id: str
    conversation_id: str
    notice_id: str
    version: str
    language: str
    text: str
    channel: NoticeChannel
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
        wanted_from: when the resident wants it, from this instant; None for as soon as possible.
        wanted_until: until this instant.
        notify: how its service is told of it (the outbox keeps the messages).
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
    wanted_from: datetime | None = None
    wanted_until: datetime | None = None
    notify: tuple[DeliveryChannel, ...] = ()


@dataclass(frozen=True)
class Handoff:
    """A conversation brought to a service.

    Attributes:
        reference: short code the resident can say on the phone, such as "K7MF-3Q9D".
        contact: contact details, encrypted (see `Records.contact_details`).
        request_key: fingerprint of the conversation and the idempotency key, unique.
        code_hash: keyed hash of the secret code to follow or cancel it (see `Records.callback_code`).
        wanted_from: when the resident wants it, from this instant; None for as soon as possible.
        wanted_until: until this instant.
        notify: how its service is told of it.
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
    code_hash: str | None = None
    wanted_from: datetime | None = None
    wanted_until: datetime | None = None
    notify: tuple[DeliveryChannel, ...] = ()


@dataclass(frozen=True)
class Delivery:
    """One message to a service about a callback.

    Attributes:
        id: follows from the callback, the channel and the event, so that it is written once.
        due_at: when to send it; None once it is settled (sent or dropped).
        attempts: how often a gateway took it, this time included.
        claim: who holds it now.
        dropped_at: when it became pointless: the callback was closed or cancelled before.
        error: what went wrong the last time.
    """

    id: str
    handoff_id: str
    channel: DeliveryChannel
    event: DeliveryEvent
    created_at: datetime
    due_at: datetime | None
    attempts: int
    claim: str | None
    sent_at: datetime | None
    dropped_at: datetime | None
    error: str | None


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
class Agent:
    """An account of the staff.

    Attributes:
        login: the sign-in name or e-mail, in lower case.
        name: what residents see.
        services: identifiers of the services whose requests the account may read, whatever its role.
        password_hash: None when the agent signs in by the identity provider only.
        subject: the identity provider's identifier of the agent, once known.
        available: takes live requests now.
        failures: wrong passwords in a row.
        locked_until: repeated failures keep the account closed until then.
    """

    id: str
    login: str
    name: str
    role: Role
    services: frozenset[str] = frozenset()
    password_hash: str | None = field(default=None, repr=False)
    subject: str | None = None
    active: bool = True
    available: bool = False
    failures: int = 0
    locked_until: datetime | None = None
    created_at: datetime = field(default_factory=now)


class ReportStatus(StrEnum):
    """Where an agent's report is: to be looked at, the article corrected, or the answer found right."""

    OPEN = "open"
    CORRECTED = "corrected"
    DISMISSED = "dismissed"


@dataclass(frozen=True)
class AnswerReport:
    """An agent says that an answer is wrong.

    Attributes:
        agent_id: whose report; None once the account is removed.
        section: the section that was shown, or None for the short answer.
        language: the language of the answer that is wrong.
        reason: masked before it comes here.
        question: what was asked, masked, when the agent chose to join it.
    """

    id: str
    agent_id: str | None
    article_id: str
    section: str | None
    language: str
    reason: str
    question: str | None = None
    status: ReportStatus = ReportStatus.OPEN
    at: datetime = field(default_factory=now)
    settled_by: str | None = None
    settled_at: datetime | None = None


@dataclass(frozen=True)
class Complaint:
    """A resident's feedback that an answer did not help, with what the answer was about."""

    turn_id: str
    reason: str | None
    language: str
    topic: str | None
    at: datetime


@dataclass(frozen=True)
class Purged:
    """How much an erasure or a purge removed."""

    conversations: int = 0
    turns: int = 0
    handoffs: int = 0
    contacts: int = 0
    log_lines: int = 0

    def plus(self, other: "Purged") -> "Purged":
        """Return the sum of both."""
        return Purged(
            self.conversations + other.conversations,
            self.turns + other.turns,
            self.handoffs + other.handoffs,
            self.contacts + other.contacts,
            self.log_lines + other.log_lines,
        )


Entry = Conversation | Turn | Answer | Disclosure | Routing | Handoff | Erasure
"""What must never be lost: what the spool can hold."""
