"""Which section a chapter goes into: reads `chapters.yml`, beside this file."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from knowledge.sections import SectionKey

CHAPTERS_FILE = Path(__file__).with_name("chapters.yml")


@dataclass(frozen=True)
class Chapters:
    """The words that lead a title to a section.

    Attributes:
        otherwise: where a title goes that has none of them.
        titles: the title of each section.
        services, glossary: the titles of the lists that end a sheet.
    """

    otherwise: SectionKey
    titles: Mapping[SectionKey, str]
    services: str
    glossary: str
    patterns: tuple[tuple[SectionKey, re.Pattern[str]], ...]

    def section(self, title: str) -> SectionKey | None:
        """Return the section whose words a title has, or None."""
        plain = _folded(title)
        return next((key for key, pattern in self.patterns if pattern.search(plain)), None)


@cache
def load_chapters(path: Path = CHAPTERS_FILE) -> Chapters:
    """Read the file; the result is kept, since it only changes with the code."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    patterns = {
        SectionKey(key): re.compile(rf"\b(?:{'|'.join(f'(?:{word})' for word in words)})")
        for key, words in data["words"].items()
    }
    return Chapters(
        otherwise=SectionKey(data["otherwise"]),
        titles={SectionKey(key): str(title) for key, title in data["titles"].items()},
        services=str(data["services"]),
        glossary=str(data["glossary"]),
        patterns=tuple(patterns.items()),
    )


def _folded(text: str) -> str:
    apart = unicodedata.normalize("NFD", text.lower().replace("’", "'"))
    return "".join(character for character in apart if not unicodedata.combining(character))
