"""Finds documents by their words (BM25), beside the search by meaning.

Embeddings are weak on acronyms and names (MDPH, PCH, a commune), where the word itself decides. The counting
is bm25s's (Lù, "BM25S", 2024), in Lucene's variant. What residents write is brought to the documents' words
first: acronyms are spelled out, text-message spelling is undone, and a word that no document holds becomes
the nearest one that some does.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import bm25s
import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from knowledge.lemmas import french_lemmas
from knowledge.wordings import Wordings, load_wordings
from knowledge.words import Analyzer, words

# Chosen on the development questions of service_public and OMoS-QA: long documents are discounted a lot.
K1, B = 1.5, 0.9
TITLE_TIMES = 3  # how often a document's title counts
_REMEMBERED = 2000  # documents whose words are kept, about 10 kB each
_CANDIDATES = 8  # words at the same distance, among which the most frequent wins


@dataclass(frozen=True)
class Matches:
    """What a question's words found.

    Attributes:
        scores: one a document: how many of the rarest possible words its matches are worth; 0 for no match.
        coverage: the share of the question, each word counted by its rarity, that some document holds.
        terms: the terms that were looked for, corrected.
    """

    scores: NDArray[np.float32]
    coverage: float
    terms: tuple[str, ...]


@lru_cache(_REMEMBERED)
def _words_of(document: str) -> tuple[str, ...]:
    """Return a document's words. A new generation mostly holds the documents of the one before."""
    return tuple(map(sys.intern, words(document)))


class LexicalIndex:
    """The words of a set of documents in one language. Nothing changes it: threads may search at once."""

    def __init__(
        self,
        documents: Sequence[str],
        language: str,
        *,
        lemmas: Mapping[str, str] | None = None,
        wordings: Wordings | None = None,
    ) -> None:
        """Count the words of documents.

        Args:
            documents: plain texts.
            language: theirs, which says how words are cut.
            lemmas: by word, as `words.plain` writes it; the table that comes with the articles by default.
            wordings: acronyms and text-message spellings; those of the project by default.
        """
        if lemmas is None and language == "fr":
            lemmas = french_lemmas()
        self._analyzer = Analyzer(language, lemmas)
        self._wordings = wordings or load_wordings()
        self._language = language
        self._size = len(documents)
        held = [_words_of(document) for document in documents]
        self._forms = Counter(form for forms in held for form in forms)
        terms = [[term for form in forms for term in self._analyzer.terms(form)] for forms in held]
        self._counts = Counter(term for each in terms for term in set(each))
        self._engine = bm25s.BM25(k1=K1, b=B, method="lucene")
        if self._counts:
            self._engine.index(terms, show_progress=False)

    def matches(self, question: str, *, own_language: bool = True) -> Matches:
        """Compare a question with all documents.

        Args:
            question: what a resident wrote.
            own_language: whether it is in the documents' language; otherwise only what languages share counts
                (acronyms, names), and nothing is corrected.
        """
        terms = tuple(dict.fromkeys(self._terms(question, own_language)))
        known = [term for term in terms if term in self._counts]
        rarest = self._rarity("")
        coverage = sum(map(self._rarity, known)) / max(sum(map(self._rarity, terms)), rarest)
        scores = np.zeros(self._size, np.float32)
        if known:
            scores = self._engine.get_scores(known) / (2 * rarest)  # a word gives two terms, mostly
        return Matches(scores, coverage, terms)

    def _rarity(self, term: str) -> float:
        held = self._counts[term]
        return float(np.log(1 + (self._size - held + 0.5) / (held + 0.5)))

    def _terms(self, question: str, own_language: bool) -> Iterator[str]:
        if own_language:
            question = self._wordings.spelled_out(question, self._language)
        for word in (*words(question), *words(self._wordings.expansions(question))):
            yield from self._analyzer.terms(self._corrected(word) if own_language else word)

    def _corrected(self, word: str) -> str:
        """Return a word of the documents: the same, or the most frequent of the nearest, if near enough."""
        if word in self._forms or any(term in self._counts for term in self._analyzer.terms(word)):
            return word
        allowed = 0 if len(word) < 4 or not word.isalpha() else 1 if len(word) < 8 else 2
        if not allowed:
            return word
        near = extract(word, self._forms.keys(), scorer=OSA.distance, score_cutoff=allowed, limit=_CANDIDATES)
        return min(near, key=lambda found: (found[1], -self._forms[found[0]]))[0] if near else word
