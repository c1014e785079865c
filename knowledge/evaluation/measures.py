"""How good rankings are, and whether one way of ranking is better than another."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.fitting import wilson

RESAMPLES = 10_000
DEPTH = 10  # documents of a ranking that are looked at


@dataclass(frozen=True)
class Share:
    """A share with its 95 % interval (Wilson), of how many questions."""

    value: float
    low: float
    high: float
    questions: int

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


@dataclass(frozen=True)
class Difference:
    """A mean difference over the same questions with its 95 % interval (paired bootstrap)."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:+.3f} ({self.low:+.3f} to {self.high:+.3f})"


def first_relevant(ranking: Sequence[str], relevant: frozenset[str]) -> int:
    """Return the rank, from 1, of the first relevant document among the first `DEPTH`; 0 for none."""
    return next((rank for rank, id_ in enumerate(ranking[:DEPTH], start=1) if id_ in relevant), 0)


def share(outcomes: Sequence[bool] | NDArray[np.bool_]) -> Share:
    """Return the share of truths."""
    count, whole = int(np.sum(outcomes)), len(outcomes)
    low, high = wilson(count, whole)
    return Share(count / max(whole, 1), low, high, whole)


def hit(ranks: NDArray[np.int64], k: int) -> Share:
    """Return the share of questions with a relevant document among the first k."""
    return share((ranks > 0) & (ranks <= k))


def reciprocal_rank(ranks: NDArray[np.int64]) -> float:
    """Return the mean of 1 / rank of the first relevant document, 0 beyond `DEPTH` (MRR@10)."""
    return float(np.where(ranks > 0, 1 / np.maximum(ranks, 1), 0.0).mean()) if len(ranks) else 0.0


def paired(ours: NDArray[np.bool_], theirs: NDArray[np.bool_], seed: int) -> Difference:
    """Compare two ways on the same questions: resample the questions, take the difference of the shares.

    Efron and Tibshirani, "An Introduction to the Bootstrap" (1993), percentile interval.
    """
    difference = ours.astype(np.int8) - theirs.astype(np.int8)
    generator = np.random.default_rng(seed)
    # Only three values occur: drawing how often each is drawn is the same as drawing questions.
    counts = np.array([(difference == value).sum() for value in (-1, 0, 1)])
    drawn = generator.multinomial(len(difference), counts / len(difference), size=RESAMPLES)
    means = (drawn[:, 2] - drawn[:, 0]) / len(difference)
    low, high = np.quantile(means, (0.025, 0.975))
    return Difference(float(difference.mean()), float(low), float(high))
