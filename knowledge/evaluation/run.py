"""One measurement: every question to every way of ranking, and what came out, as values and as text."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.calibration import Calibration, Decision
from knowledge.embedding import CachedEmbedder
from knowledge.evaluation.datasets import Query
from knowledge.evaluation.measures import (
    Difference,
    Share,
    first_relevant,
    hit,
    paired,
    reciprocal_rank,
    share,
)
from knowledge.evaluation.systems import (
    BASELINES,
    STEPS,
    Answered,
    Baselines,
    Prepared,
    answer,
    signals,
    step,
)

OURS = "guichet"
EVERY_LANGUAGE = "all"


@dataclass(frozen=True)
class Row:
    """How one way of ranking does on the questions of one language that have an answer."""

    system: str
    language: str
    questions: int
    hit_1: Share
    hit_3: Share
    hit_5: Share
    mrr_10: float


@dataclass(frozen=True)
class Abstention:
    """How often production would abstain, or ask, in one language.

    Attributes:
        answerable: of the questions that have an answer: better low.
        unanswerable: of those that have none: better high.
        asked: a clarifying question instead of an answer, of all.
        wrong: a wrong document shown as the answer, of all.
    """

    language: str
    answerable: Share
    unanswerable: Share
    asked: Share
    wrong: Share


@dataclass(frozen=True)
class Comparison:
    """hit@1 of ours less that of the best baseline, on the same questions."""

    language: str
    baseline: str
    difference: Difference


@dataclass(frozen=True)
class Measured:
    """What a measurement found. `ranks` holds, by way of ranking, the rank of each answerable question."""

    rows: tuple[Row, ...]
    abstentions: tuple[Abstention, ...]
    comparisons: tuple[Comparison, ...]
    languages: tuple[str, ...]
    ranks: Mapping[str, NDArray[np.int64]]

    def as_json(self) -> dict[str, Any]:
        """Return everything but the ranks, as plain values."""
        return {
            "rows": [asdict(row) for row in self.rows],
            "abstention": [asdict(each) for each in self.abstentions],
            "against_the_best_baseline": [asdict(each) for each in self.comparisons],
        }


def measure(
    prepared: Prepared,
    queries: Sequence[Query],
    embedder: CachedEmbedder,
    calibration: Calibration,
    *,
    baselines: bool = False,
    seed: int = 0,
) -> Measured:
    """Ask every question.

    Args:
        prepared: the documents.
        queries: the questions; those without an answer count for the abstention only.
        embedder: embeds the questions.
        calibration: the weights and thresholds of production.
        baselines: whether to compute the baselines and the steps towards ours too.
        seed: of the bootstrap.
    """
    vectors = np.stack([embedder.question(query.text) for query in queries])
    found = signals(prepared, queries, vectors)
    answers: dict[str, list[Answered]] = {OURS: [answer(each, calibration) for each in found]}
    if baselines:
        for name, names in STEPS.items():
            answers[name] = [step(each, names, calibration.weights) for each in found]
        plain = Baselines(prepared)
        by_query = [plain.answers(query, vector) for query, vector in zip(queries, vectors, strict=True)]
        for name in BASELINES:
            answers[name] = [each[name] for each in by_query]
    answerable = np.array([query.answerable for query in queries])
    spoken = np.array([query.language for query in queries])
    ranks = {
        name: np.array([first_relevant(a.ranking, q.relevant) for a, q in zip(given, queries, strict=True)])
        for name, given in answers.items()
    }
    languages = tuple(dict.fromkeys(spoken.tolist()))
    shown = (EVERY_LANGUAGE, *languages) if len(languages) > 1 else languages
    chosen = {name: (spoken == name) | (name == EVERY_LANGUAGE) for name in shown}
    return Measured(
        rows=tuple(
            _row(name, language, ranks[name][rows & answerable])
            for language, rows in chosen.items()
            for name in answers
        ),
        abstentions=tuple(
            _abstention(language, answers[OURS], ranks[OURS], answerable, rows)
            for language, rows in chosen.items()
        ),
        comparisons=tuple(
            _comparison(language, {name: each[rows & answerable] for name, each in ranks.items()}, seed)
            for language, rows in chosen.items()
            if (rows & answerable).any()
        )
        if baselines
        else (),
        languages=tuple(spoken[answerable].tolist()),
        ranks={name: each[answerable] for name, each in ranks.items()},
    )


def _row(system: str, language: str, ranks: NDArray[np.int64]) -> Row:
    one, three, five = (hit(ranks, k) for k in (1, 3, 5))
    return Row(system, language, len(ranks), one, three, five, reciprocal_rank(ranks))


def _abstention(
    language: str,
    answers: Sequence[Answered],
    ranks: NDArray[np.int64],
    answerable: NDArray[np.bool_],
    rows: NDArray[np.bool_],
) -> Abstention:
    decided = np.array([each.decision for each in answers])
    abstained = decided == Decision.ABSTAIN
    wrong = (decided == Decision.ANSWER) & ((ranks != 1) | ~answerable)
    return Abstention(
        language,
        answerable=share(abstained[rows & answerable]),
        unanswerable=share(abstained[rows & ~answerable]),
        asked=share(decided[rows] == Decision.CLARIFY),
        wrong=share(wrong[rows]),
    )


def _comparison(language: str, ranks: Mapping[str, NDArray[np.int64]], seed: int) -> Comparison:
    best = max(BASELINES, key=lambda name: int((ranks[name] == 1).sum()))
    return Comparison(language, best, paired(ranks[OURS] == 1, ranks[best] == 1, seed))


def report(measured: Measured) -> Iterator[str]:
    """Say what was measured, one line a fact."""
    width = max(len(row.system) for row in measured.rows)
    columns = "".join(f"{name:24}" for name in ("hit@1", "hit@3", "hit@5"))
    yield f"{'':8}{'':{width}}  questions  {columns}MRR@10"
    for row in measured.rows:
        yield (
            f"{row.language:8}{row.system:{width}}  {row.questions:9}  {row.hit_1}  {row.hit_3}  {row.hit_5}"
            f"  {row.mrr_10:.3f}"
        )
    yield "abstained of answerable, of unanswerable; of all: asked which, answered with a wrong document"
    for each in measured.abstentions:
        none = "none" if not each.unanswerable.questions else str(each.unanswerable)
        yield f"{each.language:8}{each.answerable}  {none}  {each.asked}  {each.wrong}"
    if measured.comparisons:
        yield "hit@1 less that of the best baseline (paired bootstrap, 95 %)"
    for one in measured.comparisons:
        yield f"{one.language:8}{one.difference}  {one.baseline}"
