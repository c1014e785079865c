"""Pseudonyms: how conversations appear in the ledger, and how they stop being anybody's.

A pseudonym is the HMAC-SHA256 of an identifier with a random key of the conversation's own, kept in a table
of its own. Erasing the conversation destroys that key: what the ledger says stays true, of nobody. A handoff
has another pseudonym than its conversation, since a callback that the resident keeps outlives it.
"""

import hmac
import secrets
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from records.conversations import was_erased
from records.database import insert_new
from records.tables import ConversationKeyRow, ConversationRow, PurgeRow

KEY_BYTES = 32


def find(session: Session, conversation_id: str) -> str | None:
    """Return the pseudonym of a conversation; None when it has none, or no longer."""
    key = _key(session, conversation_id)
    return pseudonym(key, conversation_id) if key else None


def key_of(session: Session, conversation_id: str, at: datetime) -> bytes:
    """Return the conversation's key, made when it has none.

    What comes late for an erased conversation (from the spool) gets a key that nobody keeps.
    """
    # Keeps PostgreSQL from erasing the conversation while this transaction makes its key.
    held = select(ConversationRow.id).where(ConversationRow.id == conversation_id)
    session.execute(held.with_for_update(read=True, key_share=True))
    key = _key(session, conversation_id)
    if key is not None:
        return key
    fresh = secrets.token_bytes(KEY_BYTES)
    if was_erased(session, conversation_id):
        return fresh
    if insert_new(session, ConversationKeyRow, conversation_id=conversation_id, key=fresh, created_at=at):
        return fresh
    return _key(session, conversation_id) or fresh


def pseudonym(key: bytes, name: str) -> str:
    """Return what stands for this name in the ledger."""
    return hmac.digest(key, name.encode(), "sha256").hex()


def forget(session: Session, *conversation_ids: str) -> None:
    """Destroy the keys of these conversations."""
    session.execute(
        delete(ConversationKeyRow).where(ConversationKeyRow.conversation_id.in_(conversation_ids))
    )


def sweep(session: Session, before: datetime) -> None:
    """Destroy the old keys of what is no conversation here, such as a session of the staff's.

    And those of an erased one, if a process made one at the very moment of the erasure.
    """
    kept = select(ConversationRow.id).where(ConversationRow.id == ConversationKeyRow.conversation_id)
    erased = select(PurgeRow.id).where(PurgeRow.conversation_id == ConversationKeyRow.conversation_id)
    session.execute(
        delete(ConversationKeyRow).where((ConversationKeyRow.created_at < before) & ~kept.exists())
    )
    session.execute(delete(ConversationKeyRow).where(erased.exists()))


def _key(session: Session, conversation_id: str) -> bytes | None:
    query = select(ConversationKeyRow.key).where(ConversationKeyRow.conversation_id == conversation_id)
    return session.scalar(query)
