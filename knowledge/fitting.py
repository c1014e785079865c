"""Fits the two models of the calibration: which article comes first, and whether to believe it.

Both are small and convex: plain numpy, the same result every time.
"""

from collections.abc import Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def fit_ranking(signals: Sequence[Array], right: Sequence[NDArray[np.bool_]], *, penalty: float) -> Array:
    """Find the weights that make the right articles most probable (conditional logit; McFadden, 1974).

    Args:
        signals: one array of shape (articles, signals) a question.
        right: which articles are right, one array a question; at least one is.
        penalty: how much squared weights cost: keeps the weights of signals that say the same alike.

    Returns:
        One weight a signal, not negative: a signal that would count against its article gets 0.
    """
    kept = list(range(signals[0].shape[1]))
    while kept:
        weights = _fit_weights([rows[:, kept] for rows in signals], right, penalty)
        lowest = int(weights.argmin())
        if weights[lowest] >= 0:
            break
        del kept[lowest]
    result = np.zeros(signals[0].shape[1])
    result[kept] = weights[: len(kept)]
    return result


def _fit_weights(signals: Sequence[Array], right: Sequence[NDArray[np.bool_]], penalty: float) -> Array:
    """Newton's method; a step that would make things worse is halved until it does not."""
    weights = np.ones(signals[0].shape[1])
    loss = _loss(weights, signals, right, penalty)
    for _ in range(100):
        gradient, curvature = -penalty * weights, penalty * np.eye(len(weights))
        for rows, accepted in zip(signals, right, strict=True):
            shares = _softmax(rows @ weights)
            wanted = shares * accepted / max(float(shares @ accepted), 1e-12)
            gradient += (wanted - shares) @ rows / len(signals)
            spread = rows - shares @ rows
            curvature += (spread * shares[:, None]).T @ spread / len(signals)
        step = np.linalg.solve(curvature, gradient)
        after = _loss(weights + step, signals, right, penalty)
        while after > loss and np.abs(step).max() > 1e-6:
            step = step / 2
            after = _loss(weights + step, signals, right, penalty)
        weights, loss = weights + step, after
        if np.abs(step).max() < 1e-6:
            break
    return weights


def _loss(
    weights: Array, signals: Sequence[Array], right: Sequence[NDArray[np.bool_]], penalty: float
) -> float:
    chances = [float(_softmax(rows @ weights) @ each) for rows, each in zip(signals, right, strict=True)]
    return -float(np.log(np.maximum(chances, 1e-300)).mean()) + penalty * float(weights @ weights) / 2


def _softmax(scores: Array) -> Array:
    exponentials = np.exp(scores - scores.max())
    return cast("Array", exponentials / exponentials.sum())


def fit_logistic(features: Array, outcomes: NDArray[np.bool_], shares: Array, *, penalty: float) -> Array:
    """Fit a logistic regression by Newton's method.

    Args:
        features: shape (cases, features).
        outcomes: one truth value a case.
        shares: how much each case counts, 1 on average.
        penalty: how much squared coefficients cost, the intercept apart.

    Returns:
        The intercept, then one coefficient a feature.
    """
    rows = np.hstack([np.ones((len(features), 1)), features])
    ridge = penalty * np.eye(rows.shape[1])
    ridge[0, 0] = 0.0
    coefficients = np.zeros(rows.shape[1])
    for _ in range(100):
        chances = 1 / (1 + np.exp(-np.clip(rows @ coefficients, -30, 30)))
        gradient = rows.T @ (shares * (outcomes - chances)) - ridge @ coefficients
        curvature = (rows * (shares * chances * (1 - chances))[:, None]).T @ rows + ridge
        step = np.linalg.solve(curvature + 1e-9 * np.eye(len(ridge)), gradient)
        coefficients = coefficients + step
        if np.abs(step).max() < 1e-8:
            break
    return coefficients


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a proportion (Wilson, 1927); (0, 1) without trials."""
    if not trials:
        return 0.0, 1.0
    z, share = 1.959964, successes / trials
    centre = share + z * z / (2 * trials)
    half = z * float(np.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials)))
    low, high = (centre - half) / (1 + z * z / trials), (centre + half) / (1 + z * z / trials)
    return max(0.0, low), min(1.0, high)
