"""Searches the articles: which one answers a question, which section of it, and whether to answer at all.

Staff articles and other languages are filtered before the search, never after. An article's score is a sum of
signals (corpus.py): how near its title, its short answer, its text and its example questions are by meaning,
how many of its words match, and the probability that Rasa gives to its topic, when Rasa is there.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from knowledge.article import SOURCE_LANGUAGE, Article, ArticleType, Audience
from knowledge.calibration import Calibration, Decision, Features, load_calibration
from knowledge.corpus import Corpus
from knowledge.embedding import CachedEmbedder, Encoder, Vectors, load_question_encoder
from knowledge.index import Generation, IndexUnusableError, load_articles_of, load_generation
from knowledge.library import Library
from knowledge.passages import Passage
from knowledge.section_phrases import choose_section
from knowledge.sections import SectionKey
from knowledge.settings import KnowledgeSettings

__all__ = [
    "EVERYTHING",
    "OUT_OF_SCOPE",
    "Candidate",
    "Candidates",
    "Decision",
    "Features",
    "Found",
    "Hit",
    "Scope",
    "Search",
    "features",
    "is_emergency",
    "open_search",
    "ranked",
    "without_emergencies",
]

OUT_OF_SCOPE = "out_of_scope"  # the intent of Rasa's that may stand among the topics of `topic_prior`


@dataclass(frozen=True)
class Hit:
    """One article found.

    Attributes:
        article: as it is to be shown: in the resident's language, or in French (see its `language`).
        section: the section that is asked for, or None for the short answer. Never the easy-to-read one,
            which repeats the others and is shown on demand.
        passage: the passage nearest to the question, in whichever language.
        score: what articles are ranked by; only comparable within one search.
        parts: what each signal adds to the score, by its name in `calibration.SIGNALS`.
    """

    article: Article
    section: SectionKey | None
    passage: Passage
    score: float
    parts: Mapping[str, float]


@dataclass(frozen=True)
class Found:
    """What a search gives: hits (best first, one an article), a decision, and a confidence from 0 to 1."""

    hits: tuple[Hit, ...]
    decision: Decision
    confidence: float


@dataclass(frozen=True)
class Candidate:
    """An article that may answer, with its signals not weighed yet."""

    article: Article
    passage: Passage
    signals: Mapping[str, float]


@dataclass(frozen=True)
class Candidates:
    """All that may answer a question.

    Attributes:
        articles: in no order.
        coverage: the share of the question's words, by rarity, that some article in its language holds.
    """

    articles: tuple[Candidate, ...]
    coverage: float


@dataclass(frozen=True)
class Scope:
    """Which articles to search; None leaves none out."""

    topics: Collection[str] | None = None
    layers: Collection[str] | None = None


EVERYTHING = Scope()


class Search:
    """A loaded index and what is needed to search it. Several threads may search at once."""

    def __init__(
        self, library: Library, generation: Generation, embedder: CachedEmbedder, calibration: Calibration
    ) -> None:
        """Prepare the filters and the words.

        Raises:
            IndexUnusableError: the generation was built with another model than the embedder's.
        """
        if generation.manifest.model != embedder.fingerprint:
            raise IndexUnusableError(
                f"the index was built with {generation.manifest.model}, not {embedder.fingerprint}"
            )
        self.library, self.generation, self.calibration = library, generation, calibration
        self._embedder = embedder
        self._corpus = Corpus(generation.passages, generation.vectors)
        self._languages = np.array([passage.language for passage in generation.passages])
        self._layers = np.array([passage.layer for passage in generation.passages])
        self._topics = np.array([passage.topic for passage in generation.passages])
        self._public = np.array([passage.audience is Audience.PUBLIC for passage in generation.passages])

    @property
    def model(self) -> str:
        """The fingerprint of the model whose vectors the index holds."""
        return self.generation.manifest.model

    def search(
        self,
        question: str,
        *,
        language: str,
        audience: Audience = Audience.PUBLIC,
        k: int = 5,
        topic_prior: Mapping[str, float] | None = None,
        vector: Vectors | None = None,
        emergencies: bool = True,
        scope: Scope = EVERYTHING,
    ) -> Found:
        """Find the articles that answer a question.

        Args:
            question: what the resident wrote.
            language: the resident's language; articles in it and in French are searched.
            audience: who asks; staff articles are searched for staff only.
            k: how many articles to return at most.
            topic_prior: the probability that Rasa gives to each topic, and to `OUT_OF_SCOPE`; None when Rasa
                is not there.
            vector: the question's embedding by the index's model (`model`), when somebody has it already.
            emergencies: whether the text of an emergency may be what answers.
            scope: the topics and the layers to search; all by default.

        Returns:
            No hits and an abstention when the question holds nothing to search for.
        """
        if not any(map(str.isalnum, question)):
            return Found((), Decision.ABSTAIN, 0.0)
        vector = self._embedder.question(question) if vector is None else vector
        allowed = self._allowed(language, audience, scope)
        found = self._candidates(question, vector, allowed, (language, audience), topic_prior)
        hits = ranked(found.articles, self.calibration.weights)
        judged = self._judge(hits, found.coverage, topic_prior)
        sure = judged.decision is Decision.ANSWER and emergencies
        if not sure or not is_emergency(judged.hits[0]):
            judged = self._judge(without_emergencies(hits), found.coverage, topic_prior)
        asked = self.generation.asked_for(vector)
        shown = (replace(hit, section=self._section(hit.article, asked)) for hit in judged.hits[:k])
        return replace(judged, hits=tuple(shown))

    def _judge(
        self, hits: tuple[Hit, ...], coverage: float, topic_prior: Mapping[str, float] | None
    ) -> Found:
        if not hits:
            return Found((), Decision.ABSTAIN, 0.0)
        seen = features(hits, coverage, topic_prior)
        model = self.calibration.alone if topic_prior is None else self.calibration.with_rasa
        confidence = model.probability(seen)
        return Found(hits, self.calibration.decide(confidence, seen.agreement), confidence)

    def candidates(
        self,
        question: str,
        *,
        language: str,
        audience: Audience = Audience.PUBLIC,
        topic_prior: Mapping[str, float] | None = None,
    ) -> Candidates:
        """Return all articles that may be shown, with their signals: what calibration works on."""
        vector = self._embedder.question(question)
        allowed = self._allowed(language, audience, EVERYTHING)
        return self._candidates(question, vector, allowed, (language, audience), topic_prior)

    def asked_for(self, question: str) -> Mapping[str, float]:
        """Return how much a question asks for each section, whatever its topic."""
        return self.generation.asked_for(self._embedder.question(question))

    def section_asked_for(self, question: str, article: Article) -> SectionKey | None:
        """Return the section of an article that a question asks for; None for the short answer."""
        return self._section(article, self.asked_for(question))

    def _candidates(
        self,
        question: str,
        vector: Vectors,
        allowed: NDArray[np.bool_],
        reader: tuple[str, Audience],
        topic_prior: Mapping[str, float] | None,
    ) -> Candidates:
        language, audience = reader
        found = self._corpus.signals(question, vector, language=language, allowed=allowed)
        prior = topic_prior or {}
        candidates = []
        for each in found.candidates:
            article = self.library.best(each.document, language, audience)
            if article is not None:  # it may have been made staff-only since the index was built
                signals = {**each.values, "prior": prior.get(article.topic, 0.0)}
                if not signals["question"]:  # no example question: that must not count against it
                    signals["question"] = max(signals["title"], signals["short"])
                candidates.append(Candidate(article, each.passage, signals))
        return Candidates(tuple(candidates), found.coverage)

    def _allowed(self, language: str, audience: Audience, scope: Scope) -> NDArray[np.bool_]:
        allowed = np.isin(self._languages, (language, SOURCE_LANGUAGE))
        if audience is not Audience.STAFF:
            allowed &= self._public
        if scope.topics is not None:
            allowed &= np.isin(self._topics, list(scope.topics))
        if scope.layers is not None:
            allowed &= np.isin(self._layers, list(scope.layers))
        return allowed

    def _section(self, article: Article, asked: Mapping[str, float]) -> SectionKey | None:
        return choose_section(asked, self.library.section_keys(article), self.calibration.section_margin)


def ranked(candidates: Sequence[Candidate], weights: Mapping[str, float]) -> tuple[Hit, ...]:
    """Weigh the signals and sort, best first; the sections are not chosen yet."""
    hits = []
    for candidate in candidates:
        parts = {name: weights[name] * value for name, value in candidate.signals.items()}
        hits.append(Hit(candidate.article, None, candidate.passage, sum(parts.values()), parts))
    return tuple(sorted(hits, key=lambda hit: (-hit.score, hit.article.id)))


def is_emergency(hit: Hit) -> bool:
    """Tell whether an article is for people in danger."""
    return hit.article.type is ArticleType.EMERGENCY


def without_emergencies(hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """Leave out the articles for people in danger.

    The search is only a second net for them, after the words of danger: one is shown when it surely answers,
    and never proposed among other topics to somebody who asked about a lawn.
    """
    return tuple(hit for hit in hits if not is_emergency(hit))


def features(hits: Sequence[Hit], coverage: float, topic_prior: Mapping[str, float] | None) -> Features:
    """Return what the first of some hits, best first and not empty, is judged on."""
    topic = hits[0].article.topic
    own = hits[0].score - hits[0].parts["prior"]
    others = [hit.score - hit.parts["prior"] for hit in hits if hit.article.topic != topic]
    prior = dict(topic_prior or {})
    outside = prior.pop(OUT_OF_SCOPE, 0.0)
    rival = max((share for each, share in prior.items() if each != topic), default=0.0)
    return Features(
        top=own,
        margin=own - max(others, default=0.0),
        agreement=prior.get(topic, 0.0) - rival,
        outside=outside,
        coverage=coverage,
    )


def open_search(
    settings: KnowledgeSettings,
    *,
    encoder: Encoder | None = None,
    embedder: CachedEmbedder | None = None,
    library: Library | None = None,
    generation: str | None = None,
) -> Search:
    """Load the index of a generation and the articles it was made from.

    Args:
        settings: where they are, and which model.
        encoder: embeds the questions; by default the lightest one that serves the model of the settings.
        embedder: an embedder of that model to share, instead of a new one.
        library: the generation's articles, when they are loaded already.
        generation: its name; by default the current one.

    Raises:
        IndexUnusableError: there is no index, or it is damaged, or built with another model.
    """
    loaded = load_generation(settings.index_dir, generation)
    embedder = embedder or CachedEmbedder(
        encoder or load_question_encoder(settings.embedding_model),
        settings.cache_dir,
        model=settings.embedding_model,
    )
    articles = library or load_articles_of(settings.index_dir, loaded.manifest.id)
    return Search(articles, loaded, embedder, load_calibration())
