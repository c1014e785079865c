"""The age that a minor who writes gives as its own ("j'ai 11 ans", "I'm twelve", "je suis en CM2").

Each language has a lexicon, `lexicons/age/<language>.yml`; all of them are tried on every message, as for
danger.
An adult who speaks of a child, of the past or of years of work is nobody's age here.
"""

import logging
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from understanding.cleaning import clean
from understanding.lexicon_files import compile_phrases, read_lexicons
from understanding.phrases import (
    Finder,
    Phrase,
    Words,
    compile_phrase,
    lines,
    read,
)

LEXICONS = Path(__file__).parent / "lexicons" / "age"

MAJORITY = 18
YOUNGEST = 5
"""Who writes is at least so old; fewer years in a message are years of something else."""

_READ = 4000
"""Characters that are read: more than a message may have."""

_ORDINAL_DOT = re.compile(r"(?<![\d.,])(\d)\.(?=[ºª°]|\s?[^\W\d_])")
_DIGIT_BESIDE_LETTER = re.compile(r"(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=\d)")

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Lexicon:
    """How a child tells its age in one language.

    Attributes:
        values: for each name that a phrase may use (`age`, `school`), the words of each age.
        says: phrases that tell the writer's age.
        soon: phrases that tell the age that the writer is about to have.
        excluded: the same words about something else; one that reaches beyond a phrase undoes it.
    """

    values: Mapping[str, Mapping[int, Phrase]]
    says: Finder
    soon: Finder
    excluded: Finder

    def told(self, words: Words) -> Iterator[tuple[int, int]]:
        """Return where in `words.text` each age is told, and the age, majority and beyond included."""
        excluded = [(start, end) for _, start, end in self.excluded.find(words)]
        for finder, less in ((self.says, 0), (self.soon, 1)):
            for phrase, start, end in finder.find(words):
                undone = any(
                    first < end and start < last and (first < start or end < last) for first, last in excluded
                )
                if not undone:
                    yield start, self._value(phrase, words.text, start, end) - less

    def _value(self, phrase: Phrase, text: str, start: int, end: int) -> int:
        """Return the age that a phrase found at `text[start:end]` tells: that of its longest number."""
        name = "school" if "{school}" in phrase.source else "age"
        found = [
            (match.end() - match.start(), value)
            for value, number in self.values[name].items()
            for match in number.pattern.finditer(text, start, end)
        ]
        return max(found)[1]


def child_age(text: str) -> int | None:
    """Return the writer's own age, in years, when the message says it and it is under 18. Never raises.

    Args:
        text: the message, masked or not.
    """
    try:
        words = read(_plain(text[:_READ]))
        told = [found for lexicon in load_lexicons().values() for found in lexicon.told(words)]
        # The first age told is the writer's; what follows is more often a matter to come.
        age = min(told)[1] if told else None
    except Exception:  # noqa: BLE001 - an error here must not stop the reply
        _log.exception("an age could not be looked for")
        return None
    return age if age is not None and age < MAJORITY else None


def _plain(text: str) -> str:
    """Return the text with plain digits, each number a word of its own ("12ans" is "12 ans")."""
    text = unicodedata.normalize("NFKC", _ORDINAL_DOT.sub(r"\1 ", clean(text))).replace("ʼ", "'")
    digits = "".join(str(unicodedata.decimal(sign, sign)) for sign in text)
    return _DIGIT_BESIDE_LETTER.sub(" ", digits)


@cache
def load_lexicons() -> Mapping[str, Lexicon]:
    """Return the lexicons by language, read once. One that cannot be read is left out, and logged."""
    return read_lexicons(LEXICONS, parse_lexicon)


def parse_lexicon(content: Mapping[str, Any], *, strict: bool = False) -> Lexicon:
    """Return a lexicon from the content of its file.

    Args:
        content: the file, read as YAML.
        strict: whether a phrase that cannot be read is an error; otherwise it is left out, and logged.

    Raises:
        BadPhrase: a phrase cannot be read.
        KeyError: a part is missing.
    """
    numbers = {age: [str(age), *_alternatives(words)] for age, words in content["numbers"].items()}
    school = {age: _alternatives(words) for age, words in content["school"].items()}
    named = {"age": numbers, "school": school}
    classes = {name: [word for words in ages.values() for word in words] for name, ages in named.items()}

    def finder(block: str) -> Finder:
        return Finder(compile_phrases(lines(block), classes, strict=strict))

    return Lexicon(
        values={
            name: {age: compile_phrase(f"({'|'.join(words)})") for age, words in ages.items()}
            for name, ages in named.items()
        },
        says=finder(content["says"]),
        soon=finder(content["soon"]),
        excluded=finder(content["not"]),
    )


def _alternatives(words: str) -> list[str]:
    return [each.strip() for each in words.split("|") if each.strip()]
