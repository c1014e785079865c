import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from knowledge.evaluation.datasets import DatasetError, part, read_documents, read_queries, where

KNOWN = frozenset({"a", "b"})


def write(path: Path, *lines: Mapping[str, Any] | str) -> Path:
    texts = (line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines)
    path.write_text("\n".join(texts), encoding="utf-8")
    return path


def test_documents_with_and_without_title_and_language(tmp_path: Path) -> None:
    path = write(
        tmp_path / "d.jsonl",
        {"id": "a", "title": "La cantine", "text": "Des repas.", "theme": "x"},
        "",
        {"id": "b", "text": "Comidas.", "lang": "es"},
    )
    cantine, comidas = read_documents(path, "fr")
    assert (cantine.id, cantine.language, cantine.title, cantine.text) == (
        "a",
        "fr",
        "La cantine",
        "Des repas.",
    )
    assert (comidas.language, comidas.title) == ("es", "")
    assert [each.title for each in read_documents(path, "fr", text_only=True)] == ["", ""]


def test_a_line_separator_inside_a_text_ends_no_line(tmp_path: Path) -> None:
    path = write(tmp_path / "d.jsonl", {"id": "a", "text": "une\u2028deux\x85trois"})
    assert read_documents(path, "fr")[0].text == "une\u2028deux\x85trois"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (['{"id": "a", "text": "x"}', "{oops"], "2: line: is no JSON"),
        (["", "[1]"], "2: line: must be a JSON object"),
        (['{"text": "x"}'], "1: id: must be a text"),
        (['{"id": 3, "text": "x"}'], "1: id: must be a text"),
        (['{"id": "a", "text": "  "}'], "1: text: must be a text"),
        (['{"id": "a", "text": "x", "title": null}'], "1: title: must be a text, or absent"),
        (['{"id": "a", "text": "x"}', '{"id": "a", "text": "y"}'], "2: id: 'a' comes twice"),
    ],
)
def test_a_wrong_document_is_named_with_its_line(lines: list[str], said: str, tmp_path: Path) -> None:
    path = write(tmp_path / "d.jsonl", *lines)
    with pytest.raises(DatasetError) as raised:
        read_documents(path, "fr")
    assert str(raised.value).startswith(f"{path}:{said}")


def test_a_file_in_another_encoding_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    path.write_bytes(b'{"id": "a", "text": "x"}\n' + '{"id": "b", "text": "é"}'.encode("latin-1"))
    with pytest.raises(DatasetError, match=r"d\.jsonl:2: line: is not UTF-8"):
        read_documents(path, "fr")


def test_questions_with_and_without_answer(tmp_path: Path) -> None:
    path = write(
        tmp_path / "q.jsonl",
        {"id": "1", "query": "Wo essen die Kinder?", "lang": "de", "relevant": ["a", "elsewhere"]},
        {"id": "2", "query": "quiche", "relevant": []},
        {"id": "3", "query": "quiche lorraine", "relevant": ["elsewhere"], "answerable": False},
        {"id": "4", "query": "quelle heure"},
    )
    queries = read_queries(path, "fr", KNOWN)
    assert [(each.language, each.answerable) for each in queries] == [
        ("de", True),
        ("fr", False),
        ("fr", False),
        ("fr", False),
    ]
    assert queries[0].relevant == {"a", "elsewhere"}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"id": "1", "query": "x", "relevant": "a"}, "relevant: must be a list of document ids"),
        ({"id": "1", "query": "x", "relevant": [1]}, "relevant: must be a list of document ids"),
        ({"id": "1", "query": "x", "relevant": ["c"]}, "relevant: names no document of the other file"),
        ({"id": "1", "query": "x", "answerable": True}, "relevant: names no document of the other file"),
        ({"id": "1", "query": "x", "answerable": "yes"}, "answerable: must be true or false"),
        ({"id": "1", "relevant": ["a"]}, "query: must be a text"),
        ({"query": "x", "relevant": ["a"]}, "id: must be a text"),
        ({"id": "1", "query": "x", "relevant": ["a"], "lang": 3}, "lang: must be a text, or absent"),
    ],
)
def test_a_wrong_question_is_named_with_its_line(line: dict[str, Any], said: str, tmp_path: Path) -> None:
    path = write(tmp_path / "q.jsonl", {"id": "0", "query": "x", "relevant": ["b"]}, line)
    with pytest.raises(DatasetError) as raised:
        read_queries(path, "fr", KNOWN)
    assert str(raised.value) == f"{path}:2: {said}"


def test_where_compares_values_as_the_file_writes_them(tmp_path: Path) -> None:
    path = write(
        tmp_path / "q.jsonl",
        {"id": "1", "query": "x", "split": "dev", "first": True, "level": 2},
        {"id": "2", "query": "x", "split": "dev", "first": False},
        {"id": "3", "query": "x", "split": "train", "first": True},
    )
    queries = read_queries(path, "fr", KNOWN)

    def chosen(**conditions: str) -> list[str]:
        return [each.id for each in where(queries, conditions)]

    assert chosen() == ["1", "2", "3"]
    assert chosen(split="dev") == ["1", "2"]
    assert chosen(split="dev", first="true") == ["1"]
    assert chosen(level="2") == ["1"]
    assert chosen(absent="dev") == []


def test_the_halves_are_whole_groups_and_stay_the_same(tmp_path: Path) -> None:
    lines = [{"id": f"{n}", "query": "x", "group": f"g{n // 3}"} for n in range(60)]
    queries = read_queries(write(tmp_path / "q.jsonl", *lines), "fr", KNOWN)
    groups = {
        name: {each.fields["group"] for each in part(queries, "group", name)} for name in ("dev", "test")
    }
    assert not groups["dev"] & groups["test"]
    assert len(groups["dev"] | groups["test"]) == 20
    assert min(map(len, groups.values())) >= 5
    assert sum(len(part(queries, "group", name)) for name in ("dev", "test")) == 60
    alone = [each for each in queries if each.fields["group"] == "g0"]
    # The first byte of SHA-256 of "g0" is f2: even.
    assert (len(part(alone, "group", "dev")), len(part(alone, "group", "test"))) == (3, 0)
