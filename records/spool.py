"""The spool: where records wait, on this machine's disk, while SQL does not answer.

Each process appends to a file of its own, one JSON line for each entry, on the disk (fsync) before the call
returns. A replay, in any process of the machine, first takes a file away from its writer by renaming it, then
writes its entries to SQL, then removes it: killed at any point, it starts again from the same file, and
entries already written change nothing since each has its identifier.

    <spool>/<random>.jsonl      being written by one process
    <spool>/<random>.replay     taken by a replay
    <spool>/aside.jsonl         lines that cannot be replayed: torn by a crash, or refused by SQL
    <spool>/replay.lock         held by the one replay that runs
"""

import fcntl
import json
import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from pydantic import TypeAdapter

from records.entries import Answer, Conversation, Disclosure, Entry, Erasure, Handoff, Routing, Turn

_log = logging.getLogger(__name__)

_KINDS: dict[str, TypeAdapter[Entry]] = {
    kind.__name__.lower(): TypeAdapter(kind)
    for kind in (Conversation, Turn, Answer, Disclosure, Routing, Handoff, Erasure)
}

Store = Callable[[Entry], bool]
"""Writes one entry to SQL; False when SQL refuses it for good. Raises RecordsUnavailable when SQL is down."""


class Spool:
    """The spool of this process, in a folder shared by the processes of the machine. Safe between threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._file: Path | None = None
        self._process = 0

    def append(self, entry: Entry) -> None:
        """Keep an entry; it is on the disk when this returns.

        Raises:
            OSError: the disk is full, or the folder cannot be written.
        """
        line = _line(entry)
        with self._lock:
            file = self._own_file()
            _append(file, line)

    def count(self) -> int:
        """Return how many entries wait, those of other processes included."""
        return sum(_count_lines(file) for file in self._waiting())

    def replay(self, store: Store) -> int:
        """Write the waiting entries to SQL, oldest file first; return how many were written.

        Another replay at work means that there is nothing to do: 0.

        Raises:
            RecordsUnavailable: SQL failed on the way; what was not written stays in the spool.
            OSError: the folder cannot be read or written.
        """
        if not self._waiting():
            return 0
        with _held(self.folder / "replay.lock") as alone:
            if not alone:
                return 0
            for file in sorted(self.folder.glob("*.jsonl"), key=_age):
                if file.name != "aside.jsonl":
                    _take(file)
            return sum(
                self._replay_file(file, store) for file in sorted(self.folder.glob("*.replay"), key=_age)
            )

    def _own_file(self) -> Path:
        if self._file is None or self._process != os.getpid():  # a fork must not share its parent's file
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._file = self.folder / f"{uuid4().hex}.jsonl"
            self._process = os.getpid()
        return self._file

    def _waiting(self) -> list[Path]:
        files = [*self.folder.glob("*.jsonl"), *self.folder.glob("*.replay")]
        return [file for file in files if file.name != "aside.jsonl"]

    def _replay_file(self, file: Path, store: Store) -> int:
        written = 0
        for line in file.read_bytes().splitlines(keepends=True):
            entry = _entry(line)
            if entry is not None and store(entry):
                written += 1
            else:
                _log.error("a spooled record cannot be replayed; it is kept in aside.jsonl")
                _append(self.folder / "aside.jsonl", line.rstrip(b"\n") + b"\n")
        file.unlink()
        _sync_folder(self.folder)
        return written


def _line(entry: Entry) -> bytes:
    kind = type(entry).__name__.lower()
    record = {"kind": kind, "entry": _KINDS[kind].dump_python(entry, mode="json")}
    return json.dumps(record, ensure_ascii=True).encode() + b"\n"


def _entry(line: bytes) -> Entry | None:
    """Return the entry of a line, or None when the line is torn (no end of line) or is not ours."""
    if not line.endswith(b"\n"):
        return None
    try:
        record = json.loads(line)
        return _KINDS[record["kind"]].validate_python(record["entry"])
    except (ValueError, KeyError, TypeError):
        return None


def _append(file: Path, line: bytes) -> None:
    """Append a whole line, or nothing: a failed write is cut off, so that no line continues it."""
    with _opened_alone(file) as descriptor:
        size = os.fstat(descriptor).st_size
        try:
            written = os.write(descriptor, line)
            if written != len(line):
                raise OSError(f"only {written} of {len(line)} bytes fit in the spool")
            os.fsync(descriptor)
        except OSError:
            os.ftruncate(descriptor, size)
            raise
    if size == 0:
        _sync_folder(file.parent)


@contextmanager
def _opened_alone(file: Path) -> Iterator[int]:
    """Open the file for appending and lock it; a replay may rename it meanwhile, then a new one is made."""
    while True:
        descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if _is_still(file, descriptor):
                yield descriptor
                return
        finally:
            os.close(descriptor)  # closing releases the lock


def _is_still(file: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(file.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _take(file: Path) -> None:
    """Rename a file once its writer has finished its line: the writer's next line makes a new file."""
    descriptor = os.open(file, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        file.rename(file.with_name(f"{uuid4().hex}.replay"))
    finally:
        os.close(descriptor)


@contextmanager
def _held(file: Path) -> Iterator[bool]:
    """Hold a lock file if nobody else does; the system releases it if the process dies."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        yield False
        return
    try:
        yield True
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    """Make a file's creation or removal survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _age(file: Path) -> float:
    return file.stat().st_mtime


def _count_lines(file: Path) -> int:
    try:
        return file.read_bytes().count(b"\n")
    except FileNotFoundError:  # replayed meanwhile
        return 0
