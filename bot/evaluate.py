"""Measures the classifier, on its own examples and on questions files: `.venv/bin/python evaluate.py`.

Cross-validation (5 parts, each holding every label) tells how well a message like the examples is understood,
and whether a confidence means what it says (expected calibration error: the mean distance between confidence
and accuracy, in ten bins; Guo et al., "On Calibration of Modern Neural Networks", 2017). Training on French
alone and testing on English tells how much of it crosses languages.

Questions files (../tests/evaluation/questions) judge what is unlike the examples: `--questions FILE.jsonl…`.
`--prior FILE.jsonl…` writes their lines on standard output, with what the classifier gives them, as
knowledge/calibrate.py reads it. A question that is among the examples is left out of both. `--model
models/….tar.gz` asks a model of train.py instead of training the classifier once more, some minutes.
"""

import argparse
import json
import os
import re
import sys
import tarfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import yaml

BOT_DIR = Path(__file__).resolve().parent
CLASSIFIER = "components.classifier.TopicClassifier"
MODEL_FILE = "topic_model.npz"  # as components/classifier.py names it
PARTS = 5
BINS = 10
RANKED = 5  # as components/classifier.py gives
OUT_OF_SCOPE = "out_of_scope"
CONVERSATION = {"smalltalk", "handoff"}  # kinds of questions that are about no topic
QUESTION_INTENTS = {"social_benefits", "college", "general", "owner_matter", OUT_OF_SCOPE}
ALL_LANGUAGES = "all"


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
        topic_among_five=float(np.mean([topic in dict(u.topics[:RANKED]) for u, topic in with_topic])),
        topic_calibration_error=calibration_error(np.array([u.topics[0][1] for u, _ in with_topic]), topics),
    )


def settings_in_use():
    """Return the settings of the classifier in config.yml."""
    from components.model import settings_of  # noqa: PLC0415 - its folder is on the path only now

    pipeline = yaml.safe_load((BOT_DIR / "config.yml").read_text(encoding="utf-8"))["pipeline"]
    return settings_of(next(part for part in pipeline if part["name"] == CLASSIFIER))


def train_on(examples: Sequence, vectors: np.ndarray, rows: Sequence[int], settings):
    """Return a model trained on some examples."""
    from components.model import Label, fit  # noqa: PLC0415 - its folder is on the path only now

    return fit(
        vectors[rows],
        [examples[row].text for row in rows],
        [Label(examples[row].intent, examples[row].topic) for row in rows],
        settings,
    )


def trained_model(archive: Path):
    """Return the classifier's model in an archive that train.py wrote.

    Raises:
        OSError, tarfile.TarError: it cannot be read.
        StopIteration: it holds no such model.
    """
    from components.model import TopicModel  # noqa: PLC0415 - its folder is on the path only now

    with tarfile.open(archive) as packed, TemporaryDirectory() as folder:
        member = next(each for each in packed.getmembers() if each.name.endswith(MODEL_FILE))
        stored = packed.extractfile(member)
        file = Path(folder) / MODEL_FILE
        file.write_bytes(stored.read())
        return TopicModel.read(file)


def cross_validate(examples: Sequence, vectors: np.ndarray, settings) -> dict[str, Figures]:
    """Return the figures of each language, every example being judged by a model that has not seen it."""
    from sklearn.model_selection import StratifiedKFold  # noqa: PLC0415 - slow to load

    names = [f"{example.intent} {example.topic}" for example in examples]
    understood = {}
    parts = StratifiedKFold(PARTS, shuffle=True, random_state=0).split(vectors, names)
    for seen, unseen in parts:
        model = train_on(examples, vectors, seen, settings)
        understood.update((row, model.understand(vectors[row], examples[row].text)) for row in unseen)
    return {
        language: figures(
            understood.__getitem__,
            examples,
            [row for row in understood if examples[row].language == language],
        )
        for language in sorted({example.language for example in examples})
    }


def cross_language(examples: Sequence, vectors: np.ndarray, settings, source: str, target: str) -> Figures:
    """Return the figures of one language for a model trained on another alone."""
    seen = [row for row, example in enumerate(examples) if example.language == source]
    model = train_on(examples, vectors, seen, settings)
    unseen = [row for row, example in enumerate(examples) if example.language == target]
    return figures(lambda row: model.understand(vectors[row], examples[row].text), examples, unseen)


def unseen_questions(paths: Sequence[Path], examples: Sequence) -> list[dict[str, Any]]:
    """Read questions files, refusing each question that is among the examples, whatever its punctuation.

    Says on standard error which were refused.
    """
    known = {_bare(example.text) for example in examples}
    questions = []
    for path in paths:
        for line in filter(str.strip, path.read_text(encoding="utf-8").split("\n")):
            question = json.loads(line)
            if _bare(question["text"]) in known:
                name = question.get("id", question["text"])
                print(f"refused, it is among the examples: {name} of {path.name}", file=sys.stderr)
            else:
                questions.append(question)
    return questions


def _bare(text: str) -> str:
    from components.text_features import fold  # noqa: PLC0415 - its folder is on the path only now

    return " ".join(re.findall(r"\w+", fold(text)))


def with_prior(question: dict[str, Any], understood) -> dict[str, Any]:
    """Return a question with what an action gets of the classifier: five topics, and `out_of_scope`."""
    prior = dict(understood.topics[:RANKED])
    prior[OUT_OF_SCOPE] = dict(understood.intents[:RANKED]).get(OUT_OF_SCOPE, 0.0)
    return question | {"prior": {name: round(probability, 6) for name, probability in prior.items()}}


@dataclass(frozen=True)
class QuestionFigures:
    """Shares from 0 to 1 of the questions of one language; None where there is no such question.

    Attributes:
        questions: how many.
        topic: right topic first, of the questions that have an answer.
        owner: right owner first, of another owner's matters.
        silenced: taken for out of scope, of both.
        doubted: no intent above `fallback_below`, of both.
        topic_calibration_error: of the first topic's confidence, of both.
        abstained: taken for out of scope, of the questions to abstain from.
        conversation: taken for an act of conversation, of small talk and wishes to talk to someone.
    """

    questions: int
    topic: float | None
    owner: float | None
    silenced: float | None
    doubted: float | None
    topic_calibration_error: float | None
    abstained: float | None
    conversation: float | None

    def __str__(self) -> str:
        def shown(share: float | None) -> str:
            return "none" if share is None else f"{share:.3f}"

        return (
            f"{self.questions:5} questions  topic {shown(self.topic)}  owner {shown(self.owner)} "
            f"(calibration error {shown(self.topic_calibration_error)}, taken for out of scope "
            f"{shown(self.silenced)}, in doubt {shown(self.doubted)})  abstain {shown(self.abstained)}  "
            f"conversation {shown(self.conversation)}"
        )


def judge_questions(
    questions: Sequence[dict[str, Any]], understood: Sequence, fallback_below: float
) -> QuestionFigures:
    """Compare what is understood of questions with what they are about."""
    pairs = list(zip(questions, understood, strict=True))

    def share(kinds: set[str], holds: Callable[[dict[str, Any], Any], bool]) -> float | None:
        held = [holds(question, u) for question, u in pairs if question["kind"] in kinds]
        return float(np.mean(held)) if held else None

    def is_right(question: dict[str, Any], u) -> bool:
        return u.topics[0][0] in {question["topic"], *question.get("also_accepted", ())}

    def is_out_of_scope(_: dict[str, Any], u) -> bool:
        return u.intents[0][0] == OUT_OF_SCOPE

    ours = [(u.topics[0][1], is_right(q, u)) for q, u in pairs if q["kind"] in {"answer", "redirect"}]
    return QuestionFigures(
        questions=len(pairs),
        topic=share({"answer"}, is_right),
        owner=share({"redirect"}, is_right),
        silenced=share({"answer", "redirect"}, is_out_of_scope),
        doubted=share({"answer", "redirect"}, lambda _, u: u.intents[0][1] < fallback_below),
        topic_calibration_error=calibration_error(*map(np.array, zip(*ours, strict=True))) if ours else None,
        abstained=share({"abstain"}, is_out_of_scope),
        conversation=share(CONVERSATION, lambda _, u: u.intents[0][0] not in QUESTION_INTENTS),
    )


def _understand(paths: Sequence[Path], examples: Sequence, embed_all, model) -> Iterator[tuple[dict, Any]]:
    questions = unseen_questions(paths, examples)
    vectors = embed_all([question["text"] for question in questions])
    for question, vector in zip(questions, vectors, strict=True):
        yield question, model.understand(vector, question["text"])


def main() -> None:
    """Run the command."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.path.insert(0, str(BOT_DIR))
    from components.embedding import EmbeddingCache, data_dir  # noqa: PLC0415
    from components.examples import read_examples  # noqa: PLC0415

    options = _options()
    settings = settings_in_use()
    if options.C:
        settings = replace(settings, inverse_regularisation=options.C)
    if options.embedding_only:
        settings = replace(settings, ngrams=())
    every = read_examples(BOT_DIR / "data" / "nlu")
    examples = [e for e in every if options.learn_from in (ALL_LANGUAGES, e.language)]
    embed_all = EmbeddingCache(data_dir() / "cache").embed_all
    vectors = embed_all([example.text for example in examples]) if options.model is None else np.empty(0)
    if not options.prior and not options.questions:
        for language, measured in cross_validate(examples, vectors, settings).items():
            print(f"{language}  {measured}")
        print(f"fr to en  {cross_language(examples, vectors, settings, 'fr', 'en')}")
        return
    if options.model:
        model = trained_model(options.model)
    else:
        model = train_on(examples, vectors, range(len(examples)), settings)
    for path in options.questions or ():
        understood = list(_understand([path], every, embed_all, model))
        if not understood:
            print(f"{path.stem}  no question is left")
            continue
        print(f"{path.stem}  {judge_questions(*zip(*understood, strict=True), options.fallback_below)}")
    for question, understood in _understand(options.prior or (), every, embed_all, model):
        print(json.dumps(with_prior(question, understood), ensure_ascii=False))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--questions", nargs="+", type=Path, help="measure on these instead of the examples")
    parser.add_argument("--prior", nargs="+", type=Path, help="write these with what the classifier gives")
    parser.add_argument("--model", type=Path, help="for these two: a trained model instead of a new one")
    parser.add_argument("--learn-from", default=ALL_LANGUAGES, help="a language: use its examples only")
    parser.add_argument("--embedding-only", action="store_true", help="leave letters and words out")
    parser.add_argument("-C", type=float, help="inverse regularisation, instead of that of config.yml")
    parser.add_argument("--fallback-below", type=float, default=0.35, help="what counts as a doubt")
    options = parser.parse_args()
    if options.model and not (options.prior or options.questions):
        parser.error("--model goes with --prior or --questions")
    return options


if __name__ == "__main__":
    main()
