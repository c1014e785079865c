"""The numbers that turn scores into decisions; calibrate.py measures them and writes calibration.yml."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from knowledge.corpus import SIGNALS

CALIBRATION_FILE = Path(__file__).with_name("calibration.yml")
TEXT_WEIGHTS_FILE = Path(__file__).with_name("text_weights.yml")


class Decision(StrEnum):
    """What to do with what was found: show it, ask which of the first topics it is, or say "I don't know"."""

    ANSWER = "answer"
    CLARIFY = "clarify"
    ABSTAIN = "abstain"


@dataclass(frozen=True)
class Features:
    """What the confidence in the first article found is judged on.

    Attributes:
        top: its score, without what Rasa's topic adds.
        margin: the same less that of the best article of another topic; below 0 when Rasa decided.
        agreement: Rasa's probability for its topic less that of the best other topic, from -1 to 1; 0
            without Rasa.
        outside: Rasa's probability that the question is out of scope; 0 without Rasa.
        coverage: the share of the question's words, by rarity, that some article in its language holds.
    """

    top: float
    margin: float
    agreement: float
    outside: float
    coverage: float


@dataclass(frozen=True)
class Confidence:
    """A logistic model of "the first article is right", on the features of `Features`."""

    intercept: float
    top: float
    margin: float
    agreement: float
    outside: float
    coverage: float

    def probability(self, seen: Features) -> float:
        """Return how probable it is, from 0 to 1."""
        logit = self.intercept + self.top * seen.top + self.margin * seen.margin
        logit += self.agreement * seen.agreement + self.outside * seen.outside
        logit += self.coverage * seen.coverage
        return 1 / (1 + math.exp(-max(-50.0, min(50.0, logit))))


@dataclass(frozen=True)
class Calibration:
    """What `Search` needs to know that only measuring tells.

    Attributes:
        weights: how much each of `SIGNALS` adds to an article's score.
        section_margin: how much more a section must be asked for than the short answer, to be shown.
        with_rasa: the confidence in the first article when Rasa gave its topics.
        alone: the same when Rasa is not there.
        answer_from: the confidence from which the first article is shown.
        clarify_from: the confidence from which the first topics are proposed; below it comes an abstention.
        disagreement: how far Rasa may prefer another topic before the resident is asked which one it is.
    """

    weights: Mapping[str, float]
    section_margin: float
    with_rasa: Confidence
    alone: Confidence
    answer_from: float
    clarify_from: float
    disagreement: float

    def decide(self, confidence: float, agreement: float) -> Decision:
        """Return what to do, from the confidence and Rasa's agreement (see `search.Features`)."""
        if confidence < self.clarify_from:
            return Decision.ABSTAIN
        if confidence < self.answer_from or agreement < -self.disagreement:
            return Decision.CLARIFY
        return Decision.ANSWER


def load_calibration(path: Path = CALIBRATION_FILE) -> Calibration:
    """Read the calibration.

    Raises:
        ValueError: a number is missing, unknown, or not a number.
    """
    data: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    _expect(path, data, {field.name for field in fields(Calibration)})
    weights = _numbers(path, data.pop("weights"), set(SIGNALS))
    model = {field.name for field in fields(Confidence)}
    with_rasa, alone = (
        Confidence(**_numbers(path, data.pop(name), model)) for name in ("with_rasa", "alone")
    )
    return Calibration(MappingProxyType(weights), with_rasa=with_rasa, alone=alone, **_numbers(path, data))


def load_text_weights(path: Path = TEXT_WEIGHTS_FILE) -> Mapping[str, float]:
    """Read how much each signal of a text counts beside the others; evaluation/tune.py measures it.

    Raises:
        ValueError: a name is no signal, or a value no number.
    """
    data: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    _expect(path, data, set(SIGNALS) - {"question", "prior"})
    return MappingProxyType(_numbers(path, data))


def load_document_calibration() -> Calibration:
    """Read the calibration for plain documents, which have no example questions: text_weights.yml alone.

    Raises:
        ValueError: a number is missing, unknown, or not a number.
    """
    text = load_text_weights()
    whole = sum(value for name, value in text.items() if "words" not in name)
    weights = {name: text.get(name, 0.0) / whole for name in SIGNALS}
    return replace(load_calibration(), weights=MappingProxyType(weights))


def _numbers(path: Path, found: Mapping[str, Any], names: set[str] | None = None) -> dict[str, float]:
    _expect(path, found, names or set(found))
    try:
        return {name: float(value) for name, value in found.items()}
    except TypeError as error:
        raise ValueError(f"{path}: {error}") from error


def _expect(path: Path, found: Mapping[str, Any], names: set[str]) -> None:
    if set(found) != names:
        raise ValueError(f"{path}: expected exactly {sorted(names)}, found {sorted(found)}")
