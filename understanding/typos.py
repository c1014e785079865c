"""Words recognised with one wrong letter: one missing, one too many, one for another, two swapped.

The distance is that of optimal string alignment (Damerau, 1964), as rapidfuzz computes it.
"""

from collections.abc import Iterable
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from understanding.phrases import fold

_SHORTEST = 6
"""Letters: a shorter word is too close to too many others."""


class Typos:
    """Finds which word was meant.

    Args:
        meant: the words to recognise.
        ordinary: words that are one letter away from these and mean something else.
    """

    def __init__(self, meant: Iterable[str], ordinary: Iterable[str] = ()) -> None:
        self._meant = tuple(dict.fromkeys(fold(word) for word in meant))
        self._ordinary = frozenset(fold(word) for word in ordinary)
        self._known = frozenset(self._meant) | self._ordinary
        self.correct = lru_cache(maxsize=20_000)(self._correct)

    def _correct(self, word: str) -> str:
        """Return the word that was meant, or the same word."""
        if len(word) < _SHORTEST or word in self._known or word[0].isdigit():
            return word
        best = process.extractOne(word, self._meant, scorer=OSA.distance, score_cutoff=1)
        return str(best[0]) if best and best[0][0] == word[0] else word
