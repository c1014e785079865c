import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from knowledge.embedding import load_question_encoder
from knowledge.evaluation import pooled as module
from knowledge.evaluation import systems
from knowledge.evaluation.measures import Difference
from knowledge.evaluation.pooled import SETS, main, pooled, read
from knowledge.evaluation.run import OURS, Comparison, Measured
from knowledge.evaluation.systems import BASELINES

SHEETS = [
    {"id": "F1", "title": "Cantine", "text": "Payer les repas d'un enfant au collège."},
    {"id": "F2", "title": "Carte d'identité", "text": "Faire refaire ses papiers à la mairie."},
]


def write(path: Path, lines: Iterable[Mapping[str, Any]]) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")


@pytest.fixture
def bench(tmp_path: Path) -> Path:
    write(tmp_path / "service_public/docs.jsonl", SHEETS)
    write(
        tmp_path / "service_public/queries_qr_test.jsonl",
        [{"id": "1", "query": "Comment payer la cantine ?", "relevant": ["F1"]}],
    )
    write(
        tmp_path / "service_public/queries_cdtn_dev.jsonl",
        [{"id": f"{n}", "query": f"carte {n}", "relevant": ["F2"], "group": f"g{n // 2}"} for n in range(12)],
    )
    write(tmp_path / "omosqa/docs_fr.jsonl", [{**each, "lang": "fr"} for each in SHEETS])
    write(
        tmp_path / "omosqa/queries.jsonl",
        [
            {"id": "1", "lang": "fr", "split": "dev", "query": "Papiers perdus", "relevant": ["F2"]},
            {"id": "2", "lang": "fr", "split": "dev", "query": "?!", "relevant": ["F1"], "answerable": False},
            {"id": "3", "lang": "fr", "split": "train", "query": "Papiers", "relevant": ["F2"]},
            {"id": "4", "lang": "de", "split": "dev", "query": "Papiere", "relevant": ["F2"]},
        ],
    )
    return tmp_path


def measured(best: str, ours: list[int], theirs: list[int]) -> Measured:
    never = np.zeros(len(ours), np.int64)
    ranks = dict.fromkeys(BASELINES, never) | {OURS: np.array(ours), best: np.array(theirs)}
    return Measured((), (), (Comparison("fr", best, Difference(0, 0, 0)),), ("fr",) * len(ours), ranks)


def test_each_question_meets_the_best_baseline_of_its_own_set() -> None:
    sets = [
        measured(BASELINES[0], [1, 1, 2, 0], [1, 2, 2, 1]),  # ours 2 right, theirs 2
        measured(BASELINES[1], [1, 1, 1, 1, 3, 1], [1, 0, 0, 2, 3, 1]),  # ours 5, theirs 2
    ]
    found = pooled(sets, 0)
    assert found.value == pytest.approx((7 - 4) / 10)
    assert -0.3 <= found.low < found.value < found.high <= 0.8


def test_titles_parts_and_languages_of_the_sets(bench: Path) -> None:
    (qr, asked_qr), (cdtn, asked_cdtn), (_, asked_omosqa) = (read(each, bench) for each in SETS)
    assert [each.title for each in qr] == ["", ""]
    assert [each.title for each in cdtn] == ["Cantine", "Carte d'identité"]
    assert len(asked_qr) == 1
    assert 0 < len(asked_cdtn) < 12
    assert len(asked_cdtn) % 2 == 0
    assert [each.id for each in asked_omosqa] == ["1", "2"]


def test_it_prints_each_set_and_all_of_them(
    bench: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GUICHET_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setattr(module, "IndexingEncoder", load_question_encoder)
    monkeypatch.setattr(systems, "lemmatise", lambda _: {})  # loading spaCy takes seconds
    cuts = []
    prepare = systems.prepare

    def counted(*arguments: Any, pieces: int | None) -> Any:
        cuts.append(pieces)
        return prepare(*arguments, pieces=pieces)

    monkeypatch.setattr(module, "prepare", counted)
    assert main([], bench) == 0
    assert cuts == [0, 0, None]
    printed = capsys.readouterr().out.splitlines()
    assert [line for line in printed if line in {each.name for each in SETS}] == [each.name for each in SETS]
    assert sum("hit@1 less that of the best baseline" in line for line in printed) == 3
    asked = 1 + len(read(SETS[1], bench)[1]) + 1
    assert printed[-2].startswith(f"hit@1 over all {asked} questions")
    assert " to " in printed[-1]


def test_a_set_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([], tmp_path) == 2
    assert "docs.jsonl" in capsys.readouterr().err
