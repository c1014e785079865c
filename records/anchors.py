"""Anchors: the ends of the chains, written down outside the database, so that a cut tail shows.

An anchor is one JSON line of a file, the book: which chains went further since the last anchor, to which
entry, with its hash. The lines are chained and sealed as the ledger is (chain.py). An address, if one is set,
gets each line in a POST, in order, until it takes it: `<book>.sent` holds the number of the last one taken.

The processes of a machine share a book; a line is on the disk (fsync) before the call returns, and one that a
crash tore is cut off by the next.
"""

import errno
import fcntl
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import httpx
from pydantic import TypeAdapter

from records.chain import BEGINNING, Sealer, digest, instant
from records.errors import AnchorFailed
from records.ledger import Head

POST_SECONDS = 10.0


@dataclass(frozen=True)
class Anchor:
    """One line of a book.

    Attributes:
        book: the book's own identifier.
        number: its place in the book, from 1.
        heads: the chains that went further since the anchor before.
        previous: the hash of the anchor before.
    """

    book: str
    number: int
    at: str
    heads: tuple[Head, ...]
    previous: str
    hash: str = ""
    seal: str = ""

    def own_hash(self) -> str:
        """Return the hash that the fields ask for."""
        return digest(asdict(self))

    def line(self) -> bytes:
        """Return the anchor as its book holds it."""
        return json.dumps(asdict(self)).encode() + b"\n"


_ADAPTER = TypeAdapter(Anchor)


def read_book(file: Path) -> tuple[Anchor | None, ...]:
    """Return the anchors of a file, in order; None for a line that is none. A torn last line counts for none.

    Raises:
        OSError: the file cannot be read.
    """
    return parse_lines(file.read_bytes().splitlines(keepends=True))


def parse_lines(lines: Iterable[bytes]) -> tuple[Anchor | None, ...]:
    """Return the anchors of these lines."""
    return tuple(_parse(line) for line in lines if line.endswith(b"\n"))


def write(file: Path, sealer: Sealer, heads: Sequence[Head], at: datetime) -> Anchor | None:
    """Write an anchor; None when no chain went further since the last one.

    Raises:
        AnchorFailed: the file cannot be written.
    """
    try:
        with _held(file) as descriptor:
            kept = [anchor for anchor in parse_lines(_whole_lines(descriptor)) if anchor]
            further = _further(kept, heads)
            if not further:
                return None
            last = kept[-1] if kept else Anchor(str(uuid4()), 0, "", (), BEGINNING, BEGINNING)
            anchor = Anchor(last.book, last.number + 1, instant(at), further, last.hash)
            hash_ = anchor.own_hash()
            anchor = replace(anchor, hash=hash_, seal=sealer.seal(hash_))
            os.lseek(descriptor, 0, os.SEEK_END)
            line = anchor.line()
            if os.write(descriptor, line) < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))  # torn: the next call cuts it off
            os.fsync(descriptor)
            return anchor
    except OSError as error:
        raise AnchorFailed(f"{file}: {error.strerror}") from error


def deliver(file: Path, address: str) -> int:
    """Send the address what it has not taken yet, oldest first; return how many lines it took.

    Raises:
        AnchorFailed: the address does not take one; it is sent again by the next call.
    """
    marker = _marker(file)
    try:
        sent = number_sent(file)
        waiting = [anchor for anchor in read_book(file) if anchor and anchor.number > sent]
        for anchor in waiting:
            answer = httpx.post(
                address,
                content=anchor.line(),
                headers={"Content-Type": "application/json"},
                timeout=POST_SECONDS,
            )
            answer.raise_for_status()
            draft = file.with_name(f".{marker.name}.{os.getpid()}")
            draft.write_text(str(anchor.number))
            draft.replace(marker)
    except httpx.HTTPStatusError as error:
        raise AnchorFailed(f"the anchor's address answered {error.response.status_code}") from error
    except httpx.HTTPError as error:
        raise AnchorFailed(f"the anchor's address does not answer: {type(error).__name__}") from error
    except (OSError, ValueError) as error:
        raise AnchorFailed(f"{file}: {error}") from error
    return len(waiting)


def reached(kept: Iterable[Anchor | None]) -> dict[str, int]:
    """Return how far these anchors cover each chain."""
    known: dict[str, int] = {}
    for head in (head for anchor in kept if anchor for head in anchor.heads):
        known[head.chain] = max(head.sequence, known.get(head.chain, 0))
    return known


def number_sent(file: Path) -> int:
    """Return the number of the last anchor of this book that the address took; 0 before the first.

    Raises:
        OSError, ValueError: the note of it cannot be read.
    """
    marker = _marker(file)
    return int(marker.read_text()) if marker.exists() else 0


def _marker(file: Path) -> Path:
    return file.with_name(f"{file.name}.sent")


def _further(kept: Sequence[Anchor], heads: Sequence[Head]) -> tuple[Head, ...]:
    known = reached(kept)
    return tuple(head for head in heads if head.sequence > known.get(head.chain, 0))


def _parse(line: bytes) -> Anchor | None:
    try:
        return _ADAPTER.validate_json(line)
    except ValueError:
        return None


@contextmanager
def _held(file: Path) -> Iterator[int]:
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)  # closing releases the lock


def _whole_lines(descriptor: int) -> list[bytes]:
    """Return the lines; a torn one at the end is cut off, so that no line continues it."""
    content = b""
    while piece := os.read(descriptor, 1 << 20):
        content += piece
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) < len(content):
        os.ftruncate(descriptor, len(whole))
    return whole.splitlines(keepends=True)
