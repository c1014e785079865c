"""The statistical model behind the classifier: one label an (intent, topic) pair.

A multinomial logistic regression on two descriptions of a message. Its embedding crosses languages and
wordings, but says "help with rent" of a dozen labels; raw E5 vectors also crowd together (any two cosines lie
between 0.75 and 0.95), so that each dimension is centred and scaled. Its letters and words (text_features.py)
hold what tells labels apart: a name, an acronym, a misspelling. What the nearest examples are examples of
counts beside it (neighbours.py). A trained model is a few arrays, so that serving needs numpy only.

In a language without examples, letters and words mislead: the few that are known are there by accident. A
second regression knows the embedding alone, and takes over where little of a message is known.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from components.neighbours import Neighbours, NeighbourSettings, keep_examples
from components.regression import fit_regression
from components.text_features import NGrams, Terms, TextFeatures, learn_features

NO_TOPIC = ""
# The part of a message's letters and words that is known (as a length): below the first, the embedding
# decides alone; above the second, both. Of the development questions 1 in 100 lies below the second in Arabic
# and Ukrainian, fewer elsewhere; of texts in other languages than the examples, 19 in 20.
STRANGE, FAMILIAR = 0.45, 0.55


@dataclass(frozen=True)
class Label:
    """What one example is an example of. `topic` is "" for the intents that are about no topic."""

    intent: str
    topic: str


@dataclass(frozen=True)
class Settings:
    """How a model is trained.

    Attributes:
        inverse_regularisation: scikit-learn's C; smaller gives flatter probabilities.
        embedding_weight: the usual length of a scaled embedding, beside those of `ngrams`.
        ngrams: the kinds of n-grams; with none of them, only the embedding counts.
        neighbours: how the nearest examples are asked; None: they are not.
    """

    inverse_regularisation: float
    embedding_weight: float
    ngrams: tuple[NGrams, ...]
    neighbours: NeighbourSettings | None = None


def settings_of(config: Mapping[str, Any]) -> Settings:
    """Read the settings of the classifier in config.yml."""
    return Settings(
        inverse_regularisation=config["C"],
        embedding_weight=config["embedding_weight"],
        ngrams=tuple(NGrams(unit, **config[unit]) for unit in ("characters", "words") if config[unit]),
        neighbours=NeighbourSettings(**config["neighbours"]) if config["neighbours"] else None,
    )


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
        labels: one a column of the weights.
        weights, bias: shapes (dimension, labels) and (labels,); they hold the scaling of the vectors too.
        alone, alone_bias: the same, of the regression that knows the embedding alone.
        text_features: what is looked at in a text.
        text_weights: shape (text features, labels), float16: half the size, the same figures.
        neighbours: the examples, where they are asked too.
    """

    labels: tuple[Label, ...]
    weights: np.ndarray
    bias: np.ndarray
    alone: np.ndarray
    alone_bias: np.ndarray
    text_features: TextFeatures
    text_weights: np.ndarray
    neighbours: Neighbours | None = None

    def __post_init__(self) -> None:
        intents = sorted({label.intent for label in self.labels})
        topics = sorted({label.topic for label in self.labels if label.topic})
        to_intent = np.array([[label.intent == intent for label in self.labels] for intent in intents], float)
        to_topic = np.array([[label.topic == topic for label in self.labels] for topic in topics], float)
        # Sums of labels, as one product each: kept beside the fields of a frozen dataclass.
        object.__setattr__(self, "_intents", (intents, to_intent))
        object.__setattr__(self, "_topics", (topics, to_topic.reshape(len(topics), len(self.labels))))

    def probabilities(self, vector: np.ndarray, text: str) -> np.ndarray:
        """Return the probability of each label, shape (labels,)."""
        columns, values = self.text_features.features(text)
        both = _softmax(
            vector @ self.weights + values @ self.text_weights[columns].astype(np.float32) + self.bias
        )
        trust = self._trust(values)
        probabilities = both if trust == 1 else _softmax(vector @ self.alone + self.alone_bias)
        if 0 < trust < 1:
            probabilities = trust * both + (1 - trust) * probabilities
        return self.neighbours.blend(probabilities, vector) if self.neighbours else probabilities

    def _trust(self, values: np.ndarray) -> float:
        """Return what the letters and words of a message count for, from 0 to 1, by how many are known."""
        whole = self.text_features.length
        known = float(np.linalg.norm(values)) / whole if whole else 1.0
        return min(1.0, max(0.0, (known - STRANGE) / (FAMILIAR - STRANGE)))

    def understand(self, vector: np.ndarray, text: str) -> Understanding:
        """Rank the intents and the topics of one message.

        Args:
            vector: its embedding, shape (dimension,).
            text: the message.
        """
        probabilities = self.probabilities(vector, text)
        (intents, to_intent), (topics, to_topic) = self._intents, self._topics
        return Understanding(
            _ranked(intents, to_intent @ probabilities), _ranked(topics, to_topic @ probabilities)
        )

    def write(self, path: Path) -> None:
        """Write the model as a file that numpy reads without unpickling anything."""
        kinds = self.text_features.kinds
        np.savez(
            path,
            intents=np.array([label.intent for label in self.labels]),
            topics=np.array([label.topic for label in self.labels]),
            weights=self.weights,
            bias=self.bias,
            alone=self.alone,
            alone_bias=self.alone_bias,
            text_weights=self.text_weights,
            ngrams=np.array([json.dumps(asdict(terms.ngrams)) for terms in kinds], str),
            unknown_rarities=np.array([terms.unknown_rarity for terms in kinds], float),
            **{f"rarity_{number}": terms.rarity for number, terms in enumerate(kinds)},
            # One text, a term a line: an array of strings would be as wide as its longest.
            **{f"terms_{number}": _as_bytes("\n".join(terms.known)) for number, terms in enumerate(kinds)},
            **(self.neighbours.arrays() if self.neighbours else {}),
        )

    @classmethod
    def read(cls, path: Path) -> "TopicModel":
        """Read a model that `write` wrote."""
        with np.load(path, allow_pickle=False) as stored:
            labels = tuple(
                Label(intent, topic)
                for intent, topic in zip(stored["intents"].tolist(), stored["topics"].tolist(), strict=True)
            )
            kinds = tuple(
                Terms(
                    NGrams(**json.loads(ngrams)),
                    tuple(stored[f"terms_{number}"].tobytes().decode().splitlines()),
                    stored[f"rarity_{number}"],
                    unknown_rarity,
                )
                for number, (ngrams, unknown_rarity) in enumerate(
                    zip(stored["ngrams"].tolist(), stored["unknown_rarities"].tolist(), strict=True)
                )
            )
            return cls(
                labels,
                stored["weights"],
                stored["bias"],
                stored["alone"],
                stored["alone_bias"],
                TextFeatures(kinds),
                stored["text_weights"],
                Neighbours.from_arrays(stored),
            )


def _softmax(scores: np.ndarray) -> np.ndarray:
    exponentials = np.exp(scores - scores.max())
    return exponentials / exponentials.sum()


def _as_bytes(text: str) -> np.ndarray:
    return np.frombuffer(text.encode(), np.uint8)


def fit(vectors: np.ndarray, texts: Sequence[str], labels: Sequence[Label], settings: Settings) -> TopicModel:
    """Train a model.

    A label weighs as the square root of how many examples it has. By their number, "out of scope" would drown
    the acts of conversation, which have fifty times fewer, and questions in a language without examples; with
    labels that all weigh the same it is not found often enough.

    Args:
        vectors: one row an example.
        texts: as many as rows.
        labels: as many as rows.
        settings: how to train.
    """
    known = sorted(set(labels), key=lambda label: (label.intent, label.topic))
    index = {label: i for i, label in enumerate(known)}
    mean, deviation = vectors.mean(axis=0), vectors.std(axis=0)
    deviation[deviation == 0] = 1.0
    scale = settings.embedding_weight / np.sqrt(vectors.shape[1]) / deviation
    numbers = np.array([index[label] for label in labels])
    counts = np.bincount(numbers)
    text_features = learn_features(texts, settings.ngrams)
    scaled, matrix = (vectors - mean) * scale, _as_matrix(text_features, texts)

    def learn(sparse: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        solution = fit_regression(
            scaled,
            sparse,
            numbers,
            importance=np.sqrt(counts.mean() / counts)[numbers],
            inverse_regularisation=settings.inverse_regularisation,
        )
        weights = solution.dense * scale[:, None]
        bias = solution.bias - mean @ weights
        return weights.astype(np.float32), bias.astype(np.float32), solution.sparse

    weights, bias, text_weights = learn(matrix)
    alone, alone_bias, _ = learn(matrix[:, :0])
    return TopicModel(
        labels=tuple(known),
        weights=weights,
        bias=bias,
        alone=alone,
        alone_bias=alone_bias,
        text_features=text_features,
        text_weights=text_weights.astype(np.float16),
        neighbours=keep_examples(vectors, numbers, settings.neighbours) if settings.neighbours else None,
    )


def _as_matrix(text_features: TextFeatures, texts: Sequence[str]) -> Any:
    from scipy.sparse import csr_matrix  # noqa: PLC0415 - never loaded by the server for this

    rows = [text_features.features(text) for text in texts]
    columns = np.concatenate([found for found, _ in rows])
    values = np.concatenate([worth for _, worth in rows])
    starts = np.cumsum([0] + [len(found) for found, _ in rows])
    return csr_matrix((values, columns, starts), shape=(len(texts), text_features.count))
