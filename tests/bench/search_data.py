"""What the searches are timed on: vectors and documents like ours, as many as wanted, the same for a seed.

A synthetic vector is one of our passages', moved by 0.4 of the difference of two others: it varies as ours
do, in the same directions, and the cosine with its nearest neighbour (among as many as we have) has the same
median as ours, 0.94. Noise that is the same in all directions would have no neighbours to speak of. A
synthetic document has 60 words, drawn from 50,000 by Zipf and Mandelbrot's law: one word in a hundred is the
same one.
"""

from collections.abc import Sequence

import numpy as np

from knowledge.embedding import Vectors
from knowledge.vector_seed import read_seed
from tests.evaluation.__main__ import QUESTIONS, read_questions
from tests.evaluation.outcomes import Question

MOVED = 0.4
WORDS, WORDS_A_DOCUMENT, WORDS_A_QUESTION = 50_000, 60, 8
_RANK_OFFSET = 10
_BLOCK = 50_000


def real_vectors() -> Vectors:
    """The vectors of our articles' passages, in an order that says nothing."""
    return np.stack(list(read_seed().values()))


def like_real_vectors(count: int, seed: int = 1) -> Vectors:
    """Synthetic vectors of length 1."""
    real, rng = real_vectors(), np.random.default_rng(seed)
    vectors = np.empty((count, real.shape[1]), np.float32)
    for start in range(0, count, _BLOCK):
        block = vectors[start : start + _BLOCK]
        some, one, other = rng.integers(0, len(real), (3, len(block)))
        block[:] = real[some] + np.float32(MOVED) * (real[one] - real[other])
        block /= np.linalg.norm(block, axis=1, keepdims=True)
    return vectors


def documents(count: int, seed: int = 1) -> list[list[int]]:
    """Synthetic documents: the numbers of the words of each."""
    return _drawn(count, WORDS_A_DOCUMENT, seed)


def worded_questions(count: int, seed: int = 2) -> list[list[int]]:
    """Synthetic questions, drawn like the documents."""
    return _drawn(count, WORDS_A_QUESTION, seed)


def _drawn(count: int, length: int, seed: int) -> list[list[int]]:
    rng, numbers = np.random.default_rng(seed), list(range(WORDS))  # one object a word, shared by all
    shares = np.cumsum(1 / (np.arange(WORDS) + _RANK_OFFSET))
    drawn: list[list[int]] = []
    for start in range(0, count, _BLOCK):
        points = rng.random((min(_BLOCK, count - start), length)) * shares[-1]
        rows = np.minimum(np.searchsorted(shares, points), WORDS - 1)
        drawn += [[numbers[word] for word in row] for row in rows.tolist()]
    return drawn


def real_questions(count: int, seed: int = 1) -> Sequence[Question]:
    """Questions of the evaluation, French and English, none twice."""
    questions = [q for name in ("dev_fr", "dev_en") for q in read_questions(QUESTIONS / f"{name}.jsonl")]
    order = np.random.default_rng(seed).permutation(len(questions))
    return [questions[number] for number in order[:count]]
