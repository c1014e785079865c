"""What residents write for what articles say: acronyms.yml, and text-message spelling, sms_<language>.yml.

Both are files for administrators: adding a line there is all it takes.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from knowledge.words import plain

_FOLDER = Path(__file__).parent
_WORD = re.compile(r"[\w'’]+")


@dataclass(frozen=True)
class Wordings:
    """Acronyms and text-message spellings, all written as `words.plain` does.

    Attributes:
        acronyms: what each stands for, in French, whoever asks: "aeeh" is on the form in every language.
        messages: by language, the words that each text-message spelling stands for.
    """

    acronyms: Mapping[str, str]
    messages: Mapping[str, Mapping[str, str]]

    def spelled_out(self, text: str, language: str) -> str:
        """Return a text with its text-message spellings replaced by the words they stand for."""
        spellings = self.messages.get(language, {})
        return _WORD.sub(lambda found: spellings.get(plain(found[0]), found[0]), text)

    def expansions(self, text: str) -> str:
        """Return what the acronyms of a text stand for, and the acronyms of what it spells out."""
        written = plain(text)
        found = [self.acronyms[word] for word in _WORD.findall(written) if word in self.acronyms]
        found += [acronym for acronym, meaning in self.acronyms.items() if meaning in written]
        return " ".join(found)


@cache
def load_wordings(folder: Path = _FOLDER) -> Wordings:
    """Read the files.

    Raises:
        ValueError: an entry is not a text.
    """
    messages = {path.stem.removeprefix("sms_"): _read(path) for path in sorted(folder.glob("sms_*.yml"))}
    return Wordings(_read(folder / "acronyms.yml"), messages)


def _read(path: Path) -> Mapping[str, str]:
    data = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    wrong = [key for key, value in data.items() if not isinstance(key, str) or not isinstance(value, str)]
    if wrong:
        raise ValueError(f"{path}: {wrong[0]!r}: write `short form: words`, in quotes where YAML needs them")
    return {plain(key): plain(value) for key, value in data.items()}
