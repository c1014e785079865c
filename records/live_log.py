"""The log of a live conversation: ordered, durable, in clear only until the handoff closes.

Each function works in the transaction it is given. Whoever appends holds the request's row, so that the
numbers of one conversation are given, and become visible, one after the other.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from records.database import insert_new
from records.encryption import Cipher
from records.entries import new_id, now
from records.errors import RecordsUnavailable
from records.live_entries import LiveAuthor, LiveEvent, LiveKind
from records.live_tables import LiveEventRow, LiveRow, LiveWaitRow

_CLEAR = "text"


def append(
    session: Session,
    row: LiveRow,
    kind: LiveKind,
    *,
    author: LiveAuthor = LiveAuthor.SYSTEM,
    **values: str | bytes | None,
) -> str:
    """Write one line; return its identifier. The service and the agent are those of the request now."""
    last = select(func.max(LiveEventRow.seq)).where(LiveEventRow.conversation_id == row.conversation_id)
    line: Mapping[str, object] = {
        "id": new_id(),
        "conversation_id": row.conversation_id,
        "handoff_id": row.handoff_id,
        "seq": (session.scalar(last) or 0) + 1,
        "kind": kind.value,
        "author": author.value,
        "text": "",
        "person": row.agent_name,
        "service_id": row.service_id,
        "at": now(),
        **values,
    }
    if not insert_new(session, LiveEventRow, **line):
        # Nothing is dropped in silence: whoever wrote it is told, and sends it again.
        raise RecordsUnavailable("a line of this conversation was written at the same moment")
    return str(line["id"])


def say(
    session: Session,
    row: LiveRow,
    cipher: Cipher,
    *,
    author: LiveAuthor,
    clear: str,
    masked: str,
    client_message_id: str | None,
    turn_id: str | None = None,
) -> tuple[LiveEvent, bool]:
    """Write what somebody said, once for one client_message_id; return it, and whether it is new."""
    earlier = client_message_id and session.scalar(
        select(LiveEventRow).where(
            LiveEventRow.handoff_id == row.handoff_id,
            LiveEventRow.author == author.value,
            LiveEventRow.client_message_id == client_message_id,
        )
    )
    if earlier:
        return _entry(earlier, cipher), False
    event_id = append(
        session,
        row,
        LiveKind.MESSAGE,
        author=author,
        text=masked,
        clear=cipher.encrypt({_CLEAR: clear}),
        client_message_id=client_message_id,
        turn_id=turn_id,
    )
    return _entry(session.get_one(LiveEventRow, event_id), cipher), True


def forget_clear(session: Session, handoff_id: str) -> None:
    """Destroy what was written in clear; what is left is masked."""
    session.execute(update(LiveEventRow).where(LiveEventRow.handoff_id == handoff_id).values(clear=None))


def of_conversation(
    session: Session, cipher: Cipher, conversation_id: str, after: int = 0, handoff_id: str | None = None
) -> tuple[LiveEvent, ...]:
    """Return the lines after number `after`, in order; of one handoff, or of all the conversation's."""
    query = select(LiveEventRow).where(
        LiveEventRow.conversation_id == conversation_id, LiveEventRow.seq > after
    )
    if handoff_id is not None:
        query = query.where(LiveEventRow.handoff_id == handoff_id)
    return tuple(_entry(row, cipher) for row in session.scalars(query.order_by(LiveEventRow.seq)))


def purge(session: Session, before: datetime, limit: int) -> int:
    """Remove up to `limit` lines older than this, of ended requests, and of waits; return how many."""
    old = (
        select(LiveEventRow.id)
        .join(LiveRow, LiveRow.handoff_id == LiveEventRow.handoff_id)
        .where(LiveEventRow.at < before, LiveRow.running.is_(None))
        .limit(limit)
    )
    ids = list(session.scalars(old))
    session.execute(delete(LiveEventRow).where(LiveEventRow.id.in_(ids)))
    waits = list(session.scalars(select(LiveWaitRow.id).where(LiveWaitRow.taken_at < before).limit(limit)))
    session.execute(delete(LiveWaitRow).where(LiveWaitRow.id.in_(waits)))
    return len(ids) + len(waits)


def _entry(row: LiveEventRow, cipher: Cipher) -> LiveEvent:
    return LiveEvent(
        id=row.id,
        conversation_id=row.conversation_id,
        handoff_id=row.handoff_id,
        seq=row.seq,
        kind=LiveKind(row.kind),
        author=LiveAuthor(row.author),
        client_message_id=row.client_message_id,
        turn_id=row.turn_id,
        text=cipher.decrypt(row.clear)[_CLEAR] if row.clear else row.text,
        masked=row.text,
        person=row.person,
        service_id=row.service_id,
        detail=row.detail,
        at=row.at,
    )
