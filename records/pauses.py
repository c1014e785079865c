"""Pauses (the kill switch): who stopped the assistant, why, and until when. Only one lasts at a time."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from records.database import insert_new, read_entry
from records.entries import Pause, new_id, now
from records.tables import PauseRow


def start(session: Session, reason: str, who: str) -> Pause:
    """Start a pause; return the one that lasts already when there is one."""
    insert_new(session, PauseRow, id=new_id(), reason=reason, started_by=who, started_at=now(), running=1)
    row = session.scalars(select(PauseRow).where(PauseRow.running == 1)).one()
    return read_entry(Pause, row)


def end(session: Session, who: str) -> Pause | None:
    """End the pause that lasts, and return it; None when there is none."""
    row = session.scalars(
        update(PauseRow)
        .where(PauseRow.running == 1)
        .values(running=None, ended_by=who, ended_at=now())
        .returning(PauseRow)
    ).first()
    return read_entry(Pause, row) if row else None


def current(session: Session) -> Pause | None:
    """Return the pause that lasts, or None."""
    row = session.scalars(select(PauseRow).where(PauseRow.running == 1)).first()
    return read_entry(Pause, row) if row else None


def history(session: Session) -> tuple[Pause, ...]:
    """Return all pauses, oldest first."""
    return tuple(
        read_entry(Pause, row) for row in session.scalars(select(PauseRow).order_by(PauseRow.started_at))
    )
