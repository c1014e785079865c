"""`guichet language eval`, as an engineer types it."""

import json
from pathlib import Path

from tests.guichet.test_cli import guichet

TEXTS = [
    {"text": "Comment demander une aide pour le loyer ?", "lang": "fr", "kind": "sentences"},
    {"text": "How do I apply for help with the rent?", "lang": "en", "kind": "sentences"},
    {"text": "Wie beantrage ich Hilfe für die Miete?", "lang": "de", "kind": "sentences"},
    {"text": "Das ist gar kein Französisch", "lang": "fr", "kind": "mislabelled"},
]


def written(folder: Path, *lines: str) -> str:
    path = folder / "texts.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return str(path)


def test_shares_are_given_by_kind_and_language(tmp_path: Path) -> None:
    data = written(tmp_path, *(json.dumps(text) for text in TEXTS))
    done = guichet("language", "eval", "--data", data, "--baselines", "--json", data_dir=tmp_path)
    measured = json.loads(done.stdout)
    assert set(measured) == {"guichet", "py3langid", "lingua"}
    assert measured["guichet"]["sentences"] == {"all": 1, "fr": 1, "en": 1, "de": 1, "macro": 1}
    assert measured["guichet"]["mislabelled"]["all"] == 0


def test_the_text_shows_intervals_and_the_worst_language(tmp_path: Path) -> None:
    data = written(tmp_path, *(json.dumps(text) for text in TEXTS))
    lines = guichet("language", "eval", "--data", data, data_dir=tmp_path).stdout.splitlines()
    assert lines[0] == "sentences, 3 texts"
    assert lines[1].split()[:2] == ["guichet", "1.000"]
    assert any("worst fr 0.000" in line for line in lines)


def test_a_line_that_is_wrong_is_named(tmp_path: Path) -> None:
    data = written(tmp_path, json.dumps(TEXTS[0]), '{"text": "x"}')
    done = guichet("language", "eval", "--data", data, data_dir=tmp_path)
    assert done.returncode == 2
    assert f"{data}:2: expected an object" in done.stderr


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = guichet("language", "eval", "--data", str(tmp_path / "none.jsonl"), data_dir=tmp_path)
    assert done.returncode == 2
    assert "none.jsonl" in done.stderr
