"""Danger told by what a message means: a logistic regression on its vector.

`scripts/learn_danger.py` learns it from `examples/danger/<language>.yml` and from ordinary questions, chooses
its thresholds on the development sentences, and writes `danger_model.npz`.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from understanding.adapted_weights import adapted_name

MODEL = Path(__file__).with_name("danger_model.npz")
ORDINARY = "ordinary"

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class DangerModel:
    """The regression.

    Attributes:
        classes: the emergencies of the taxonomy, and `ORDINARY`.
        weights, bias: shapes (384, classes) and (classes,), float32.
        found_from: the probability of danger from which a message tells one by itself.
        confirmed_from: the same when a lexicon finds one too: below, it is only a way of speaking.
        meaning: the name of the model whose vectors it reads.
    """

    classes: tuple[str, ...]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    found_from: float
    confirmed_from: float
    meaning: str

    def probabilities(self, vector: NDArray[np.float32]) -> Mapping[str, float]:
        """Return the probability of each class for a message's vector, of shape (384,)."""
        scores = vector @ self.weights + self.bias
        shares = np.exp(scores - scores.max())
        return dict(zip(self.classes, (shares / shares.sum()).tolist(), strict=True))

    def write(self, path: Path = MODEL) -> None:
        """Write the model as a file that NumPy reads without unpickling anything."""
        np.savez(
            path,
            classes=np.array(self.classes),
            weights=self.weights,
            bias=self.bias,
            thresholds=np.array([self.found_from, self.confirmed_from]),
            meaning=np.array(self.meaning),
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
            )


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
