"""Reads the lexicons of a folder, one file a language: a slip in one silences neither it nor the others."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml

from understanding.phrases import BadPhrase, Phrase, compile_phrase

Lexicon = TypeVar("Lexicon")
_log = logging.getLogger(__name__)


def read_lexicons(folder: Path, parse: Callable[[Mapping[str, Any]], Lexicon]) -> Mapping[str, Lexicon]:
    """Return the lexicons by language. One that cannot be read is left out, and logged.

    Args:
        folder: holds `<language>.yml` files.
        parse: makes a lexicon of the content of a file.
    """
    lexicons = {}
    for file in sorted(folder.glob("*.yml")):
        try:
            lexicons[file.stem] = parse(yaml.safe_load(file.read_text("utf-8")))
        except (OSError, ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError):
            _log.exception("the lexicon %s/%s cannot be read", folder.name, file.name)
    return lexicons


def compile_phrases(
    sources: Iterable[str], classes: Mapping[str, Sequence[str]], *, strict: bool
) -> Iterator[Phrase]:
    """Yield the phrases of a block; one that cannot be read is left out, and logged, unless `strict`.

    Raises:
        BadPhrase: a phrase cannot be read, and `strict`.
    """
    for source in sources:
        try:
            yield compile_phrase(source, classes)
        except BadPhrase:
            if strict:
                raise
            _log.exception("a phrase of a lexicon is left out")
