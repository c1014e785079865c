"""bot/train.py: an unchanged project is not trained again, a changed one is."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.bot.rasa_server import BOT, RASA_PYTHON, rasa_environment

CHANGES = ("config.yml", "domain.yml", "data/rules.yml", "data/nlu/fr/college.yml", "components/model.py")


def fingerprint(folder: Path) -> str:
    code = f"import sys; sys.path.insert(0, {str(BOT)!r}); import train, pathlib; "
    code += f"print(train.fingerprint(pathlib.Path({str(folder)!r})))"
    done = subprocess.run([RASA_PYTHON, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("config.yml", "domain.yml"):
        shutil.copy(BOT / name, tmp_path / name)
    shutil.copytree(BOT / "data", tmp_path / "data")
    shutil.copytree(BOT / "components", tmp_path / "components")
    return tmp_path


def test_the_same_project_elsewhere_has_the_same_fingerprint(project: Path) -> None:
    assert fingerprint(project) == fingerprint(BOT)


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_what_a_model_is_made_from_makes_it_stale(project: Path, name: str) -> None:
    before = fingerprint(project)
    (project / name).write_text((project / name).read_text() + "\n# changed\n")
    assert fingerprint(project) != before


def test_a_change_of_what_only_serves_does_not(project: Path) -> None:
    before = fingerprint(project)
    (project / "components" / "channel.py").write_text("# changed\n")
    assert fingerprint(project) == before


def test_an_up_to_date_model_is_kept_and_becomes_the_newest(model: Path, tmp_path: Path) -> None:
    kept = tmp_path / model.name
    shutil.copy(model, kept)
    os.utime(kept, (1, 1))
    for number in range(3):
        other = tmp_path / f"guichet-{number}.tar.gz"
        other.write_bytes(b"")
        os.utime(other, (100 + number, 100 + number))
    done = subprocess.run(
        [RASA_PYTHON, "train.py", "--if-stale", "--out", tmp_path],
        cwd=BOT,
        env=rasa_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == str(kept)
    assert kept.read_bytes() == model.read_bytes()
    assert {path.name for path in tmp_path.glob("*.tar.gz")} == {kept.name, "guichet-2.tar.gz"}
    assert max(tmp_path.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime) == kept
