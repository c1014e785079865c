import numpy as np
import pytest

from knowledge.evaluation.measures import (
    DEPTH,
    first_relevant,
    hit,
    paired,
    reciprocal_rank,
    share,
)


def ranks(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


def truths(yes: int, no: int) -> np.ndarray:
    return np.array([True] * yes + [False] * no)


def test_the_rank_of_the_first_relevant_document() -> None:
    assert first_relevant(["a", "b", "c"], frozenset({"c", "b"})) == 2
    assert first_relevant(["a"], frozenset({"b"})) == 0
    assert first_relevant([], frozenset({"b"})) == 0
    many = [str(n) for n in range(DEPTH + 1)]
    assert first_relevant(many, frozenset({many[DEPTH - 1]})) == DEPTH
    assert first_relevant(many, frozenset({many[DEPTH]})) == 0


def test_hits_and_reciprocal_ranks() -> None:
    found = ranks(1, 2, 0, 4, 1)
    assert [hit(found, k).value for k in (1, 3, 5)] == pytest.approx([0.4, 0.6, 0.8])
    assert reciprocal_rank(found) == pytest.approx((1 + 0.5 + 0 + 0.25 + 1) / 5)
    assert reciprocal_rank(ranks()) == 0


def test_the_interval_of_a_share() -> None:
    # Wilson by hand for 8 of 10, z² = 3.8414: (0.8 + 0.19207 ± 1.959964 √(0.016 + 0.0096036)) / 1.38414.
    found = share(truths(8, 2))
    assert (found.value, found.low, found.high) == pytest.approx((0.8, 0.490162, 0.943318), abs=1e-6)
    assert found.questions == 10
    assert str(found) == "0.800 (0.490 to 0.943)"


def test_a_share_of_nothing_says_nothing() -> None:
    assert (share([]).low, share([]).high, share([]).questions) == (0, 1, 0)


def test_a_difference_is_that_of_the_shares_with_a_paired_interval() -> None:
    # Of 400 questions, 80 won and 40 lost: mean 0.1, deviation √(0.3 - 0.01) / 20 = 0.026926.
    ours = np.concatenate([truths(80, 0), truths(0, 40), truths(280, 0)])
    theirs = np.concatenate([truths(0, 80), truths(40, 0), truths(280, 0)])
    found = paired(ours, theirs, 0)
    assert found.value == pytest.approx(0.1)
    assert (found.low, found.high) == pytest.approx((0.1 - 0.052774, 0.1 + 0.052774), abs=0.006)
    back = paired(theirs, ours, 0)
    assert back.value == pytest.approx(-0.1)
    assert back.high < 0


def test_what_never_differs_has_no_width() -> None:
    same = truths(3, 2)
    assert str(paired(same, same, 7)) == "+0.000 (+0.000 to +0.000)"
    always = paired(truths(5, 0), truths(0, 5), 7)
    assert (always.value, always.low, always.high) == (1, 1, 1)


def test_pairs_matter_and_not_only_the_shares() -> None:
    """Two ways equally often right, on the same questions or on opposite ones."""
    together = paired(truths(50, 50), truths(50, 50), 0)
    opposite = paired(truths(50, 50), ~truths(50, 50), 0)
    assert together.value == opposite.value == 0
    assert together.high == 0
    assert opposite.high == pytest.approx(0.196, abs=0.021)


def test_a_seed_gives_the_same_interval() -> None:
    ours, theirs = truths(60, 40), np.roll(truths(60, 40), 13)
    assert paired(ours, theirs, 3) == paired(ours, theirs, 3)
