"""What a service must be told of a callback, by e-mail or webhook: one row a message, until it is sent.

A message is written in the transaction that writes (or cancels) the callback. A gateway claims one for a
while, sends it, and settles it; if it is killed meanwhile, the claim runs out and another gateway takes over.
So nothing is lost, and a message that was settled is never sent again. Killed between the sending and the
settling, it is sent twice under the same identifier, by which the receiver tells.
"""

from datetime import datetime, timedelta
from uuid import NAMESPACE_OID, uuid5

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from records.database import Database, insert_new, read_entry
from records.entries import Delivery, DeliveryChannel, DeliveryEvent, Handoff, new_id, now
from records.tables import DeliveryRow

LEASE = timedelta(minutes=5)
"""How long a claim lasts: longer than any sending may take."""

_ERROR_LENGTH = 200


def announce(session: Session, handoff: Handoff) -> None:
    """Write the messages that tell of a new handoff."""
    for channel in handoff.notify:
        _add(session, handoff.id, channel, DeliveryEvent.CREATED, handoff.created_at)


def withdraw(session: Session, handoff_id: str, at: datetime, *, cancelled: bool) -> None:
    """Drop what has not been sent of a handoff that is no longer open.

    When it was cancelled, a service that may have been told of it is told so.
    """
    created = (
        DeliveryRow.handoff_id == handoff_id,
        DeliveryRow.event == DeliveryEvent.CREATED.value,
    )
    if cancelled:
        tried = select(DeliveryRow.channel).where(*created, DeliveryRow.attempts > 0)
        for channel in session.scalars(tried).all():
            _add(session, handoff_id, DeliveryChannel(channel), DeliveryEvent.CANCELLED, at)
    session.execute(
        update(DeliveryRow)
        .where(*created, DeliveryRow.due_at.is_not(None))
        .values(due_at=None, dropped_at=at)
        .execution_options(synchronize_session=False)
    )


class Outbox:
    """The messages to services, for the gateways that send them. Any call may raise RecordsUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, channels: frozenset[DeliveryChannel], lease: timedelta = LEASE) -> Delivery | None:
        """Take the message that has been due the longest; None when none is. No other gateway takes it now.

        Args:
            channels: those that this gateway can send by.
            lease: how long nobody else may take it.
        """
        at, token = now(), new_id()
        due = (
            select(DeliveryRow.id)
            .where(
                DeliveryRow.due_at <= at,
                DeliveryRow.channel.in_([channel.value for channel in channels]),
                or_(DeliveryRow.claimed_until.is_(None), DeliveryRow.claimed_until < at),
            )
            .order_by(DeliveryRow.due_at)
            .limit(1)
        )
        with self._database.reading() as session:
            if session.scalar(due) is None:  # most often: SQLite's writers need not wait for it
                return None
        with self._database.writing() as session:
            found = session.scalar(due.with_for_update(skip_locked=True))
            if found is None:
                return None
            row = session.get_one(DeliveryRow, found)
            row.claim, row.claimed_until, row.attempts = token, at + lease, row.attempts + 1
            session.flush()
            return read_entry(Delivery, row)

    def sent(self, delivery: Delivery) -> None:
        """Settle a message that its receiver accepted: nobody sends it again."""
        with self._database.writing() as session:
            session.execute(
                update(DeliveryRow)
                .where(DeliveryRow.id == delivery.id, DeliveryRow.sent_at.is_(None))
                .values(sent_at=now(), due_at=None, claim=None, claimed_until=None, error=None)
            )

    def failed(self, delivery: Delivery, error: str, wait: timedelta) -> None:
        """Give a message back, to be tried again after `wait`; `error` names the fault, no person."""
        with self._database.writing() as session:
            session.execute(
                update(DeliveryRow)
                .where(
                    DeliveryRow.id == delivery.id,
                    DeliveryRow.claim == delivery.claim,
                    DeliveryRow.due_at.is_not(None),
                )
                .values(due_at=now() + wait, claim=None, claimed_until=None, error=error[:_ERROR_LENGTH])
            )

    def waiting(self) -> int:
        """Return how many messages are still to be sent."""
        with self._database.reading() as session:
            query = select(func.count()).select_from(DeliveryRow).where(DeliveryRow.due_at.is_not(None))
            return session.scalar(query) or 0

    def of_handoff(self, handoff_id: str) -> tuple[Delivery, ...]:
        """Return the messages of a handoff, oldest first: what its service was told, and when."""
        query = select(DeliveryRow).where(DeliveryRow.handoff_id == handoff_id)
        with self._database.reading() as session:
            rows = session.scalars(query.order_by(DeliveryRow.created_at, DeliveryRow.channel))
            return tuple(read_entry(Delivery, row) for row in rows)


def _add(
    session: Session, handoff_id: str, channel: DeliveryChannel, event: DeliveryEvent, at: datetime
) -> None:
    insert_new(
        session,
        DeliveryRow,
        id=str(uuid5(NAMESPACE_OID, f"{handoff_id}\n{event.value}\n{channel.value}")),
        handoff_id=handoff_id,
        channel=channel.value,
        event=event.value,
        created_at=at,
        due_at=at,
        attempts=0,
    )
