"""The JSON of live conversations, as the resident's side of the public contract has it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, Field

from api.message import Message
from knowledge.reply import ServiceCard
from records.live_entries import LiveKind


class LivePhase(StrEnum):
    """Where the wish to talk to a person is; `closed` and `nobody` say at once that it cannot be now."""

    WAITING = "waiting"
    WITH_PERSON = "with_person"
    ENDED = "ended"
    CLOSED = "closed"
    NOBODY = "nobody"


class LiveSpeaker(StrEnum):
    """Who says a line: always told, so that a person is never taken for the assistant, nor the reverse."""

    RESIDENT = "resident"
    PERSON = "person"
    SYSTEM = "system"


class LivePerson(BaseModel):
    """The person who answers: the name they show, and their service's."""

    name: str
    service: str


class LiveNow(BaseModel):
    """A live request as it is now."""

    phase: LivePhase
    handoff_id: str | None
    service: ServiceCard
    place: int | None = Field(description="Place in the queue while waiting: 1 is the next.")
    wait_minutes: int | None = Field(
        description="What the wait has been lately, measured; null when there is nothing to tell it from."
    )
    person: LivePerson | None
    callback: bool = Field(description="Whether to offer a callback.")
    message: Message = Field(description="The same, said to the resident.")
    last_seq: int = Field(
        description="Number of the last line; follow from `Last-Event-ID: live-<last_seq>`."
    )


class LiveLine(BaseModel):
    """One line of a live conversation, in the order of `seq`. What somebody wrote has no `message.lang`."""

    seq: int
    handoff_id: str
    kind: LiveKind
    speaker: LiveSpeaker
    person: LivePerson | None
    message: Message
    client_message_id: str | None
    turn_id: str | None
    callback: bool
    at: datetime
