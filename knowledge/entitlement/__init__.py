"""Finds sentences that conclude on a person's entitlement, which no article may hold.

Judging eligibility would make the assistant a high-risk system (EU AI Act, Annex III, 5a): an article
explains the conditions and points to the official simulator and to a person. The patterns are data, one file
a language; "pour savoir si vous avez droit à…" is a question, not a conclusion, and passes.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class _Patterns:
    refused: re.Pattern[str]
    unless: re.Pattern[str]


@cache
def _patterns(language: str) -> _Patterns | None:
    path = _FOLDER / f"{language}.yml"
    if not path.is_file():
        return None
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    refused = "|".join(f"(?:{pattern})" for pattern in data["refused"])
    unless = "|".join(f"(?:{pattern})" for pattern in data["unless"])
    return _Patterns(
        refused=re.compile(refused, re.IGNORECASE),
        unless=re.compile(f"(?:{unless})$", re.IGNORECASE),
    )


def has_patterns(language: str) -> bool:
    """Tell whether conclusions can be found in a language."""
    return _patterns(language) is not None


def find_conclusions(text: str, language: str) -> tuple[tuple[int, str], ...]:
    """Return the conclusions on entitlement in a text, as (offset of the match in characters, words matched).

    Nothing is found in a language that has no pattern file; `has_patterns` says so.
    """
    patterns = _patterns(language)
    if patterns is None:
        return ()
    plain = text.replace("’", "'")  # one character for one: offsets stay those of the text
    return tuple(
        (match.start(), " ".join(match.group().split()))
        for match in patterns.refused.finditer(plain)
        if not patterns.unless.search(plain[: match.start()])
    )
