"""What the nearest examples say of a message, beside the regression (model.py).

A regression draws one boundary a label, and misses what a label only sometimes means ("a postal address" at
the town hall); an example that says nearly the same knows it. Interpolating the two is an old gain
(Khandelwal et al., "Generalization through Memorization", 2020, for language models). README.md has figures.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

LARGEST = 127  # of an int8
FLOOR = 0.003  # the share of a label that no near example has: "none near" is no proof


@dataclass(frozen=True)
class NeighbourSettings:
    """How the nearest examples are asked.

    Attributes:
        dimensions: kept of the scaled embeddings, those that vary most.
        nearest: how many examples are asked.
        temperature: how fast an example counts less than the nearest one, in cosine.
        share: what they count beside the regression, from 0 to 1 (a weighted geometric mean).
    """

    dimensions: int
    nearest: int
    temperature: float
    share: float


@dataclass(frozen=True)
class Neighbours:
    """The examples, as they are compared.

    Attributes:
        settings: how they are asked.
        mean: of their embeddings, shape (dimension,).
        projection: scales an embedding and keeps `dimensions` of it, shape (dimension, kept).
        rows: int8, shape (examples, kept); each divided by its length, in 127ths of `largest`.
        largest: the largest number of the rows.
        labels: the number of each example's label, shape (examples,).
    """

    settings: NeighbourSettings
    mean: np.ndarray
    projection: np.ndarray
    rows: np.ndarray
    largest: float
    labels: np.ndarray

    def __post_init__(self) -> None:
        # Decoded once: a question then costs one product, not a conversion that takes as long.
        object.__setattr__(self, "_decoded", self.rows.astype(np.float32) * (self.largest / LARGEST))

    def share_of(self, vector: np.ndarray, count: int) -> np.ndarray:
        """Return what part of the nearest examples each label has, shape (count,), sum 1.

        Args:
            vector: the embedding of a message, shape (dimension,).
            count: how many labels there are.
        """
        asked = (vector - self.mean) @ self.projection
        length = float(np.linalg.norm(asked))
        cosines = self._decoded @ (asked / (length or 1.0)).astype(np.float32)
        few = min(self.settings.nearest, len(cosines))
        nearest = np.argpartition(-cosines, few - 1)[:few]
        weights = np.exp((cosines[nearest] - cosines[nearest].max()) / self.settings.temperature)
        shares = np.bincount(self.labels[nearest], weights=weights, minlength=count)
        return shares / shares.sum()

    def blend(self, probabilities: np.ndarray, vector: np.ndarray) -> np.ndarray:
        """Return the probabilities of the regression and the examples together, sum 1."""
        share = self.settings.share
        near = self.share_of(vector, len(probabilities)) + FLOOR
        both = probabilities ** (1 - share) * near**share
        return both / both.sum()

    def arrays(self) -> dict[str, Any]:
        """Return what a file keeps of them."""
        settings = self.settings
        return {
            "near_settings": np.array([settings.dimensions, settings.nearest], np.int64),
            "near_weights": np.array([settings.temperature, settings.share, self.largest], np.float64),
            "near_mean": self.mean,
            "near_projection": self.projection,
            "near_rows": self.rows,
            "near_labels": self.labels,
        }

    @classmethod
    def from_arrays(cls, stored: Any) -> "Neighbours | None":
        """Return those of a file that `arrays` filled; None where it has none."""
        if "near_rows" not in stored:
            return None
        dimensions, nearest = stored["near_settings"].tolist()
        temperature, share, largest = stored["near_weights"].tolist()
        return cls(
            NeighbourSettings(dimensions, nearest, temperature, share),
            stored["near_mean"],
            stored["near_projection"],
            stored["near_rows"],
            largest,
            stored["near_labels"],
        )


def keep_examples(vectors: np.ndarray, labels: np.ndarray, settings: NeighbourSettings) -> Neighbours:
    """Keep the examples to compare messages with.

    Args:
        vectors: their embeddings, one row each.
        labels: the number of each one's label.
        settings: how they are asked.
    """
    mean, deviation = vectors.mean(axis=0), vectors.std(axis=0)
    deviation[deviation == 0] = 1.0
    scaled = (vectors - mean) / deviation
    _, directions = np.linalg.eigh(np.cov(scaled, rowvar=False))
    kept = directions[:, -settings.dimensions :]
    rows = scaled @ kept
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    rows /= np.where(lengths == 0, 1.0, lengths)
    largest = float(np.abs(rows).max()) or 1.0
    return Neighbours(
        settings,
        mean.astype(np.float32),
        (kept / deviation[:, None]).astype(np.float32),
        np.round(rows * (LARGEST / largest)).astype(np.int8),
        largest,
        labels.astype(np.int32),
    )
