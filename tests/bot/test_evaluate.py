"""bot/evaluate.py, and what the classifier must not fall below in any language.

The bounds are some points under what was measured when they were set; README.md of bot/ has the figures.
"""

from functools import cache

import numpy as np
import pytest
import yaml

from tests.bot.rasa_server import BOT, ROOT

from components.embedding import EmbeddingCache  # isort: skip - found by conftest.py
from components.examples import Example, read_examples  # isort: skip
from components.model import Label, fit  # isort: skip
from evaluate import CHOSEN, Figures, calibration_error, cross_language, cross_validate  # isort: skip

LEAST_INTENT = 0.84
LEAST_TOPIC = 0.77
LEAST_TOPIC_AMONG_FIVE = 0.92
MOST_CALIBRATION_ERROR = 0.06


@cache
def examples_and_vectors() -> tuple[tuple[Example, ...], np.ndarray]:
    examples = read_examples(BOT / "data" / "nlu")
    cache_of_vectors = EmbeddingCache(ROOT / "var" / "cache")
    return examples, cache_of_vectors.embed_all([example.text for example in examples])


class TestCalibrationError:
    def test_confidences_that_mean_what_they_say(self) -> None:
        right = np.array([True] * 8 + [False] * 2)
        assert calibration_error(np.full(10, 0.8), right) == pytest.approx(0)

    def test_confidences_that_are_too_high(self) -> None:
        assert calibration_error(np.ones(10), np.array([True] * 6 + [False] * 4)) == pytest.approx(0.4)

    def test_errors_of_two_groups_do_not_cancel_out(self) -> None:
        confidences = np.array([0.25] * 4 + [0.75] * 4)
        right = np.array([True] * 2 + [False] * 2 + [True] * 2 + [False] * 2)
        assert calibration_error(confidences, right) == pytest.approx(0.25)


def is_good_enough(figures: Figures) -> bool:
    return (
        figures.intent >= LEAST_INTENT
        and figures.topic >= LEAST_TOPIC
        and figures.topic_among_five >= LEAST_TOPIC_AMONG_FIVE
        and figures.intent_calibration_error <= MOST_CALIBRATION_ERROR
        and figures.topic_calibration_error <= MOST_CALIBRATION_ERROR
    )


def test_the_figures_are_those_of_the_value_in_use() -> None:
    pipeline = yaml.safe_load((BOT / "config.yml").read_text(encoding="utf-8"))["pipeline"]
    assert [part["C"] for part in pipeline if "C" in part] == [CHOSEN]


def test_every_language_is_understood_and_confidences_mean_what_they_say() -> None:
    measured = cross_validate(*examples_and_vectors(), CHOSEN)
    assert set(measured) >= {"fr", "en"}
    assert not {
        language: str(figures) for language, figures in measured.items() if not is_good_enough(figures)
    }


def test_a_model_that_learnt_french_alone_understands_english() -> None:
    figures = cross_language(*examples_and_vectors(), CHOSEN, "fr", "en")
    assert is_good_enough(figures), str(figures)


def test_no_topic_is_out_of_reach() -> None:
    """Each example is at least among the five topics that its own model ranks: no label is drowned."""
    examples, vectors = examples_and_vectors()
    model = fit(vectors, [Label(e.intent, e.topic) for e in examples], inverse_regularisation=CHOSEN)
    lost = [
        example.text
        for example, vector in zip(examples, vectors, strict=True)
        if example.topic and example.topic not in dict(model.understand(vector).topics[:5])
    ]
    assert len(lost) <= len(examples) // 200, lost
