"""What an administrator does with the ledger: anchor it, verify it, export it, verify an export.

The export is JSON lines, each with its `type`: `ledger` (the first: how to check the rest), `notice`,
`anchor`, `head`, `entry`. Whoever holds anchors of their own can check it without our key and our code.
"""

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from records import anchors, disclosures, ledger, verification
from records.anchors import Anchor
from records.chain import LedgerEntry, LedgerKind, Sealer, instant
from records.database import Database
from records.entries import new_id, now
from records.errors import AnchorFailed, BadExport, RecordsUnavailable
from records.ledger import ChainWriter, Head
from records.settings import RecordsSettings
from records.verification import Fault, Report

ANCHOR_EVERY = 3600.0
"""Seconds between two anchors."""

LATE_TIMES = 2
"""What is in no anchor after so many times that delay shows that nobody makes them."""

FORMAT = 1
HOW_TO_CHECK = (
    "Take each line of type entry without type, hash and seal, as JSON with sorted keys, no spaces, "
    "non-ASCII characters escaped: its SHA-256 is hash. previous is the hash of the entry of the same "
    "chain with the sequence before; the first has 64 zeros. Anchors are hashed the same way, in the "
    "order of their numbers in each book; each names entries (chain, sequence, hash) that must be here. "
    "seal is HMAC-SHA256 of hash, as ASCII text, with the key of the administration. text_sha256 is the "
    "SHA-256 of a notice's UTF-8 text."
)

_ENTRY, _HEAD, _ANCHOR = TypeAdapter(LedgerEntry), TypeAdapter(Head), TypeAdapter(Anchor)


@dataclass(frozen=True)
class AnchorState:
    """Where the anchors are.

    Attributes:
        number: the number of the last one; 0 without any.
        at: its instant.
        faults: what is wrong with the lines of the book.
        is_late: whether something told long ago is in no anchor: nobody makes them.
        unsent: how many the setting's address has not taken.
    """

    number: int
    at: str | None
    faults: tuple[Fault, ...]
    is_late: bool
    unsent: int


class Audit:
    """The ledger as a whole, in one database."""

    def __init__(self, database: Database, chain: ChainWriter, settings: RecordsSettings) -> None:
        self._database = database
        self._chain = chain
        self._file = settings.anchor_file
        self._address = settings.anchor_address

    def anchor(self) -> Anchor | None:
        """Write the ends of the chains outside the database; None when nothing was told since the last time.

        That an anchor was made is told too, and asks for no other anchor: a ledger at rest does not grow.

        Raises:
            AnchorFailed: the file cannot be written, or the address does not take it (it gets it later).
            RecordsUnavailable: SQL does not answer.
        """
        try:
            known = anchors.reached(self._own_anchors())
        except OSError as error:
            raise AnchorFailed(f"{self._file}: {error.strerror}") from error
        with self._database.reading() as session:
            heads = ledger.heads(session) if ledger.untold(session, known) else ()
        written = anchors.write(self._file, self._chain.sealer, heads, now()) if heads else None
        if written is not None:
            self._note(written)
        self.deliver()
        return written

    def anchor_if_due(self) -> Anchor | None:
        """Anchor when the last one, by any process that shares the file, is an hour old; else only deliver.

        Raises:
            AnchorFailed, RecordsUnavailable: see `anchor`.
        """
        with suppress(FileNotFoundError):
            if time.time() - self._file.stat().st_mtime < ANCHOR_EVERY:
                self.deliver()
                return None
        return self.anchor()

    def state(self) -> AnchorState:
        """Return where the anchors are: how many, the last one, what they do not cover, what is not sent.

        Raises:
            AnchorFailed: the file cannot be read.
            RecordsUnavailable: SQL does not answer.
        """
        try:
            told = self._own_anchors()
            sent = anchors.number_sent(self._file)
        except (OSError, ValueError) as error:
            raise AnchorFailed(f"{self._file}: {error}") from error
        late = now() - timedelta(seconds=LATE_TIMES * ANCHOR_EVERY)
        with self._database.reading() as session:
            is_late = ledger.untold(session, anchors.reached(told), before=late)
        last = next((anchor for anchor in reversed(told) if anchor), None)
        return AnchorState(
            number=last.number if last else 0,
            at=last.at if last else None,
            faults=verification.faults_of_anchors(told, self._chain.sealer),
            is_late=is_late,
            unsent=last.number - sent if last and self._address else 0,
        )

    def deliver(self) -> int:
        """Send the address, if there is one, the anchors that it has not taken; return how many it took.

        Raises:
            AnchorFailed: it does not take them.
        """
        if self._address is None or not self._file.exists():
            return 0
        return anchors.deliver(self._file, self._address)

    def verify(self, books: Sequence[Path] = ()) -> Report:
        """Verify the whole ledger, against this machine's anchors and those of other files.

        Raises:
            BadExport: a file given cannot be read.
            RecordsUnavailable: SQL does not answer.
        """
        told = [*self._own_anchors(), *read_books(book for book in books if book != self._file)]
        with self._database.reading() as session:
            heads = ledger.heads(session)
            notices = disclosures.notices(session)
        return verification.verify(
            ledger.walk(self._database), heads, notices, _once(told), self._chain.sealer
        )

    def export(self) -> Iterator[str]:
        """Return the ledger as JSON lines, for a verifier outside.

        Raises:
            RecordsUnavailable: SQL does not answer.
        """
        yield _line("ledger", {"format": FORMAT, "exported_at": instant(now()), "how_to_check": HOW_TO_CHECK})
        told = self._own_anchors()
        with self._database.reading() as session:
            heads = ledger.heads(session)
            notices = disclosures.notices(session)
        yield from (_line("notice", {"sha256": mark, "text": text}) for mark, text in notices.items())
        yield from (_line("anchor", asdict(anchor)) for anchor in told if anchor)
        yield from (_line("head", asdict(head)) for head in heads)
        yield from (_line("entry", asdict(entry)) for entry in ledger.walk(self._database))

    def _own_anchors(self) -> tuple[Anchor | None, ...]:
        return anchors.read_book(self._file) if self._file.exists() else ()

    def _note(self, anchor: Anchor) -> None:
        """Tell the ledger of the anchor, so that an anchor cannot disappear unseen either."""
        details = {"book": anchor.book, "number": anchor.number, "hash": anchor.hash}
        with suppress(RecordsUnavailable), self._database.writing() as session:
            self._chain.add(session, LedgerKind.ANCHORED, now(), details, entry_id=new_id())


def verify_export(file: Path, books: Sequence[Path] = (), sealer: Sealer | None = None) -> Report:
    """Verify an export, against the anchors that it holds and those of other files.

    Args:
        file: what `Audit.export` gave.
        books: files of anchors that the verifier kept.
        sealer: the key; without it the seals are not checked.

    Raises:
        BadExport: a file cannot be read, or is no export.
    """
    notices: dict[str, str] = {}
    heads: list[Head] = []
    told: list[Anchor | None] = []
    lines = _lines(file)
    first = next(lines, {})
    if (first.get("type"), first.get("format")) != ("ledger", FORMAT):
        raise BadExport(f"{file} is no export of the ledger")
    entries: list[LedgerEntry] = []
    try:
        for line in lines:
            match line.pop("type", None):
                case "notice":
                    notices[line["sha256"]] = line["text"]
                case "anchor":
                    told.append(_ANCHOR.validate_python(line))
                case "head":
                    heads.append(_HEAD.validate_python(line))
                case "entry":
                    entries.append(_ENTRY.validate_python(line))
    except (ValueError, KeyError) as error:
        raise BadExport(f"{file} holds a line that is none of the ledger's") from error
    return verification.verify(entries, heads, notices, _once([*told, *read_books(books)]), sealer)


def read_books(books: Iterable[Path]) -> list[Anchor | None]:
    """Return the anchors of these files.

    Raises:
        BadExport: one cannot be read.
    """
    told: list[Anchor | None] = []
    for book in books:
        try:
            told += anchors.read_book(book)
        except OSError as error:
            raise BadExport(f"{book}: {error.strerror}") from error
    return told


def _once(told: Sequence[Anchor | None]) -> list[Anchor | None]:
    """The same anchor in two files counts once; two that differ are both left, to be found wrong."""
    return list(dict.fromkeys(told))


def _line(kind: str, told: dict[str, Any]) -> str:
    return json.dumps({"type": kind} | told)


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    try:
        with file.open(encoding="utf-8") as opened:
            for text in opened:
                line = json.loads(text)
                if isinstance(line, dict):
                    yield line
    except (OSError, ValueError) as error:
        raise BadExport(f"{file} cannot be read: {error}") from error
