"""Cuts a message where it may go from one question to another."""

import re
from functools import lru_cache

import yaml

from components.embedding import BOT_DIR

JOINS = BOT_DIR.parent / "understanding" / "lexicons" / "joins.yml"
SHORTEST = 2  # words: less says nothing alone
MOST = 4  # parts: who writes more tells a story
ARABIC_AND = "\u0648"
_ENDS = re.compile("(?<=[.!?;\u061f\u061b\u2026])\\s+|\n+")

_QUESTION_MARKS = re.compile("[?\u061f]+")


@lru_cache(maxsize=1)
def _joins() -> re.Pattern[str]:
    words = [word for line in yaml.safe_load(JOINS.read_text(encoding="utf-8")).values() for word in line]
    apart = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True) if word != ARABIC_AND)
    return re.compile(rf"[,;،]?\s+(?:(?:{apart})\s+|{ARABIC_AND}\s*)", re.IGNORECASE)


def sentences(text: str) -> list[str]:
    """Return the sentences of a message; of a single one, the two halves of its only joining word.

    Returns:
        At most four parts of at least two words; fewer than two when there is nothing to cut.
    """
    parts = _long_enough(_ENDS.split(text))
    if len(parts) == 1:
        halves = _long_enough(_joins().split(text))
        parts = halves if len(halves) == 2 else parts
    return parts if len(parts) <= MOST else []


def asks_twice(text: str) -> bool:
    """Return whether a message has more than one question mark, after different words."""
    return len(_long_enough(_QUESTION_MARKS.split(text))) > 1


def _long_enough(parts: list[str]) -> list[str]:
    return [part.strip() for part in parts if len(part.split()) >= SHORTEST]
