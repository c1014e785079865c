"""The output of processes and the supervisor's events."""

import json
from pathlib import Path

import pytest
import structlog

from guichet import logs
from guichet.logs import LONGEST_LINE_BYTES, LineSplitter, OutputFile, configure_events


def test_pieces_become_lines() -> None:
    splitter = LineSplitter()
    assert list(splitter.feed(b"one\ntw")) == ["one"]
    assert list(splitter.feed(b"o\r\n\nth")) == ["two", ""]
    assert list(splitter.end()) == ["th"]
    assert list(splitter.end()) == []


def test_a_character_cut_in_two_pieces_is_whole() -> None:
    splitter = LineSplitter()
    word = "département\n".encode()
    assert list(splitter.feed(word[:2])) + list(splitter.feed(word[2:])) == ["département"]


def test_bytes_that_are_no_text_do_not_stop_the_log() -> None:
    assert list(LineSplitter().feed(b"\xff\n")) == ["\N{REPLACEMENT CHARACTER}"]


def test_a_line_without_end_is_cut() -> None:
    splitter = LineSplitter()
    lines = [line for _ in range(10) for line in splitter.feed(b"x" * LONGEST_LINE_BYTES)]
    assert len(lines) == 9
    assert sum(map(len, [*lines, *splitter.end()])) == 10 * LONGEST_LINE_BYTES


def test_lines_are_kept_and_the_last_ones_shown(tmp_path: Path) -> None:
    output = OutputFile("rasa", tmp_path)
    for number in range(30):
        output.write(f"line {number} 100 % sure")
    assert output.last_lines(2) == ["line 28 100 % sure", "line 29 100 % sure"]
    output.close()


def test_files_are_rotated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "LARGEST_FILE_BYTES", 1000)
    output = OutputFile("rasa", tmp_path)
    for number in range(1000):
        output.write(f"line {number}")
    output.close()
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["rasa.log", "rasa.log.1", "rasa.log.2", "rasa.log.3"]
    assert all(path.stat().st_size <= 1000 for path in tmp_path.iterdir())


def test_the_console_shows_lines_only_when_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    OutputFile("quiet", tmp_path).write("one")
    OutputFile("loud", tmp_path, on_console=True).write("two")
    shown = capsys.readouterr().err
    assert "one" not in shown
    assert "    loud | two" in shown


def test_events_are_one_json_line_each_in_production(capsys: pytest.CaptureFixture[str]) -> None:
    before = structlog.get_config()
    configure_events(as_json=True)
    try:
        structlog.get_logger().bind(process="rasa").error("died", how="exit code 1")
    finally:
        structlog.configure(**before)
    event = json.loads(capsys.readouterr().err)
    assert event["event"] == "died"
    assert event["process"] == "rasa"
    assert event["timestamp"].endswith("Z")
