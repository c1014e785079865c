"""The ledger in SQL: entries are added at the end of this process's chain, and read; never changed.

A chain for each writing process, so that no gateway waits for another. The place in the chain is taken, in
the very transaction that writes the entry, by locking the chain's head: a process killed on the way leaves
neither, and no number is lost or used twice.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Row, Select, select, tuple_, update
from sqlalchemy.orm import Session

from records import pseudonyms
from records.chain import BEGINNING, LedgerEntry, LedgerKind, Sealer, instant
from records.database import Database, insert_new
from records.entries import Routing
from records.errors import RecordsUnavailable
from records.tables import LedgerHeadRow, LedgerRow

PAGE = 2000
"""Entries read by one statement, which PostgreSQL must answer within a second."""


@dataclass(frozen=True)
class Head:
    """The last entry of a chain."""

    chain: str
    sequence: int
    hash: str


class ChainWriter:
    """The end of this process's chain; a process that forks starts another."""

    def __init__(self, sealer: Sealer) -> None:
        self.sealer = sealer
        self._own = (0, "")  # which process, and its chain

    def add(
        self,
        session: Session,
        kind: LedgerKind,
        at: datetime,
        details: Mapping[str, Any],
        *,
        entry_id: str,
        pseudonym: str | None = None,
    ) -> None:
        """Add an entry; one whose identifier is there already is left as it is.

        Raises:
            RecordsUnavailable: somebody altered the end of the chain; the next entry begins another one.
        """
        if session.scalar(select(LedgerRow.id).where(LedgerRow.id == entry_id)) is not None:
            return
        chain = self._own_chain()
        head = _lock_head(session, chain)
        unsealed = LedgerEntry(
            chain, head.sequence + 1, entry_id, kind.value, instant(at), pseudonym, details, head.hash
        )
        hash_ = unsealed.own_hash()
        values = vars(unsealed) | {
            "details": json.dumps(details),
            "hash": hash_,
            "seal": self.sealer.seal(hash_),
        }
        if not insert_new(session, LedgerRow, **values):
            self._own = (0, "")
            raise RecordsUnavailable("the end of this process's chain was altered")
        session.execute(
            update(LedgerHeadRow)
            .where(LedgerHeadRow.chain == chain)
            .values(sequence=unsealed.sequence, hash=hash_)
        )

    def add_routing(self, session: Session, routing: Routing) -> None:
        """Add that a conversation was sent to a service."""
        key = pseudonyms.key_of(session, routing.conversation_id, routing.at)
        self.add(
            session,
            LedgerKind.ROUTED,
            routing.at,
            {"service": routing.service_id, "topic": routing.topic, "reason": routing.reason},
            entry_id=routing.id,
            pseudonym=pseudonyms.pseudonym(key, routing.conversation_id),
        )

    def _own_chain(self) -> str:
        process, chain = self._own
        if process != os.getpid():  # a fork must not write in its parent's chain
            chain = str(uuid4())
            self._own = (os.getpid(), chain)
        return chain


def of_pseudonym(session: Session, pseudonym: str) -> tuple[LedgerEntry, ...]:
    """Return the entries of a pseudonym, oldest first."""
    query = _entries().where(LedgerRow.pseudonym == pseudonym).order_by(LedgerRow.at, LedgerRow.sequence)
    return tuple(map(read_row, session.execute(query)))


def heads(session: Session) -> tuple[Head, ...]:
    """Return the end of each chain."""
    rows = session.execute(select(LedgerHeadRow.chain, LedgerHeadRow.sequence, LedgerHeadRow.hash))
    return tuple(Head(*row) for row in rows.all())


def untold(session: Session, anchored: Mapping[str, int], before: datetime | None = None) -> bool:
    """Return whether something was written after the anchors, besides that they were made.

    Args:
        session: the transaction.
        anchored: how far the anchors cover each chain.
        before: look only at what was written before this instant.
    """
    for head in heads(session):
        covered = anchored.get(head.chain, 0)
        if head.sequence <= covered:
            continue
        later = select(LedgerRow.id).where(
            LedgerRow.chain == head.chain,
            LedgerRow.sequence > covered,
            LedgerRow.kind != LedgerKind.ANCHORED.value,
        )
        if before is not None:
            later = later.where(LedgerRow.at < instant(before))
        if session.scalar(later.limit(1)) is not None:
            return True
    return False


def walk(database: Database) -> Iterator[LedgerEntry]:
    """Read every entry, chain after chain, in order; a page in each transaction."""
    after: tuple[str, int] = ("", 0)
    place = tuple_(LedgerRow.chain, LedgerRow.sequence)
    while True:
        query = _entries().where(place > after).order_by(LedgerRow.chain, LedgerRow.sequence).limit(PAGE)
        with database.reading() as session:
            page = session.execute(query).all()
        yield from map(read_row, page)
        if len(page) < PAGE:
            return
        after = (page[-1].chain, page[-1].sequence)


def read_row(row: Row[Any]) -> LedgerEntry:
    """Return the entry of a row; details made unreadable are given as text, to be found wrong."""
    try:
        details = json.loads(row.details)
    except ValueError:
        details = None
    if not isinstance(details, dict):
        details = {"unreadable": row.details}
    return LedgerEntry(**(row._asdict() | {"details": details}))


def _entries() -> Select[Any]:
    return select(*LedgerRow.__table__.columns)


def _lock_head(session: Session, chain: str) -> Head:
    query = select(LedgerHeadRow.chain, LedgerHeadRow.sequence, LedgerHeadRow.hash)
    query = query.where(LedgerHeadRow.chain == chain).with_for_update()
    row = session.execute(query).first()
    if row is None:
        insert_new(session, LedgerHeadRow, chain=chain, sequence=0, hash=BEGINNING)
        row = session.execute(query).one()
    return Head(*row)
