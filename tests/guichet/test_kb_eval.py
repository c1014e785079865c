"""`guichet kb eval`, as an engineer types it."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from knowledge import embedding
from tests.guichet.test_cli import Done, guichet

DOCUMENTS: list[dict[str, Any]] = [
    {"id": "lunch", "title": "School canteen", "text": "How to pay for the meals of a child at school."},
    {"id": "roads", "title": "Roads", "text": "Report a pothole or an obstacle on a road."},
    {"id": "ayuda", "title": "Ayuda", "text": "Una persona ayuda a los mayores en su casa.", "lang": "es"},
]
QUESTIONS: list[dict[str, Any]] = [
    {"id": "1", "query": "school canteen meals", "relevant": ["lunch"], "group": "a", "short": True},
    {"id": "2", "query": "pothole on a road", "relevant": ["roads"], "group": "b", "short": False},
    {
        "id": "3",
        "query": "Hilfe für alte Menschen zu Hause",
        "lang": "de",
        "relevant": ["ayuda"],
        "group": "e",
    },
]
UNANSWERABLE: list[dict[str, Any]] = [{"id": "4", "query": "recipe of the quiche", "relevant": []}]


def write(path: Path, lines: Iterable[Mapping[str, Any]]) -> Path:
    path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    return path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Documents and questions; the passages are embedded without loading torch."""
    monkeypatch.setattr(embedding, "IndexingEncoder", embedding.load_question_encoder)
    write(tmp_path / "d.jsonl", DOCUMENTS)
    write(tmp_path / "q.jsonl", QUESTIONS)
    write(tmp_path / "none.jsonl", UNANSWERABLE)
    return tmp_path


def run(folder: Path, *words: str, docs: str = "d.jsonl", queries: str = "q.jsonl") -> Done:
    files = ("--docs", str(folder / docs), "--queries", str(folder / queries))
    return guichet("kb", "eval", *files, "--docs-language", "en", *words, data_dir=folder / "var")


def asked(done: Done) -> int:
    assert done.returncode == 0, done.stderr
    return int(json.loads(done.stdout)["abstention"][0]["asked"]["questions"])


def test_it_prints_what_it_measured(folder: Path) -> None:
    done = run(folder)
    assert done.returncode == 0
    assert "3 documents, 3 questions, 0 without answer" in done.stderr
    assert "passages, " in done.stderr
    lines = done.stdout.splitlines()
    assert [line.split()[:3] for line in lines[1:4]] == [
        ["all", "guichet", "3"],
        ["en", "guichet", "2"],
        ["de", "guichet", "1"],
    ]
    assert "BM25" not in done.stdout


def test_baselines_and_json(folder: Path) -> None:
    done = run(folder, "--baselines", "--json", "--queries", str(folder / "none.jsonl"))
    values = json.loads(done.stdout)
    assert {"guichet", "BM25"} <= {row["system"] for row in values["rows"]}
    assert values["rows"][0]["hit_3"]["value"] == 1
    assert [each["language"] for each in values["against_the_best_baseline"]] == ["all", "en", "de"]
    everything = values["abstention"][0]
    assert (everything["answerable"]["questions"], everything["unanswerable"]["questions"]) == (3, 1)


def test_the_questions_asked_are_chosen(folder: Path) -> None:
    assert asked(run(folder, "--json", "--where", "short=true")) == 1
    assert asked(run(folder, "--json", "--where", "lang=de", "--where", "group=e")) == 1
    halves = [run(folder, "--json", "--split-by", "group", "--part", name) for name in ("dev", "test")]
    assert [asked(half) for half in halves] == [2, 1]


def test_titles_and_pieces_can_be_left_out(folder: Path) -> None:
    assert "9 passages" in run(folder).stderr
    assert "6 passages" in run(folder, "--pieces", "0").stderr
    assert "3 passages" in run(folder, "--pieces", "0", "--text-only").stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--where", "short"), "--where short: write KEY=VALUE"),
        (("--where", "a=1", "--where", "a=2"), "--where a=2: a is already asked to be 1"),
        (("--where", "short=maybe"), "none of the 3 questions is left to ask"),
        (("--split-by", "group"), "--split-by FIELD and --part dev|test go together"),
        (("--part", "dev"), "--split-by FIELD and --part dev|test go together"),
        (("--split-by", "short", "--part", "dev"), "--split-by short: question 3 has no such field"),
        (("--part", "all"), "dev"),
        (("--pieces", "-1"), "--pieces"),
        (("--queries", "nowhere.jsonl"), "nowhere.jsonl"),
    ],
)
def test_wrong_use_is_said(words: tuple[str, ...], said: str, folder: Path) -> None:
    done = run(folder, *words)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stdout == ""


def test_a_wrong_line_is_named(folder: Path) -> None:
    broken = write(folder / "broken.jsonl", [QUESTIONS[0], {**QUESTIONS[1], "relevant": ["nothing"]}])
    done = run(folder, queries=broken.name)
    assert done.returncode == 2
    assert done.stderr == f"guichet: {broken}:2: relevant: names no document of the other file\n"
    twice = write(folder / "twice.jsonl", [DOCUMENTS[0], DOCUMENTS[0]])
    done = run(folder, docs=twice.name)
    assert (done.returncode, f"{twice}:2: id: 'lunch' comes twice" in done.stderr) == (2, True)
    empty = write(folder / "empty.jsonl", [])
    done = run(folder, docs=empty.name, queries="none.jsonl")
    assert (done.returncode, "holds no document" in done.stderr) == (2, True)
