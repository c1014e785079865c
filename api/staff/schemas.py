"""What the counter assistant's calls take and give (under /api/v1/staff)."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.message import Direction, Message
from api.schemas import Disclosure, Emergency, LanguageCode
from knowledge.reply import ServiceCard
from knowledge.sections import SectionKey

ArticleId = Annotated[str, StringConstraints(min_length=1, max_length=128)]
Words = Annotated[str, StringConstraints(min_length=1, max_length=2000)]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AskIn(_In):
    """What the agent asks, or what the resident wrote, pasted. It is masked, searched and forgotten.

    `language`: the one that the agent chose for the resident; without it, that of the words.
    """

    text: Words
    language: LanguageCode | None = None
    k: Annotated[int, Field(ge=1, le=20)] = 6


class Extract(BaseModel):
    """One article found, as an agent reads it first: in French, with its source.

    `staff_only`: never to be shown to a resident. `reviewed` is null until a named person has read it.
    """

    article_id: str
    topic: str
    title: str
    section: SectionKey | None
    section_title: str | None
    html: str
    lang: str
    dir: Direction
    owner: str
    url: str | None
    written: date
    reviewed: date | None
    staff_only: bool


class Extracts(BaseModel):
    """What was found, best first.

    `sure`: the first one answers; otherwise the assistant would tell a resident that it does not know.
    `language`: that of the question, for the answer to show. `masked`: personal data was found in it, and
    left out. `emergency`: danger found in the words comes before anything else, in French;
    `emergency_resident`: the same in the resident's language, null when that is French.
    """

    sure: bool
    language: str
    masked: bool
    extracts: list[Extract]
    emergency: Emergency | None
    emergency_resident: Emergency | None


class AnswerIn(_In):
    """Which answer to compose, and in which language beside French."""

    article_id: ArticleId
    section: SectionKey | None = None
    language: LanguageCode = "fr"


class Side(BaseModel):
    """The answer in one language. `text` is the whole of it, to copy; `titles` are those of its screen."""

    lang: str
    dir: Direction
    title: str
    messages: list[Message]
    service: ServiceCard | None
    source: str
    text: str


class StaffAnswer(BaseModel):
    """The same answer twice. `resident` is null for an article that is for agents only."""

    french: Side
    resident: Side | None
    staff_only: bool


class ReportIn(_In):
    """An answer is wrong. `question` is joined only when the agent says so; both texts are masked."""

    article_id: ArticleId
    section: SectionKey | None = None
    language: LanguageCode = "fr"
    reason: Words
    question: Words | None = None


class Reported(BaseModel):
    """The report that administrators will read."""

    report_id: str


class StaffNotice(BaseModel):
    """The notice that an AI assists, as this session's pages show it."""

    disclosure: Disclosure


class NoticeShownIn(_In):
    """The notice was in view."""

    disclosure_id: Annotated[str, StringConstraints(max_length=64)]
