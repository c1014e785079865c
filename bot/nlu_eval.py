"""Measures the classifier on intents that anybody may bring: `guichet nlu eval --data F.jsonl`.

A line is {"text", "lang", "intent", "split"} and may have "oos": true, for a text of no intent. What is done
depends on the splits of the file:

- `train`, and perhaps `val`: the classifier learns from `train`, no out-of-scope example among them, and is
  asked `test`. A confidence below which a text counts as out of scope is chosen on `val`: the one of the best
  mean of the share of texts in scope rightly understood and of texts out of scope refused.
- `valid` and `test`: it learns from the `valid` of one language (`--learn-from`) and is asked `test` in each.
- `test` alone: the assistant's own classifier, learnt from its own examples, is asked; the texts being about
  nothing of a département, what counts is how many it takes for out of scope.

Beside it, in the same run, the plainest classifier of the field: scikit-learn's LogisticRegression on the
same embeddings.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

BOT_DIR = Path(__file__).resolve().parent
OURS, BASELINE = "guichet", "e5 + logistic regression"
LEARNT, CHOSEN, ASKED = "train", "val", "test"
LEARNT_OF_ONE_LANGUAGE = "valid"


@dataclass(frozen=True)
class Row:
    """One line of the file."""

    text: str
    language: str
    intent: str
    split: str
    out_of_scope: bool


class DataError(Exception):
    """A file that cannot be used; says why and where."""


def read_rows(path: Path) -> list[Row]:
    """Read a file.

    Raises:
        DataError: it cannot be read, or a line is wrong (named by its number).
    """
    rows = []
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: {error}") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            read = Row(row["text"], row["lang"], row["intent"], row["split"], bool(row.get("oos")))
        except (ValueError, KeyError, TypeError) as error:
            reason = 'expected an object with "text", "lang", "intent" and "split"'
            raise DataError(f"{path}:{number}: {reason} ({error})") from error
        rows.append(read)
    if not any(row.split == ASKED for row in rows):
        raise DataError(f"{path}: no line has the split {ASKED!r}")
    return rows


Classifier = Callable[[Sequence[int]], tuple[list[str], np.ndarray]]
"""Gives the intents of the rows at some indexes, and how sure it is of each."""


def learn_ours(rows: Sequence[Row], vectors: np.ndarray, learnt: Sequence[int]) -> Classifier:
    """Train the assistant's classifier, with the settings of config.yml, on some rows."""
    from components.model import Label, fit  # noqa: PLC0415 - its folder is on the path only now
    from evaluate import settings_in_use  # noqa: PLC0415 - the same

    labels = [Label(rows[row].intent, "") for row in learnt]
    model = fit(vectors[learnt], [rows[row].text for row in learnt], labels, settings_in_use())
    intents = [label.intent for label in model.labels]

    def classify(asked: Sequence[int]) -> tuple[list[str], np.ndarray]:
        found = np.stack([model.probabilities(vectors[row], rows[row].text) for row in asked])
        return [intents[best] for best in found.argmax(axis=1)], found.max(axis=1)

    return classify


def learn_baseline(rows: Sequence[Row], vectors: np.ndarray, learnt: Sequence[int]) -> Classifier:
    """Train scikit-learn's logistic regression on the embeddings, centred and scaled."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - slow to load
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415
    from sklearn.preprocessing import StandardScaler  # noqa: PLC0415

    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=300))
    model.fit(vectors[learnt], [rows[row].intent for row in learnt])

    def classify(asked: Sequence[int]) -> tuple[list[str], np.ndarray]:
        found = model.predict_proba(vectors[asked])
        return [model.classes_[best] for best in found.argmax(axis=1)], found.max(axis=1)

    return classify


def measured(outcomes: Sequence[bool]) -> dict[str, float]:
    """Return a share, its interval and of how many; there is at least one."""
    from scipy.stats import binomtest  # noqa: PLC0415 - slow to load

    found = binomtest(int(np.sum(outcomes)), len(outcomes))
    interval = found.proportion_ci(method="wilson")
    return {"share": found.k / found.n, "low": interval.low, "high": interval.high, "texts": found.n}


def auroc(inside: np.ndarray, outside: np.ndarray) -> float:
    """Return how often a text in scope gets more confidence than one out of scope."""
    from sklearn.metrics import roc_auc_score  # noqa: PLC0415 - slow to load

    in_scope = np.concatenate([np.ones(len(inside)), np.zeros(len(outside))])
    return float(roc_auc_score(in_scope, np.concatenate([inside, outside])))


def best_threshold(right: np.ndarray, inside: np.ndarray, outside: np.ndarray) -> float:
    """Return the confidence that best parts texts in scope, rightly understood or not, from the others."""
    candidates = np.unique(np.concatenate([inside, outside]))
    gains = [
        (right & (inside >= candidate)).mean() + (outside < candidate).mean() for candidate in candidates
    ]
    return float(candidates[int(np.argmax(gains))])


def judge(rows: Sequence[Row], classify: Classifier) -> dict[str, Any]:
    """Ask the test split, in each language, and refuse by a threshold chosen on `val` if there is one."""
    asked = [number for number, row in enumerate(rows) if row.split == ASKED]
    inside = [number for number in asked if not rows[number].out_of_scope]
    intents, sure = classify(inside)
    right = np.array([intent == rows[row].intent for intent, row in zip(intents, inside, strict=True)])
    found: dict[str, Any] = {
        language: measured(
            [each for each, row in zip(right, inside, strict=True) if rows[row].language == language]
        )
        for language in sorted({rows[row].language for row in inside})
    }
    outside = [number for number in asked if rows[number].out_of_scope]
    chosen = [number for number, row in enumerate(rows) if row.split == CHOSEN]
    if outside and any(rows[number].out_of_scope for number in chosen):
        own = [number for number in chosen if not rows[number].out_of_scope]
        named, own_sure = classify(own)
        own_right = np.array([name == rows[row].intent for name, row in zip(named, own, strict=True)])
        others_sure = classify([number for number in chosen if rows[number].out_of_scope])[1]
        threshold = best_threshold(own_right, own_sure, others_sure)
        outside_sure = classify(outside)[1]
        found["out of scope refused"] = measured(outside_sure < threshold)
        found["in scope, right and not refused"] = measured(right & (sure >= threshold))
        found["AUROC"] = auroc(sure, outside_sure)
    return found


def judge_own(rows: Sequence[Row], vectors: np.ndarray) -> dict[str, Any]:
    """Ask the assistant's own classifier texts that are all about nothing of a département."""
    from components.embedding import EmbeddingCache, data_dir  # noqa: PLC0415 - its folder is on the path only now
    from components.examples import read_examples  # noqa: PLC0415
    from evaluate import OUT_OF_SCOPE, settings_in_use, train_on  # noqa: PLC0415

    examples = read_examples(BOT_DIR / "data" / "nlu")
    known = EmbeddingCache(data_dir() / "cache").embed_all([example.text for example in examples])
    model = train_on(examples, known, range(len(examples)), settings_in_use())
    refused: dict[str, list[bool]] = {}
    for row, vector in zip(rows, vectors, strict=True):
        if row.split == ASKED:
            best = model.understand(vector, row.text).intents[0][0]
            refused.setdefault(row.language, []).append(best == OUT_OF_SCOPE)
    every = [outcome for outcomes in refused.values() for outcome in outcomes]
    return {"all": measured(every)} | {language: measured(refused[language]) for language in sorted(refused)}


def measure(path: Path, learn_from: str) -> dict[str, Any]:
    """Measure the classifier, and the baseline where there is something to learn."""
    from components.embedding import EmbeddingCache, data_dir  # noqa: PLC0415 - its folder is on the path only now

    rows = read_rows(path)
    vectors = EmbeddingCache(data_dir() / "cache").embed_all([row.text for row in rows])
    splits = {row.split for row in rows}
    if splits == {ASKED}:
        return {"taken for out of scope": judge_own(rows, vectors)}
    learnt = [
        number
        for number, row in enumerate(rows)
        if not row.out_of_scope
        and (
            row.split == LEARNT
            if LEARNT in splits
            else row.split == LEARNT_OF_ONE_LANGUAGE and row.language == learn_from
        )
    ]
    if not learnt:
        raise DataError(f"{path}: there is nothing to learn from in {learn_from}")
    return {
        OURS: judge(rows, learn_ours(rows, vectors, learnt)),
        BASELINE: judge(rows, learn_baseline(rows, vectors, learnt)),
    }


def report(found: dict[str, Any]) -> Iterator[str]:
    """Yield the lines to print."""
    for way, figures in found.items():
        yield way
        for name, figure in figures.items():
            if isinstance(figure, dict):
                shown = f"{figure['share']:.3f} ({figure['low']:.3f} to {figure['high']:.3f})"
                yield f"  {name:32} {shown}  {figure['texts']} texts"
            else:
                yield f"  {name:32} {figure:.3f}"
        of_languages = {name: figure for name, figure in figures.items() if len(name) <= 3 and name != "all"}
        if len(of_languages) > 1:
            worst = min(of_languages, key=lambda name: of_languages[name]["share"])
            yield f"  worst language: {worst} {of_languages[worst]['share']:.3f}"


def main() -> int:
    """Run the command."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.path.insert(0, str(BOT_DIR))
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="the file")
    parser.add_argument(
        "--learn-from", default="en", help="a language, where the file has `valid` and no `train`"
    )
    parser.add_argument("--json", action="store_true", help="print JSON, for programs")
    options = parser.parse_args()
    try:
        found = measure(options.data, options.learn_from)
    except DataError as error:
        print(f"guichet: {error}", file=sys.stderr)
        return 2
    print(json.dumps(found) if options.json else "\n".join(report(found)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
