"""components/model.py: what decides where a message's letters and words are known, and where they are not."""

from pathlib import Path

import numpy as np
import pytest

from tests.bot.rasa_server import BOT

from components.model import Label, Settings, TopicModel, fit  # isort: skip - found by conftest.py
from components.text_features import NGrams  # isort: skip

assert BOT

RENT, LUNCH = Label("general", "rent"), Label("general", "lunch")
TEXTS = [
    "help with rent",
    "pay my rent",
    "rent is late",
    "lunch at school",
    "school lunch price",
    "lunch menu",
]
LABELS = [RENT, RENT, RENT, LUNCH, LUNCH, LUNCH]
SETTINGS = Settings(10.0, 5.0, (NGrams("characters", 3, 5, 1, 12.0), NGrams("words", 1, 2, 1, 8.0)))
MEANS_RENT = np.array([1.0, 0.1], np.float32)


@pytest.fixture
def model() -> TopicModel:
    vectors = np.array([[1, 0.2], [1, 0.1], [1, 0], [0, 1], [0.1, 1], [0.2, 1]], np.float32)
    return fit(vectors, TEXTS, LABELS, SETTINGS)


def chosen(model: TopicModel, text: str) -> Label:
    return model.labels[int(model.probabilities(MEANS_RENT, text).argmax())]


def test_letters_and_words_that_are_known_count_beside_the_meaning(model: TopicModel) -> None:
    assert chosen(model, "lunch lunch menu") == LUNCH


def test_a_message_in_a_language_without_examples_is_told_by_its_meaning_alone(model: TopicModel) -> None:
    # Of these words only some letters are known, and those are letters of lunch.
    assert chosen(model, "hunchback przedszkolny") == RENT
    scores = MEANS_RENT @ model.alone + model.alone_bias
    alone = np.exp(scores) / np.exp(scores).sum()
    assert model.probabilities(MEANS_RENT, "оренда") == pytest.approx(alone, abs=1e-6)


def test_between_the_two_both_are_heard(model: TopicModel) -> None:
    known, strange = (model.probabilities(MEANS_RENT, text) for text in ("lunch menu", "оренда"))
    between = model.probabilities(MEANS_RENT, "lunch оренда")
    lunch = model.labels.index(LUNCH)
    assert strange[lunch] < between[lunch] < known[lunch]


def test_a_model_is_read_as_it_was_written(model: TopicModel, tmp_path: Path) -> None:
    model.write(tmp_path / "model.npz")
    read = TopicModel.read(tmp_path / "model.npz")
    for text in ("lunch", "оренда"):
        assert read.probabilities(MEANS_RENT, text) == pytest.approx(
            model.probabilities(MEANS_RENT, text), abs=1e-3
        )
