"""What the processes print: kept in one file each, and shown on the console on request."""

import logging
import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from logging.handlers import RotatingFileHandler
from pathlib import Path

import structlog

LARGEST_FILE_BYTES = 10_000_000
FILES_KEPT = 3
LONGEST_LINE_BYTES = 64_000


@dataclass
class OutputFile:
    """The lines one process prints: in `<folder>/<name>.log`, rotated by size; on the console if asked."""

    name: str
    folder: Path
    on_console: bool = False
    _handler: RotatingFileHandler = field(init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._handler = RotatingFileHandler(
            self.path, maxBytes=LARGEST_FILE_BYTES, backupCount=FILES_KEPT, encoding="utf-8"
        )

    @property
    def path(self) -> Path:
        """The file of the latest lines."""
        return self.folder / f"{self.name}.log"

    def write(self, line: str) -> None:
        """Keep one line."""
        self._handler.emit(logging.LogRecord(self.name, logging.INFO, "", 0, line, None, None))
        if self.on_console:
            print(f"{self.name:>8} | {line}", file=sys.stderr, flush=True)

    def last_lines(self, count: int = 15) -> list[str]:
        """Return the last lines kept."""
        with self.path.open(encoding="utf-8", errors="replace") as handle:
            return [line.rstrip("\n") for line in deque(handle, maxlen=count)]

    def close(self) -> None:
        """Give the file back."""
        self._handler.close()


class LineSplitter:
    """Cuts what arrives in pieces into lines; a line without end is cut, so that memory stays bounded."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[str]:
        """Yield the lines that `data` completes."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            yield self._text(line)
        while len(self._rest) > LONGEST_LINE_BYTES:
            head, self._rest = self._rest[:LONGEST_LINE_BYTES], self._rest[LONGEST_LINE_BYTES:]
            yield self._text(head)

    def end(self) -> Iterator[str]:
        """Yield what is left when nothing more will come."""
        if self._rest:
            yield self._text(self._rest)
        self._rest = b""

    @staticmethod
    def _text(line: bytes) -> str:
        return line.decode("utf-8", errors="replace").rstrip("\r")


def configure_events(*, as_json: bool) -> None:
    """Send the supervisor's events to standard error, one line each: for people, or as JSON."""
    last = (
        structlog.processors.JSONRenderer()
        if as_json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso" if as_json else "%H:%M:%S", utc=as_json),
            last,
        ],
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
    )
