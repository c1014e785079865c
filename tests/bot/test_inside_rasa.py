"""Runs the checks of inside_rasa/ with the Python that has Rasa."""

import subprocess
from pathlib import Path

import pytest

from tests.bot.rasa_server import RASA_PYTHON, ROOT, rasa_environment

CHECKS = sorted(path.stem for path in (Path(__file__).parent / "inside_rasa").glob("check_*.py"))


def test_there_are_checks() -> None:
    assert CHECKS


@pytest.mark.parametrize("name", CHECKS)
def test_a_file_of_checks(name: str, model: Path) -> None:
    done = subprocess.run(
        [RASA_PYTHON, "-m", "unittest", f"tests.bot.inside_rasa.{name}"],
        cwd=ROOT,
        env=rasa_environment(CHECKED_MODEL=str(model)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-6000:]
    assert "Ran 0 tests" not in done.stderr
