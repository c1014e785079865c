"""Cuts a message where it may go from one question to another."""

import re

from understanding.joins import joining

SHORTEST = 2  # words: less says nothing alone
MOST = 4  # parts: who writes more tells a story
_ENDS = re.compile("(?<=[.!?;\u061f\u061b\u2026])\\s+|\n+")

_QUESTION_MARKS = re.compile("[?\u061f]+")


def sentences(text: str) -> list[str]:
    """Return the sentences of a message; of a single one, the two halves of its only joining word.

    Returns:
        At most four parts of at least two words; fewer than two when there is nothing to cut.
    """
    parts = _long_enough(_ENDS.split(text))
    if len(parts) == 1:
        halves = _long_enough(joining().split(text))
        parts = halves if len(halves) == 2 else parts
    return parts if len(parts) <= MOST else []


def asks_twice(text: str) -> bool:
    """Return whether a message has more than one question mark, after different words."""
    return len(_long_enough(_QUESTION_MARKS.split(text))) > 1


def _long_enough(parts: list[str]) -> list[str]:
    return [part.strip() for part in parts if len(part.split()) >= SHORTEST]
