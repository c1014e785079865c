"""What an action reads of a turn: the question, its language, Rasa's topics, what was said before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from knowledge.article import Audience
from knowledge.sections import SectionKey

OUT_OF_SCOPE: Final = "out_of_scope"
FOLLOW_UP: Final = "follow_up"
QUESTION_INTENTS: Final = frozenset({"social_benefits", "college", "general", "owner_matter"})
DEFAULT_LANGUAGE: Final = "fr"


class TrackerLike(Protocol):
    """The part of `rasa_sdk.Tracker` that is read here."""

    latest_message: Mapping[str, Any]
    slots: Mapping[str, Any]


@dataclass(frozen=True)
class TopicalText:
    """A text and what Rasa says it is about: `topics` maps a topic to its probability."""

    text: str
    topics: Mapping[str, float]

    @property
    def likely_topic(self) -> str | None:
        """Rasa's first topic, when it has one."""
        return max(self.topics, key=lambda topic: self.topics[topic], default=None)

    @property
    def topic_confidence(self) -> float:
        """The probability of Rasa's first topic; 0 without one."""
        return max(self.topics.values(), default=0.0)


@dataclass(frozen=True)
class LastAnswer:
    """The article and the section shown last. Written in a slot as `article#section`."""

    article_id: str
    section: SectionKey | None

    def to_slot(self) -> str:
        """The form kept in the slot `last_article`."""
        return self.article_id if self.section is None else f"{self.article_id}#{self.section.value}"

    @classmethod
    def from_slot(cls, value: object) -> LastAnswer | None:
        """Reads the slot; None when nothing was shown yet."""
        if not isinstance(value, str) or not value:
            return None
        article_id, _, section = value.partition("#")
        return cls(article_id, SectionKey(section) if section else None)


@dataclass(frozen=True, kw_only=True)
class UserTurn(TopicalText):
    """One message of the resident as Rasa understood it.

    `out_of_scope` is the probability of being about nothing of ours, `follow_up` that of meaning something
    only after an answer. `parts` are the sentences of a message that may ask two things. `failures` counts
    the turns before this one, in a row, that answered nothing.
    """

    intent: str
    confidence: float
    language: str
    audience: Audience
    out_of_scope: float
    place: str | None = None
    last_topic: str | None = None
    last_answer: LastAnswer | None = None
    follow_up: float = 0.0
    parts: tuple[TopicalText, ...] = ()
    failures: int = 0

    @property
    def is_question(self) -> bool:
        """Whether Rasa took the message for a question about a topic."""
        return self.intent in QUESTION_INTENTS


def read_turn(tracker: TrackerLike) -> UserTurn:
    """Reads a tracker. Only what the gateway put in the metadata is trusted for the language and audience."""
    message = tracker.latest_message
    metadata = message.get("metadata") or {}
    intent = message.get("intent") or {}
    slots = tracker.slots
    return UserTurn(
        text=message.get("text") or "",
        intent=intent.get("name") or "",
        confidence=float(intent.get("confidence") or 0.0),
        language=metadata.get("language") or DEFAULT_LANGUAGE,
        audience=Audience(metadata.get("audience") or Audience.PUBLIC),
        topics=_topics(message),
        out_of_scope=_probability_of(OUT_OF_SCOPE, message),
        place=slots.get("place") or metadata.get("place"),
        last_topic=slots.get("last_topic"),
        last_answer=LastAnswer.from_slot(slots.get("last_article")),
        follow_up=_probability_of(FOLLOW_UP, message),
        parts=tuple(TopicalText(part["text"], _topics(part)) for part in message.get("parts") or ()),
        failures=int(slots.get("failures") or 0),
    )


def _topics(understood: Mapping[str, Any]) -> dict[str, float]:
    return {entry["topic"]: float(entry["confidence"]) for entry in understood.get("topics") or ()}


def _probability_of(intent: str, message: Mapping[str, Any]) -> float:
    ranking = message.get("intent_ranking") or (message.get("intent") or {},)
    return next((float(entry["confidence"]) for entry in ranking if entry.get("name") == intent), 0.0)
