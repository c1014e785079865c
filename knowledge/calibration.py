"""The numbers that turn scores into decisions; calibrate.py measures them and writes calibration.yml."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

CALIBRATION_FILE = Path(__file__).with_name("calibration.yml")

# What is known of an article when a question is asked; search.py computes each, from -1 to 1, and the weights
# say how much it counts.
SIGNALS = ("text", "second", "question", "words", "words_in_french", "prior")


class Decision(StrEnum):
    """What to do with what was found: show it, ask which of the first topics it is, or say "I don't know"."""

    ANSWER = "answer"
    CLARIFY = "clarify"
    ABSTAIN = "abstain"


@dataclass(frozen=True)
class Confidence:
    """A logistic model of "the first article is right", on the features of `search.Features`."""

    intercept: float
    top: float
    margin: float
    agreement: float
    outside: float

    def probability(self, top: float, margin: float, agreement: float, outside: float) -> float:
        """Return how probable it is, from 0 to 1."""
        logit = self.intercept + self.top * top + self.margin * margin
        logit += self.agreement * agreement + self.outside * outside
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


def _numbers(path: Path, found: Mapping[str, Any], names: set[str] | None = None) -> dict[str, float]:
    _expect(path, found, names or set(found))
    try:
        return {name: float(value) for name, value in found.items()}
    except TypeError as error:
        raise ValueError(f"{path}: {error}") from error


def _expect(path: Path, found: Mapping[str, Any], names: set[str]) -> None:
    if set(found) != names:
        raise ValueError(f"{path}: expected exactly {sorted(names)}, found {sorted(found)}")
