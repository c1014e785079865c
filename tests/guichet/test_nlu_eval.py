"""`guichet nlu eval`, as an engineer types it, in the real environment of Rasa."""

import json
import subprocess
import sys
from pathlib import Path

from tests.guichet.test_cli import Done
from tests.stack import clean_environment

LEARNT = {
    "canteen": [
        "how much is lunch",
        "the price of school meals",
        "my child eats at the canteen",
        "pay for meals",
    ],
    "roads": ["there is a pothole", "a tree fell on the road", "the road is closed", "ice on the road"],
}
ASKED = {"canteen": ["what does a meal cost"], "roads": ["hole in the road"]}


def measure(data: str, data_dir: Path) -> Done:
    """Run the command as a program: it becomes another one."""
    done = subprocess.run(
        [sys.executable, "-m", "guichet", "nlu", "eval", "--data", data, "--json"],
        check=False,
        env=clean_environment() | {"GUICHET_DATA_DIR": str(data_dir)},
        capture_output=True,
        text=True,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def line(text: str, intent: str, split: str, *, oos: bool = False) -> str:
    return json.dumps({"text": text, "lang": "en", "intent": intent, "split": split, "oos": oos})


def written(folder: Path, *lines: str) -> str:
    path = folder / "intents.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return str(path)


def test_intents_are_learnt_and_asked_beside_the_baseline(tmp_path: Path) -> None:
    lines = [line(text, intent, "train") for intent, texts in LEARNT.items() for text in texts]
    for split in ("val", "test"):
        lines += [line(text + split[0], intent, split) for intent, texts in ASKED.items() for text in texts]
        lines.append(line(f"who won the match {split}", "oos", split, oos=True))
    done = measure(written(tmp_path, *lines), tmp_path / "var")
    assert done.returncode == 0, done.stderr
    measured = json.loads(done.stdout)
    assert set(measured) == {"guichet", "e5 + logistic regression"}
    for figures in measured.values():
        assert figures["en"]["texts"] == 2
        assert figures["en"]["share"] == 1
        assert figures["out of scope refused"]["texts"] == 1
        assert 0 <= figures["AUROC"] <= 1


def test_a_line_that_is_wrong_is_named(tmp_path: Path) -> None:
    data = written(tmp_path, line("x", "y", "test"), '{"text": "x"}')
    done = measure(data, tmp_path / "var")
    assert done.returncode == 2
    assert f"{data}:2: expected an object" in done.stderr
