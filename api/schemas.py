"""The public contract's JSON, as pydantic models (DESIGN.md, section 5). Extend; never rename."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from api.live.schemas import LiveLine, LiveNow
from api.message import Direction, Message
from knowledge.reply import (
    Act,
    EmergencyNumberCard,
    Kind,
    ServiceCard,
    Suggestion,
)
from knowledge.routing import RouteReason
from records.entries import Channel

LanguageCode = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]


class Status(StrEnum):
    """How a turn ended."""

    ANSWERED = "answered"
    ABSTAINED = "abstained"
    DEGRADED = "degraded"
    RELAYED = "relayed"


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ConversationIn(_In):
    """Opens a conversation."""

    language: LanguageCode | None = None
    channel: Channel = Channel.WEB


class MessageIn(_In):
    """One message. `language` is an explicit choice; `client_message_id` makes a retry harmless."""

    text: str
    language: LanguageCode | None = None
    client_message_id: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None


class Understanding(BaseModel):
    """The first thing shown: its kind and topic are taxonomy identifiers."""

    kind: Kind
    topic: str
    about: str | None
    also: list[Act]
    intent: str
    confidence: float


class Source(BaseModel):
    """Where an answer comes from. `reviewed` stays null until a named person has read the article."""

    article_id: str
    title: str
    section: str | None
    excerpt: str
    lang: str
    url: str | None
    written: date
    reviewed: date | None
    machine_translated: bool


class Emergency(BaseModel):
    """Numbers to call, shown before anything else."""

    id: str
    numbers: list[EmergencyNumberCard]
    text: str
    html: str
    lang: str
    dir: Direction


class Disclosure(BaseModel):
    """The notice that an AI is replying. `id` is the SHA-256 of its text: the same notice has the same id."""

    id: str
    version: str
    language: str
    text: str


class DisclosureShown(Disclosure):
    """The notice as a turn carries it; `is_new` when it must be shown (again)."""

    is_new: bool


class Turn(BaseModel):
    """One message and everything that answers it."""

    turn_id: str
    status: Status
    language: str
    direction: Direction
    messages: list[Message]
    understanding: Understanding
    sources: list[Source]
    service: ServiceCard | None
    emergency: Emergency | None
    suggestions: list[Suggestion]
    disclosure: DisclosureShown
    live: bool = Field(
        default=False, description="Whether a person of `service` can be talked to now (handoff `live`)."
    )


class Conversation(BaseModel):
    """A conversation just opened. Its token goes in the `Authorization` header of every later call."""

    conversation_id: str
    token: str
    language: str
    direction: Direction
    disclosure: Disclosure
    messages: list[Message]
    suggestions: list[Suggestion]
    service: ServiceCard


class TranscriptTurn(BaseModel):
    """A turn as it was recorded: the text is masked; `reply` is null while it is being answered."""

    turn_id: str
    client_message_id: str | None
    received_at: datetime
    text: str
    language: str
    reply: Turn | None


class Transcript(BaseModel):
    """A whole conversation, oldest turn first."""

    conversation_id: str
    language: str
    direction: Direction
    disclosure: Disclosure
    turns: list[TranscriptTurn]
    live: LiveNow | None = Field(default=None, description="The last wish to talk to a person, as it is now.")
    live_lines: list[LiveLine] = Field(default=[], description="What was said with a person, in order.")


class DisplayedIn(_In):
    """The widget's acknowledgement that the notice was on the screen."""

    disclosure_id: Annotated[str, StringConstraints(max_length=64)]
    language: LanguageCode | None = None


class FeedbackIn(_In):
    """What the resident thought of a turn. The reason is masked before it is stored."""

    turn_id: Annotated[str, StringConstraints(max_length=64)]
    value: Literal["helpful", "not_helpful"]
    reason: Annotated[str, StringConstraints(max_length=1000)] | None = None


class Accepted(BaseModel):
    """The record is stored, or kept on disk to be stored as soon as the database is back."""

    stored: Literal["database", "spool"]


class ContactIn(_In):
    """How to reach the resident: a name or pseudonym, and a phone number or an e-mail address."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
    channel: Literal["phone", "sms", "email", "visit"]
    value: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""
    slot: AwareDatetime | None = Field(
        default=None, description="The start of a half day that the options offer; null: as soon as possible."
    )
    preferred_time: Annotated[str, StringConstraints(max_length=200)] | None = Field(
        default=None,
        description="In free words, masked, for an agent to read. Prefer `slot`.",
    )


class HandoffIn(_In):
    """Brings the conversation to a service. `callback` needs a contact and the consent to keep it.

    `live` asks to talk to a person of the service now: that of `service_id`, which a turn gave, else the one
    that the topic and the place lead to.
    """

    kind: Literal["contact", "callback", "live"] = "contact"
    topic: Annotated[str, StringConstraints(max_length=64)] | None = None
    postal_code: Annotated[str, StringConstraints(max_length=10)] | None = None
    commune: Annotated[str, StringConstraints(max_length=100)] | None = None
    service_id: Annotated[str, StringConstraints(max_length=64)] | None = Field(
        default=None,
        description="A service that a turn gave; else the one that topic and place lead to.",
    )
    language: LanguageCode | None = None
    subject: Annotated[str, StringConstraints(max_length=200)] | None = Field(
        default=None, description="What it is about, in the resident's words; masked, then encrypted."
    )
    contact: ContactIn | None = None
    consent: bool = False
    consent_id: Annotated[str, StringConstraints(max_length=64)] | None = Field(
        default=None,
        description="The text agreed to, as the options give it; refused if another is in force.",
    )
    client_message_id: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None


class Handoff(BaseModel):
    """A handoff. A callback has a `reference` to quote; a contact has none, since nothing is kept of it."""

    kind: Literal["contact", "callback", "live"]
    reference: str | None
    service: ServiceCard
    message: Message
    stored: Literal["database", "spool", "nothing"]
    live: LiveNow | None = None
    code: str | None = Field(
        default=None,
        description="To follow or cancel a callback; only its hash is kept. A retry shows it again.",
    )
    follow: Message | None = Field(default=None, description="Tells the code, and what it is for.")


class Consent(BaseModel):
    """What the resident agrees to. `id` is the SHA-256 of the text: the same text has the same id."""

    id: str
    text: str
    lang: str
    dir: Direction


class CallbackSlot(BaseModel):
    """A half day that may be chosen; `start` is null for as soon as possible."""

    start: datetime | None
    end: datetime | None
    label: str


class HandoffOptions(BaseModel):
    """What a callback form may offer for one service, in the resident's language.

    `subject` is the title of what the conversation is about, to be changed by the resident.
    """

    service: ServiceCard
    language: str
    direction: Direction
    subject: str | None
    slots: list[CallbackSlot]
    consent: Consent


class CallbackIn(_In):
    """Which callback, and the proof that it is one's own."""

    reference: Annotated[str, StringConstraints(max_length=32)]
    code: Annotated[str, StringConstraints(max_length=32)]
    language: LanguageCode | None = None


class Callback(BaseModel):
    """Where a callback is. It holds nothing that says who asked for it."""

    reference: str
    status: Literal["open", "closed", "cancelled"]
    created_at: datetime
    wanted: CallbackSlot | None
    service: ServiceCard | None
    message: Message


class SearchResult(BaseModel):
    """One passage found."""

    article_id: str
    topic: str
    title: str
    section: str | None
    excerpt: str
    lang: str
    score: float


class SearchResults(BaseModel):
    """Public passages, best first. `abstain`: the assistant would say that it does not know."""

    results: list[SearchResult]
    abstain: bool


class PlaceName(BaseModel):
    """A commune or an arrondissement, by its INSEE code; `text` names it without any doubt."""

    insee: str
    name: str
    text: str


class RouteNote(BaseModel):
    """Why a service: the rule that applied, and the same said to the resident.

    `place`: the one that decided. `instead_of`: the service that is closed exceptionally. `language_spoken`:
    whether its people speak the language asked for, `channel_available`: whether it is reached in the way
    asked for; null when nothing was asked.
    """

    reason: RouteReason
    text: str
    place: PlaceName | None
    instead_of: str | None
    language_spoken: bool | None
    channel_available: bool | None


class Services(BaseModel):
    """The service a topic and a place lead to, and why.

    `ambiguous` names the places to choose from, `choices` says them so that they can be asked for again.
    """

    services: list[ServiceCard]
    ambiguous: list[str]
    choices: list[PlaceName]
    route: RouteNote


class Topic(BaseModel):
    """A topic of the taxonomy; `title` is that of its article, null when it has none yet."""

    id: str
    domain: str
    title: str | None
    lang: str | None


class Topics(BaseModel):
    """Every topic the assistant knows."""

    topics: list[Topic]


class Language(BaseModel):
    """A language of the assistant, named in itself."""

    code: str
    name: str
    direction: Direction


class Languages(BaseModel):
    """The languages of the assistant; the default one first."""

    languages: list[Language]


class ProblemDetails(BaseModel):
    """RFC 9457."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    instance: str
    language: str = Field(description="Language of `detail`.")


class KnowledgeState(BaseModel):
    """The generation that answers; how many errors keep newer content from being published (no fault)."""

    generation: str | None
    content_errors: int


class Health(BaseModel):
    """State of each part: `ok`, or what is wrong with it."""

    ready: bool
    parts: dict[str, str]
    knowledge: KnowledgeState
