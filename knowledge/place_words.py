"""How the names of places are written, and how a text is cut into words that can be compared with them."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

Phrase = tuple[str, ...]

ARTICLES = frozenset({"la", "le", "les", "l"})
SPELT_OUT: dict[str, Phrase] = {
    "st": ("saint",),
    "ste": ("sainte",),
    "sts": ("saints",),
    "stes": ("saintes",),
    "au": ("a", "le"),
    "aux": ("a", "les"),
    "du": ("de", "le"),
    "des": ("de", "les"),
}


class PlaceWords(BaseModel):
    """How places are written in a département: `places/<code>.names.yml`, whose comments explain it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    also: dict[str, list[str]] = {}
    ordinary: list[str] = []
    cues: list[str] = []
    fillers: list[str] = []
    not_after: list[str] = []
    not_places: list[str] = []
    never_misspelt: list[str] = []
    arrondissement_words: list[str] = []
    divided_links: list[str] = []
    ordinal_endings: list[str] = []
    ordinals: dict[int, list[str]] = {}
    other_divided_cities: list[str] = []
    number_units: list[str] = []
    number_names: list[str] = []


@dataclass(frozen=True)
class Word:
    """A word of a text, folded.

    Attributes:
        text: without accents or capitals.
        after: the characters that separate it from the next one.
        accented: it was written with an accent, which tells "à" from "a".
    """

    text: str
    after: str
    accented: bool = False


@dataclass(frozen=True)
class Name:
    """A way of naming one place, or several when it is ambiguous.

    Attributes:
        words: its folded words.
        places: INSEE codes.
        short: it is not the whole official name.
        ordinary: it means something else too.
    """

    words: Phrase
    places: tuple[str, ...]
    short: bool = False
    ordinary: bool = False

    @property
    def letters(self) -> str:
        """Its words in one, so that "Bouc Belair" and "Bouc-Bel-Air" are the same."""
        return "".join(self.words)

    @property
    def weight(self) -> int:
        """How many letters it has without its article."""
        return len("".join(self.words[1:] if self.words[0] in ARTICLES else self.words))


def words_of(text: str) -> tuple[Word, ...]:
    """Cut a text, in any script, into words without accents or capitals, abbreviations spelt out."""
    letters: list[str] = []
    accents: list[bool] = []
    for character in unicodedata.normalize("NFC", text.casefold()):
        decomposed = unicodedata.normalize("NFKD", character)
        bare = "".join(part for part in decomposed if not unicodedata.combining(part))
        letters.append(bare)
        accents.extend([bare != character] * len(bare))
    folded = "".join(letters)
    found = list(re.finditer(r"[^\W_]+", folded))
    starts = [match.start() for match in found]
    words: list[Word] = []
    for match, end in zip(found, [*starts[1:], len(folded)], strict=False):
        spelt = SPELT_OUT.get(match.group())
        accented = spelt is not None or any(accents[match.start() : match.end()])
        *first, last = spelt or (match.group(),)
        words.extend(Word(word, " ", accented) for word in first)
        words.append(Word(last, folded[match.end() : end], accented))
    return tuple(words)


def fold(text: str) -> Phrase:
    """Return the folded words of a text."""
    return tuple(word.text for word in words_of(text))


def phrases(texts: Iterable[str]) -> frozenset[Phrase]:
    """Return the folded words of each text."""
    return frozenset(fold(text) for text in texts)
