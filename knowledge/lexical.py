"""Finds documents by their words (BM25), beside the search by meaning.

Embeddings are weak on acronyms and names (MDPH, PCH, a commune), where the word itself decides. Words are cut
to their first letters instead of being stemmed: one rule for all languages, so that no script is left out.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

# Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009): the usual values.
K1, B = 1.2, 0.75
STEM_LETTERS = 6

_WORD = re.compile(r"\w+")


def terms(text: str) -> list[str]:
    """Return the words of a text without case, accents or endings; single letters are left out."""
    plain = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", text.casefold())
        if not unicodedata.combining(letter)
    )
    return [word[:STEM_LETTERS] for word in _WORD.findall(plain) if len(word) > 1]


class LexicalIndex:
    """The words of a set of documents."""

    def __init__(self, documents: Sequence[str]) -> None:
        """Count the words of documents, given as plain texts."""
        counts = [Counter(terms(document)) for document in documents]
        lengths = np.array([sum(count.values()) for count in counts], dtype=np.float32)
        norms = K1 * (1 - B + B * lengths / max(float(lengths.mean()), 1.0)) if counts else lengths
        holders: dict[str, list[tuple[int, float]]] = {}
        for position, count in enumerate(counts):
            for term, times in count.items():
                weight = times * (K1 + 1) / (times + float(norms[position]))
                holders.setdefault(term, []).append((position, weight))
        self._size = len(counts)
        self._postings = {
            term: (np.array([p for p, _ in held]), np.array([w for _, w in held], dtype=np.float32))
            for term, held in holders.items()
        }

    def _rarity(self, term: str) -> float:
        holders = len(self._postings[term][0]) if term in self._postings else 0
        return float(np.log(1 + (self._size - holders + 0.5) / (holders + 0.5)))

    def scores(self, question: str) -> NDArray[np.float32]:
        """Return one score a document, from 0 (no word in common) to 1 (more than any document could have).

        The sum is divided by the most that the question's words could give, words that no document holds
        included: a question mostly made of unknown words scores low everywhere.
        """
        total = np.zeros(self._size, dtype=np.float32)
        most = 0.0
        for term in set(terms(question)):
            rarity = self._rarity(term)
            most += rarity * (K1 + 1)
            if term in self._postings:
                positions, weights = self._postings[term]
                total[positions] += rarity * weights
        return total / most if most else total
