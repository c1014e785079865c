"""Turns: written before they are answered, once for each client_message_id, whoever comes first."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from records import conversations
from records.database import insert_new, read_entry
from records.entries import Answer, Feedback, Turn
from records.errors import UnknownRecord
from records.ledger import ChainWriter
from records.tables import FeedbackRow, TurnRow


def open_turn(session: Session, turn: Turn) -> tuple[Turn, bool]:
    """Write the turn unless its message is there; return the turn in the records, and whether it is new.

    Raises:
        ConversationErased: the resident erased the conversation.
    """
    conversations.ensure(session, turn.conversation_id, turn.language, turn.received_at)
    is_new = insert_new(
        session,
        TurnRow,
        turn_id=turn.turn_id,
        conversation_id=turn.conversation_id,
        client_message_id=turn.client_message_id,
        text=turn.text,
        language=turn.language,
        received_at=turn.received_at,
        status=turn.status.value,
    )
    if is_new:
        return turn, True
    query = select(TurnRow).where(
        TurnRow.conversation_id == turn.conversation_id, TurnRow.client_message_id == turn.client_message_id
    )
    return read_entry(Turn, session.scalars(query).one()), False


def answer(session: Session, chain: ChainWriter, given: Answer) -> bool:
    """Write the reply of a turn, and in the ledger the service it sends to.

    Returns:
        False, and nothing is changed, when the turn has a reply already or is not there.
    """
    answered = session.execute(
        update(TurnRow)
        .where(TurnRow.turn_id == given.turn_id, TurnRow.answered_at.is_(None))
        .values(reply=given.reply, status=given.status.value, answered_at=given.answered_at)
        .returning(TurnRow.turn_id)
    )
    if answered.first() is None:
        return False
    if given.routing is not None:
        chain.add_routing(session, given.routing)
    return True


def find(session: Session, turn_id: str) -> Turn | None:
    """Return the turn, or None."""
    row = session.get(TurnRow, turn_id)
    return read_entry(Turn, row) if row else None


def of_conversation(session: Session, conversation_id: str) -> tuple[Turn, ...]:
    """Return the turns in the order they were received."""
    query = select(TurnRow).where(TurnRow.conversation_id == conversation_id)
    return tuple(
        read_entry(Turn, row) for row in session.scalars(query.order_by(TurnRow.received_at, TurnRow.turn_id))
    )


def rate(session: Session, feedback: Feedback) -> None:
    """Write what the resident said of a turn; it replaces what was said before.

    Raises:
        UnknownRecord: there is no such turn.
    """
    if session.get(TurnRow, feedback.turn_id) is None:
        raise UnknownRecord(f"no turn {feedback.turn_id}")
    session.merge(
        FeedbackRow(
            turn_id=feedback.turn_id, value=feedback.value.value, reason=feedback.reason, at=feedback.at
        )
    )


def rating(session: Session, turn_id: str) -> Feedback | None:
    """Return the feedback on a turn, or None."""
    row = session.get(FeedbackRow, turn_id)
    return read_entry(Feedback, row) if row else None
