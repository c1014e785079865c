"""What is searched: the passages of documents, by meaning and by words; gives each document's signals.

A document is an article, or a plain text in an evaluation; both are searched by this code. The documents near
the question by meaning, and those that share its words, become candidates; each candidate then gets all its
signals, exactly, whatever made it one. So the cost follows the number of candidates, not of documents.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from knowledge.embedding import Vectors
from knowledge.lexical import TITLE_TIMES, LexicalIndex
from knowledge.passages import QUESTION, SHORT, TITLE, Passage

# What is known of a document when a question is asked; calibration.yml says how much each counts.
SIGNALS = (
    "title",
    "short",
    "text",
    "second",
    "question",
    "words",
    "foreign_words",
    "prior",
)
NEAREST = 1000  # passages by meaning whose documents become candidates
MATCHING = 100  # documents by words that become candidates, in each language

_KINDS = {TITLE: 0, SHORT: 1, QUESTION: 3}  # every other part is text
_TEXT = 2
# Nearly all of E5's cosines lie between 0.7 and 0.95: what is below counts for nothing, above for much.
_NOTHING, _SPREAD = 0.75, 5.0


class PassageVectors(Protocol):
    """The vectors of passages, whatever finds the nearest ones."""

    def nearest(
        self, question: Vectors, k: int, allowed: NDArray[np.bool_] | None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the positions and the cosines of the nearest allowed passages, best first."""

    def similarities(self, question: Vectors, positions: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the exact cosines of the passages at some positions."""


@dataclass(frozen=True)
class Signals:
    """A candidate.

    Attributes:
        document: its id.
        passage: the passage nearest to the question.
        values: by the names in `SIGNALS`, from about 0 to 1; "prior" is left out.
    """

    document: str
    passage: Passage
    values: Mapping[str, float]


@dataclass(frozen=True)
class Signalled:
    """The candidates for a question.

    Attributes:
        candidates: in no order.
        coverage: the share of the question's words, by rarity, that some document in its language holds.
    """

    candidates: tuple[Signals, ...]
    coverage: float


class Corpus:
    """Passages ready to be searched. Nothing changes it: threads may search at once."""

    def __init__(
        self,
        passages: Sequence[Passage],
        vectors: PassageVectors,
        *,
        lemmas: Mapping[str, str] | None = None,
        texts: Mapping[str, str] | None = None,
    ) -> None:
        """Count the words of passages.

        Args:
            passages: those of all documents; a document may have some in several languages.
            vectors: theirs, in the same order.
            lemmas: of French words; by default those that come with the articles.
            texts: by document, the text whose words count besides the title's, instead of its passages.
        """
        self.passages = tuple(passages)
        self._vectors = vectors
        names = dict.fromkeys(passage.article_id for passage in passages)
        self._names = list(names)
        numbers = {name: number for number, name in enumerate(names)}
        self._document = np.array([numbers[passage.article_id] for passage in passages], np.int64)
        self._kind = np.array([_KINDS.get(passage.part, _TEXT) for passage in passages], np.int8)
        languages = np.array([passage.language for passage in passages])
        self._spoken = {name: languages == name for name in np.unique(languages).tolist()}
        order = np.argsort(self._document, kind="stable")
        self._rows = order
        self._starts = np.searchsorted(self._document[order], np.arange(len(names) + 1))
        self._lexical = _lexical_indexes(self.passages, numbers, lemmas, texts or {})

    def signals(
        self, question: str, vector: Vectors, *, language: str, allowed: NDArray[np.bool_] | None = None
    ) -> Signalled:
        """Return the candidates for a question, with their signals.

        Args:
            question: the words.
            vector: their embedding, of length 1.
            language: the question's language.
            allowed: one truth value a passage; the documents of the others are never looked at.
        """
        positions, _ = self._vectors.nearest(vector, min(NEAREST, len(self.passages)), allowed)
        near = set(self._document[positions].tolist())
        worded, coverage = self._by_words(question, language, allowed)
        numbers = np.array(sorted(near.union(*worded.values())), np.int64)
        if not len(numbers):
            return Signalled((), coverage)
        rows = np.concatenate([self._rows[self._starts[n] : self._starts[n + 1]] for n in numbers.tolist()])
        rows = rows if allowed is None else rows[allowed[rows]]
        meaning, nearest = self._by_meaning(vector, rows, numbers)
        candidates = []
        for place, number in enumerate(numbers.tolist()):
            values = {name: float(column[place]) for name, column in meaning.items()}
            values |= {name: found.get(number, 0.0) for name, found in worded.items()}
            candidates.append(Signals(self._names[number], self.passages[int(nearest[place])], values))
        return Signalled(tuple(candidates), coverage)

    def _open(self, language: str, allowed: NDArray[np.bool_] | None) -> NDArray[np.bool_]:
        """Return which documents have an allowed passage in a language."""
        rows = self._spoken[language]
        opened = np.zeros(len(self._names), np.bool_)
        opened[self._document[rows if allowed is None else rows & allowed]] = True
        return opened

    def _by_words(
        self, question: str, language: str, allowed: NDArray[np.bool_] | None
    ) -> tuple[dict[str, dict[int, float]], float]:
        found: dict[str, dict[int, float]] = {"words": {}, "foreign_words": {}}
        coverage = 0.0
        for spoken, (numbers, index) in self._lexical.items():
            own, opened = spoken == language, self._open(spoken, allowed)
            if not opened.any():
                continue
            matches = index.matches(question, own_language=own)
            coverage = matches.coverage if own else coverage
            scores = np.where(opened[numbers], matches.scores, 0.0)
            best = np.argsort(-scores, kind="stable")[:MATCHING]
            kept = found["words" if own else "foreign_words"]
            for place in best[scores[best] > 0].tolist():
                number = int(numbers[place])
                kept[number] = max(kept.get(number, 0.0), float(scores[place]))
        return found, coverage

    def _by_meaning(
        self, vector: Vectors, rows: NDArray[np.int64], numbers: NDArray[np.int64]
    ) -> tuple[dict[str, NDArray[np.float32]], NDArray[np.int64]]:
        """Return the signals by meaning of some documents, and the row of each one's nearest passage."""
        nearness = (self._vectors.similarities(vector, rows) - _NOTHING) * _SPREAD
        place = np.searchsorted(numbers, self._document[rows])
        kind = self._kind[rows]
        best = np.zeros((4, len(numbers)), np.float32)
        np.maximum.at(best, (kind, place), nearness)
        texts = kind == _TEXT
        rest = texts & (nearness < best[_TEXT, place])
        second = np.zeros(len(numbers), np.float32)
        np.maximum.at(second, place[rest], nearness[rest])
        ranked = np.lexsort((-nearness, place))
        first = np.searchsorted(place[ranked], np.arange(len(numbers)))
        columns = {"title": best[0], "short": best[1], "text": best[_TEXT], "second": second}
        return columns | {"question": best[3]}, rows[ranked[first]]


def _lexical_indexes(
    passages: Sequence[Passage],
    numbers: Mapping[str, int],
    lemmas: Mapping[str, str] | None,
    whole: Mapping[str, str],
) -> dict[str, tuple[NDArray[np.int64], LexicalIndex]]:
    """Return an index a language, with the number of each of its documents."""
    texts: dict[str, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for passage in passages:
        parts = texts[passage.language][numbers[passage.article_id]]
        if passage.article_id not in whole:
            parts += [passage.text] * (TITLE_TIMES if passage.part == TITLE else 1)
        elif passage.part == TITLE:
            parts += [passage.text] * TITLE_TIMES
        elif passage.part == SHORT:
            parts.append(whole[passage.article_id])
    indexes = {}
    for language, documents in texts.items():
        joined = ["\n".join(parts) for parts in documents.values()]
        own = lemmas if language == "fr" else None
        indexes[language] = (np.array(list(documents), np.int64), LexicalIndex(joined, language, lemmas=own))
    return indexes
