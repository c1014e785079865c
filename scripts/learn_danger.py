"""Learns danger from examples: `.venv/bin/python -m scripts.learn_danger`, after examples or adapter change.

Reads `understanding/examples/danger/<language>.yml`, the sentences that the lexicons are tested with, and the
examples of Rasa, all of them ordinary; fits a logistic regression on their vectors and keeps those that
messages are compared with; chooses the thresholds on the development sentences of `tests/evaluation` and
writes `understanding/danger_model.npz`. No sentence of the test split is read. Prints, by language, what is
found of the development sentences.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from understanding.danger import URGENCY, Embed, find_dangers
from understanding.danger_model import LARGEST, ORDINARY, DangerModel, NearExamples
from understanding.meaning import Meaning

ROOT = Path(__file__).parents[1]
# Rasa's examples are learnt from too, and its room keeps their vectors.
sys.path.insert(0, str(ROOT / "bot"))

from components.embedding import EmbeddingCache  # noqa: E402

CACHE = ROOT / "var" / "cache"
EXAMPLES = ROOT / "understanding" / "examples" / "danger"
LEXICON_TESTS = ROOT / "tests" / "understanding" / "danger"
QUESTIONS = ROOT / "bot" / "data" / "nlu"
EVALUATION = ROOT / "tests" / "evaluation"
INVERSE_REGULARISATION = 0.01
# An ordinary question weighs less than a sentence written to be told from danger: there are many more.
QUESTION_WEIGHT = 0.2
# Directions kept of the vectors of the examples that messages are compared with, and one ordinary question in
# how many is among them: all the others would be five times the file and the time for nothing measurable.
DIRECTIONS, QUESTIONS_KEPT = 128, 5
# What a lexicon's find adds to the log-odds of danger: a phrase that says it is believed, unless the rest of
# the message leaves hardly any doubt that it is a way of speaking. A kitchen on fire must not be refused:
# more than 9 lets more traps through and finds no more on the development sentences, 5 loses two of 300.
LEXICON = 9.0
# Of the development traps without such a phrase, how many may be taken for danger.
TRAPS_ALLOWED = 0.02

Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class Sentence:
    """A sentence and the emergency that it tells, or `ORDINARY`."""

    text: str
    told: str
    language: str
    weight: float = 1.0


def examples() -> Iterator[Sentence]:
    """Yield what is learnt from: what several sources hold once, no sentence of the development split."""
    known = {sentence.text for sentence in development()}
    for sentence in (*_of_lists(EXAMPLES), *_of_lists(LEXICON_TESTS), *_questions()):
        if sentence.text not in known:
            known.add(sentence.text)
            yield sentence


def _of_lists(folder: Path) -> Iterator[Sentence]:
    for path in sorted(folder.glob("*.yml")):
        for told, texts in yaml.safe_load(path.read_text("utf-8")).items():
            for text in texts:
                name = told if told in URGENCY else ORDINARY
                yield Sentence(text, name, path.stem.partition("-")[0])


def _questions() -> Iterator[Sentence]:
    for path in sorted(QUESTIONS.glob("*/*.yml")):
        for block in yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)["nlu"]:
            for line in block["examples"].splitlines():
                text = line.removeprefix("- ").strip()
                yield Sentence(text, ORDINARY, path.parent.name, QUESTION_WEIGHT)


def development() -> Iterator[Sentence]:
    """Yield the development sentences: in danger, traps, and ordinary questions."""
    for path in sorted((*EVALUATION.glob("danger/dev_*.jsonl"), *EVALUATION.glob("questions/dev_*.jsonl"))):
        for line in filter(str.strip, path.read_text("utf-8").split("\n")):
            row = json.loads(line)
            told = row["topic"].removeprefix("emergency-") if row["kind"] == "emergency" else ORDINARY
            yield Sentence(row["text"], told, row["language"], 1.0 if path.parent.name == "danger" else 0.0)


def learn(sentences: Sequence[Sentence], vectors: Vectors) -> LogisticRegression:
    """Fit the regression."""
    regression = LogisticRegression(C=INVERSE_REGULARISATION, max_iter=300)
    mean, scale = vectors.mean(axis=0), vectors.std(axis=0)
    weights = [sentence.weight for sentence in sentences]
    regression.fit((vectors - mean) / scale, [sentence.told for sentence in sentences], sample_weight=weights)
    # The scaling goes into the weights: what serves multiplies vectors as they are.
    regression.coef_ = regression.coef_ / scale
    regression.intercept_ = regression.intercept_ - regression.coef_ @ mean
    return regression


def keep_near(sentences: Sequence[Sentence], vectors: Vectors, classes: Sequence[str]) -> NearExamples:
    """Keep the examples that messages are compared with.

    Args:
        sentences: what is learnt from.
        vectors: theirs, one row each.
        classes: those of the model, in its order.
    """
    mean, scale = vectors.mean(axis=0), vectors.std(axis=0)
    scaled = (vectors - mean) / scale
    _, directions = np.linalg.eigh((scaled.T @ scaled).astype(np.float64))
    projection = (directions[:, ::-1][:, :DIRECTIONS] / scale[:, None]).astype(np.float32)
    chosen = [n for n, each in enumerate(sentences) if each.weight == 1 or n % QUESTIONS_KEPT == 0]
    rows = (vectors[chosen] - mean) @ projection
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    largest = float(np.abs(rows).max())
    return NearExamples(
        mean,
        projection,
        np.round(rows / largest * LARGEST).astype(np.int8),
        largest,
        np.array([classes.index(sentences[n].told) for n in chosen], np.int8),
    )


def threshold(sentences: Sequence[Sentence], odds: Vectors) -> float:
    """Return the log-odds of danger from which no more of the development traps than allowed are alarms.

    Args:
        sentences: the development sentences; of the traps, those in which no lexicon finds anything count.
        odds: the log-odds of each, its vector's alone.
    """
    trap = np.array(
        [
            each.weight > 0 and each.told == ORDINARY and not find_dangers(each.text, language=each.language)
            for each in sentences
        ]
    )
    traps = np.sort(odds[trap])[::-1]
    return float(traps[int(TRAPS_ALLOWED * len(traps))]) + 0.01


def main() -> int:
    """Run the command."""
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    vectors, meaning = EmbeddingCache(CACHE), Meaning(CACHE)
    learnt = list(examples())
    learnt_vectors = vectors.embed_all([each.text for each in learnt])
    regression = learn(learnt, learnt_vectors)
    held = list(development())
    held_vectors = vectors.embed_all([each.text for each in held])
    classes = tuple(regression.classes_.tolist())
    model = DangerModel(
        classes,
        regression.coef_.T.astype(np.float32),
        regression.intercept_.astype(np.float32),
        found_from=1.0,
        confirmed_from=1.0,
        meaning=meaning.model,
        near=keep_near(learnt, learnt_vectors, classes),
    )
    shares = np.array([model.probabilities(vector)[ORDINARY] for vector in held_vectors]).clip(
        1e-12, 1 - 1e-12
    )
    alone = threshold(held, np.log((1 - shares) / shares))
    model = replace(
        model,
        found_from=float(1 / (1 + np.exp(-alone))),
        confirmed_from=float(1 / (1 + np.exp(LEXICON - alone))),
    )
    model.write()
    with_words = f"{model.confirmed_from:.3f} with a lexicon"
    print(f"{len(learnt)} sentences; danger from {model.found_from:.3f}, {with_words}")
    for line in report(held, held_vectors, meaning.of):
        print(line)
    return 0


def report(sentences: Sequence[Sentence], vectors: Vectors, read_clause: Embed) -> Iterator[str]:
    """Yield what the whole detection finds, by language."""
    found = [
        [
            danger.id
            for danger in find_dangers(
                each.text, language=each.language, meaning=vector, read_clause=read_clause
            )
        ]
        for each, vector in zip(sentences, vectors, strict=True)
    ]
    pairs = list(zip(sentences, found, strict=True))
    for language in (*sorted({each.language for each in sentences}), ""):
        here = [(each, ids) for each, ids in pairs if language in ("", each.language)]
        danger = [(each, ids) for each, ids in here if each.told != ORDINARY]
        traps = [ids for each, ids in here if each.told == ORDINARY and each.weight > 0]
        questions = [ids for each, ids in here if each.told == ORDINARY and each.weight == 0]
        yield (
            f"{language or 'all':4} found {np.mean([bool(ids) for _, ids in danger]):.3f}  "
            f"right emergency {np.mean([each.told in ids for each, ids in danger]):.3f}  "
            f"traps {np.mean([bool(ids) for ids in traps]):.3f}  "
            f"ordinary questions {np.mean([bool(ids) for ids in questions]):.4f}"
        )


if __name__ == "__main__":
    sys.exit(main())
