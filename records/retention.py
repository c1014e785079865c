"""What is removed: one conversation at the resident's request, and every text that is too old."""

from datetime import datetime, timedelta

from sqlalchemy import CursorResult, Select, delete, func, select, update
from sqlalchemy.orm import Session

from records import inbox, live_log, outbox, pseudonyms
from records.database import insert_new
from records.entries import Erasure, HandoffKind, HandoffStatus, Purged, new_id, now
from records.inbox_tables import RequestChangeRow, RequestReadingRow
from records.tables import ConversationRow, HandoffRow, PurgeRow, TurnRow

BATCH = 500
"""Rows removed in one transaction, so that a purge never holds SQLite's lock for long."""


def erase(session: Session, erasure: Erasure) -> Purged:
    """Remove a conversation: its turns, their feedback; its handoffs stay, detached.

    An open callback or contact keeps its details only when the resident wants it (`keep_callbacks`); every
    other handoff of the conversation loses them, and is cancelled when it was open. The ledger stays, and
    nothing leads from it to the conversation any more: the key of its pseudonym is destroyed.
    """
    chosen = TurnRow.conversation_id == erasure.conversation_id
    turns = session.scalar(select(func.count()).select_from(TurnRow).where(chosen)) or 0
    handoffs, contacts = _forget_handoffs(session, erasure)
    removed = _count(
        session.execute(delete(ConversationRow).where(ConversationRow.id == erasure.conversation_id))
    )
    pseudonyms.forget(session, erasure.conversation_id)
    purged = Purged(conversations=removed, turns=turns, handoffs=handoffs, contacts=contacts)
    insert_new(
        session,
        PurgeRow,
        id=erasure.id,
        at=erasure.at,
        conversation_id=erasure.conversation_id,
        keep_callbacks=erasure.keep_callbacks,
        conversations=purged.conversations,
        turns=purged.turns,
        handoffs=purged.handoffs,
        contacts=purged.contacts,
    )
    return purged


def keeps_callbacks(session: Session, conversation_id: str) -> bool:
    """Return whether the resident who erased this conversation wanted the open callbacks kept."""
    query = select(PurgeRow.keep_callbacks).where(PurgeRow.conversation_id == conversation_id)
    choices = list(session.scalars(query))
    return bool(choices) and all(choices)


def purge_batch(session: Session, transcript_days: int, reading_log_days: int) -> Purged:
    """Remove up to BATCH turns, conversations, contact details and readings that are too old.

    Notes go with the contact details of their request. A conversation that a person has taken over (open
    live handoff) keeps its turns until that handoff closes.
    """
    before = now() - timedelta(days=transcript_days)
    taken_over = select(HandoffRow.conversation_id).where(
        HandoffRow.conversation_id.is_not(None),
        HandoffRow.kind == HandoffKind.LIVE.value,
        HandoffRow.status == HandoffStatus.OPEN.value,
    )
    old_turns = select(TurnRow.turn_id).where(
        TurnRow.received_at < before, TurnRow.conversation_id.not_in(taken_over)
    )
    turns = _count(session.execute(delete(TurnRow).where(TurnRow.turn_id.in_(_batch(old_turns)))))
    empty = select(ConversationRow.id).where(
        ConversationRow.created_at < before,
        ConversationRow.id.not_in(taken_over),
        ~select(TurnRow.turn_id).where(TurnRow.conversation_id == ConversationRow.id).exists(),
    )
    gone = delete(ConversationRow).where(ConversationRow.id.in_(_batch(empty))).returning(ConversationRow.id)
    ended = session.scalars(gone).all()
    pseudonyms.forget(session, *ended)
    pseudonyms.sweep(session, before)
    live_lines = live_log.purge(session, before, BATCH)
    return Purged(
        conversations=len(ended),
        turns=turns,
        contacts=_purge_contacts(session, before),
        log_lines=live_lines + _purge_logs(session, now() - timedelta(days=reading_log_days)),
    )


def note_purge(session: Session, transcript_days: int, purged: Purged) -> None:
    """Note how much a purge removed."""
    session.add(
        PurgeRow(
            id=new_id(),
            at=now(),
            transcript_days=transcript_days,
            conversations=purged.conversations,
            turns=purged.turns,
            handoffs=purged.handoffs,
            contacts=purged.contacts,
        )
    )


def _purge_contacts(session: Session, before: datetime) -> int:
    inbox.forget_notes(session, HandoffRow.closed_at < before)
    closed = select(HandoffRow.id).where(HandoffRow.contact.is_not(None), HandoffRow.closed_at < before)
    forget = update(HandoffRow).where(HandoffRow.id.in_(_batch(closed))).values(contact=None)
    return _count(session.execute(forget.execution_options(synchronize_session=False)))


def _purge_logs(session: Session, before: datetime) -> int:
    """Remove what says who read and who changed a request; a request that is open keeps its history."""
    readings = select(RequestReadingRow.id).where(RequestReadingRow.at < before)
    still_open = select(HandoffRow.id).where(HandoffRow.status == HandoffStatus.OPEN.value)
    changes = select(RequestChangeRow.id).where(
        RequestChangeRow.at < before, RequestChangeRow.handoff_id.not_in(still_open)
    )
    gone = session.execute(delete(RequestChangeRow).where(RequestChangeRow.id.in_(_batch(changes))))
    read = session.execute(delete(RequestReadingRow).where(RequestReadingRow.id.in_(_batch(readings))))
    return _count(gone) + _count(read)


def _forget_handoffs(session: Session, erasure: Erasure) -> tuple[int, int]:
    handoffs = contacts = 0
    query = select(HandoffRow).where(HandoffRow.conversation_id == erasure.conversation_id)
    for row in session.scalars(query):
        was_open = row.status == HandoffStatus.OPEN.value
        row.conversation_id = None
        if was_open and erasure.keep_callbacks and row.kind != HandoffKind.LIVE.value:
            continue
        contacts += row.contact is not None
        row.contact = None
        inbox.forget_notes(session, HandoffRow.id == row.id)
        if was_open:
            handoffs += 1
            row.status = HandoffStatus.CANCELLED.value
            row.closed_at = erasure.at
            outbox.withdraw(session, row.id, erasure.at, cancelled=True)
    session.flush()
    return handoffs, contacts


def _batch(query: Select[str]) -> Select[str]:
    return query.limit(BATCH)


def _count(result: object) -> int:
    assert isinstance(result, CursorResult)  # noqa: S101 - what a DELETE or an UPDATE gives, which its type hides
    return result.rowcount
