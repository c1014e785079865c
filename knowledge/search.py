"""Searches the articles: which one answers a question, which section of it, and whether to answer at all.

Staff articles and other languages are filtered before the search, never after. An article's score is a sum of
signals: how near its texts and its example questions are by meaning, how many of its words match, and the
probability that Rasa gives to its topic, when Rasa is there. The nearest text and the nearest example
question are added: taking the nearer of the two ranks worse, since a question resembles other short questions
whatever they are about.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from knowledge.article import SOURCE_LANGUAGE, Article, ArticleType, Audience
from knowledge.calibration import Calibration, Decision, load_calibration
from knowledge.embedding import CachedEmbedder, Encoder, Vectors, load_question_encoder
from knowledge.index import Generation, IndexUnusableError, load_articles_of, load_generation
from knowledge.lexical import LexicalIndex
from knowledge.library import Library
from knowledge.passages import QUESTION, Passage
from knowledge.section_phrases import choose_section
from knowledge.sections import SectionKey
from knowledge.settings import KnowledgeSettings

__all__ = [
    "OUT_OF_SCOPE",
    "Candidate",
    "Decision",
    "Features",
    "Found",
    "Hit",
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
class Features:
    """What the confidence in the first article is judged on.

    Attributes:
        top: its score, without what Rasa's topic adds.
        margin: the same less that of the best article of another topic; below 0 when Rasa decided.
        agreement: Rasa's probability for its topic less that of the best other topic, from -1 to 1; 0
            without Rasa.
        outside: Rasa's probability that the question is out of scope; 0 without Rasa.
    """

    top: float
    margin: float
    agreement: float
    outside: float


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
        self._languages = np.array([passage.language for passage in generation.passages])
        self._public = np.array([passage.audience is Audience.PUBLIC for passage in generation.passages])
        documents: dict[tuple[str, str], list[str]] = defaultdict(list)
        for passage in generation.passages:
            documents[passage.article_id, passage.language].append(passage.text)
        self._documents = tuple(documents)
        self._words = LexicalIndex(["\n".join(texts) for texts in documents.values()])

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

        Returns:
            No hits and an abstention when the question holds nothing to search for.
        """
        if not any(map(str.isalnum, question)):
            return Found((), Decision.ABSTAIN, 0.0)
        vector = self._embedder.question(question) if vector is None else vector
        candidates = self._candidates(question, vector, language, audience, topic_prior)
        hits = ranked(candidates, self.calibration.weights)
        found = self._judge(hits, topic_prior)
        sure = found.decision is Decision.ANSWER and emergencies
        if not sure or not is_emergency(found.hits[0]):
            found = self._judge(without_emergencies(hits), topic_prior)
        asked = self.generation.asked_for(vector)
        shown = (replace(hit, section=self._section(hit.article, asked)) for hit in found.hits[:k])
        return replace(found, hits=tuple(shown))

    def _judge(self, hits: tuple[Hit, ...], topic_prior: Mapping[str, float] | None) -> Found:
        if not hits:
            return Found((), Decision.ABSTAIN, 0.0)
        seen = features(hits, topic_prior)
        model = self.calibration.alone if topic_prior is None else self.calibration.with_rasa
        confidence = model.probability(seen.top, seen.margin, seen.agreement, seen.outside)
        return Found(hits, self.calibration.decide(confidence, seen.agreement), confidence)

    def candidates(
        self,
        question: str,
        *,
        language: str,
        audience: Audience = Audience.PUBLIC,
        topic_prior: Mapping[str, float] | None = None,
    ) -> tuple[Candidate, ...]:
        """Return all articles that may be shown, with their signals: what calibration works on."""
        vector = self._embedder.question(question)
        return self._candidates(question, vector, language, audience, topic_prior)

    def asked_for(self, question: str) -> Mapping[str, float]:
        """Return how much a question asks for each section, whatever its topic."""
        return self.generation.asked_for(self._embedder.question(question))

    def _candidates(
        self,
        question: str,
        vector: Vectors,
        language: str,
        audience: Audience,
        topic_prior: Mapping[str, float] | None,
    ) -> tuple[Candidate, ...]:
        nearest: dict[str, list[tuple[Passage, float]]] = defaultdict(list)
        for position, nearness in self.generation.nearest(vector, self._allowed(language, audience)):
            passage = self.generation.passages[position]
            nearest[passage.article_id].append((passage, nearness))
        words = dict(zip(self._documents, self._words.scores(question).tolist(), strict=True))
        prior = topic_prior or {}
        candidates = []
        for article_id, passages in nearest.items():
            article = self.library.best(article_id, language, audience)
            if article is None:  # removed, or made staff-only, since the index was built
                continue
            signals = _meaning(passages) | {
                "words": words.get((article_id, language), 0.0),
                "words_in_french": (
                    words.get((article_id, SOURCE_LANGUAGE), 0.0) if language != SOURCE_LANGUAGE else 0.0
                ),
                "prior": prior.get(article.topic, 0.0),
            }
            candidates.append(Candidate(article, passages[0][0], signals))
        return tuple(candidates)

    def _allowed(self, language: str, audience: Audience) -> NDArray[np.bool_]:
        allowed = np.isin(self._languages, (language, SOURCE_LANGUAGE))
        return allowed if audience is Audience.STAFF else allowed & self._public

    def _section(self, article: Article, asked: Mapping[str, float]) -> SectionKey | None:
        keys = [section.key for section in article.sections]
        return choose_section(asked, keys, self.calibration.section_margin)


def _meaning(passages: Sequence[tuple[Passage, float]]) -> dict[str, float]:
    """Return the nearness of an article's two nearest texts and of its nearest example question."""
    texts = [nearness for passage, nearness in passages if passage.part != QUESTION][:2]
    questions = [nearness for passage, nearness in passages if passage.part == QUESTION][:1]
    text, second = (*texts, 0.0, 0.0)[:2]
    return {"text": text, "second": second, "question": (*questions, 0.0)[0]}


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


def features(hits: Sequence[Hit], topic_prior: Mapping[str, float] | None) -> Features:
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
