"""Reads documents and questions to measure the search on: JSON lines, as in ../shared/bench.

A document is {"id", "text"} and may have "title" and "lang". A question is {"id", "query", "relevant"}, the
ids of the documents that answer it, and may have "lang" and "answerable": false when no document does. Other
fields are kept for `where` and `part`.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class DatasetError(ValueError):
    """A line that cannot be used; its text is "path:line: field: reason"."""

    def __init__(self, path: Path, line: int, field: str, reason: str) -> None:
        super().__init__(f"{path}:{line}: {field}: {reason}")


@dataclass(frozen=True)
class Document:
    """A plain document. `title` is "" when it has none."""

    id: str
    language: str
    title: str
    text: str


@dataclass(frozen=True)
class Query:
    """A question.

    Attributes:
        relevant: the ids of the documents that answer it.
        answerable: whether any does; when not, `relevant` says at most where one could have looked.
        fields: the whole line.
    """

    id: str
    language: str
    text: str
    relevant: frozenset[str]
    answerable: bool
    fields: Mapping[str, Any]


def read_documents(path: Path, language: str, *, text_only: bool = False) -> list[Document]:
    """Read documents.

    Args:
        path: the file.
        language: of the documents that do not say theirs.
        text_only: leave their titles out.

    Raises:
        DatasetError: a line cannot be used, or an id comes twice.
        OSError: the file cannot be read.
    """
    documents: dict[str, Document] = {}
    for number, values in _lines(path):
        id_ = _text(path, number, values, "id")
        if id_ in documents:
            raise DatasetError(path, number, "id", f"{id_!r} comes twice")
        title = "" if text_only else _text(path, number, values, "title", required=False)
        spoken = _text(path, number, values, "lang", required=False) or language
        documents[id_] = Document(id_, spoken, title, _text(path, number, values, "text"))
    return list(documents.values())


def read_queries(path: Path, language: str, known: frozenset[str]) -> list[Query]:
    """Read questions.

    Args:
        path: the file.
        language: of the questions that do not say theirs.
        known: the ids of the documents.

    Raises:
        DatasetError: a line cannot be used, or no document that answers is known.
        OSError: the file cannot be read.
    """
    queries = []
    for number, values in _lines(path):
        relevant = values.get("relevant", [])
        if not isinstance(relevant, list) or not all(isinstance(each, str) for each in relevant):
            raise DatasetError(path, number, "relevant", "must be a list of document ids")
        answerable = values.get("answerable", bool(relevant))
        if not isinstance(answerable, bool):
            raise DatasetError(path, number, "answerable", "must be true or false")
        if answerable and not known & set(relevant):
            raise DatasetError(path, number, "relevant", "names no document of the other file")
        spoken = _text(path, number, values, "lang", required=False) or language
        text = _text(path, number, values, "query")
        id_ = _text(path, number, values, "id")
        queries.append(Query(id_, spoken, text, frozenset(relevant), answerable, values))
    return queries


def where(queries: Sequence[Query], conditions: Mapping[str, str]) -> list[Query]:
    """Return the questions whose fields have some values, written as in the file: `fr`, `true`, `3`."""
    return [
        query
        for query in queries
        if all(_written(query.fields.get(name)) == value for name, value in conditions.items())
    ]


def _written(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def part(queries: Sequence[Query], field: str, name: str) -> list[Query]:
    """Return one half of the questions, "dev" or "test"; those with the same value of a field stay together.

    Which half a value belongs to follows from its hash: always the same, whatever else the file holds.
    """
    kept = {"dev": 0, "test": 1}[name]
    return [query for query in queries if _half(str(query.fields.get(field))) == kept]


def _half(value: str) -> int:
    return hashlib.sha256(value.encode("utf-8")).digest()[0] % 2


def _lines(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, line in enumerate(path.read_bytes().split(b"\n"), start=1):
        if line.strip():
            try:
                values = json.loads(line.decode("utf-8"))
            except UnicodeDecodeError as error:
                raise DatasetError(path, number, "line", f"is not UTF-8: {error}") from error
            except ValueError as error:
                raise DatasetError(path, number, "line", f"is no JSON: {error}") from error
            if not isinstance(values, dict):
                raise DatasetError(path, number, "line", "must be a JSON object")
            yield number, values


def _text(path: Path, number: int, values: Mapping[str, Any], field: str, *, required: bool = True) -> str:
    value = values.get(field, "")
    if not isinstance(value, str) or (required and not value.strip()):
        raise DatasetError(path, number, field, "must be a text" if required else "must be a text, or absent")
    return value
