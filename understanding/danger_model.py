"""Danger told by what a message means: a logistic regression on its vector, and the examples nearest to it.

The regression draws one boundary an emergency; an example that says nearly the same knows a turn of phrase or
a way of speaking that lies on the wrong side of it. `scripts/learn_danger.py` learns both from
`examples/danger/<language>.yml` and from ordinary questions, chooses the thresholds on the development
sentences, and writes `danger_model.npz`.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from understanding.adapted_weights import adapted_name

MODEL = Path(__file__).with_name("danger_model.npz")
ORDINARY = "ordinary"
# The examples are kept as whole numbers up to this, on the directions in which they differ most.
LARGEST = 127
NEAREST, TEMPERATURE = 12, 0.1
# The share of an emergency that no near example tells: "none near" is no proof.
FLOOR = 0.01

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class NearExamples:
    """The examples that a message is compared with.

    Attributes:
        mean: of their vectors, shape (384,).
        projection: scales a vector and keeps the directions that vary most, shape (384, kept).
        rows: int8, shape (examples, kept): each of length 1, in 127ths of `largest`.
        largest: the largest number of the rows.
        labels: int8, the number of each example's class, shape (examples,).
    """

    mean: NDArray[np.float32]
    projection: NDArray[np.float32]
    rows: NDArray[np.int8]
    largest: float
    labels: NDArray[np.int8]

    @cached_property
    def _decoded(self) -> NDArray[np.float32]:
        return self.rows.astype(np.float32) * np.float32(self.largest / LARGEST)

    def shares(self, vector: NDArray[np.float32], count: int) -> NDArray[np.float64]:
        """Return what part of the nearest examples each of `count` classes has; sum 1."""
        asked = (vector - self.mean) @ self.projection
        cosines = self._decoded @ (asked / (float(np.linalg.norm(asked)) or 1.0))
        few = min(NEAREST, len(cosines))
        nearest = np.argpartition(-cosines, few - 1)[:few]
        weights = np.exp((cosines[nearest] - cosines[nearest].max()) / TEMPERATURE)
        shares = np.bincount(self.labels[nearest], weights=weights / weights.sum(), minlength=count)
        return shares.astype(np.float64)


@dataclass(frozen=True)
class DangerModel:
    """The regression and the examples.

    Attributes:
        classes: the emergencies of the taxonomy, and `ORDINARY`.
        weights, bias: shapes (384, classes) and (classes,), float32.
        found_from: the probability of danger from which a message tells one by itself.
        confirmed_from: the same when a lexicon finds one too: below, it is only a way of speaking.
        meaning: the name of the model whose vectors it reads.
        near: the examples; None for the regression alone.
    """

    classes: tuple[str, ...]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    found_from: float
    confirmed_from: float
    meaning: str
    near: NearExamples | None = None

    def probabilities(self, vector: NDArray[np.float32]) -> Mapping[str, float]:
        """Return the probability of each class for a message's vector, of shape (384,)."""
        scores = vector @ self.weights + self.bias
        shares = np.exp((scores - scores.max()).astype(np.float64))
        if self.near is not None:
            shares *= self.near.shares(vector, len(self.classes)) + FLOOR
        return dict(zip(self.classes, (shares / shares.sum()).tolist(), strict=True))

    def write(self, path: Path = MODEL) -> None:
        """Write the model as a file that NumPy reads without unpickling anything."""
        near: dict[str, Any] = {
            key: getattr(self.near, key.removeprefix("near_")) for key in _NEAR_PARTS if self.near
        }
        np.savez(
            path,
            classes=np.array(self.classes),
            weights=self.weights,
            bias=self.bias,
            thresholds=np.array([self.found_from, self.confirmed_from]),
            meaning=np.array(self.meaning),
            **near,
        )

    @classmethod
    def read(cls, path: Path = MODEL) -> "DangerModel":
        """Read a model that `write` wrote.

        Raises:
            OSError, ValueError, KeyError: the file is not there, or is no such model.
        """
        with np.load(path, allow_pickle=False) as stored:
            found_from, confirmed_from = stored["thresholds"].tolist()
            return cls(
                tuple(stored["classes"].tolist()),
                stored["weights"],
                stored["bias"],
                found_from,
                confirmed_from,
                str(stored["meaning"]),
                _read_near(stored) if "near_rows" in stored else None,
            )


_NEAR_PARTS = tuple(f"near_{field.name}" for field in fields(NearExamples))


def _read_near(stored: Mapping[str, NDArray[Any]]) -> NearExamples:
    mean, projection, rows, largest, labels = (stored[key] for key in _NEAR_PARTS)
    return NearExamples(mean, projection, rows, float(largest), labels)


@cache
def load_danger_model() -> DangerModel | None:
    """Return the model, read once; None, and a line in the log, when it cannot serve."""
    try:
        model = DangerModel.read()
        if model.meaning != adapted_name():
            raise ValueError(f"it reads the vectors of {model.meaning}, not of {adapted_name()}")
    except (OSError, ValueError, KeyError):
        _log.exception("the model of danger cannot be used")
        return None
    return model
