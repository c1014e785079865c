"""Measures calibration.yml: `python -m knowledge.calibrate QUESTIONS.jsonl… [--write]`, on the current index.

A line of a questions file is {"text", "language", "topic"}; `topic` is null when the assistant must abstain.
It may hold `also_accepted` (other right topics) and `prior`, what Rasa gives: the probabilities of topics and
of `out_of_scope`. A question about a topic without an article must be abstained from too. Questions kept for
testing stay out.

Weights come first (which article is right), then the confidence (whether it is), then the thresholds, which
make the mean cost of `COSTS` smallest. Figures are cross-validated: each question is judged by models that
have not seen it. Home commands of ../shared/bench, all out of scope, check the result where that folder is.
"""

import argparse
import itertools
import json
import random
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.article import SOURCE_LANGUAGE
from knowledge.calibration import (
    CALIBRATION_FILE,
    Calibration,
    Confidence,
    Decision,
    load_text_weights,
)
from knowledge.calibration_file import write_calibration
from knowledge.corpus import SIGNALS
from knowledge.fitting import fit_logistic, fit_ranking
from knowledge.outcomes import (
    CLARIFY_CHOICES,
    COSTS,
    KINDS,
    Judged,
    Question,
    outcome,
    report,
    shares,
)
from knowledge.search import (
    Candidate,
    Hit,
    Search,
    features,
    open_search,
    ranked,
    without_emergencies,
)
from knowledge.section_phrases import SHORT, choose_section
from knowledge.settings import KnowledgeSettings

FOLDS = 5
RANKING_PENALTY = 1e-3
CONFIDENCE_PENALTY = 0.1
FITTED = ("words", "question", "prior")
PRIOR_TIMES = (1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0)
BY_MEANING = ("title", "short", "text", "second", "question")
NOT_SEARCHED = {"smalltalk", "handoff"}  # kinds of questions that never come to the search
HOME_COMMANDS = Path(__file__).parents[2] / "shared/bench/intents_homeassistant/intents.jsonl"
HOME_SAMPLE = 150  # commands a language
GRID = 40  # thresholds tried, between the lowest and the highest confidence
SECTION_MARGINS = (0.0, 0.0025, 0.005, 0.0075, 0.01, 0.015, 0.02)
DISAGREEMENTS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


@dataclass(frozen=True)
class Case:
    """A question with what the search knows about it.

    Attributes:
        signals: shape (candidates, signals).
        right: which candidates are right, one truth value each.
        fold: the part of the questions that judges it.
    """

    question: Question
    candidates: tuple[Candidate, ...]
    coverage: float
    signals: NDArray[np.float64]
    right: NDArray[np.bool_]
    fold: int


def read_questions(paths: Sequence[Path]) -> Iterator[Question]:
    """Read questions files, without what never comes to the search."""
    for path in paths:
        for line in path.read_text(encoding="utf-8").split("\n"):
            values: dict[str, Any] = json.loads(line) if line.strip() else {"kind": "smalltalk"}
            if values.get("kind") in NOT_SEARCHED:
                continue
            topics = frozenset({values["topic"], *values.get("also_accepted", ())} - {None})
            yield Question(values["text"], values["language"], topics, topics, values.get("prior"))


def gather(search: Search, questions: Sequence[Question], seed: int) -> list[Case]:
    """Ask the search for the signals of each question, without its prior, and with it where there is one."""
    known = {article.topic for article in search.library.winning()}
    folds = [number % FOLDS for number in range(len(questions))]
    random.Random(seed).shuffle(folds)
    cases = []
    for question, fold in zip(questions, folds, strict=True):
        asked = replace(question, accepted=question.topics & known)
        for prior in (None, question.prior) if question.prior else (None,):
            found = search.candidates(asked.text, language=asked.language, topic_prior=prior)
            candidates = found.articles
            signals = np.array([[each.signals[name] for name in SIGNALS] for each in candidates])
            right = np.array([each.article.topic in asked.accepted for each in candidates])
            cases.append(Case(replace(asked, prior=prior), candidates, found.coverage, signals, right, fold))
    return cases


def fit_weights(cases: Sequence[Case], before: Mapping[str, float]) -> dict[str, float]:
    """Fit how much the text, its words, the example questions and Rasa's topics count beside each other.

    The parts of the text keep their proportions (text_weights.yml), but for its words: residents name a
    benefit by its acronym more often than they name a sheet. Without Rasa's topics, `prior` is kept.
    """
    answerable = [case for case in cases if case.right.any()]
    text = load_text_weights()
    kept = np.array([text.get(name, 0.0) for name in SIGNALS])
    columns = [kept / kept.sum(), *(np.array([name == each for each in SIGNALS], float) for name in FITTED)]
    shown = [case.signals @ np.array(columns).T for case in answerable]
    fitted = fit_ranking(shown, [case.right for case in answerable], penalty=RANKING_PENALTY)
    found = dict(zip(SIGNALS, (np.array(columns).T @ fitted).tolist(), strict=True))
    whole = sum(found[name] for name in BY_MEANING)  # scores stay around 0 to 1
    scaled = {name: value / whole for name, value in found.items()}
    prior = choose_prior(answerable, scaled) if scaled["prior"] else before["prior"]
    return {**scaled, "prior": prior}


def choose_prior(cases: Sequence[Case], weights: Mapping[str, float]) -> float:
    """Return how much Rasa's topics count: what puts most right articles first, near what the logit found.

    The logit is pulled down by the few questions on which Rasa is sure and wrong.
    """
    weighed = np.array([weights[name] for name in SIGNALS])
    rasa = SIGNALS.index("prior")

    def right_first(times: float) -> int:
        tried = weighed.copy()
        tried[rasa] *= times
        return sum(bool(case.right[int((case.signals @ tried).argmax())]) for case in cases)

    best = max(PRIOR_TIMES, key=right_first)
    return float(weights["prior"] * best)


def judge(case: Case, weights: Mapping[str, float]) -> Judged:
    """Rank a case's articles."""
    hits = without_emergencies(ranked(case.candidates, weights))
    return Judged(case.question, features(hits, case.coverage, case.question.prior), _first_topics(hits))


def _first_topics(hits: Sequence[Hit]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(hit.article.topic for hit in hits))[:CLARIFY_CHOICES]


def fit_confidence(judged: Sequence[Judged], before: Calibration) -> Calibration:
    """Fit the confidence in the first article, with and without Rasa's topics; what has no case is kept."""
    alone = [each for each in judged if each.question.prior is None]
    with_rasa = [each for each in judged if each.question.prior is not None]
    return replace(
        before,
        alone=fit_model(alone) if alone else before.alone,
        with_rasa=fit_model(with_rasa) if with_rasa else before.with_rasa,
    )


def fit_model(judged: Sequence[Judged]) -> Confidence:
    """Fit one logistic model of "the first article is right"."""
    seen = [each.features for each in judged]
    rows = np.array([[each.top, each.margin, each.agreement, each.outside, each.coverage] for each in seen])
    outcomes = np.array([each.is_right for each in judged])
    found = fit_logistic(rows, outcomes, case_shares(judged), penalty=CONFIDENCE_PENALTY)
    return Confidence(*(float(value) for value in found))


def case_shares(judged: Sequence[Judged]) -> NDArray[np.float64]:
    """Return how much each case counts, so that the kinds have the shares of KINDS; 1 on average."""
    counts = Counter(each.question.kind for each in judged)
    shares = np.array([KINDS[each.question.kind] / counts[each.question.kind] for each in judged])
    return np.asarray(shares / shares.mean())


def cross_validate(cases: Sequence[Case], before: Calibration) -> tuple[list[Judged], list[float]]:
    """Judge each case with models fitted on the other folds; return the cases and their confidences."""
    judged: list[Judged] = []
    confidences: list[float] = []
    for fold in sorted({case.fold for case in cases}):
        weights = fit_weights([case for case in cases if case.fold != fold], before.weights)
        seen = [judge(case, weights) for case in cases if case.fold != fold]
        model = fit_confidence(seen, before)
        unseen = [judge(case, weights) for case in cases if case.fold == fold]
        judged += unseen
        confidences += [confidence_in(each, model) for each in unseen]
    return judged, confidences


def confidence_in(judged: Judged, calibration: Calibration) -> float:
    """Return the confidence in a case's first article."""
    seen = judged.features
    model = calibration.alone if judged.question.prior is None else calibration.with_rasa
    return model.probability(seen)


def choose_thresholds(
    judged: Sequence[Judged], confidences: Sequence[float], before: Calibration
) -> Calibration:
    """Return the calibration with the thresholds of least mean cost; without prior `disagreement` is kept."""
    sure, agreement = np.array(confidences), np.array([each.features.agreement for each in judged])
    answer, clarify, abstain = (
        np.array([COSTS[outcome(each, decision)] for each in judged])
        for decision in (Decision.ANSWER, Decision.CLARIFY, Decision.ABSTAIN)
    )
    counts = case_shares(judged)
    grid = [float(value) for value in np.quantile(sure, np.linspace(0.02, 0.98, GRID))]
    best, least = before, float("inf")
    for low, high in itertools.combinations(grid, 2):
        for disagreement in DISAGREEMENTS if agreement.any() else (before.disagreement,):
            asks = (sure < high) | (agreement < -disagreement)
            mean = float((counts * np.where(sure < low, abstain, np.where(asks, clarify, answer))).mean())
            if mean < least:
                best = replace(before, clarify_from=low, answer_from=high, disagreement=disagreement)
                least = mean
    return best


def section_margin(search: Search, path: Path) -> tuple[float, int, int]:
    """Return the margin that chooses most sections well, how many it does, and of how many questions.

    A line of the file is {"text", "article", "sections"}; a section is a key, or "short".
    """
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
    asked = [(line, search.library.best(line["article"], SOURCE_LANGUAGE)) for line in lines]
    known = [
        (search.asked_for(line["text"]), article, line["sections"]) for line, article in asked if article
    ]

    def good(margin: float) -> int:
        chosen = (
            choose_section(asked, [section.key for section in article.sections], margin) or SHORT
            for asked, article, _ in known
        )
        return sum(one in right for one, (_, _, right) in zip(chosen, known, strict=True))

    margin = max(SECTION_MARGINS, key=good)
    return margin, good(margin), len(known)


def home_commands(seed: int) -> list[Question]:
    """Return a sample of home commands, all out of scope; none where the bench folder is not there."""
    if not HOME_COMMANDS.is_file():
        return []
    lines = [json.loads(line) for line in HOME_COMMANDS.read_text(encoding="utf-8").split("\n") if line]
    found = []
    for language in ("fr", "en"):
        texts = sorted({line["text"] for line in lines if line["lang"] == language})
        sample = random.Random(seed).sample(texts, min(HOME_SAMPLE, len(texts)))
        found += [Question(text, language, frozenset(), frozenset(), None) for text in sample]
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the figures, and write calibration.yml when asked to."""
    parser = argparse.ArgumentParser(prog="python -m knowledge.calibrate", description=__doc__.split("\n")[0])
    parser.add_argument("questions", nargs="+", type=Path)
    parser.add_argument("--sections", type=Path, help="questions that ask for a section")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write", action="store_true", help=f"write {CALIBRATION_FILE.name}")
    options = parser.parse_args(arguments)
    search = open_search(KnowledgeSettings())
    lines, chosen = calibrate(search, options.questions, options.sections, options.seed)
    sys.stdout.write("\n".join(lines) + "\n")
    if options.write:
        write_calibration(CALIBRATION_FILE, chosen, lines)
    return 0


def calibrate(
    search: Search, questions: Sequence[Path], sections: Path | None, seed: int
) -> tuple[list[str], Calibration]:
    """Return the figures and the new calibration."""
    before = search.calibration
    cases = gather(search, list(read_questions(questions)), seed)
    judged, sure = cross_validate(cases, before)
    weights = fit_weights(cases, before.weights)
    chosen = fit_confidence([judge(case, weights) for case in cases], replace(before, weights=weights))
    chosen = choose_thresholds(judged, sure, chosen)
    lines = list(report(judged, sure, chosen))
    if sections:
        margin, good, count = section_margin(search, sections)
        chosen = replace(chosen, section_margin=margin)
        lines.append(f"right section: {good} of {count}")
    home = [judge(case, weights) for case in gather(search, home_commands(seed), seed)]
    if home:
        lines.append("home commands, all out of scope, without Rasa's topics:")
        lines += [
            f"  {line}" for line in shares(home, chosen, [confidence_in(each, chosen) for each in home])
        ]
    else:
        lines.append("home commands: not measured, ../shared/bench is not there")
    return lines, chosen


if __name__ == "__main__":
    raise SystemExit(main())
