import os
from pathlib import Path

import pytest

from knowledge.national.layer import alone_in, recovered, replace_files


@pytest.fixture
def layer(tmp_path: Path) -> Path:
    folder = tmp_path / "national"
    (folder / "fr").mkdir(parents=True)
    (folder / "README.md").write_text("le nôtre", encoding="utf-8")
    (folder / "fr" / "a.md").write_text("a", encoding="utf-8")
    return folder


def texts(layer: Path) -> dict[str, str]:
    return {
        path.relative_to(layer).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(layer.rglob("*.md"))
    }


def test_files_change_together_and_the_others_are_the_same_files(layer: Path) -> None:
    before = (layer / "README.md").stat()
    replace_files(layer, {Path("fr/a.md"): None, Path("fr/d/b.md"): "b"})
    assert texts(layer) == {"README.md": "le nôtre", "fr/d/b.md": "b"}
    after = (layer / "README.md").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert [path.name for path in layer.parent.iterdir()] == ["national"]


def test_a_layer_is_made_where_there_is_none(tmp_path: Path) -> None:
    replace_files(tmp_path / "national", {Path("fr/a.md"): "a"})
    assert texts(tmp_path / "national") == {"fr/a.md": "a"}


@pytest.mark.parametrize("step", ["fsync", "link", "rename"])
def test_an_interruption_leaves_the_old_layer(
    layer: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = texts(layer)
    stopped = KeyboardInterrupt
    if step == "rename":
        rename = Path.rename

        def only_once(self: Path, target: Path) -> Path:
            if self.name == ".national-new":
                raise stopped
            return rename(self, target)

        monkeypatch.setattr(Path, "rename", only_once)
    else:

        def stop(*_: object, **__: object) -> None:
            raise stopped

        monkeypatch.setattr(os, step, stop)
    with pytest.raises(KeyboardInterrupt):
        replace_files(layer, {Path("fr/a.md"): "autre", Path("fr/b.md"): "b"})
    assert texts(layer) == before
    assert [path.name for path in layer.parent.iterdir()] == ["national"]


def test_a_machine_that_stopped_between_the_renames_is_recovered_from(layer: Path) -> None:
    before = texts(layer)
    layer.rename(layer.with_name(".national-previous"))
    (layer.parent / ".national-new" / "fr").mkdir(parents=True)
    recovered(layer)
    assert texts(layer) == before
    assert [path.name for path in layer.parent.iterdir()] == ["national"]


def test_where_links_cannot_be_made_files_are_copied(layer: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError

    monkeypatch.setattr(os, "link", refuse)
    replace_files(layer, {Path("fr/b.md"): "b"})
    assert texts(layer) == {"README.md": "le nôtre", "fr/a.md": "a", "fr/b.md": "b"}


def test_one_import_at_a_time(tmp_path: Path) -> None:
    with alone_in(tmp_path), pytest.raises(BlockingIOError), alone_in(tmp_path):
        pass
    with alone_in(tmp_path):
        assert list(tmp_path.iterdir()) == []
