"""The tables of live conversations with a person; migrations/ creates them, as it does those of tables.py."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from records.tables import Base


class LiveRow(Base):
    """A request to talk to a person. `running` is 1 until it ends, then null: one runs in a conversation."""

    __tablename__ = "live_requests"
    __table_args__ = (
        UniqueConstraint("conversation_id", "running", name="one_live_request_at_a_time"),
        Index("live_queue", "state", "service_id", "queued_at"),
    )

    handoff_id: Mapped[str] = mapped_column(ForeignKey("handoffs.id", ondelete="CASCADE"), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    running: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(16))
    service_id: Mapped[str] = mapped_column(String(64))
    topic: Mapped[str | None] = mapped_column(String(64))
    place: Mapped[str | None] = mapped_column(String(16))
    language: Mapped[str] = mapped_column(String(8))
    danger: Mapped[str | None] = mapped_column(String(32))
    child: Mapped[bool]
    put_back: Mapped[bool]
    asked_at: Mapped[datetime]
    queued_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    resident_seen_at: Mapped[datetime]
    agent_id: Mapped[str | None] = mapped_column(String(64), index=True)
    agent_name: Mapped[str | None] = mapped_column(String(128))
    taken_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    end: Mapped[str | None] = mapped_column(String(16))


class LiveEventRow(Base):
    """One line of the log of a live conversation. `clear` is what was written, encrypted, until it ends."""

    __tablename__ = "live_events"
    __table_args__ = (
        UniqueConstraint("conversation_id", "seq", name="live_events_in_order"),
        UniqueConstraint("handoff_id", "author", "client_message_id", name="one_live_event_a_message"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    handoff_id: Mapped[str] = mapped_column(ForeignKey("live_requests.handoff_id", ondelete="CASCADE"))
    seq: Mapped[int]
    kind: Mapped[str] = mapped_column(String(16))
    author: Mapped[str] = mapped_column(String(16))
    client_message_id: Mapped[str | None] = mapped_column(String(64))
    turn_id: Mapped[str | None] = mapped_column(String(36))
    text: Mapped[str] = mapped_column(Text)
    clear: Mapped[bytes | None] = mapped_column(LargeBinary)
    person: Mapped[str | None] = mapped_column(String(128))
    service_id: Mapped[str] = mapped_column(String(64))
    detail: Mapped[str | None] = mapped_column(String(32))
    at: Mapped[datetime] = mapped_column(index=True)


class LiveWaitRow(Base):
    """How long one resident waited for a person of a service: nothing says who."""

    __tablename__ = "live_waits"
    __table_args__ = (Index("live_recent_waits", "service_id", "taken_at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    service_id: Mapped[str] = mapped_column(String(64))
    taken_at: Mapped[datetime]
    seconds: Mapped[int]


class PresenceRow(Base):
    """Whether an agent is available, for which services, and when their page was last heard of."""

    __tablename__ = "live_presence"

    agent_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(128))
    services: Mapped[list[Any]] = mapped_column(JSON)
    available: Mapped[bool]
    seen_at: Mapped[datetime] = mapped_column(index=True)
