"""What can go wrong with records.

RecordsError
├── RecordsUnavailable    SQL does not answer: the caller replies in degraded mode
├── ConversationErased    the resident erased this conversation: nothing more is written in it
├── UnknownRecord         no record has this identifier
├── NotInThatState        a live request is no longer where the caller thought
├── TooManyLive           an agent has as many live conversations as may be
├── AlreadyThere          another record has this name
├── ChangedMeanwhile      a request is no longer as the agent saw it
├── BadRecord             SQL answers but refuses the values
├── BadEncryptionKey      the key is missing, malformed, or not the one that encrypted
├── BadLedgerKey          the ledger's key is missing or too short
├── AnchorFailed          the ledger's heads could not be written outside the database
└── BadExport             a file is no export of the ledger, or no anchors
"""

# ruff: noqa: N818 - these names say what happened, which is what the caller reads

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from records.entries import Entry


class RecordsError(Exception):
    """Any error of this room."""


class RecordsUnavailable(RecordsError):
    """SQL is locked, gone, full or without its tables.

    Attributes:
        kept: what the call was recording, when it is safe in the spool (it will reach SQL later); None when
            the call only read, or when the record may be lost.
    """

    def __init__(self, reason: str, kept: "Entry | None" = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.kept = kept


class ConversationErased(RecordsError):
    """The conversation was erased at the resident's request."""

    def __init__(self, conversation_id: str) -> None:
        super().__init__(f"conversation {conversation_id} was erased")
        self.conversation_id = conversation_id


class UnknownRecord(RecordsError, LookupError):
    """No such turn, handoff or conversation."""


class NotInThatState(RecordsError):
    """A live request is no longer where the caller thought: another agent has it, or it has ended."""


class TooManyLive(RecordsError):
    """An agent has as many live conversations as may be."""


class AlreadyThere(RecordsError, ValueError):
    """Another record has this name, which is unique."""


class ChangedMeanwhile(RecordsError):
    """A request is no longer as the agent saw it, or cannot become what was asked: it is `status` now."""

    def __init__(self, status: str) -> None:
        super().__init__(f"the request is {status}")
        self.status = status


class BadEncryptionKey(RecordsError, ValueError):
    """The encryption key cannot be used, or did not encrypt this."""


class BadRecord(RecordsError, ValueError):
    """SQL answers but refuses these values (too long, or pointing at nothing)."""


class BadLedgerKey(RecordsError, ValueError):
    """The ledger's key is missing or too short."""


class AnchorFailed(RecordsError):
    """The anchor's file cannot be written, or its address does not take it: it is tried again."""


class BadExport(RecordsError, ValueError):
    """A file given to verify is no export of the ledger, or no anchors."""
