"""Searches the articles: which one answers a question, which section of it, and whether to answer at all.

Staff articles and other languages are filtered before the search, never after. An article's score is that of
its best passage by meaning, plus shares of its second best, of its words, and of the probability that Rasa
gives to its topic, when Rasa is there.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from knowledge.article import SOURCE_LANGUAGE, Article, Audience
from knowledge.calibration import Calibration, load_calibration
from knowledge.embedding import CachedEmbedder, Encoder, load_question_encoder
from knowledge.index import Generation, IndexUnusableError, load_generation
from knowledge.lexical import LexicalIndex
from knowledge.library import Library, load_library
from knowledge.passages import SHORT, TITLE, Passage
from knowledge.sections import SectionKey
from knowledge.settings import KnowledgeSettings

_TITLE_TIMES = 3  # how often the title counts among an article's words


class Decision(StrEnum):
    """What to do with what was found: show it, ask which of the first topics it is, or say "I don't know"."""

    ANSWER = "answer"
    CLARIFY = "clarify"
    ABSTAIN = "abstain"


@dataclass(frozen=True)
class Hit:
    """One article found.

    Attributes:
        article: as it is to be shown: in the resident's language, or in French (see its `language`).
        section: the section that answers, or None for the short answer. Never the easy-to-read one, which
            repeats the others and is shown on demand.
        passage: the passage nearest to the question, in whichever language.
        score: what articles are ranked by; only comparable within one search.
        parts: what the score is made of: `meaning`, `second`, `words`, `prior`.
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
class Features:
    """What the confidence in the first article is judged on.

    Attributes:
        top: its score, without what Rasa's topic adds.
        margin: how far the best article of another topic is behind.
        agreement: Rasa's probability for its topic less that of the best other topic, from -1 to 1; 0
            without Rasa.
    """

    top: float
    margin: float
    agreement: float


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
        passages = generation.passages
        self._languages = np.array([passage.language for passage in passages])
        self._public = np.array([passage.audience is Audience.PUBLIC for passage in passages])
        self._positions = {(p.article_id, p.language, p.part): n for n, p in enumerate(passages)}
        documents: dict[tuple[str, str], list[str]] = defaultdict(list)
        for passage in passages:
            times = _TITLE_TIMES if passage.part == TITLE else 1
            documents[passage.article_id, passage.language] += [passage.text] * times
        self._documents = tuple(documents)
        self._words = LexicalIndex(["\n".join(texts) for texts in documents.values()])

    def search(
        self,
        question: str,
        *,
        language: str,
        audience: Audience = Audience.PUBLIC,
        k: int = 5,
        topic_prior: Mapping[str, float] | None = None,
    ) -> Found:
        """Find the articles that answer a question.

        Args:
            question: what the resident wrote.
            language: the resident's language; articles in it and in French are searched.
            audience: who asks; staff articles are searched for staff only.
            k: how many articles to return at most.
            topic_prior: the probability that Rasa gives to each topic; None when Rasa is not there.

        Returns:
            No hits and an abstention when the question holds nothing to search for.
        """
        if not any(map(str.isalnum, question)):
            return Found((), Decision.ABSTAIN, 0.0)
        nearness = dict(
            self.generation.nearest(self._embedder.question(question), self._allowed(language, audience))
        )
        hits = self._ranked(
            nearness, self._words_of(question, language), language, audience, topic_prior or {}
        )
        if not hits:
            return Found((), Decision.ABSTAIN, 0.0)
        judged = features(hits, topic_prior)
        confidence = self.calibration.confidence(judged.top, judged.margin, judged.agreement)
        shown = tuple(replace(hit, section=self._section(hit.article, nearness)) for hit in hits[:k])
        return Found(shown, self._decide(confidence, judged.agreement), confidence)

    def _allowed(self, language: str, audience: Audience) -> NDArray[np.bool_]:
        allowed = np.isin(self._languages, (language, SOURCE_LANGUAGE))
        return allowed if audience is Audience.STAFF else allowed & self._public

    def _words_of(self, question: str, language: str) -> Mapping[str, float]:
        calibration = self.calibration
        best: dict[str, float] = defaultdict(float)
        for (article_id, of), score in zip(
            self._documents, self._words.scores(question).tolist(), strict=True
        ):
            if of in (language, SOURCE_LANGUAGE):
                weight = calibration.words_weight if of == language else calibration.words_weight_abroad
                best[article_id] = max(best[article_id], weight * score)
        return best

    def _ranked(
        self,
        nearness: Mapping[int, float],
        words: Mapping[str, float],
        language: str,
        audience: Audience,
        prior: Mapping[str, float],
    ) -> list[Hit]:
        """Return all articles, best first, their section not chosen yet."""
        nearest: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for position, score in nearness.items():  # nearest first
            nearest[self.generation.passages[position].article_id].append((position, score))
        hits = []
        for article_id, scores in nearest.items():
            article = self.library.best(article_id, language, audience)
            if article is None:  # removed, or made staff-only, since the index was built
                continue
            parts = {
                "meaning": scores[0][1],
                "second": self.calibration.second_weight * scores[min(1, len(scores) - 1)][1],
                "words": words[article_id],
                "prior": self.calibration.prior_weight * prior.get(article.topic, 0.0),
            }
            passage = self.generation.passages[scores[0][0]]
            hits.append(Hit(article, None, passage, sum(parts.values()), parts))
        return sorted(hits, key=lambda hit: -hit.score)

    def _section(self, article: Article, nearness: Mapping[int, float]) -> SectionKey | None:
        def near(part: str) -> float:
            position = self._positions.get((article.id, article.language, part))
            return -1.0 if position is None else nearness.get(position, -1.0)

        keys = [section.key for section in article.sections if section.key is not SectionKey.EASY]
        best = max(keys, key=near, default=None)
        if best is None or near(best) < near(SHORT) + self.calibration.short_margin:
            return None
        return best

    def _decide(self, confidence: float, agreement: float) -> Decision:
        if confidence < self.calibration.clarify_from:
            return Decision.ABSTAIN
        if confidence < self.calibration.answer_from or agreement < -self.calibration.disagreement:
            return Decision.CLARIFY
        return Decision.ANSWER


def features(hits: Sequence[Hit], topic_prior: Mapping[str, float] | None) -> Features:
    """Return what the first of some hits, best first and not empty, is judged on."""
    first = hits[0]
    other = next((hit.score for hit in hits if hit.article.topic != first.article.topic), 0.0)
    prior = topic_prior or {}
    rival = max((share for topic, share in prior.items() if topic != first.article.topic), default=0.0)
    return Features(
        top=first.score - first.parts["prior"],
        margin=first.score - other,
        agreement=prior.get(first.article.topic, 0.0) - rival,
    )


def open_search(settings: KnowledgeSettings, *, encoder: Encoder | None = None) -> Search:
    """Load the library and the current index.

    Args:
        settings: where they are, and which model.
        encoder: embeds the questions; by default the lightest one that serves the model of the settings.

    Raises:
        IndexUnusableError: there is no index, or it is damaged, or built with another model.
    """
    generation = load_generation(settings.index_dir)
    library, _ = load_library(settings.content_dir, settings.languages)
    embedder = CachedEmbedder(
        encoder or load_question_encoder(settings.embedding_model),
        settings.cache_dir,
        model=settings.embedding_model,
    )
    return Search(library, generation, embedder, load_calibration())
