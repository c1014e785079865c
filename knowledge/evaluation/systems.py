"""What is compared: the search of production, steps towards it, and what others would do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import bm25s
import numpy as np
from numpy.typing import ArrayLike, NDArray

from knowledge.calibration import Calibration, Decision, Features
from knowledge.corpus import Corpus, Signalled
from knowledge.embedding import CachedEmbedder, Progress, Vectors
from knowledge.evaluation.datasets import Document, Query
from knowledge.evaluation.measures import DEPTH
from knowledge.lemmas import forms_of, french_lemmas, lemmatise
from knowledge.passages import SHORT, Passage, passages_of_text
from knowledge.vectors import VectorIndex
from knowledge.words import Analyzer, plain

# The signals that there are without example questions and without Rasa; each step adds to the one before.
STEPS: Mapping[str, tuple[str, ...]] = {
    "dense: whole text": ("short",),
    "dense: + title": ("short", "title"),
    "dense: + pieces": ("short", "title", "text", "second"),
    "lexical": ("words", "foreign_words"),
}
BASELINES = ("BM25", "e5, one passage a document", "RRF of the two")
_TITLE_TIMES = 5  # of the BM25 baseline, as in the protocol of ../shared/bench
_RRF = 60  # Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion", SIGIR 2009


@dataclass(frozen=True)
class Prepared:
    """Documents ready to be searched.

    Attributes:
        whole: the vector of each document taken as one passage, shape (documents, dimension).
    """

    documents: tuple[Document, ...]
    corpus: Corpus
    whole: Vectors


@dataclass(frozen=True)
class Answered:
    """What a way of ranking gave for one question: document ids, best first, and a decision."""

    ranking: tuple[str, ...]
    decision: Decision | None = None


def prepare(
    documents: Sequence[Document],
    embedder: CachedEmbedder,
    *,
    pieces: int | None = None,
    on_progress: Progress | None = None,
) -> Prepared:
    """Index documents as articles are.

    Args:
        documents: what is to be searched.
        embedder: the model of production.
        pieces: how many pieces of each text to embed at most, all by default; words are all counted.
        on_progress: called with (passages done, passages in all).
    """
    passages: list[Passage] = []
    for document in documents:
        cut = passages_of_text(document.id, document.language, document.title, document.text)
        passages += cut if pieces is None else _fewer(cut, document, pieces)
    vectors = embedder.passages([passage.text for passage in passages], on_progress=on_progress)
    lemmas = dict(french_lemmas())
    french = [f"{each.title}\n{each.text}" for each in documents if each.language == "fr"]
    unknown = [form for form in forms_of(french) if plain(form) not in lemmas]
    lemmas |= lemmatise(unknown) if unknown else {}
    texts = {each.id: each.text for each in documents}
    corpus = Corpus(passages, VectorIndex.build(vectors), lemmas=lemmas, texts=texts)
    whole = vectors[[number for number, passage in enumerate(passages) if passage.part == SHORT]]
    return Prepared(tuple(documents), corpus, whole)


def _fewer(cut: Sequence[Passage], document: Document, pieces: int) -> list[Passage]:
    head = 2 if document.title else 1
    return [*cut[:head], *cut[head : head + pieces]]


def signals(prepared: Prepared, queries: Sequence[Query], vectors: Vectors) -> list[Signalled]:
    """Return the candidates for each question, as production finds them."""
    return [
        prepared.corpus.signals(query.text, vector, language=query.language)
        for query, vector in zip(queries, vectors, strict=True)
    ]


def rank(found: Signalled, weights: Mapping[str, float]) -> list[tuple[float, str]]:
    """Weigh the signals of candidates; best first."""
    scored = (
        (sum(weights.get(name, 0.0) * value for name, value in each.values.items()), each.document)
        for each in found.candidates
    )
    return sorted(scored, key=lambda pair: (-pair[0], pair[1]))


def answer(found: Signalled, calibration: Calibration) -> Answered:
    """Rank and decide as production does when Rasa is not there."""
    ranking = rank(found, calibration.weights)
    if not ranking:
        return Answered((), Decision.ABSTAIN)
    top = ranking[0][0]
    margin = top - (ranking[1][0] if len(ranking) > 1 else 0.0)
    seen = Features(top=top, margin=margin, agreement=0.0, outside=0.0, coverage=found.coverage)
    decision = calibration.decide(calibration.alone.probability(seen), 0.0)
    return Answered(tuple(id_ for _, id_ in ranking[:DEPTH]), decision)


def step(found: Signalled, names: Sequence[str], weights: Mapping[str, float]) -> Answered:
    """Rank by some of the signals only."""
    kept = {name: weights[name] for name in names}
    return Answered(tuple(id_ for _, id_ in rank(found, kept)[:DEPTH]))


class Baselines:
    """The three plain ways that ours has to beat."""

    def __init__(self, prepared: Prepared) -> None:
        """Count the words of the documents, titles five times, with a stemmer and no more."""
        self._documents, self._whole = prepared.documents, prepared.whole
        self._analyzer = Analyzer(prepared.documents[0].language)
        texts = [f"{each.title}\n" * _TITLE_TIMES + each.text for each in prepared.documents]
        self._engine = bm25s.BM25(method="lucene")
        self._engine.index([self._analyzer.of(text) for text in texts], show_progress=False)

    def answers(self, query: Query, vector: Vectors) -> dict[str, Answered]:
        """Return what each of `BASELINES` finds."""
        terms = [term for term in self._analyzer.of(query.text) if term in self._engine.vocab_dict]
        words = self._engine.get_scores(terms) if terms else np.zeros(len(self._documents))
        meaning = self._whole @ vector
        places = [_places(words), _places(meaning)]
        fused = sum(1 / (_RRF + 1 + each) for each in places)
        rankings = (words, meaning, np.asarray(fused))
        return {name: self._top(scores) for name, scores in zip(BASELINES, rankings, strict=True)}

    def _top(self, scores: ArrayLike) -> Answered:
        order = np.argsort(-np.asarray(scores), kind="stable")[:DEPTH]
        return Answered(tuple(self._documents[position].id for position in order))


def _places(scores: ArrayLike) -> NDArray[np.int64]:
    """Return the place of each document in a ranking, from 0."""
    order = np.argsort(-np.asarray(scores), kind="stable")
    places = np.empty(len(order), np.int64)
    places[order] = np.arange(len(order))
    return places
