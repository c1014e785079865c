"""Conversations: opened, found, ended. Each function works in the transaction it is given."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from records.database import insert_new, read_entry
from records.entries import Conversation
from records.errors import ConversationErased
from records.tables import ConversationRow, PurgeRow


def add(session: Session, conversation: Conversation) -> None:
    """Write a conversation; one that a turn already opened gets its true beginning and channel.

    Raises:
        ConversationErased: the resident erased it.
    """
    if was_erased(session, conversation.id):
        raise ConversationErased(conversation.id)
    inserted = insert_new(
        session,
        ConversationRow,
        id=conversation.id,
        language=conversation.language,
        channel=conversation.channel.value,
        created_at=conversation.created_at,
        ended_at=conversation.ended_at,
    )
    if not inserted:
        session.execute(
            update(ConversationRow)
            .where(
                ConversationRow.id == conversation.id, ConversationRow.created_at > conversation.created_at
            )
            .values(channel=conversation.channel.value, created_at=conversation.created_at)
        )


def ensure(session: Session, conversation_id: str, language: str, at: datetime) -> None:
    """Make sure the conversation is there, and that its language is the one just used.

    The token is signed and stateless: a message may come before the record of its conversation, which waits
    in the spool of another process.

    Raises:
        ConversationErased: the resident erased it.
    """
    query = select(ConversationRow).where(ConversationRow.id == conversation_id)
    # The key share keeps PostgreSQL from erasing the conversation under the turn being written.
    row = session.scalar(query.with_for_update(read=True, key_share=True))
    if row is None:
        add(session, Conversation(conversation_id, language, created_at=at))
    elif row.language != language:
        row.language = language


def find(session: Session, conversation_id: str) -> Conversation | None:
    """Return the conversation, or None."""
    row = session.get(ConversationRow, conversation_id)
    return read_entry(Conversation, row) if row else None


def end(session: Session, conversation_id: str, at: datetime) -> None:
    """Note when the conversation ended; a second end changes nothing."""
    session.execute(
        update(ConversationRow)
        .where(ConversationRow.id == conversation_id, ConversationRow.ended_at.is_(None))
        .values(ended_at=at)
    )


def was_erased(session: Session, conversation_id: str) -> bool:
    """Return whether the resident erased this conversation."""
    query = select(PurgeRow.id).where(PurgeRow.conversation_id == conversation_id).limit(1)
    return session.scalar(query) is not None
