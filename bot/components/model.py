"""The statistical model behind the classifier: one label an (intent, topic) pair.

Raw E5 vectors crowd together (any two cosines lie between 0.75 and 0.95), and a regression on them gives
flat probabilities. Each dimension is therefore centred and scaled before a multinomial logistic regression.
Training uses scikit-learn; a trained model is a few arrays, so that serving needs numpy only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

NO_TOPIC = ""
MAX_ITERATIONS = 500


@dataclass(frozen=True)
class Label:
    """What one example is an example of. `topic` is "" for the intents that are about no topic."""

    intent: str
    topic: str


@dataclass(frozen=True)
class Understanding:
    """What a message seems to be, most probable first.

    Attributes:
        intents: every intent and its probability (the sum over its topics).
        topics: every topic and its probability.
    """

    intents: tuple[tuple[str, float], ...]
    topics: tuple[tuple[str, float], ...]


def _ranked(names: Sequence[str], probabilities: np.ndarray) -> tuple[tuple[str, float], ...]:
    order = np.argsort(-probabilities, kind="stable")
    return tuple((names[i], float(probabilities[i])) for i in order)


@dataclass(frozen=True)
class TopicModel:
    """A trained model.

    Attributes:
        labels: one a row of `weights`.
        weights, bias: shapes (labels, dimension) and (labels,); they hold the scaling of the vectors too.
    """

    labels: tuple[Label, ...]
    weights: np.ndarray
    bias: np.ndarray

    def __post_init__(self) -> None:
        intents = sorted({label.intent for label in self.labels})
        topics = sorted({label.topic for label in self.labels if label.topic})
        to_intent = np.array([[label.intent == intent for label in self.labels] for intent in intents], float)
        to_topic = np.array([[label.topic == topic for label in self.labels] for topic in topics], float)
        # Sums of labels, as one product each: kept beside the fields of a frozen dataclass.
        object.__setattr__(self, "_intents", (intents, to_intent))
        object.__setattr__(self, "_topics", (topics, to_topic.reshape(len(topics), len(self.labels))))

    def probabilities(self, vectors: np.ndarray) -> np.ndarray:
        """Return the probability of each label, shape (vectors, labels)."""
        scores = vectors @ self.weights.T + self.bias
        scores -= scores.max(axis=1, keepdims=True)
        exponentials = np.exp(scores)
        return exponentials / exponentials.sum(axis=1, keepdims=True)

    def understand(self, vector: np.ndarray) -> Understanding:
        """Rank the intents and the topics of one message."""
        probabilities = self.probabilities(vector.reshape(1, -1))[0]
        (intents, to_intent), (topics, to_topic) = self._intents, self._topics
        return Understanding(
            _ranked(intents, to_intent @ probabilities), _ranked(topics, to_topic @ probabilities)
        )

    def write(self, path: Path) -> None:
        """Write the model as a file that numpy reads without unpickling anything."""
        np.savez(
            path,
            intents=np.array([label.intent for label in self.labels]),
            topics=np.array([label.topic for label in self.labels]),
            weights=self.weights,
            bias=self.bias,
        )

    @classmethod
    def read(cls, path: Path) -> "TopicModel":
        """Read a model that `write` wrote."""
        with np.load(path, allow_pickle=False) as stored:
            labels = tuple(
                Label(intent, topic)
                for intent, topic in zip(stored["intents"].tolist(), stored["topics"].tolist(), strict=True)
            )
            return cls(labels, stored["weights"], stored["bias"])


def fit(vectors: np.ndarray, labels: Sequence[Label], *, inverse_regularisation: float) -> TopicModel:
    """Train a model.

    Every label weighs the same however many examples it has, so that a rare topic is not lost.

    Args:
        vectors: one row an example.
        labels: as many as rows.
        inverse_regularisation: scikit-learn's C; smaller gives flatter probabilities.
    """
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - never loaded by the server

    known = sorted(set(labels), key=lambda label: (label.intent, label.topic))
    index = {label: i for i, label in enumerate(known)}
    mean, deviation = vectors.mean(axis=0), vectors.std(axis=0)
    deviation[deviation == 0] = 1.0
    regression = LogisticRegression(
        C=inverse_regularisation, class_weight="balanced", max_iter=MAX_ITERATIONS, random_state=0
    ).fit((vectors - mean) / deviation, [index[label] for label in labels])
    weights = regression.coef_ / deviation
    bias = regression.intercept_ - weights @ mean
    return TopicModel(tuple(known), weights.astype(np.float32), bias.astype(np.float32))
