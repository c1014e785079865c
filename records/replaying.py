"""Writes what the spool kept, whatever happened since: written already, conversation erased, order lost."""

from dataclasses import replace

from sqlalchemy.orm import Session

from records import conversations, disclosures, handoffs, retention, turns
from records.entries import (
    Answer,
    Conversation,
    Disclosure,
    Entry,
    Erasure,
    Handoff,
    HandoffKind,
    HandoffStatus,
    Routing,
    Turn,
)
from records.errors import ConversationErased
from records.ledger import ChainWriter


def write(session: Session, chain: ChainWriter, entry: Entry) -> None:
    """Write an entry; writing it twice changes nothing, and an erased conversation stays erased."""
    match entry:
        case Disclosure():
            disclosures.add(session, chain, entry)
        case Routing():
            chain.add_routing(session, entry)
        case Handoff():
            _write_handoff(session, chain, entry)
        case Erasure():
            retention.erase(session, entry)
        case Answer():
            turns.answer(session, chain, entry)
        case Conversation() | Turn():
            _write_unless_erased(session, entry)


def _write_unless_erased(session: Session, entry: Conversation | Turn) -> None:
    try:
        if isinstance(entry, Conversation):
            conversations.add(session, entry)
        else:
            turns.open_turn(session, entry)
    except ConversationErased:
        return  # what the resident erased is not written again


def _write_handoff(session: Session, chain: ChainWriter, handoff: Handoff) -> None:
    """Write a handoff; if its conversation was erased meanwhile, the resident's choice holds."""
    try:
        handoffs.add(session, chain, handoff)
    except ConversationErased as erased:
        detached = replace(handoff, conversation_id=None)
        kept = handoff.kind is not HandoffKind.LIVE and retention.keeps_callbacks(
            session, erased.conversation_id
        )
        if not kept:
            detached = replace(
                detached, contact=None, status=HandoffStatus.CANCELLED, closed_at=handoff.created_at
            )
        handoffs.add(session, chain, detached)
