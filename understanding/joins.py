"""The words that join two things in one message; `lexicons/joins.yml` says them, one line a language.

Both environments run this module: it needs PyYAML only.
"""

import re
from functools import cache
from pathlib import Path

import yaml

JOINS = Path(__file__).parent / "lexicons" / "joins.yml"


@cache
def joining() -> re.Pattern[str]:
    """Return the pattern of a joining word, the space before it included.

    Raises:
        OSError, yaml.YAMLError: the file cannot be read.
    """
    words = {word for line in yaml.safe_load(JOINS.read_text("utf-8")).values() for word in line}
    # The longest first, so that "and also" is not read as "and".
    listed = "|".join(_pattern(word) for word in sorted(words, key=lambda word: (-len(word), word)))
    return re.compile(rf"[,;،]?\s+(?:{listed})", re.IGNORECASE)


def _pattern(word: str) -> str:
    return re.escape(word[:-1]) if word.endswith("-") else re.escape(word) + r"\s+"
