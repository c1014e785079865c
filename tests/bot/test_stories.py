"""Rasa's own checks of the project, run by Rasa: its data, and the end-to-end stories of stories/."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.bot.rasa_server import BOT, RASA_PYTHON, rasa_environment

STORIES = Path(__file__).parent / "stories"
EXPANDED_IN_ENDPOINTS = {
    "GUICHET_ACTIONS_URL": "http://127.0.0.1:1",
    "GUICHET_REDIS_URL": "",
    "GUICHET_TRACKER_HOURS": "1",
}


def rasa(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [RASA_PYTHON, "-m", "rasa", *map(str, words)],
        cwd=BOT,
        env=rasa_environment(**EXPANDED_IN_ENDPOINTS),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_rasa_finds_nothing_wrong_with_the_data() -> None:
    done = rasa("data", "validate", "--fail-on-warnings")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


@pytest.mark.slow
def test_the_stories_are_followed(model: Path, tmp_path: Path) -> None:
    done = rasa(
        "test", "core", "--e2e", "--stories", STORIES, "--model", model, "--out", tmp_path, "--no-plot"
    )
    assert done.returncode == 0, done.stderr[-3000:]
    report = json.loads((tmp_path / "story_report.json").read_text())
    failed = (tmp_path / "failed_test_stories.yml").read_text()
    assert report["conversation_accuracy"]["total"] == 8
    assert report["conversation_accuracy"]["correct"] == 8, failed
