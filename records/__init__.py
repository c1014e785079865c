"""Records: turns, disclosures, handoffs, feedback, pauses. What must never be lost; imports no other room."""

from records.entries import (
    Answer,
    Channel,
    Conversation,
    Disclosure,
    DisclosureEvent,
    Entry,
    Erasure,
    Feedback,
    FeedbackValue,
    Handoff,
    HandoffKind,
    HandoffRequest,
    HandoffStatus,
    Pause,
    Purged,
    Turn,
    TurnStatus,
)
from records.errors import (
    BadEncryptionKey,
    BadRecord,
    ConversationErased,
    RecordsError,
    RecordsUnavailable,
    UnknownRecord,
)
from records.settings import RecordsSettings
from records.store import Records

__all__ = [
    "Answer",
    "BadEncryptionKey",
    "BadRecord",
    "Channel",
    "Conversation",
    "ConversationErased",
    "Disclosure",
    "DisclosureEvent",
    "Entry",
    "Erasure",
    "Feedback",
    "FeedbackValue",
    "Handoff",
    "HandoffKind",
    "HandoffRequest",
    "HandoffStatus",
    "Pause",
    "Purged",
    "Records",
    "RecordsError",
    "RecordsSettings",
    "RecordsUnavailable",
    "Turn",
    "TurnStatus",
    "UnknownRecord",
]
