"""Danger in a message: the emergencies of the taxonomy that somebody may be in, whoever it is.

Two ways of seeing it: lexicons of turns of phrase, which need nothing, and a model of the message's meaning
(danger_model.py), which knows the turns of phrase that nobody thought of. What the lexicons find is ordinary
when the model is sure that it is; what either finds otherwise is danger.

Each language has a lexicon, `lexicons/danger/<language>.yml`; all of them are tried on every message, since
residents mix languages and the language may have been guessed wrong. Nothing but these files and this process
is needed: danger is found with every other part of the assistant down.
"""

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from understanding.cleaning import clean
from understanding.danger_model import ORDINARY, DangerModel, load_danger_model
from understanding.joins import joining
from understanding.lexicon_files import compile_phrases, read_lexicons
from understanding.meaning import Vector
from understanding.phrases import (
    Finder,
    Words,
    fold,
    lines,
    read,
    respell,
    without,
)
from understanding.typos import Typos

LEXICONS = Path(__file__).parent / "lexicons" / "danger"

URGENCY = (
    "medical",
    "incendie",
    "suicide",
    "enfant",
    "violences-femmes",
    "maltraitance",
    "police",
    "sans-abri",
)
"""The emergencies of the taxonomy, most urgent first; being attacked at home comes before being attacked,
because its numbers include the police."""

Embed = Callable[[str], Vector]

_MARKS = re.compile("[.,;:!?…\n،؛؟]+")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Danger:
    """A danger found in a message.

    Attributes:
        id: an emergency of the taxonomy.
        matched: the resident's words that tell it; "" when the whole message does.
    """

    id: str
    matched: str


@dataclass(frozen=True)
class Lexicon:
    """How danger is told in one language.

    Attributes:
        spelling: what abbreviations stand for.
        typos: words recognised with one wrong letter.
        ordinary: phrases that tell no danger although they hold words that do.
        dangers: phrases that tell a danger, by emergency.
    """

    spelling: Mapping[str, str]
    typos: Typos
    ordinary: Finder
    dangers: Mapping[str, Finder]

    def respelled(self, message: Words) -> Words:
        """Return the message as this language spells it."""
        return respell(message, self.spelling, self.typos.correct)

    def find(self, words: Words) -> dict[str, str]:
        """Return the resident's words for each emergency that this lexicon finds."""
        found = {emergency: finder.first(words) for emergency, finder in self.dangers.items()}
        return {emergency: words.original(*span) for emergency, span in found.items() if span}


def find_dangers(
    text: str, *, language: str | None = None, meaning: Vector | None = None, read_clause: Embed | None = None
) -> tuple[Danger, ...]:
    """Return the dangers that a message tells, most urgent first. Never raises.

    Args:
        text: the message, masked or not.
        language: the language it is thought to be in: only whose words are quoted first depends on it.
        meaning: its vector (`Meaning.of`); without it, only the lexicons are asked.
        read_clause: gives the vector of a part of it, for what is told beside an ordinary request.
    """
    plain: str = text
    found: tuple[Danger, ...] = ()
    try:
        plain = clean(text)
        found = _find(read(plain), language)
    except Exception:  # noqa: BLE001 - an error here must not stop the reply
        _log.exception("danger could not be looked for by its words")
    try:
        return found if meaning is None else _judged(plain, found, meaning, read_clause)
    except Exception:  # noqa: BLE001 - neither must an error there, nor hide what the words tell
        _log.exception("danger could not be looked for by its meaning")
        return found


def _judged(
    text: str, found: tuple[Danger, ...], meaning: Vector, read_clause: Embed | None
) -> tuple[Danger, ...]:
    """Return what the lexicons found and the model believes, and what the model finds alone."""
    model = load_danger_model()
    if model is None:
        return found
    seen = model.probabilities(meaning)
    told = 1 - seen[ORDINARY]
    known = {danger.id: danger for danger in found}
    if told < model.confirmed_from:
        # The rest of the message may hide it: "my husband hits me, and I would like a bus pass".
        known = {
            danger.id: danger
            for danger in found
            if read_clause and _is_told(model, read_clause(clause_of(danger.matched, text)))
        }
    if told >= model.found_from:
        likely = max(URGENCY, key=lambda emergency: seen[emergency])
        known.setdefault(likely, Danger(likely, ""))
    return tuple(known[emergency] for emergency in URGENCY if emergency in known)


def _is_told(model: DangerModel, vector: Vector) -> bool:
    return 1 - model.probabilities(vector)[ORDINARY] >= model.found_from


def clause_of(words: str, text: str) -> str:
    """Return the part of a message, between marks of punctuation or joining words, that holds these words."""
    start = text.find(words)
    if start < 0 or not words:
        return text
    end = start + len(words)
    cuts = (_MARKS, joining())
    begins = max((cut.end() for each in cuts for cut in each.finditer(text, 0, start)), default=0)
    ends = min((cut.start() for each in cuts for cut in each.finditer(text, end)), default=len(text))
    return text[begins:ends].strip()


def _find(message: Words, language: str | None) -> tuple[Danger, ...]:
    lexicons = load_lexicons()
    respelled = {code: lexicon.respelled(message) for code, lexicon in lexicons.items()}
    ordinary = bytearray(len(message.message) + 1)
    # What is ordinary in one language is hidden from all: "suicide" is a word of several.
    for code, words in respelled.items():
        for _, start, end in lexicons[code].ordinary.find(words):
            first, last = words.span(start, end)
            ordinary[first:last] = b"\1" * (last - first)
    found: dict[str, str] = {}
    for code in sorted(lexicons, key=lambda code: code != language):
        found = {**lexicons[code].find(without(respelled[code], ordinary)), **found}
    return tuple(Danger(emergency, found[emergency]) for emergency in URGENCY if emergency in found)


@cache
def load_lexicons() -> Mapping[str, Lexicon]:
    """Return the lexicons by language, read once. One that cannot be read is left out, and logged."""
    return read_lexicons(LEXICONS, parse_lexicon)


def parse_lexicon(content: Mapping[str, Any], *, strict: bool = False) -> Lexicon:
    """Return a lexicon from the content of its file.

    Args:
        content: the file, read as YAML.
        strict: whether a phrase that cannot be read is an error; otherwise it is left out, and logged, since
            one slip must not silence a language.

    Raises:
        BadPhrase: a phrase cannot be read.
        KeyError: a part is missing, or an emergency is not one of the taxonomy.
    """
    classes = {name: _alternatives(block) for name, block in content["words"].items()}
    unknown = set(content["dangers"]) - set(URGENCY)
    if unknown:
        raise KeyError(f"not an emergency of the taxonomy: {', '.join(sorted(unknown))}")

    def finder(block: str) -> Finder:
        return Finder(compile_phrases(lines(block), classes, strict=strict))

    return Lexicon(
        spelling={
            fold(short): " ".join(map(fold, long.split())) for short, long in content["spelling"].items()
        },
        typos=Typos(content["typos"]["meant"].split(), content["typos"]["not"].split()),
        ordinary=finder(content["ordinary"]),
        dangers={emergency: finder(block) for emergency, block in content["dangers"].items()},
    )


def _alternatives(block: str) -> list[str]:
    return [words.strip() for line in lines(block) for words in line.split("|") if words.strip()]
