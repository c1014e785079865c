"""`guichet kb import`, as an administrator types it."""

import json
from pathlib import Path

from tests.guichet.test_cli import Done, guichet
from tests.knowledge.national.sheets import write_sheet


def run(folder: Path, *words: str) -> Done:
    (folder / "content").mkdir(exist_ok=True)
    content = str(folder / "content")
    return guichet("kb", "import", str(folder / "sheets"), "--content-dir", content, *words, data_dir=folder)


def test_it_says_what_it_did(tmp_path: Path) -> None:
    path = write_sheet(tmp_path / "sheets", "F101")
    done = run(tmp_path)
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "added 1: sp-f101")
    path.unlink()
    write_sheet(tmp_path / "sheets", "F102")
    assert json.loads(run(tmp_path, "--prune", "--json").stdout)["removed"] == ["sp-f101"]


def test_a_damaged_sheet_is_named_with_its_line(tmp_path: Path) -> None:
    write_sheet(tmp_path / "sheets", "F101")
    damaged = tmp_path / "sheets" / "F102.xml"
    damaged.write_text("<a>\n", encoding="utf-8")
    done = run(tmp_path)
    assert done.returncode == 1
    assert f"{damaged}:2: file: is not well-formed XML" in done.stderr
    assert "added 1: sp-f101" in done.stdout


def test_what_cannot_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "sheets").mkdir()
    done = run(tmp_path)
    assert (done.returncode, "holds no XML file" in done.stderr) == (2, True)
    write_sheet(tmp_path / "sheets", "F101")
    topics = tmp_path / "topics.yml"
    topics.write_text("sheets: {F101: nothing}", encoding="utf-8")
    done = run(tmp_path, "--topics", str(topics))
    assert (done.returncode, "'nothing' is no topic" in done.stderr) == (2, True)
