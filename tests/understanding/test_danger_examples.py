"""The sentences that danger is learnt from: enough of each in every language, none twice, none of a test."""

import json
import re
import unicodedata
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest
import yaml

from understanding.danger import LEXICONS, URGENCY
from understanding.danger_model import ORDINARY

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "understanding" / "examples" / "danger"
LANGUAGES = sorted(path.stem for path in LEXICONS.glob("*.yml"))
FEWEST_OF_AN_EMERGENCY, FEWEST_ORDINARY = 50, 250


@cache
def sentences(language: str) -> dict[str, list[str]]:
    content: dict[str, list[str]] = yaml.safe_load((EXAMPLES / f"{language}.yml").read_text("utf-8"))
    return content


def folded(text: str) -> str:
    """A text without case, accents and punctuation."""
    plain = unicodedata.normalize("NFKD", text.lower())
    return " ".join(re.findall(r"\w+", "".join(c for c in plain if not unicodedata.combining(c)))) or text


def learnt() -> set[str]:
    return {folded(text) for each in LANGUAGES for texts in sentences(each).values() for text in texts}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_emergency_has_enough_sentences(language: str) -> None:
    assert set(sentences(language)) == {*URGENCY, ORDINARY}
    counted = {told: len(texts) for told, texts in sentences(language).items()}
    assert counted.pop(ORDINARY) >= FEWEST_ORDINARY
    assert not {told: count for told, count in counted.items() if count < FEWEST_OF_AN_EMERGENCY}


def test_no_sentence_is_there_twice() -> None:
    """Between emergencies it contradicts, within one it weighs twice."""
    seen = defaultdict(list)
    for language in LANGUAGES:
        for told, texts in sentences(language).items():
            for text in texts:
                seen[folded(text)].append(f"{language}, {told}: {text}")
    assert not {text: places for text, places in seen.items() if len(places) > 1}


def test_no_sentence_is_an_example_of_a_question() -> None:
    """What Rasa learns is learnt as ordinary: the same words would be danger and none."""
    asked = {
        folded(line.removeprefix("- ").strip())
        for path in (ROOT / "bot" / "data" / "nlu").glob("*/*.yml")
        for block in yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)["nlu"]
        for line in block["examples"].splitlines()
    }
    assert not learnt() & asked


@pytest.mark.parametrize(
    "path", sorted((ROOT / "tests" / "evaluation").glob("[dq]*/*.jsonl")), ids=lambda path: path.stem
)
def test_no_sentence_is_one_of_the_evaluation(path: Path) -> None:
    lines = filter(str.strip, path.read_text(encoding="utf-8").split("\n"))
    assert not learnt() & {folded(json.loads(line)["text"]) for line in lines}
