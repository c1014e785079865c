"""Measures the classifier on its own examples: `.venv/bin/python evaluate.py`.

Cross-validation (5 parts, each holding every label) tells how well a message like the examples is understood,
and whether a confidence means what it says (expected calibration error: the mean distance between confidence
and accuracy, in ten bins; Guo et al., "On Calibration of Modern Neural Networks", 2017). Training on French
alone and testing on English tells how much of it crosses languages. Both are optimistic about messages unlike
the examples: the evaluation sets of ../tests/evaluation are the judge of those.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

BOT_DIR = Path(__file__).resolve().parent
PARTS = 5
BINS = 10
TOPICS_SHOWN = 5
SWEEP = (0.1, 0.3, 1.0, 3.0, 5.0, 10.0)
CHOSEN = 5.0  # the value in config.yml


@dataclass(frozen=True)
class Figures:
    """Shares from 0 to 1; the topic ones over the examples that have a topic."""

    examples: int
    intent: float
    intent_calibration_error: float
    topic: float
    topic_among_five: float
    topic_calibration_error: float

    def __str__(self) -> str:
        return (
            f"{self.examples:5} examples  intent {self.intent:.3f} (calibration error "
            f"{self.intent_calibration_error:.3f})  topic {self.topic:.3f}, among five "
            f"{self.topic_among_five:.3f} (calibration error {self.topic_calibration_error:.3f})"
        )


def calibration_error(confidences: np.ndarray, right: np.ndarray) -> float:
    """Return the expected calibration error of predictions, from 0 (confidences mean what they say) to 1."""
    bins = np.minimum((confidences * BINS).astype(int), BINS - 1)
    return float(
        sum(
            (bins == number).mean() * abs(confidences[bins == number].mean() - right[bins == number].mean())
            for number in set(bins.tolist())
        )
    )


def figures(model: Callable[[int], object], examples: Sequence, rows: Sequence[int]) -> Figures:
    """Compare what is understood of some examples with their labels.

    Args:
        model: Gives the Understanding of the example at an index.
        examples: All examples.
        rows: The indexes to look at.
    """
    understood = [model(row) for row in rows]
    intents = np.array(
        [u.intents[0][0] == examples[row].intent for u, row in zip(understood, rows, strict=True)]
    )
    with_topic = [
        (u, examples[row].topic) for u, row in zip(understood, rows, strict=True) if examples[row].topic
    ]
    topics = np.array([u.topics[0][0] == topic for u, topic in with_topic])
    return Figures(
        examples=len(rows),
        intent=float(intents.mean()),
        intent_calibration_error=calibration_error(np.array([u.intents[0][1] for u in understood]), intents),
        topic=float(topics.mean()),
        topic_among_five=float(np.mean([topic in dict(u.topics[:TOPICS_SHOWN]) for u, topic in with_topic])),
        topic_calibration_error=calibration_error(np.array([u.topics[0][1] for u, _ in with_topic]), topics),
    )


def cross_validate(
    examples: Sequence, vectors: np.ndarray, inverse_regularisation: float
) -> dict[str, Figures]:
    """Return the figures of each language, every example being judged by a model that has not seen it."""
    from components.model import Label, fit  # noqa: PLC0415 - its folder is on the path only now
    from sklearn.model_selection import StratifiedKFold  # noqa: PLC0415

    labels = [Label(example.intent, example.topic) for example in examples]
    names = [f"{label.intent} {label.topic}" for label in labels]
    understood = {}
    for seen, unseen in StratifiedKFold(PARTS, shuffle=True, random_state=0).split(vectors, names):
        model = fit(
            vectors[seen], [labels[row] for row in seen], inverse_regularisation=inverse_regularisation
        )
        understood.update((row, model.understand(vectors[row])) for row in unseen)
    return {
        language: figures(
            understood.__getitem__,
            examples,
            [row for row, example in enumerate(examples) if example.language == language],
        )
        for language in sorted({example.language for example in examples})
    }


def cross_language(
    examples: Sequence, vectors: np.ndarray, inverse_regularisation: float, source: str, target: str
) -> Figures:
    """Return the figures of one language for a model trained on another alone."""
    from components.model import Label, fit  # noqa: PLC0415 - its folder is on the path only now

    seen = [row for row, example in enumerate(examples) if example.language == source]
    model = fit(
        vectors[seen],
        [Label(examples[row].intent, examples[row].topic) for row in seen],
        inverse_regularisation=inverse_regularisation,
    )
    unseen = [row for row, example in enumerate(examples) if example.language == target]
    return figures(lambda row: model.understand(vectors[row]), examples, unseen)


def main() -> None:
    """Run the command."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.path.insert(0, str(BOT_DIR))
    from components.embedding import EmbeddingCache, data_dir  # noqa: PLC0415
    from components.examples import read_examples  # noqa: PLC0415

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-C", dest="values", type=float, action="append", help="inverse regularisation")
    parser.add_argument("--sweep", action="store_true", help="try the values that config.yml was chosen from")
    options = parser.parse_args()
    examples = read_examples(BOT_DIR / "data" / "nlu")
    vectors = EmbeddingCache(data_dir() / "cache").embed_all([example.text for example in examples])
    for value in options.values or (SWEEP if options.sweep else (CHOSEN,)):
        print(f"C = {value:g}, cross-validation in {PARTS} parts")
        for language, measured in cross_validate(examples, vectors, value).items():
            print(f"  {language}  {measured}")
        print(f"  fr to en  {cross_language(examples, vectors, value, 'fr', 'en')}")


if __name__ == "__main__":
    main()
