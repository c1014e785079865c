"""Measures French questions in free text, pooled: `python -m knowledge.evaluation.pooled`.

Three sets of ../shared/bench that nobody here wrote, each asked in the part that nothing was tuned on:
service_public's qr (without the titles, which are nearly the questions), its cdtn (search-box words, halved
by `group`) and the French questions of OMoS-QA. Each set is compared with the best of the plain ways on that
very set, and so are all their questions together.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from knowledge.calibration import load_document_calibration
from knowledge.embedding import CachedEmbedder, IndexingEncoder, load_question_encoder
from knowledge.evaluation.datasets import (
    DatasetError,
    Document,
    Query,
    part,
    read_documents,
    read_queries,
    where,
)
from knowledge.evaluation.measures import Difference, paired
from knowledge.evaluation.run import OURS, Measured, measure, report
from knowledge.evaluation.systems import prepare
from knowledge.evaluation.tune import BENCH
from knowledge.settings import KnowledgeSettings


@dataclass(frozen=True)
class BenchSet:
    """Documents and questions of ../shared/bench.

    Attributes:
        name: as it is printed.
        documents: the file, from the folder of the bench.
        questions: the same.
        text_only: whether the documents' titles are left out.
        few_pieces: whether the documents are so many that `--pieces` is for them.
        conditions: the fields that the questions asked have.
        split_by: the field by which they are halved, to ask the test half; "" asks all.
    """

    name: str
    documents: str
    questions: str
    text_only: bool = False
    few_pieces: bool = False
    conditions: Mapping[str, str] = field(default_factory=dict)
    split_by: str = ""


_SHEETS = "service_public/docs.jsonl"
SETS = (
    BenchSet(
        "service_public qr", _SHEETS, "service_public/queries_qr_test.jsonl", text_only=True, few_pieces=True
    ),
    BenchSet(
        "service_public cdtn",
        _SHEETS,
        "service_public/queries_cdtn_dev.jsonl",
        few_pieces=True,
        split_by="group",
    ),
    BenchSet(
        "omosqa, French questions",
        "omosqa/docs_fr.jsonl",
        "omosqa/queries.jsonl",
        conditions={"lang": "fr", "split": "dev"},
    ),
)


def read(bench_set: BenchSet, bench: Path) -> tuple[list[Document], list[Query]]:
    """Read a set: its documents, and the questions to ask.

    Raises:
        DatasetError: a line cannot be used.
        OSError: a file cannot be read.
    """
    documents = read_documents(bench / bench_set.documents, "fr", text_only=bench_set.text_only)
    known = frozenset(document.id for document in documents)
    queries = where(read_queries(bench / bench_set.questions, "fr", known), bench_set.conditions)
    return documents, part(queries, bench_set.split_by, "test") if bench_set.split_by else queries


def pooled(measured: Sequence[Measured], seed: int) -> Difference:
    """Compare hit@1 over the questions of several sets, each with the best baseline of its own set.

    Args:
        measured: one a set, with baselines.
        seed: of the bootstrap.
    """
    ours = [each.ranks[OURS] == 1 for each in measured]
    # The first comparison of a set is over all its questions.
    theirs = [each.ranks[each.comparisons[0].baseline] == 1 for each in measured]
    return paired(np.concatenate(ours), np.concatenate(theirs), seed)


def main(arguments: Sequence[str] | None = None, bench: Path = BENCH) -> int:
    """Measure and print; exit status 2 when a set cannot be read."""
    parser = argparse.ArgumentParser(
        prog="python -m knowledge.evaluation.pooled", description=__doc__.split("\n")[0]
    )
    parser.add_argument(
        "--pieces",
        type=int,
        default=0,
        help="pieces of each sheet of service_public to embed at most, besides its beginning; none by "
        "default, because embedding all of them takes an hour on two cores",
    )
    parser.add_argument("--seed", type=int, default=0, help="of the bootstrap")
    options = parser.parse_args(arguments)
    try:
        sets = [(each, *read(each, bench)) for each in SETS]
    except (DatasetError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    cache, calibration = KnowledgeSettings().cache_dir, load_document_calibration()
    indexing, asking = (CachedEmbedder(each, cache) for each in (IndexingEncoder(), load_question_encoder()))
    found = []
    for each, documents, queries in sets:
        sys.stderr.write(f"{each.name}: {len(documents)} documents, {len(queries)} questions\n")
        ready = prepare(documents, indexing, pieces=options.pieces if each.few_pieces else None)
        found.append(measure(ready, queries, asking, calibration, baselines=True, seed=options.seed))
        _say(each.name, *report(found[-1]), "")
    asked = sum(len(each.languages) for each in found)
    _say(
        f"hit@1 over all {asked} questions, less that of the best baseline of each one's set",
        str(pooled(found, options.seed)),
    )
    return 0


def _say(*lines: str) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
