"""Multinomial logistic regression on a dense and a sparse block of features, used in training only.

The function minimised is that of scikit-learn's LogisticRegression, and so is the solution. That one takes
a single matrix: the embeddings, stored as a sparse matrix, cost most of its time, and training takes four
times as long.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

MAX_ITERATIONS = 60  # on the development questions, as good as 200
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

    dense, sparse = dense.astype(np.float32), sparse.astype(np.float32)
    transposed, importance = sparse.T.tocsr(), importance.astype(np.float32)
    count, rows = int(labels.max()) + 1, np.arange(len(labels))
    penalised = (dense.shape[1] + sparse.shape[1]) * count

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
        scores = dense @ weights.dense + sparse @ weights.sparse + weights.bias
        scores -= scores.max(axis=1, keepdims=True)
        logarithms = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        errors = np.exp(logarithms)
        errors[rows, labels] -= 1
        errors *= importance[:, None]
        gradient = np.concatenate(
            [(dense.T @ errors).ravel(), (transposed @ errors).ravel(), errors.sum(axis=0)]
        ).astype(np.float64)
        gradient[:penalised] += parameters[:penalised] / inverse_regularisation
        penalty = np.square(parameters[:penalised]).sum(dtype=np.float64) / (2 * inverse_regularisation)
        return penalty - (importance * logarithms[rows, labels]).sum(dtype=np.float64), gradient

    solution = minimize(
        loss_and_gradient,
        np.zeros(penalised + count),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": MAX_ITERATIONS, "gtol": TOLERANCE, "ftol": 1e-7},
    )
    return split(solution.x.astype(np.float32))
