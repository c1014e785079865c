import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from records import Channel, Conversation, Entry, RecordsUnavailable, Turn
from records.entries import new_id
from records.spool import Spool, _entry, _line
from tests.records.samples import every_kind


class Memory:
    """Where a replay writes, for the tests: it may be down, or refuse an entry."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.down_after: int | None = None
        self.refused: set[str] = set()

    def __call__(self, entry: Entry) -> bool:
        if self.down_after is not None and len(self.entries) >= self.down_after:
            raise RecordsUnavailable("down again")
        if isinstance(entry, Conversation) and entry.id in self.refused:
            return False
        self.entries.append(entry)
        return True


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool")


@pytest.fixture
def memory() -> Memory:
    return Memory()


def conversations(count: int) -> list[Conversation]:
    return [Conversation(new_id(), "fr", Channel.WEB) for _ in range(count)]


@pytest.mark.parametrize("entry", every_kind(), ids=lambda entry: type(entry).__name__)
def test_every_kind_of_entry_comes_back_the_same(entry: Entry) -> None:
    assert _entry(_line(entry)) == entry


def test_entries_are_replayed_in_order_then_gone(spool: Spool, memory: Memory) -> None:
    entries = every_kind()
    for entry in entries:
        spool.append(entry)
    assert spool.count() == len(entries)
    assert spool.replay(memory) == len(entries)
    assert memory.entries == entries
    assert spool.count() == 0
    assert spool.replay(memory) == 0


def test_an_empty_spool_is_nothing_to_do_and_makes_no_folder(spool: Spool, memory: Memory) -> None:
    assert spool.count() == 0
    assert spool.replay(memory) == 0
    assert not spool.folder.exists()


def test_what_is_kept_is_readable_by_nobody_else(spool: Spool) -> None:
    spool.append(conversations(1)[0])
    files = list(spool.folder.iterdir())
    assert [file.stat().st_mode & 0o777 for file in [spool.folder, *files]] == [0o700, 0o600]


def test_sql_that_fails_again_loses_nothing(spool: Spool, memory: Memory) -> None:
    entries = conversations(4)
    for entry in entries:
        spool.append(entry)
    memory.down_after = 2
    with pytest.raises(RecordsUnavailable):
        spool.replay(memory)
    assert spool.count() == 4, "a file is removed whole, once all of it is written"
    memory.down_after = None
    memory.entries.clear()
    assert spool.replay(memory) == 4
    assert memory.entries == entries


def test_a_torn_last_line_is_kept_aside(spool: Spool, memory: Memory) -> None:
    whole, torn = conversations(2)
    spool.append(whole)
    file = next(spool.folder.glob("*.jsonl"))
    half = _line(torn)[:40]
    with file.open("ab") as stream:
        stream.write(half)
    assert spool.replay(memory) == 1
    assert memory.entries == [whole]
    assert (spool.folder / "aside.jsonl").read_bytes() == half + b"\n"
    assert spool.replay(memory) == 0


@pytest.mark.parametrize(
    "line", [b"\n", b"null\n", b"[]\n", b'{"kind": "turn"}\n', b'{"kind": "x", "entry": {}}\n']
)
def test_a_line_that_is_not_ours_is_kept_aside_and_stops_nothing(
    spool: Spool, memory: Memory, line: bytes
) -> None:
    entry = conversations(1)[0]
    spool.folder.mkdir()
    (spool.folder / "old.jsonl").write_bytes(line + _line(entry))
    assert spool.replay(memory) == 1
    assert (spool.folder / "aside.jsonl").read_bytes() == line


def test_an_entry_that_sql_refuses_is_kept_aside_and_stops_nothing(spool: Spool, memory: Memory) -> None:
    entries = conversations(3)
    for entry in entries:
        spool.append(entry)
    memory.refused.add(entries[1].id)
    assert spool.replay(memory) == 2
    assert (spool.folder / "aside.jsonl").read_bytes() == _line(entries[1])
    assert spool.count() == 0


def test_a_full_disk_leaves_no_half_line(
    spool: Spool, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = conversations(3)
    spool.append(entries[0])
    whole_write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, line: whole_write(descriptor, line[:10]))
    with pytest.raises(OSError, match="fit in the spool"):
        spool.append(entries[1])
    monkeypatch.undo()
    spool.append(entries[2])
    assert spool.replay(memory) == 2
    assert memory.entries == [entries[0], entries[2]]


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        Spool(tmp_path / "file" / "spool").append(conversations(1)[0])


def test_threads_and_spools_write_while_a_replay_runs(spool: Spool, memory: Memory) -> None:
    """Two spools on one folder, as two processes would, eight threads, and replays all along."""
    spools = [spool, Spool(spool.folder)]
    entries = conversations(120)
    with ThreadPoolExecutor(10) as pool:
        writes = [pool.submit(spools[number % 2].append, entry) for number, entry in enumerate(entries)]
        replays = [pool.submit(spools[number % 2].replay, memory) for number in range(12)]
        for job in [*writes, *replays]:
            job.result()
    spool.replay(memory)
    held = [entry.id for entry in memory.entries if isinstance(entry, Conversation)]
    assert len(held) == len(entries)
    assert set(held) == {entry.id for entry in entries}


def test_one_replay_runs_at_a_time(spool: Spool) -> None:
    spool.append(conversations(1)[0])
    inner: list[int] = []

    def store(_: Entry) -> bool:
        inner.append(Spool(spool.folder).replay(store))
        return True

    assert spool.replay(store) == 1
    assert inner == [0]


def test_a_fork_writes_its_own_file(spool: Spool, memory: Memory) -> None:
    spool.append(conversations(1)[0])
    script = (
        "import os, sys; from pathlib import Path; from records.spool import Spool; "
        "from records import Conversation; spool = Spool(Path(sys.argv[1])); "
        "spool.append(Conversation('parent', 'fr')); child = os.fork(); "
        "spool.append(Conversation('both', 'fr')); child and os.waitpid(child, 0)"
    )
    subprocess.run([sys.executable, "-c", script, str(spool.folder)], check=True)
    assert len(list(spool.folder.glob("*.jsonl"))) == 3
    assert spool.replay(memory) == 4


def test_a_long_text_is_one_line(spool: Spool, memory: Memory) -> None:
    turn = Turn(new_id(), new_id(), "m1", "première ligne\nseconde\u2028\x85\r\n" * 20_000, "fr")
    spool.append(turn)
    assert spool.count() == 1
    assert spool.replay(memory) == 1
    assert memory.entries == [turn]


@pytest.mark.parametrize("step", [31, pytest.param(1, marks=pytest.mark.slow)])
def test_a_process_killed_between_two_lines_loses_and_doubles_nothing(tmp_path: Path, step: int) -> None:
    command = [sys.executable, "-m", "tests.records.crash", str(tmp_path), str(step)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 200 // step, "the scenario runs through the whole spool"
