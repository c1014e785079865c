"""Multinomial logistic regression on a dense and a sparse block of features, used in training only.

The function minimised is that of scikit-learn's LogisticRegression, and so is the solution. That one takes
a single matrix: the embeddings, stored as a sparse matrix, cost most of its time, and training takes four
times as long.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

MAX_ITERATIONS = 40  # on the development questions, as good as 200
MOST_THREADS = 8
REMEMBERED = 6  # steps that L-BFGS keeps; each costs two copies of all the weights
TOLERANCE = 1e-3


@dataclass(frozen=True)
class Regression:
    """A solution, float32.

    Attributes:
        dense, sparse: The weights of each block, shapes (features, labels).
        bias: Shape (labels,).
    """

    dense: np.ndarray
    sparse: np.ndarray
    bias: np.ndarray


@dataclass(frozen=True)
class _Block:
    """Some of the examples: what one thread works on."""

    dense: np.ndarray
    sparse: Any
    transposed: Any
    labels: np.ndarray
    importance: np.ndarray

    @classmethod
    def of(cls, dense: np.ndarray, sparse: Any, labels: np.ndarray, importance: np.ndarray) -> "_Block":
        sparse = sparse.astype(np.float32)
        return cls(dense.astype(np.float32), sparse, sparse.T.tocsr(), labels, importance.astype(np.float32))

    def loss_and_gradient(self, weights: Regression) -> tuple[float, np.ndarray]:
        """Return what these examples add to the loss and to its gradient, without the penalty."""
        rows = np.arange(len(self.labels))
        scores = self.dense @ weights.dense + self.sparse @ weights.sparse + weights.bias
        scores -= scores.max(axis=1, keepdims=True)
        logarithms = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        errors = np.exp(logarithms)
        errors[rows, self.labels] -= 1
        errors *= self.importance[:, None]
        parts = [(self.dense.T @ errors).ravel(), (self.transposed @ errors).ravel(), errors.sum(axis=0)]
        loss = -(self.importance * logarithms[rows, self.labels]).sum(dtype=np.float64)
        return float(loss), np.concatenate(parts)


def fit_regression(
    dense: np.ndarray,
    sparse: Any,
    labels: np.ndarray,
    *,
    importance: np.ndarray,
    inverse_regularisation: float,
) -> Regression:
    """Find the weights.

    Args:
        dense: A NumPy array, one row an example.
        sparse: A SciPy CSR matrix, as many rows.
        labels: The number of each example's label, from 0, all of them used.
        importance: What each example weighs, 1 being usual.
        inverse_regularisation: scikit-learn's C; smaller gives flatter probabilities.
    """
    from scipy.optimize import minimize  # noqa: PLC0415 - never loaded by the server for this

    count, rows = int(labels.max()) + 1, len(labels)
    penalised = (dense.shape[1] + sparse.shape[1]) * count
    cuts = np.linspace(0, rows, min(os.cpu_count() or 1, MOST_THREADS) + 1).astype(int)
    blocks = [
        _Block.of(dense[start:end], sparse[start:end], labels[start:end], importance[start:end])
        for start, end in pairwise(cuts)
    ]

    def split(parameters: np.ndarray) -> Regression:
        at = dense.shape[1] * count
        return Regression(
            parameters[:at].reshape(-1, count),
            parameters[at:penalised].reshape(-1, count),
            parameters[penalised:],
        )

    def loss_and_gradient(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        parameters = parameters.astype(np.float32)
        weights = split(parameters)
        losses, gradients = zip(
            *pool.map(lambda block: block.loss_and_gradient(weights), blocks), strict=True
        )
        gradient = np.sum(gradients, axis=0, dtype=np.float64)
        gradient[:penalised] += parameters[:penalised] / inverse_regularisation
        penalty = np.square(parameters[:penalised]).sum(dtype=np.float64) / (2 * inverse_regularisation)
        return penalty + sum(losses), gradient

    with ThreadPoolExecutor(len(blocks)) as pool:  # SciPy and NumPy release the interpreter's lock
        solution = minimize(
            loss_and_gradient,
            np.zeros(penalised + count),
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": MAX_ITERATIONS, "maxcor": REMEMBERED, "gtol": TOLERANCE, "ftol": 1e-7},
        )
    return split(solution.x.astype(np.float32))
