"""The numbers that turn scores into decisions; calibration.yml says how each was measured."""

import math
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import yaml

CALIBRATION_FILE = Path(__file__).with_name("calibration.yml")


@dataclass(frozen=True)
class Calibration:
    """What `Search` needs to know that only measuring tells.

    Attributes:
        second_weight: what an article's second best passage adds, as a share of its score.
        words_weight: what the words add when the document is in the question's language.
        words_weight_abroad: the same when it is in another language.
        prior_weight: what the probability that Rasa gives to an article's topic adds.
        short_margin: how much nearer than the short answer a section must be, to be shown instead.
        intercept, top, margin, agreement: the logistic model of "the first article is right", on the best
            score, its distance to the best one of another topic, and its agreement with Rasa's topics.
        answer_from: the confidence from which the first article is shown.
        clarify_from: the confidence from which the first topics are proposed; below it comes an abstention.
        disagreement: how far Rasa may prefer another topic before the resident is asked which one it is.
    """

    second_weight: float
    words_weight: float
    words_weight_abroad: float
    prior_weight: float
    short_margin: float
    intercept: float
    top: float
    margin: float
    agreement: float
    answer_from: float
    clarify_from: float
    disagreement: float

    def confidence(self, top: float, margin: float, agreement: float) -> float:
        """Return the probability, from 0 to 1, that the first article is the right one."""
        logit = self.intercept + self.top * top + self.margin * margin + self.agreement * agreement
        return 1 / (1 + math.exp(-max(-50.0, min(50.0, logit))))


def load_calibration(path: Path = CALIBRATION_FILE) -> Calibration:
    """Read the calibration.

    Raises:
        ValueError: a number is missing, unknown, or not a number.
    """
    data: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    names = {field.name for field in fields(Calibration)}
    if set(data) != names:
        raise ValueError(f"{path}: expected exactly {sorted(names)}, found {sorted(data)}")
    return Calibration(**{name: float(value) for name, value in data.items()})
