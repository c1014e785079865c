import numpy as np
import pytest

from knowledge.fitting import fit_logistic, fit_ranking, wilson

RANDOM = np.random.default_rng(0)


def ranking_cases(weights: list[float], count: int = 400) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Questions whose right article is drawn with the probabilities that the weights give."""
    signals, right = [], []
    for _ in range(count):
        rows = RANDOM.normal(size=(6, len(weights)))
        shares = np.exp(rows @ np.array(weights))
        right.append(np.arange(6) == RANDOM.choice(6, p=shares / shares.sum()))
        signals.append(rows)
    return signals, right


def test_ranking_finds_the_weights_that_made_the_choices() -> None:
    signals, right = ranking_cases([2.0, 1.0, 0.0])
    assert fit_ranking(signals, right, penalty=1e-4) == pytest.approx([2.0, 1.0, 0.0], abs=0.35)


def test_a_signal_that_counts_against_is_left_out() -> None:
    signals, right = ranking_cases([2.0, -1.0])
    first, second = fit_ranking(signals, right, penalty=1e-4)
    assert first > 1
    assert second == 0


def test_several_articles_may_be_right() -> None:
    signals = [np.array([[1.0], [0.9], [0.0]])] * 20
    right = [np.array([True, True, False])] * 20
    assert fit_ranking(signals, right, penalty=1e-2)[0] > 0


def test_logistic_finds_the_coefficients_that_made_the_outcomes() -> None:
    rows = RANDOM.normal(size=(4000, 2))
    chances = 1 / (1 + np.exp(-(0.5 + 2 * rows[:, 0] - rows[:, 1])))
    outcomes = RANDOM.random(4000) < chances
    found = fit_logistic(rows, outcomes, np.ones(4000), penalty=1e-3)
    assert found == pytest.approx([0.5, 2.0, -1.0], abs=0.2)


def test_cases_count_by_their_shares() -> None:
    rows = np.zeros((4, 1))
    outcomes = np.array([True, False, False, False])
    even = fit_logistic(rows, outcomes, np.array([3.0, 1.0, 1.0, 1.0]), penalty=1e-3)
    assert even[0] == pytest.approx(0, abs=1e-6)


def test_separable_outcomes_stay_finite() -> None:
    rows = np.array([[-1.0], [1.0]])
    assert np.isfinite(fit_logistic(rows, np.array([False, True]), np.ones(2), penalty=0.1)).all()


@pytest.mark.parametrize(
    ("successes", "trials", "interval"),
    [(0, 0, (0, 1)), (5, 10, (0.2366, 0.7634)), (0, 10, (0, 0.2775)), (10, 10, (0.7225, 1))],
)
def test_wilson(successes: int, trials: int, interval: tuple[float, float]) -> None:
    low, high = wilson(successes, trials)
    assert (low, high) == pytest.approx(interval, abs=1e-4)
    assert 0 <= low <= high <= 1


def test_wilson_has_no_share_below_nothing() -> None:
    """With no success, rounding used to leave a hair below 0, printed as -0.0."""
    assert all(0 <= wilson(0, trials)[0] < 1e-12 for trials in range(1, 2000))
