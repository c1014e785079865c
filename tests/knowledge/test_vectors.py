"""The index of vectors: exact when small, nearly so when large, never a vector that the filter excludes."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from knowledge.embedding import Vectors
from knowledge.vectors import VectorIndex
from tests.bench.search_data import like_real_vectors

MANY = 30_000


@pytest.fixture(scope="module")
def vectors() -> Vectors:
    return like_real_vectors(MANY)


@pytest.fixture(scope="module")
def questions() -> Vectors:
    return like_real_vectors(40, seed=2)


@pytest.fixture(scope="module")
def large(vectors: Vectors) -> VectorIndex:
    return VectorIndex.build(vectors, exact_up_to=0)


def exact(vectors: Vectors, question: Vectors, k: int, allowed: np.ndarray) -> list[int]:
    ranked = np.argsort(-(vectors @ question), kind="stable")
    return [int(position) for position in ranked if allowed[position]][:k]


def recall(index: VectorIndex, vectors: Vectors, questions: Vectors, allowed: np.ndarray) -> float:
    found = [
        len(set(index.nearest(question, 300, allowed)[0][:10]) & set(exact(vectors, question, 10, allowed)))
        for question in questions
    ]
    return sum(found) / (10 * len(found))


@pytest.mark.parametrize("share", [1.0, 0.3, 0.001])
def test_small_is_exact(vectors: Vectors, questions: Vectors, share: float) -> None:
    vectors = vectors[:3000]
    allowed = np.random.default_rng(3).random(len(vectors)) < share
    index = VectorIndex.build(vectors)
    for question in questions[:10]:
        positions, similarities = index.nearest(question, 50, allowed)
        assert positions.tolist() == exact(vectors, question, 50, allowed)
        assert similarities == pytest.approx(vectors[positions] @ question, abs=1e-6)


@pytest.mark.parametrize("share", [1.0, 0.3, 0.01])
def test_large_finds_nearly_all(
    large: VectorIndex, vectors: Vectors, questions: Vectors, share: float
) -> None:
    allowed = np.random.default_rng(3).random(len(vectors)) < share
    assert recall(large, vectors, questions, allowed) >= 0.99


def test_a_filter_that_follows_the_meaning_costs_no_recall(
    large: VectorIndex, vectors: Vectors, questions: Vectors
) -> None:
    """A language, or the staff's articles, may be together in the space of meanings, far from a question."""
    near = vectors @ questions[0]
    allowed = near < np.percentile(near, 20)
    assert recall(large, vectors, questions[:5], allowed) >= 0.99


@pytest.mark.parametrize("exact_up_to", [0, MANY])
@pytest.mark.parametrize("count", [1, 31, 32, 33, 1000])
def test_only_what_is_allowed(vectors: Vectors, questions: Vectors, count: int, exact_up_to: int) -> None:
    index = VectorIndex.build(vectors[:count], exact_up_to=exact_up_to)
    allowed = np.random.default_rng(count).random(count) < 0.5
    allowed[0] = True
    positions, similarities = index.nearest(questions[0], count, allowed)
    assert sorted(positions) == np.flatnonzero(allowed).tolist()
    assert (np.diff(similarities) <= 0).all()
    nothing, none = index.nearest(questions[0], 10, np.zeros(count, np.bool_))
    assert len(nothing) == len(none) == 0


@pytest.mark.parametrize("exact_up_to", [0, MANY])
def test_no_filter(vectors: Vectors, questions: Vectors, exact_up_to: int) -> None:
    index = VectorIndex.build(vectors, exact_up_to=exact_up_to)
    positions, similarities = index.nearest(questions[0], 20)
    assert positions.tolist() == exact(vectors, questions[0], 20, np.ones(MANY, np.bool_))
    assert similarities == pytest.approx(vectors[positions] @ questions[0], abs=1e-6)


def test_similarities_of_given_positions(large: VectorIndex, vectors: Vectors, questions: Vectors) -> None:
    positions = np.array([5, 3, MANY - 1])
    assert large.similarities(questions[0], positions) == pytest.approx(vectors[positions] @ questions[0])
    assert len(large.similarities(questions[0], positions[:0])) == 0


def test_many_more_than_are_asked_for_are_compared_exactly(large: VectorIndex, questions: Vectors) -> None:
    near, _ = large.nearest(questions[0], 10)
    assert large.nearest(questions[0], 1500)[0][:10].tolist() == near.tolist()


@pytest.mark.parametrize("exact_up_to", [0, MANY])
def test_saved_and_loaded(tmp_path: Path, vectors: Vectors, questions: Vectors, exact_up_to: int) -> None:
    index = VectorIndex.build(vectors[:5000], exact_up_to=exact_up_to)
    names = index.save(tmp_path)
    assert sorted(names) == sorted(path.name for path in tmp_path.iterdir())
    assert len(names) == (1 if exact_up_to else 2)
    loaded = VectorIndex.load(tmp_path)
    assert len(loaded) == 5000
    for question in questions[:5]:
        positions, similarities = index.nearest(question, 100)
        again, as_similar = loaded.nearest(question, 100)
        assert np.array_equal(positions, again)
        assert np.array_equal(similarities, as_similar)


def test_the_same_vectors_give_the_same_files(tmp_path: Path, vectors: Vectors) -> None:
    contents = []
    for name in ("one", "other"):
        folder = tmp_path / name
        folder.mkdir()
        names = VectorIndex.build(vectors[:2000], exact_up_to=0).save(folder)
        contents.append([(folder / file).read_bytes() for file in names])
    assert contents[0] == contents[1]


def test_codes_of_other_vectors_are_refused(tmp_path: Path, vectors: Vectors) -> None:
    VectorIndex.build(vectors[:2000], exact_up_to=0).save(tmp_path)
    np.save(tmp_path / "vectors.npy", vectors[:1999])
    with pytest.raises(ValueError, match="not the codes of"):
        VectorIndex.load(tmp_path)


def test_absent_vectors_are_told(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"vectors\.npy"):
        VectorIndex.load(tmp_path)


def test_threads_search_at_once(large: VectorIndex, vectors: Vectors, questions: Vectors) -> None:
    masks = [np.random.default_rng(seed).random(MANY) < 0.2 for seed in range(len(questions))]
    alone = [
        large.nearest(question, 100, mask)[0].tolist()
        for question, mask in zip(questions, masks, strict=True)
    ]
    with ThreadPoolExecutor(8) as pool:
        together = list(
            pool.map(
                lambda pair: large.nearest(pair[0], 100, pair[1])[0].tolist(),
                zip(questions, masks, strict=True),
            )
        )
    assert together == alone
