"""`guichet kb eval`: how well the search finds documents for questions that anybody may bring."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from guichet.console import JsonOption, Progress, fail, settings_or_exit

if TYPE_CHECKING:
    from knowledge.evaluation.datasets import Document, Query
    from knowledge.evaluation.run import Measured


def evaluate(  # noqa: PLR0913, PLR0917 - each is an option of the command
    docs: Annotated[Path, typer.Option("--docs", "-d", help="Documents, one JSON object a line.")],
    queries: Annotated[
        list[Path],
        typer.Option("--queries", "-q", help="Questions, one JSON object a line; may be repeated."),
    ],
    docs_language: Annotated[
        str, typer.Option(help="Of the documents and questions that name none in `lang`.")
    ] = "fr",
    text_only: Annotated[bool, typer.Option("--text-only", help="Leave the documents' titles out.")] = False,
    baselines: Annotated[
        bool, typer.Option("--baselines", help="Compare with plain BM25, plain e5 and their fusion.")
    ] = False,
    pieces: Annotated[
        int | None,
        typer.Option(min=0, help="Embed at most so many pieces of each text; else all. Words all count."),
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUE", help="Ask only the questions with this field; may be repeated."),
    ] = None,
    split_by: Annotated[
        str | None, typer.Option(metavar="FIELD", help="Halve the questions, equal values together.")
    ] = None,
    part: Annotated[
        Literal["dev", "test"] | None, typer.Option(help="With --split-by: which half to ask.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the bootstrap.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Measure the search on documents and questions of your own, as production searches when Rasa is silent.

    A document is {"id", "text"} and may have "title" and "lang"; a question is {"id", "query", "relevant"},
    the ids of the documents that answer it, and may have "lang" and "answerable": false.
    """
    if (split_by is None) != (part is None):
        fail("--split-by FIELD and --part dev|test go together")
    conditions = _conditions(where or ())
    documents, questions = _read(docs, queries, docs_language, text_only=text_only)
    questions = _chosen(questions, conditions, split_by, part)
    without = sum(not question.answerable for question in questions)
    typer.echo(f"{len(documents)} documents, {len(questions)} questions, {without} without answer", err=True)
    measured = _measured(documents, questions, pieces=pieces, baselines=baselines, seed=seed)
    if as_json:
        typer.echo(json.dumps(measured.as_json(), ensure_ascii=False))
        return
    from knowledge.evaluation.run import report  # noqa: PLC0415 - slow to load

    for line in report(measured):
        typer.echo(line)


def _conditions(written: Sequence[str]) -> dict[str, str]:
    conditions: dict[str, str] = {}
    for each in written:
        name, equals, value = each.partition("=")
        if not name or not equals:
            fail(f"--where {each}: write KEY=VALUE")
        if name in conditions:
            fail(f"--where {each}: {name} is already asked to be {conditions[name]}")
        conditions[name] = value
    return conditions


def _read(
    docs: Path, paths: Sequence[Path], language: str, *, text_only: bool
) -> tuple[list["Document"], list["Query"]]:
    from knowledge.evaluation.datasets import DatasetError, read_documents, read_queries  # noqa: PLC0415 - slow

    try:
        documents = read_documents(docs, language, text_only=text_only)
        known = frozenset(document.id for document in documents)
        questions = [question for path in paths for question in read_queries(path, language, known)]
    except (DatasetError, OSError) as error:
        fail(str(error))
    if not documents:
        fail(f"{docs} holds no document")
    return documents, questions


def _chosen(
    questions: Sequence["Query"],
    conditions: dict[str, str],
    split_by: str | None,
    part: Literal["dev", "test"] | None,
) -> list["Query"]:
    from knowledge.evaluation import datasets  # noqa: PLC0415 - slow to load

    chosen = datasets.where(questions, conditions)
    if split_by is not None and part is not None:
        lacking = next((question for question in chosen if split_by not in question.fields), None)
        if lacking is not None:
            fail(f"--split-by {split_by}: question {lacking.id} has no such field")
        chosen = datasets.part(chosen, split_by, part)
    if not chosen:
        fail(f"none of the {len(questions)} questions is left to ask")
    return chosen


def _measured(
    documents: Sequence["Document"],
    questions: Sequence["Query"],
    *,
    pieces: int | None,
    baselines: bool,
    seed: int,
) -> "Measured":
    from knowledge.calibration import load_document_calibration  # noqa: PLC0415 - slow to load
    from knowledge.embedding import (  # noqa: PLC0415 - slow to load
        CachedEmbedder,
        IndexingEncoder,
        load_question_encoder,
    )
    from knowledge.evaluation.run import measure  # noqa: PLC0415 - slow to load
    from knowledge.evaluation.systems import prepare  # noqa: PLC0415 - goes with it

    settings = settings_or_exit()
    model, cache = settings.embedding_model, settings.cache_dir
    indexing = CachedEmbedder(IndexingEncoder(model), cache, model=model)
    prepared = prepare(documents, indexing, pieces=pieces, on_progress=Progress())
    asking = CachedEmbedder(load_question_encoder(model), cache, model=model)
    return measure(prepared, questions, asking, load_document_calibration(), baselines=baselines, seed=seed)
