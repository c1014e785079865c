"""The tables, as SQLAlchemy declares them. migrations/ creates them; a test compares the two."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator


class Instant(TypeDecorator[datetime]):
    """An aware instant, stored in UTC (SQLite keeps no offset, so it is given back here)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Return the instant in UTC.

        Raises:
            ValueError: the instant is naive.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a naive instant cannot be recorded: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Return the instant aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """All tables; a `datetime` is an Instant, a `dict` or a list of texts is JSON."""

    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: Instant,
        dict[str, Any]: JSON,
        list[str]: JSON,
        bytes: LargeBinary,
    }


class ConversationRow(Base):
    """A conversation."""

    __tablename__ = "conversations"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    language: Mapped[str] = mapped_column(String(8))
    channel: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]


class TurnRow(Base):
    """A turn: unique by conversation and client_message_id, whoever writes it first."""

    __tablename__ = "turns"
    __table_args__ = (
        UniqueConstraint("conversation_id", "client_message_id", name="one_turn_a_message"),
        Index("turns_in_order", "conversation_id", "received_at"),
    )

    turn_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    client_message_id: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(8))
    received_at: Mapped[datetime] = mapped_column(index=True)
    reply: Mapped[dict[str, Any] | None]
    status: Mapped[str] = mapped_column(String(16))
    answered_at: Mapped[datetime | None]


class NoticeRow(Base):
    """The text of a disclosure notice, once for all the disclosures that showed it."""

    __tablename__ = "notices"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    text: Mapped[str] = mapped_column(Text)


class LedgerRow(Base):
    """An entry of the ledger (chain.py says what each field is). Append-only (triggers); no foreign key."""

    __tablename__ = "ledger"
    __table_args__ = (Index("ledger_by_pseudonym", "pseudonym", "at"),)

    chain: Mapped[str] = mapped_column(String(36), primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[str] = mapped_column(String(36), unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    at: Mapped[str] = mapped_column(String(32))
    pseudonym: Mapped[str | None] = mapped_column(String(64))
    details: Mapped[str] = mapped_column(Text)
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    seal: Mapped[str] = mapped_column(String(64))


class LedgerHeadRow(Base):
    """The end of a chain: locked while an entry is added, so that no number is used twice."""

    __tablename__ = "ledger_heads"

    chain: Mapped[str] = mapped_column(String(36), primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))


class ConversationKeyRow(Base):
    """The key of a conversation's pseudonyms: removed with the conversation, and so nothing leads to it."""

    __tablename__ = "conversation_keys"

    conversation_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    key: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(index=True)


class HandoffRow(Base):
    """A handoff; it stays, detached, when its conversation goes."""

    __tablename__ = "handoffs"
    __table_args__ = (Index("handoffs_to_treat", "status", "service_id", "created_at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    reference: Mapped[str] = mapped_column(String(16), unique=True)
    conversation_id: Mapped[str | None] = mapped_column(
        ForeignKey("conversations.id", ondelete="SET NULL"), index=True
    )
    kind: Mapped[str] = mapped_column(String(16))
    language: Mapped[str] = mapped_column(String(8))
    service_id: Mapped[str] = mapped_column(String(64))
    topic: Mapped[str | None] = mapped_column(String(64))
    place: Mapped[str | None] = mapped_column(String(16))
    contact: Mapped[bytes | None]
    consent_text: Mapped[str | None] = mapped_column(Text)
    consent_at: Mapped[datetime | None]
    request_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    status: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    code_hash: Mapped[str | None] = mapped_column(String(64))
    wanted_from: Mapped[datetime | None]
    wanted_until: Mapped[datetime | None]
    notify: Mapped[list[str]]


class DeliveryRow(Base):
    """A message to a service about a handoff. `due_at` is null once it is settled: few rows are due."""

    __tablename__ = "deliveries"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    handoff_id: Mapped[str] = mapped_column(ForeignKey("handoffs.id", ondelete="CASCADE"), index=True)
    channel: Mapped[str] = mapped_column(String(16))
    event: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime]
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    attempts: Mapped[int]
    claim: Mapped[str | None] = mapped_column(String(36))
    claimed_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    dropped_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(200))


class FeedbackRow(Base):
    """The feedback on a turn; the last one counts."""

    __tablename__ = "feedback"

    turn_id: Mapped[str] = mapped_column(ForeignKey("turns.turn_id", ondelete="CASCADE"), primary_key=True)
    value: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime]


class PauseRow(Base):
    """A pause. `running` is 1 while it lasts and null after: unique, so that only one lasts."""

    __tablename__ = "pauses"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    started_by: Mapped[str] = mapped_column(String(128))
    started_at: Mapped[datetime]
    ended_by: Mapped[str | None] = mapped_column(String(128))
    ended_at: Mapped[datetime | None]
    running: Mapped[int | None] = mapped_column(unique=True)


class PurgeRow(Base):
    """What was removed and why: a conversation at the resident's request, or all that is too old."""

    __tablename__ = "purges"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    at: Mapped[datetime]
    conversation_id: Mapped[str | None] = mapped_column(String(36), index=True)
    keep_callbacks: Mapped[bool | None]
    transcript_days: Mapped[int | None]
    conversations: Mapped[int]
    turns: Mapped[int]
    handoffs: Mapped[int]
    contacts: Mapped[int]


class AgentRow(Base):
    """An account of an agent or an administrator; `services` holds identifiers of the directory."""

    __tablename__ = "agents"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    login: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(256))
    subject: Mapped[str | None] = mapped_column(String(255), unique=True)
    role: Mapped[str] = mapped_column(String(16))
    services: Mapped[list[str]]
    active: Mapped[bool]
    available: Mapped[bool]
    failures: Mapped[int]
    locked_until: Mapped[datetime | None]
    created_at: Mapped[datetime]


class StaffSessionRow(Base):
    """An open session of an account, under the SHA-256 of its token."""

    __tablename__ = "staff_sessions"

    token_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    agent_id: Mapped[str] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"), index=True)
    opened_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class ReportRow(Base):
    """An agent's report that an answer is wrong. It outlives the account, whose name it does not hold."""

    __tablename__ = "reports"
    __table_args__ = (Index("reports_to_settle", "status", "at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    agent_id: Mapped[str | None] = mapped_column(ForeignKey("agents.id", ondelete="SET NULL"))
    article_id: Mapped[str] = mapped_column(String(128))
    section: Mapped[str | None] = mapped_column(String(32))
    language: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str] = mapped_column(Text)
    question: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]
    settled_by: Mapped[str | None] = mapped_column(ForeignKey("agents.id", ondelete="SET NULL"))
    settled_at: Mapped[datetime | None]
