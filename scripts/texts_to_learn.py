"""The texts that `adapt_embedding.py` teaches: Rasa's examples, the danger sentences, what the articles say.

Each with its label, and blurred as people in a hurry, or without the right keyboard, would write it.
"""

import hashlib
import random
import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
import yaml

from knowledge.article import Article, Audience
from knowledge.library import load_library
from knowledge.passages import plain_lines, plain_text
from scripts.learn_danger import EXAMPLES, LEXICON_TESTS, ROOT
from understanding.danger import URGENCY
from understanding.danger_model import ORDINARY

QUESTIONS = ROOT / "bot" / "data" / "nlu"
VECTORS = ROOT / "bot" / "example_vectors.npz"
CONTENT = ROOT / "knowledge" / "content"
SHORTEST_LINE = 15  # characters of a line of an article
LONGEST_LINE = 220  # a longer one is cut into sentences
SENTENCE_END = re.compile(r"(?<=[.!?؟]) ")


@dataclass(frozen=True)
class Item:
    """A text, its label and its danger (indices; -1: it has none), and how often it is seen."""

    text: str
    label: int
    danger: int
    share: float = 1.0  # of the epochs, how many see it
    of_article: bool = False


def blurred(text: str, rng: random.Random) -> str:
    """Return a text as somebody in a hurry, or without the right keyboard, would write it."""
    kind = rng.random()
    if kind < 0.25:
        text = "".join(each for each in unicodedata.normalize("NFD", text) if not unicodedata.combining(each))
    if kind < 0.35:
        text = text.lower().rstrip("?!. ")
    words = text.split()
    if kind > 0.3 and len(words) > 4:
        words = [word for word in words if rng.random() > 0.12] or words
    if kind > 0.5 and words:
        for _ in range(1 + len(words) // 8):
            place = rng.randrange(len(words))
            words[place] = _slipped(words[place], rng)
    return " ".join(words)


def _slipped(word: str, rng: random.Random) -> str:
    """Return a word with a letter left out, doubled, or changed with the next one."""
    if len(word) < 4:
        return word
    at = rng.randrange(len(word) - 1)
    before, first, second, after = word[:at], word[at], word[at + 1], word[at + 2 :]
    return before + rng.choice([second, second + first, first * 2 + second]) + after


def read_items() -> tuple[list[str], list[tuple[str | None, str, str]]]:
    """Return the texts, and of each its label (None: danger only), its danger and its language."""
    texts: list[str] = []
    told: list[tuple[str | None, str, str]] = []
    for path in sorted(QUESTIONS.glob("*/*.yml")):
        for block in yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)["nlu"]:
            label = f"{block['intent']} {(block.get('metadata') or {}).get('topic', '')}"
            lines = [line.removeprefix("- ").strip() for line in block["examples"].splitlines()]
            texts += lines
            told += [(label, ORDINARY, path.parent.name)] * len(lines)
    for path in sorted((*EXAMPLES.glob("*.yml"), *LEXICON_TESTS.glob("*.yml"))):
        for danger, lines in yaml.safe_load(path.read_text("utf-8")).items():
            texts += lines
            name = danger if danger in URGENCY else ORDINARY
            told += [(None, name, path.stem.partition("-")[0])] * len(lines)
    return texts, told


def cache_key(text: str) -> str:
    """Return what `EmbeddingCache` of bot/ knows a text by."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def already_learnt() -> set[str]:
    """Return the keys of the examples that were there when bot/seed.py last ran."""
    with np.load(VECTORS) as kept:
        return {each.decode() for each in kept["keys"].tolist()}


def article_lines(topics: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield what the public articles of these topics say, line by line, each with its topic.

    A line that several topics have says nothing of any.
    """
    library, _ = load_library(CONTENT, sorted(path.name for path in (CONTENT / "common").iterdir()))
    told: dict[str, set[str]] = {}
    for article in library.articles:
        if article.audience is Audience.PUBLIC and article.layer == "common" and article.topic in topics:
            for line in _lines(article):
                told.setdefault(line, set()).add(article.topic)
    for line, of in told.items():
        if len(of) == 1:
            yield line, *of


def _lines(article: Article) -> Iterator[str]:
    whole = [article.title, *article.questions, plain_text(article.short)]
    whole += [line for section in article.sections for line in plain_lines(section.markdown)]
    for line in whole:
        for part in SENTENCE_END.split(line) if len(line) > LONGEST_LINE else (line,):
            if len(part.strip()) >= SHORTEST_LINE:
                yield part.strip()
