"""What the assistant says: one structured reply, composed from the knowledge base only.

The action server sends it through Rasa as JSON; the gateway reads it back, checks it and renders it. Both
import this module, so that neither has to know the other. The field names are those of the public contract.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from knowledge.routing import RouteReason


class Kind(StrEnum):
    """What a reply is: the `kinds` of taxonomy.yml."""

    ANSWER = "answer"
    CLARIFY = "clarify"
    REDIRECT = "redirect"
    EMERGENCY = "emergency"
    HANDOFF = "handoff"
    SMALLTALK = "smalltalk"
    ABSTAIN = "abstain"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Said(_Frozen):
    """One message: markdown in one language. `form` shows a form, `notice` is about the chat."""

    type: Literal["text", "form", "notice"] = "text"
    markdown: str
    lang: str


class SourceNote(_Frozen):
    """Where an answer comes from, as the resident sees it."""

    article_id: str
    title: str
    section: str | None
    excerpt: str
    lang: str
    url: str | None
    written: date
    reviewed: date | None = None
    machine_translated: bool = False


class OpeningNote(_Frozen):
    """Whether a service is open at the moment of the reply. `next_opening` is null while it is open."""

    open_now: bool
    text: str
    next_opening: datetime | None = None


class ServiceCard(_Frozen):
    """A service of the directory, in the resident's language.

    `reason` is the rule of `routing.yml` that led to it; None where no rule did, as in a live conversation.
    """

    id: str
    name: str
    phone: str | None
    email: str | None
    address: str | None
    url: str | None
    opening: OpeningNote
    reason: RouteReason | None = None


class EmergencyNumberCard(_Frozen):
    """A number to call or to write to: `uri` is a `tel:` or `sms:` link."""

    number: str
    uri: str
    label: str
    hours: str


class EmergencyBlock(_Frozen):
    """The fixed text of an emergency and its numbers, shown before anything else."""

    id: str
    numbers: tuple[EmergencyNumberCard, ...]
    text: str
    lang: str


class Suggestion(_Frozen):
    """A button: what it shows, and the sentence it sends."""

    label: str
    text: str
    topic: str | None = None


class Act(_Frozen):
    """What else a turn did: its kind and topic."""

    kind: Kind
    topic: str


class Reply(_Frozen):
    """One reply, whole. `topic` follows the contract: see DESIGN.md, section 5, `understanding`.

    `asks_place`: it asks for a place itself, so that the form which goes on need not ask again.
    """

    kind: Kind
    topic: str
    about: str | None = None
    also: tuple[Act, ...] = ()
    confidence: float = Field(default=1.0, ge=0.0, le=1.0)
    messages: tuple[Said, ...] = ()
    sources: tuple[SourceNote, ...] = ()
    service: ServiceCard | None = None
    emergency: EmergencyBlock | None = None
    suggestions: tuple[Suggestion, ...] = ()
    asks_place: bool = False
