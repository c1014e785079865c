"""Records: everything that must never be lost, behind one object that every process opens."""

import logging
from collections.abc import Callable
from typing import Any, Self, TypeVar

from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from records import conversations, disclosures, handoffs, inbox, pauses, replaying, retention, turns
from records.audit import Audit
from records.chain import Sealer
from records.codes import Codes, as_written
from records.database import Database, make_engine
from records.encryption import Cipher
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
    NoticeChannel,
    Pause,
    Purged,
    Routing,
    Turn,
    TurnStatus,
    new_id,
    now,
)
from records.errors import BadRecord, RecordsUnavailable, UnknownRecord
from records.inbox import Inbox
from records.ledger import ChainWriter
from records.live import LiveRecords
from records.outbox import Outbox
from records.reports import Reports
from records.schema import upgrade
from records.settings import RecordsSettings
from records.spool import Spool
from records.staff import StaffAccounts
from records.tables import HandoffRow

_log = logging.getLogger(__name__)

_Value = TypeVar("_Value")


class Records:
    """The records of the assistant. Opening it makes no connection; it is safe to share between threads.

    Every method may raise RecordsUnavailable, within about a second, when SQL does not answer. Those that
    record something that must not be lost (conversation, turn, answer, disclosure, routing, handoff, erasure)
    put it in the spool first: `error.kept` is the entry, and `replay` writes it later. Calls block: keep them
    off the event loop.

    Args:
        settings: where SQL and the spool are, the encryption key and the ledger's.

    Attributes:
        audit: the ledger as a whole: anchored, verified, exported.
        staff: the accounts of agents and administrators, and their sessions.
        reports: what agents and residents say of wrong answers.
        inbox: the requests as agents treat them, and who read which.

    Raises:
        BadEncryptionKey: the key is missing or malformed.
        BadLedgerKey: that of the ledger is missing or too short.
        ValueError: the database is neither SQLite nor PostgreSQL.
    """

    def __init__(self, settings: RecordsSettings) -> None:
        self._settings = settings
        self._database = Database(make_engine(settings.database_url))
        self._cipher = Cipher(settings.encryption_key.get_secret_value())
        self._codes = Codes(settings.encryption_key.get_secret_value())
        self.outbox = Outbox(self._database)
        self._chain = ChainWriter(Sealer(settings.ledger_key.get_secret_value()))
        self.audit = Audit(self._database, self._chain, settings)
        self._spool = Spool(settings.spool_dir or settings.data_dir / "spool")
        self._upgraded = False
        self.live = LiveRecords(self._database, self._cipher, self._chain)
        self.staff = StaffAccounts(self._database)
        self.reports = Reports(self._database)
        self.inbox = Inbox(self._database, self._cipher)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def reading_log_days(self) -> int:
        """Days for which it stays on record who read which request."""
        return self._settings.reading_log_days

    def close(self) -> None:
        """Close the connections."""
        self._database.engine.dispose()

    # --- the house itself

    def upgrade(self) -> None:
        """Create or update the tables. Safe when several processes start together."""
        with self._database.translated():
            upgrade(self._database.engine, self._chain.sealer)
        self._upgraded = True

    def ping(self) -> None:
        """Return if SQL answers and has our tables; raise RecordsUnavailable otherwise."""
        with self._database.reading() as session:
            session.execute(sql("SELECT 1 FROM pauses WHERE 1 = 0"))

    def replay(self) -> int:
        """Write what the spool kept; return how many entries were written (0 when there is nothing).

        Call it at start, then every few seconds. It also creates the tables when SQL was down at start.
        """
        if not self._upgraded:
            self.upgrade()
        return self._spool.replay(self._store)

    def spooled(self) -> int:
        """Return how many entries wait in the spool."""
        return self._spool.count()

    # --- conversations and turns

    def start_conversation(
        self, language: str, channel: Channel = Channel.WEB, conversation_id: str | None = None
    ) -> Conversation:
        """Open a conversation (kept when SQL is down)."""
        conversation = Conversation(conversation_id or new_id(), language, channel)
        self._keep(conversation, lambda session: conversations.add(session, conversation))
        return conversation

    def conversation(self, conversation_id: str) -> Conversation | None:
        """Return the conversation, or None when there is none (or no longer)."""
        with self._database.reading() as session:
            return conversations.find(session, conversation_id)

    def is_erased(self, conversation_id: str) -> bool:
        """Return whether the resident erased this conversation."""
        with self._database.reading() as session:
            return conversations.was_erased(session, conversation_id)

    def end_conversation(self, conversation_id: str) -> None:
        """Note that the conversation ended."""
        with self._database.writing() as session:
            conversations.end(session, conversation_id, now())

    def open_turn(
        self, conversation_id: str, client_message_id: str | None, text: str, language: str
    ) -> tuple[Turn, bool]:
        """Write a message, already masked, before it is answered (kept when SQL is down).

        Returns:
            The turn, and whether it is new: False when this client_message_id came before, and then the turn
            may carry its reply. Without a client_message_id every call is a new turn.

        Raises:
            ConversationErased: the resident erased the conversation.
            BadRecord: an identifier is longer than its column.
        """
        turn_id = new_id()
        turn = Turn(turn_id, conversation_id, client_message_id or turn_id, _storable(text), language)
        return self._keep(turn, lambda session: turns.open_turn(session, turn))

    def answer_turn(
        self, turn_id: str, reply: dict[str, Any], status: TurnStatus, routing: Routing | None = None
    ) -> bool:
        """Write the reply of a turn and the service it sends to (kept when SQL is down).

        Returns:
            False when the turn had a reply, which stays: nothing is written.
        """
        answer = Answer(turn_id, reply, status, routing=routing)
        return self._keep(answer, lambda session: turns.answer(session, self._chain, answer))

    def turn(self, turn_id: str) -> Turn | None:
        """Return the turn, or None."""
        with self._database.reading() as session:
            return turns.find(session, turn_id)

    def transcript(self, conversation_id: str) -> tuple[Turn, ...]:
        """Return the turns of a conversation, in order."""
        with self._database.reading() as session:
            return turns.of_conversation(session, conversation_id)

    def erase(self, conversation_id: str, *, keep_callbacks: bool) -> Purged:
        """Erase a conversation (kept when SQL is down); open callbacks stay, detached, if the resident asks.

        The ledger stays, and does not lead to the conversation any more.
        """
        erasure = Erasure(new_id(), conversation_id, keep_callbacks)
        return self._keep(erasure, lambda session: retention.erase(session, erasure))

    # --- the ledger: disclosures, routings (handoffs write themselves there)

    def record_disclosure(
        self,
        conversation_id: str,
        *,
        notice_id: str,
        version: str,
        language: str,
        text: str,
        channel: Channel | NoticeChannel,
        event: DisclosureEvent,
    ) -> Disclosure:
        """Record in the ledger that the notice was issued or displayed (kept when SQL is down).

        The staff assistant's too: `channel=NoticeChannel.STAFF`, and the agent's session for a conversation.
        """
        disclosure = Disclosure(
            new_id(),
            conversation_id,
            notice_id,
            version,
            language,
            text,
            NoticeChannel(channel.value),
            DisclosureEvent(event),
        )
        self._keep(disclosure, lambda session: disclosures.add(session, self._chain, disclosure))
        return disclosure

    def disclosure_needed(self, conversation_id: str, version: str, language: str) -> bool:
        """Return whether the notice must be issued before the next reply."""
        with self._database.reading() as session:
            return disclosures.needed(session, conversation_id, version, language)

    def disclosures(self, conversation_id: str) -> tuple[Disclosure, ...]:
        """Return the disclosures of a conversation, oldest first."""
        with self._database.reading() as session:
            return disclosures.of_conversation(session, conversation_id)

    def record_routing(
        self, conversation_id: str, *, service_id: str, topic: str | None, reason: str
    ) -> Routing:
        """Record in the ledger that a conversation was sent to a service (kept when SQL is down).

        For a routing that comes with no reply; `answer_turn` records that of a reply. `reason` is a short
        identifier, such as the rule's: no sentence, nothing about a person.
        """
        routing = Routing(new_id(), conversation_id, service_id, topic, reason)
        self._keep(routing, lambda session: self._chain.add_routing(session, routing))
        return routing

    # --- handoffs

    def create_handoff(self, request: HandoffRequest) -> Handoff:
        """Record a handoff, contact details encrypted (kept when SQL is down, with the same reference).

        Raises:
            ConversationErased: the resident erased the conversation.
        """
        codes = self._codes if request.kind is HandoffKind.CALLBACK else None
        handoff = handoffs.prepare(request, self._cipher, codes)
        return self._keep(handoff, lambda session: handoffs.add(session, self._chain, handoff))

    def handoff(self, handoff_id: str) -> Handoff | None:
        """Return the handoff, or None."""
        with self._database.reading() as session:
            return handoffs.find(session, handoff_id)

    def handoffs(
        self, status: HandoffStatus = HandoffStatus.OPEN, service_id: str | None = None
    ) -> tuple[Handoff, ...]:
        """Return the handoffs in a status, of one service or of all, oldest first."""
        with self._database.reading() as session:
            return handoffs.listed(session, status, service_id)

    def close_handoff(self, handoff_id: str, status: HandoffStatus = HandoffStatus.CLOSED) -> Handoff:
        """Close or cancel a handoff; UnknownRecord when there is none."""
        with self._database.writing() as session:
            return handoffs.close(session, handoff_id, status, now())

    def callback_code(self, handoff: Handoff) -> str | None:
        """Return the secret code of a callback, to show to whoever asks for it; None when its key is gone."""
        return self._codes.code(handoff.id, handoff.code_hash) if handoff.code_hash else None

    def callback(self, reference: str, code: str) -> Handoff | None:
        """Return the callback of this reference and secret code, as typed; None if either is wrong."""
        with self._database.reading() as session:
            found = handoffs.find_callback(session, as_written(reference))
        # An unknown reference takes as long as a wrong code.
        fits = self._codes.fits(found.id if found else "", (found and found.code_hash) or "", code)
        return found if fits else None

    def cancel_callback(self, handoff_id: str) -> Handoff:
        """Cancel a callback as its resident asks, and forget how to reach them; once only."""
        with self._database.writing() as session:
            handoff = handoffs.cancel(session, handoff_id, now())
            if handoff.status is HandoffStatus.CANCELLED:
                inbox.forget_notes(session, HandoffRow.id == handoff_id)
            return handoff

    def contact_details(self, handoff: Handoff) -> dict[str, str]:
        """Return the contact details in clear; empty when there are none. BadEncryptionKey if no key fits."""
        return self._cipher.decrypt(handoff.contact) if handoff.contact else {}

    # --- feedback, pauses, retention

    def add_feedback(self, turn_id: str, value: FeedbackValue, reason: str | None = None) -> Feedback:
        """Record what the resident said of a turn, `reason` masked; UnknownRecord without such a turn."""
        feedback = Feedback(turn_id, FeedbackValue(value), _storable(reason) if reason else None)
        with self._database.writing() as session:
            turns.rate(session, feedback)
        return feedback

    def feedback(self, turn_id: str) -> Feedback | None:
        """Return the feedback on a turn, or None."""
        with self._database.reading() as session:
            return turns.rating(session, turn_id)

    def pause(self, reason: str, who: str) -> Pause:
        """Stop the assistant's answers until `resume`; a pause that lasts already is returned as it is."""
        if not reason.strip():
            raise ValueError("a pause needs a reason")
        with self._database.writing() as session:
            return pauses.start(session, reason.strip(), who)

    def resume(self, who: str) -> Pause:
        """End the pause; UnknownRecord when there is none."""
        with self._database.writing() as session:
            ended = pauses.end(session, who)
        if ended is None:
            raise UnknownRecord("the assistant is not paused")
        return ended

    def paused(self) -> Pause | None:
        """Return the pause that lasts, or None."""
        with self._database.reading() as session:
            return pauses.current(session)

    def pauses(self) -> tuple[Pause, ...]:
        """Return all pauses, oldest first."""
        with self._database.reading() as session:
            return pauses.history(session)

    def purge(self, transcript_days: int | None = None) -> Purged:
        """Remove what is older than this many days (the setting by default), in short transactions."""
        days = self._settings.transcript_days if transcript_days is None else transcript_days
        total = Purged()
        while True:
            with self._database.writing() as session:
                batch = retention.purge_batch(session, days, self._settings.reading_log_days)
                total = total.plus(batch)
                if batch == Purged():
                    retention.note_purge(session, days, total)
                    return total

    # --- what makes it safe

    def _keep(self, entry: Entry, write: Callable[[Session], _Value]) -> _Value:
        """Write an entry to SQL, or else to the spool."""
        try:
            with self._database.writing() as session:
                return write(session)
        except RecordsUnavailable as problem:
            raise RecordsUnavailable(problem.reason, self._spooled(entry)) from problem

    def _spooled(self, entry: Entry) -> Entry | None:
        try:
            self._spool.append(entry)
        except OSError:
            _log.exception("a %s could be kept neither in SQL nor in the spool", type(entry).__name__)
            return None
        return entry

    def _store(self, entry: Entry) -> bool:
        try:
            with self._database.writing() as session:
                replaying.write(session, self._chain, entry)
        except BadRecord:
            return False
        return True


def _storable(text: str) -> str:
    """Return the text without what PostgreSQL or UTF-8 cannot hold (NUL, lone surrogates)."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
