"""Cuts texts of any language into the terms that the lexical index compares.

A word is compared without case and accents, by its stem (Snowball; Porter, 2001) and, in French, by its lemma
too: on search-box questions the two together find more than either (docs/evaluation.md). A language without a
stemmer is compared by the first letters of its words; a script that writes no spaces, by pairs of letters: no
script is left out.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import cast

import Stemmer

STEMMERS = {
    "ar": "arabic",
    "ca": "catalan",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hu": "hungarian",
    "hy": "armenian",
    "it": "italian",
    "lt": "lithuanian",
    "nl": "dutch",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sv": "swedish",
    "tr": "turkish",
}
FIRST_LETTERS = 6  # of a word, in a language without a stemmer
_REMEMBERED = 100_000  # stems, some 20 MB

_WORD = re.compile(r"\w+")
# Thai, Lao, Khmer, Burmese, kana and Chinese characters.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]+")
_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ı": "i", "ß": "ss", "ـ": None, "ى": "ي"})


def plain(text: str) -> str:
    """Return a text without case, accents or other marks on its letters."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def words(text: str) -> list[str]:
    """Return the words of a text as `plain` writes them; single letters and digits are left out."""
    return [word for found in _WORD.findall(plain(text)) for word in _spaced(found) if len(word) > 1]


def _spaced(word: str) -> Iterator[str]:
    position = 0
    for run in _UNSPACED.finditer(word):
        yield word[position : run.start()]
        letters = run.group()
        yield from (letters[n : n + 2] for n in range(max(1, len(letters) - 1)))
        position = run.end()
    yield word[position:]


class Analyzer:
    """Turns words of one language into terms."""

    def __init__(self, language: str, lemmas: Mapping[str, str] | None = None) -> None:
        """Prepare a language.

        Args:
            language: its ISO 639-1 code.
            lemmas: the lemma of each word, both as `plain` writes them; a word without one has its stem only.
        """
        self._lemmas = lemmas or {}
        self._stem = lru_cache(_REMEMBERED)(_stemmer(language))

    def terms(self, word: str) -> tuple[str, ...]:
        """Return the terms of a word: its stem, and its lemma where it is known."""
        stem = f"~{self._stem(word)}"  # marked, so that a stem is never taken for a lemma
        return (stem, self._lemmas[word]) if word in self._lemmas else (stem,)

    def of(self, text: str) -> list[str]:
        """Return the terms of a text, repeated as they come."""
        return [term for word in words(text) for term in self.terms(word)]


def _stemmer(language: str) -> Callable[[str], str]:
    if language not in STEMMERS:
        return lambda word: word[:FIRST_LETTERS]
    return cast("Callable[[str], str]", Stemmer.Stemmer(STEMMERS[language]).stemWord)
