"""What an action reads of a turn: the question, its language, Rasa's topics, what was said before."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from knowledge.article import Audience
from knowledge.sections import SectionKey

OUT_OF_SCOPE: Final = "out_of_scope"
QUESTION_INTENTS: Final = frozenset({"social_benefits", "college", "general", "owner_matter"})
DEFAULT_LANGUAGE: Final = "fr"


class TrackerLike(Protocol):
    """The part of `rasa_sdk.Tracker` that is read here."""

    latest_message: Mapping[str, Any]
    slots: Mapping[str, Any]


@dataclass(frozen=True)
class Embedding:
    """The message's vector as Rasa's featurizer computed it, so that the search need not do it again.

    `model` is the fingerprint of the model; `vector` has shape (384,), float32, length 1.
    """

    model: str
    vector: NDArray[np.float32]

    @classmethod
    def read(cls, data: object) -> Embedding | None:
        """Reads what Rasa sent; None when it sent none."""
        if not isinstance(data, Mapping):
            return None
        values = np.frombuffer(base64.b64decode(data["vector"]), dtype="<f4")
        return cls(str(data["model"]), values.astype(np.float32))


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


@dataclass(frozen=True)
class UserTurn:
    """One message of the resident as Rasa understood it.

    `topics` maps a topic to its probability; `out_of_scope` is that of being about nothing of ours.
    """

    text: str
    intent: str
    confidence: float
    language: str
    audience: Audience
    topics: Mapping[str, float]
    out_of_scope: float
    embedding: Embedding | None
    place: str | None
    last_topic: str | None
    last_answer: LastAnswer | None

    @property
    def is_question(self) -> bool:
        """Whether Rasa took the message for a question about a topic."""
        return self.intent in QUESTION_INTENTS

    @property
    def likely_topic(self) -> str | None:
        """Rasa's first topic, when it has one."""
        return max(self.topics, key=lambda topic: self.topics[topic], default=None) if self.topics else None


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
        topics={entry["topic"]: float(entry["confidence"]) for entry in message.get("topics") or ()},
        out_of_scope=_probability_of(OUT_OF_SCOPE, message),
        embedding=Embedding.read(message.get("embedding")),
        place=slots.get("place") or metadata.get("place"),
        last_topic=slots.get("last_topic"),
        last_answer=LastAnswer.from_slot(slots.get("last_article")),
    )


def _probability_of(intent: str, message: Mapping[str, Any]) -> float:
    ranking = message.get("intent_ranking") or (message.get("intent") or {},)
    return next((float(entry["confidence"]) for entry in ranking if entry.get("name") == intent), 0.0)
