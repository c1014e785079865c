"""Measures text_weights.yml: `python -m knowledge.evaluation.tune [--write]`, on data that nobody here wrote.

How much a document's title, beginning, pieces and words count, each beside the others, is a matter of
language and not of our articles: it is fitted on the training questions of ../shared/bench (service_public's
qr and OMoS-QA, each counting as much), where each question has its right document among many.
`knowledge.calibrate` then adds what only our articles have: example questions, and Rasa's topics.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from knowledge.calibration import TEXT_WEIGHTS_FILE
from knowledge.corpus import Signalled
from knowledge.embedding import CachedEmbedder, IndexingEncoder, load_question_encoder
from knowledge.evaluation.datasets import Query, read_documents, read_queries, where
from knowledge.evaluation.systems import prepare, signals
from knowledge.fitting import fit_ranking
from knowledge.settings import KnowledgeSettings

BENCH = Path(__file__).parents[3] / "shared/bench"
FITTED = ("title", "short", "text", "second", "words", "foreign_words")
PENALTY = 1e-3

_HEADER = """\
# Written by `python -m knowledge.evaluation.tune`; not edited by hand. How much each signal of a text counts
# beside the others (corpus.py says what they are): a conditional logit over all candidates, on the
# development questions of service_public (qr) and the training questions of OMoS-QA.
"""


def fit(sets: Sequence[tuple[Sequence[Query], Sequence[Signalled]]]) -> dict[str, float]:
    """Fit the weights that make the right documents most probable, each set counting the same."""
    rows, right = [], []
    most = max(len(queries) for queries, _ in sets)
    for queries, found in sets:
        for query, each in _repeated(queries, found, most):
            accepted = np.array([candidate.document in query.relevant for candidate in each.candidates])
            if query.answerable and accepted.any():
                values = [
                    [candidate.values.get(name, 0.0) for name in FITTED] for candidate in each.candidates
                ]
                rows.append(np.array(values))
                right.append(accepted)
    weights = fit_ranking(rows, right, penalty=PENALTY)
    return {name: float(weight) for name, weight in zip(FITTED, weights, strict=True)}


def _repeated(
    queries: Sequence[Query], found: Sequence[Signalled], most: int
) -> list[tuple[Query, Signalled]]:
    """Return a set's questions, the first ones again until there are as many as in the largest set."""
    pairs = list(zip(queries, found, strict=True))
    return [pairs[number % len(pairs)] for number in range(most)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit, print, and write the file when asked to."""
    parser = argparse.ArgumentParser(
        prog="python -m knowledge.evaluation.tune", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--write", action="store_true", help=f"write {TEXT_WEIGHTS_FILE.name}")
    options = parser.parse_args(arguments)
    cache = KnowledgeSettings().cache_dir
    indexing, asking = (CachedEmbedder(each, cache) for each in (IndexingEncoder(), load_question_encoder()))
    sets = []
    for folder, documents, questions, text_only, conditions in (
        ("service_public", "docs.jsonl", "queries_qr_dev.jsonl", True, {}),
        ("omosqa", "docs_fr.jsonl", "queries.jsonl", False, {"split": "train"}),
    ):
        read = read_documents(BENCH / folder / documents, "fr", text_only=text_only)
        known = frozenset(document.id for document in read)
        asked = where(read_queries(BENCH / folder / questions, "fr", known), conditions)
        ready = prepare(read, indexing, pieces=0 if text_only else None)
        vectors = np.stack([asking.question(query.text) for query in asked])
        sets.append((asked, signals(ready, asked, vectors)))
    weights = fit(sets)
    text = _HEADER + "".join(f"{name}: {weight:.4f}\n" for name, weight in weights.items())
    sys.stdout.write(text)
    if options.write:
        TEXT_WEIGHTS_FILE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
