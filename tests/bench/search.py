"""Times the search at 1 thousand, 20 thousand, 100 thousand and 1 million passages.

    make bench-search                       # some ten minutes, 8 GB
    make bench-search ARGS=--quick          # without the million, and without starting the assistant

Everything stands beside the plainest correct implementation, the two taking turns in one run. By meaning:
`knowledge.vectors` beside numpy (dot products with all, those not allowed left out, the best by
argpartition), for the 1,000 nearest passages, as the assistant asks for. By words: bm25s beside a dictionary
of postings and a loop. The whole search on our articles: beside the embedding and numpy. What the synthetic
passages are like is said in search_data.py; the questions are those of the evaluation.

Printed: p50 and p99 in milliseconds, their ratios with bootstrap 95 % intervals, the share of the exact ten
nearest that is found (recall@10), bytes a passage, seconds to build, and the time from saving a file to the
new answer (freshness.py).
"""

from __future__ import annotations

import argparse
import heapq
import os
import resource
import subprocess
import sys
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import log
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy: one thread on both sides

import bm25s  # noqa: E402 - after the path
import numpy as np  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

from knowledge.embedding import CachedEmbedder, Vectors, load_question_encoder  # noqa: E402
from knowledge.lexical import K1, B  # noqa: E402
from knowledge.search import open_search  # noqa: E402
from knowledge.settings import KnowledgeSettings  # noqa: E402
from knowledge.vectors import EXACT_UP_TO, VectorIndex  # noqa: E402
from tests.bench.search_data import (  # noqa: E402
    WORDS,
    documents,
    like_real_vectors,
    real_questions,
    real_vectors,
    worded_questions,
)
from tests.evaluation.outcomes import Question  # noqa: E402

SIZES = (1_000, EXACT_UP_TO, 100_000, 1_000_000)
QUICK_SIZES = SIZES[:-1]
NEAREST = 1000  # passages, as the assistant asks for
TOP = 10
LANGUAGES, SPOKEN = 10, 2  # of which a resident's search sees: theirs and French
RESAMPLES = 2000
LOOPED_POSTINGS = 50_000_000  # of the plain loop: it gets fewer questions where each takes a second
FRESHNESS = Path(__file__).with_name("freshness.py")

Mask = NDArray[np.bool_]
Filter = Callable[[int], Mask | None]
Times = dict[str, list[float]]


def take_turns(sides: Mapping[str, Callable[[int], Any]], count: int) -> tuple[Times, dict[str, list[Any]]]:
    """Asks each question on one side, then on the other; returns the seconds and the answers of each side."""
    for ask in sides.values():
        ask(0)  # what is loaded at the first question
    times: Times = {name: [] for name in sides}
    answers: dict[str, list[Any]] = {name: [] for name in sides}
    for number in range(count):
        for name, ask in sides.items():
            started = perf_counter()
            answer = ask(number)
            times[name].append(perf_counter() - started)
            answers[name].append(answer)
    return times, answers


def compare(title: str, times: Times, rng: np.random.Generator) -> str:
    """Percentiles of both sides, and the ratios of the first to the second with their intervals."""
    lines = [f"  {title}"]
    arrays = {name: 1000 * np.array(taken) for name, taken in times.items()}
    for name, taken in arrays.items():
        p50, p99 = np.percentile(taken, (50, 99))
        lines.append(f"    {name:<9} p50 {p50:8.2f} ms   p99 {p99:8.2f} ms   {len(taken)} questions")
    ours, plain = arrays.values()
    ratios = []
    for share in (50, 99):
        again = [
            np.percentile(rng.choice(ours, ours.size), share)
            / np.percentile(rng.choice(plain, plain.size), share)
            for _ in range(RESAMPLES)
        ]
        low, high = np.percentile(again, (2.5, 97.5))
        ratio = np.percentile(ours, share) / np.percentile(plain, share)
        ratios.append(f"p{share} {ratio:.3f} [{low:.3f}, {high:.3f}]")
    lines.append(f"    ratio     {'   '.join(ratios)}")
    return "\n".join(lines)


def plain_nearest(matrix: Vectors, question: Vectors, allowed: Mask | None) -> NDArray[np.int64]:
    """The plainest correct search by meaning."""
    near = matrix @ question
    if allowed is not None:
        near[~allowed] = -np.inf
    best = np.argpartition(-near, min(NEAREST, len(near) - 1))[:NEAREST]
    return best[np.argsort(-near[best])]


def by_meaning(size: int, questions: Vectors, folder: Path, rng: np.random.Generator) -> None:
    """One size of the search by meaning."""
    matrix = real_vectors()[:size] if size <= 1000 else like_real_vectors(size)
    languages = rng.integers(LANGUAGES, size=len(matrix))
    masks = [languages < SPOKEN, *(np.isin(languages, (0, other)) for other in range(SPOKEN, LANGUAGES))]
    started = perf_counter()
    built = VectorIndex.build(matrix)
    building = perf_counter() - started
    names = built.save(folder)
    saving = perf_counter() - started - building
    sizes = {name: (folder / name).stat().st_size / len(matrix) for name in names}
    started = perf_counter()
    index = VectorIndex.load(folder)
    loading = perf_counter() - started
    del built
    file = sizes.pop("vectors.npy")
    print(f"  build {building:.1f} s, save {saving:.1f} s, load {loading:.2f} s")
    plain = matrix.nbytes / len(matrix)
    held = sum(sizes.values())
    print(
        f"  bytes a passage: {held:.0f} in each process and {file:.0f} in a file that all share; "
        f"plain {plain:.0f} in each (ratio {(held + file) / plain:.2f}, one more {held / plain:.2f})"
    )
    filters: dict[str, Filter] = {
        "two languages of ten": lambda number: masks[number % len(masks)],
        "no filter": lambda number: None,
    }
    for title, allowed in filters.items():
        sides = {
            "ours": partial(_nearest, index, questions, allowed),
            "plain": partial(_plain_nearest, matrix, questions, allowed),
        }
        times, answers = take_turns(sides, len(questions))
        pairs = zip(answers["ours"], answers["plain"], strict=True)
        found = [len(set(ours[:TOP]) & set(plain[:TOP])) / TOP for ours, plain in pairs]
        print(compare(f"{title}: recall@10 {np.mean(found):.4f}", times, rng), flush=True)


def _nearest(index: VectorIndex, questions: Vectors, allowed: Filter, number: int) -> NDArray[np.int64]:
    return index.nearest(questions[number], NEAREST, allowed(number))[0]


def _plain_nearest(matrix: Vectors, questions: Vectors, allowed: Filter, number: int) -> NDArray[np.int64]:
    return plain_nearest(matrix, questions[number], allowed(number))


class PlainWords:
    """The plainest correct BM25, in Lucene's variant: postings in a dictionary, and a loop over them."""

    def __init__(self, rows: Sequence[Sequence[int]]) -> None:
        self.postings: dict[int, tuple[array[int], array[int]]] = defaultdict(
            lambda: (array("i"), array("i"))
        )
        self.lengths = array("i")
        for number, words in enumerate(rows):
            self.lengths.append(len(words))
            for word, count in Counter(words).items():
                held, counts = self.postings[word]
                held.append(number)
                counts.append(count)
        self.average = sum(self.lengths) / len(self.lengths)

    def best(self, question: Sequence[int]) -> list[float]:
        """The ten best scores."""
        scores: dict[int, float] = defaultdict(float)
        size = len(self.lengths)
        for word in question:
            held, counts = self.postings[word]
            rarity = log(1 + (size - len(held) + 0.5) / (len(held) + 0.5))
            for number, count in zip(held, counts, strict=True):
                discount = K1 * (1 - B + B * self.lengths[number] / self.average)
                scores[number] += rarity * count / (count + discount)
        return heapq.nlargest(TOP, scores.values())

    @property
    def bytes(self) -> int:
        """Of the postings alone."""
        return sum(held.itemsize * (len(held) + len(counts)) for held, counts in self.postings.values())


def by_words(size: int, count: int, rng: np.random.Generator) -> None:
    """One size of the search by words."""
    rows = documents(size)
    questions = [list(dict.fromkeys(row)) for row in worded_questions(count)]
    names = [f"w{number}" for number in range(WORDS)]
    started = perf_counter()
    engine = bm25s.BM25(k1=K1, b=B, method="lucene")
    engine.index((rows, {name: number for number, name in enumerate(names)}), show_progress=False)
    ours_built = perf_counter() - started
    started = perf_counter()
    plain = PlainWords(rows)
    plain_built = perf_counter() - started
    weight = sum(held.nbytes for held in engine.scores.values() if isinstance(held, np.ndarray))

    def best(number: int) -> list[float]:
        scores = engine.get_scores([names[word] for word in questions[number]])
        kept = scores[np.argpartition(-scores, TOP)[:TOP]]
        return sorted(kept.tolist(), reverse=True)

    times, answers = take_turns({"bm25s": best, "plain": lambda number: plain.best(questions[number])}, count)
    for ours, theirs in zip(answers["bm25s"], answers["plain"], strict=True):
        if not np.allclose(ours[: len(theirs)], theirs, rtol=1e-4):
            raise RuntimeError(f"bm25s and the plain loop disagree: {ours} {theirs}")
    print(f"  build {ours_built:.1f} s, plain {plain_built:.1f} s (ratio {ours_built / plain_built:.2f})")
    print(f"  bytes a document: {weight / size:.0f}, plain {plain.bytes / size:.0f}")
    print(compare("same ten best scores for every question", times, rng), flush=True)


def on_our_articles(questions: Sequence[Question], rng: np.random.Generator) -> None:
    """The whole search of production, and without the embedding, which it is given in a turn."""
    settings = KnowledgeSettings()
    embedder = CachedEmbedder(load_question_encoder(), settings.cache_dir)
    search = open_search(settings, embedder=embedder)
    passages = search.generation.passages
    matrix = embedder.passages([passage.text for passage in passages])
    spoken = np.array([passage.language for passage in passages])
    vectors = [embedder.question(question.text) for question in questions]

    def searched(number: int, vector: Vectors | None) -> Any:
        question = questions[number]
        return search.search(question.text, language=question.language, vector=vector)

    def nearest(number: int, vector: Vectors) -> NDArray[np.int64]:
        return plain_nearest(matrix, vector, np.isin(spoken, ("fr", questions[number].language)))

    print(f"our articles, whole search: {len(passages)} passages")
    whole = {
        "ours": lambda number: searched(number, None),
        "plain": lambda number: nearest(number, embedder.question(questions[number].text)),
    }
    print(compare("with the embedding of the question", take_turns(whole, len(questions))[0], rng))
    given = {
        "ours": lambda number: searched(number, vectors[number]),
        "plain": lambda number: nearest(number, vectors[number]),
    }
    print(compare("given the embedding", take_turns(given, len(questions))[0], rng), flush=True)


def main() -> int:
    """Runs the benchmark and prints it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--quick", action="store_true", help="leave out the million and the assistant's start"
    )
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    rng = np.random.default_rng(chosen.seed)
    questions = real_questions(chosen.questions, chosen.seed)
    vectors = load_question_encoder().encode_query([question.text for question in questions])
    for size in QUICK_SIZES if chosen.quick else SIZES:
        print(f"by meaning: {size:,} passages, {'ours' if size <= 1000 else 'synthetic'}", flush=True)
        with TemporaryDirectory() as folder:
            by_meaning(size, vectors, Path(folder), rng)
    for size in QUICK_SIZES if chosen.quick else SIZES:
        print(f"by words: {size:,} documents, synthetic", flush=True)
        by_words(size, min(len(questions), LOOPED_POSTINGS // size), rng)
    on_our_articles(questions, rng)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"most memory of this benchmark: {peak:.1f} GiB", flush=True)
    if FRESHNESS.is_file() and not chosen.quick:
        return subprocess.run([sys.executable, FRESHNESS], check=False).returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
