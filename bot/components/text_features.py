"""What the letters and words of a message say, beside its embedding: the TF-IDF of its n-grams.

Terms, counts and rarities are those of scikit-learn's TfidfVectorizer (`strip_accents="unicode"`,
`sublinear_tf=True`, `norm=None`); they are found here so that the server need not load scikit-learn. One
thing differs: the length that a text's values are divided by also counts the terms that no example has. A
message in a language without examples shares few terms with the others, by accident: divided by their length
alone, they would weigh as much as a whole sentence. So they weigh little, and the embedding decides.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

WORD = re.compile(r"\b\w\w+\b")


@dataclass(frozen=True)
class NGrams:
    """Which n-grams of a text are looked at.

    Attributes:
        unit: "characters" (inside one word, its edges being spaces) or "words".
        shortest, longest: how many units an n-gram has.
        least_examples: a term that fewer examples have is not learnt.
        weight: the length of the vector of a text whose terms are all known.
    """

    unit: str
    shortest: int
    longest: int
    least_examples: int
    weight: float


def fold(text: str) -> str:
    """Return a text in lower case, without accents."""
    lowered = text.lower()
    if lowered.isascii():
        return lowered
    return "".join(c for c in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(c))


def _of_characters(text: str, shortest: int, longest: int) -> list[str]:
    found = []
    for word in text.split():
        padded = f" {word} "
        for length in range(shortest, longest + 1):
            if length >= len(padded):
                found.append(padded)
                break
            found += [padded[start : start + length] for start in range(len(padded) - length + 1)]
    return found


def _of_words(text: str, shortest: int, longest: int) -> list[str]:
    words = WORD.findall(text)
    return [
        " ".join(words[start : start + length])
        for length in range(shortest, longest + 1)
        for start in range(len(words) - length + 1)
    ]


FINDERS: dict[str, Callable[[str, int, int], list[str]]] = {"characters": _of_characters, "words": _of_words}


def terms_of(text: str, ngrams: NGrams) -> Counter[str]:
    """Return the terms of a text and how often it has each."""
    return Counter(FINDERS[ngrams.unit](fold(text), ngrams.shortest, ngrams.longest))


def _rarity(examples: int, having: np.ndarray) -> np.ndarray:
    """Return the smoothed inverse document frequency of terms."""
    return np.log((1 + examples) / (1 + having)) + 1


@dataclass(frozen=True)
class Terms:
    """The terms learnt of one kind of n-grams.

    Attributes:
        ngrams: The kind.
        known: The terms; one a feature.
        rarity: What each counts for, float32.
        unknown_rarity: What any other term counts for in the length of a text.
    """

    ngrams: NGrams
    known: tuple[str, ...]
    rarity: np.ndarray
    unknown_rarity: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "_columns", {term: column for column, term in enumerate(self.known)})

    def features(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        """Return the columns of a text's terms, and their values."""
        counts = terms_of(text, self.ngrams)
        found = np.fromiter((self._columns.get(term, -1) for term in counts), int, len(counts))
        rarity = np.where(found >= 0, self.rarity[found], self.unknown_rarity) if len(found) else np.empty(0)
        values = (1 + np.log(np.fromiter(counts.values(), float, len(counts)))) * rarity
        values *= self.ngrams.weight / (np.linalg.norm(values) or 1.0)
        return found[found >= 0], values[found >= 0].astype(np.float32)


def learn_terms(texts: Sequence[str], ngrams: NGrams) -> Terms:
    """Learn the terms of examples."""
    having = Counter(term for text in texts for term in terms_of(text, ngrams))
    known = tuple(sorted(term for term, count in having.items() if count >= ngrams.least_examples))
    counts = np.array([having[term] for term in known], float)
    unknown = float(_rarity(len(texts), np.array(1.0)))
    return Terms(ngrams, known, _rarity(len(texts), counts).astype(np.float32), unknown)


@dataclass(frozen=True)
class TextFeatures:
    """Several kinds of n-grams side by side."""

    kinds: tuple[Terms, ...]

    @property
    def count(self) -> int:
        """How many features there are."""
        return sum(len(terms.known) for terms in self.kinds)

    @property
    def length(self) -> float:
        """How long the values of a text are of which every term is known."""
        return float(np.linalg.norm([terms.ngrams.weight for terms in self.kinds]))

    def features(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        """Return the columns of a text's features, and their values."""
        columns, values, before = [np.empty(0, int)], [np.empty(0, np.float32)], 0
        for terms in self.kinds:
            found, worth = terms.features(text)
            columns.append(found + before)
            values.append(worth)
            before += len(terms.known)
        return np.concatenate(columns), np.concatenate(values)


def learn_features(texts: Sequence[str], kinds: Sequence[NGrams]) -> TextFeatures:
    """Learn the features of examples."""
    return TextFeatures(tuple(learn_terms(texts, ngrams) for ngrams in kinds))
