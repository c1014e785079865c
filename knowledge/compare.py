"""Which questions two generations answer differently, and whether that is for the better.

Both are searched in the same way, by today's model and calibration, without Rasa: what differs comes from the
articles. Questions that never come to the search (small talk, a person wanted) are left out.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from knowledge.article import SOURCE_LANGUAGE
from knowledge.calibration import Decision, load_calibration
from knowledge.embedding import CachedEmbedder, Encoder, load_question_encoder
from knowledge.index import IndexUnusableError, current_id, generation_ids, load_articles_of, load_generation
from knowledge.search import Found, Search
from knowledge.sections import SectionKey
from knowledge.settings import KnowledgeSettings

CURRENT, PREVIOUS = "current", "previous"
_NOT_SEARCHED = {"smalltalk", "handoff"}


class Question(BaseModel):
    """A line of a questions file. Without `topic`, nobody has said what the right answer is.

    Attributes:
        topic: what it is about; null when nothing should be answered.
        also_accepted: other right topics.
        kind: what kind of reply is expected (taxonomy.yml).
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    text: str = Field(min_length=1)
    language: str = SOURCE_LANGUAGE
    kind: str | None = None
    topic: str | None = None
    also_accepted: tuple[str, ...] = ()

    def is_right(self, answer: "Answer") -> bool | None:
        """Tell whether an answer is right; None when the file does not say what is."""
        if "topic" not in self.model_fields_set:
            return None
        accepted = {self.topic, *self.also_accepted} - {None}
        shown = answer.decision is Decision.ANSWER
        return answer.topic in accepted and shown if accepted else not shown


@dataclass(frozen=True)
class Answer:
    """What a resident would see: an article and its section when it answers, the first topic when it asks."""

    decision: Decision
    article: str | None = None
    topic: str | None = None
    section: SectionKey | None = None

    def __str__(self) -> str:
        if self.article is None:
            return str(self.decision)
        shown = f" · {self.section or 'short answer'}" if self.decision is Decision.ANSWER else ""
        return f"{self.decision}: {self.article}{shown}"


class Effect(StrEnum):
    """What a change does."""

    GAINED = "gained"
    """It was wrong, and is right."""
    LOST = "lost"
    """It was right, and is wrong."""
    CHANGED = "changed"
    """It is as right or as wrong as it was, or nobody has said what is right."""


@dataclass(frozen=True)
class Change:
    """A question that is answered differently."""

    question: Question
    before: Answer
    after: Answer

    @property
    def was_right(self) -> bool | None:
        """Whether the answer before was right."""
        return self.question.is_right(self.before)

    @property
    def is_right(self) -> bool | None:
        """Whether the answer after is right."""
        return self.question.is_right(self.after)

    @property
    def effect(self) -> Effect:
        """Whether it is for the better."""
        if self.was_right == self.is_right:
            return Effect.CHANGED
        return Effect.GAINED if self.is_right else Effect.LOST


@dataclass(frozen=True)
class Comparison:
    """Two generations, compared on some questions.

    Attributes:
        before: the name of the first.
        after: the name of the second.
        asked: how many questions were asked.
        changes: those that are answered differently, in their order.
    """

    before: str
    after: str
    asked: int
    changes: tuple[Change, ...]

    def count(self, effect: Effect) -> int:
        """Return how many changes have an effect."""
        return sum(change.effect is effect for change in self.changes)


class QuestionsError(ValueError):
    """A file of questions that cannot be read; the text says which line."""


def read_questions(paths: Iterable[Path]) -> tuple[Question, ...]:
    """Read files of questions, one JSON object a line, without those that never come to the search.

    Raises:
        QuestionsError: a file cannot be read, or a line is no question.
    """
    return tuple(
        question for path in paths for question in _lines(path) if question.kind not in _NOT_SEARCHED
    )


def _lines(path: Path) -> Iterator[Question]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionsError(f"{path}: {error}") from error
    # Not str.splitlines: it also cuts at characters that JSON leaves as they are.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            yield Question.model_validate(json.loads(line))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise QuestionsError(f"{path}:{number}: {where}: {first['msg']}") from error
        except json.JSONDecodeError as error:
            raise QuestionsError(f"{path}:{number}: is no JSON: {error.msg}") from error


def generation_named(index_dir: Path, name: str) -> str:
    """Return the identifier of a generation.

    Args:
        index_dir: the folder of the generations.
        name: `current`, `previous` (the one before the current), or an identifier.

    Raises:
        IndexUnusableError: there is no such generation.
    """
    kept = generation_ids(index_dir)
    if name == PREVIOUS:
        older = [each for each in kept if each < current_id(index_dir)]
        if not older:
            raise IndexUnusableError("there is no generation before the current one")
        return older[-1]
    found = current_id(index_dir) if name == CURRENT else name
    if found not in kept:
        raise IndexUnusableError(
            f"there is no generation {found}; these are kept: {', '.join(kept) or 'none'}"
        )
    return found


def compare_generations(
    settings: KnowledgeSettings,
    before: str,
    after: str,
    questions: Sequence[Question],
    *,
    encoder: Encoder | None = None,
) -> Comparison:
    """Ask two generations the same questions.

    Args:
        settings: where the generations are, and which model.
        before: the name of the first (`generation_named`).
        after: the name of the second.
        questions: what to ask.
        encoder: embeds the questions; by default the lightest one that serves the model of the settings.

    Raises:
        IndexUnusableError: there is no such generation, it is damaged, or of another model.
    """
    ids = [generation_named(settings.index_dir, name) for name in (before, after)]
    model = settings.embedding_model
    embedder = CachedEmbedder(encoder or load_question_encoder(model), settings.cache_dir, model=model)
    first, second = (
        Search(
            load_articles_of(settings.index_dir, id_),
            load_generation(settings.index_dir, id_),
            embedder,
            load_calibration(),
        )
        for id_ in ids
    )
    changes = []
    for question in questions:
        vector = embedder.question(question.text)
        was, now = (
            _answer(search.search(question.text, language=question.language, k=1, vector=vector))
            for search in (first, second)
        )
        if was != now:
            changes.append(Change(question, was, now))
    return Comparison(ids[0], ids[1], len(questions), tuple(changes))


def _answer(found: Found) -> Answer:
    if not found.hits or found.decision is Decision.ABSTAIN:  # what is not shown may change unseen
        return Answer(found.decision)
    hit = found.hits[0]
    section = hit.section if found.decision is Decision.ANSWER else None
    return Answer(found.decision, hit.article.id, hit.article.topic, section)
