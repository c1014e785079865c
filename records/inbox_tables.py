"""The tables of the inbox; migrations/ creates them, as it does those of tables.py."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from records.tables import Base


class RequestWorkRow(Base):
    """What the staff does with a handoff: whether somebody began, who, and how it ended."""

    __tablename__ = "request_work"

    handoff_id: Mapped[str] = mapped_column(ForeignKey("handoffs.id", ondelete="CASCADE"), primary_key=True)
    started: Mapped[bool]
    outcome: Mapped[str | None] = mapped_column(String(16))
    assignee_id: Mapped[str | None] = mapped_column(String(36), index=True)
    assignee_name: Mapped[str | None] = mapped_column(String(128))


class RequestNoteRow(Base):
    """A note of an agent, encrypted; erased with the contact details of its request."""

    __tablename__ = "request_notes"
    __table_args__ = (Index("request_notes_in_order", "handoff_id", "at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    handoff_id: Mapped[str] = mapped_column(ForeignKey("handoffs.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    agent_id: Mapped[str] = mapped_column(String(36))
    agent_name: Mapped[str] = mapped_column(String(128))
    text: Mapped[bytes]


class RequestChangeRow(Base):
    """One change of a request. Append-only (triggers), without a foreign key: it outlives its request."""

    __tablename__ = "request_changes"
    __table_args__ = (Index("request_changes_in_order", "handoff_id", "at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    handoff_id: Mapped[str] = mapped_column(String(36))
    at: Mapped[datetime] = mapped_column(index=True)
    agent_id: Mapped[str] = mapped_column(String(36))
    agent_name: Mapped[str] = mapped_column(String(128))
    kind: Mapped[str] = mapped_column(String(16))
    before: Mapped[str | None] = mapped_column(String(128))
    after: Mapped[str | None] = mapped_column(String(128))


class RequestReadingRow(Base):
    """One reading of a request. Append-only (triggers), without a foreign key: it outlives its request."""

    __tablename__ = "request_readings"
    __table_args__ = (Index("request_readings_in_order", "handoff_id", "at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    agent_id: Mapped[str] = mapped_column(String(36))
    agent_name: Mapped[str] = mapped_column(String(128))
    handoff_id: Mapped[str] = mapped_column(String(36))
    reference: Mapped[str] = mapped_column(String(16))
    service_id: Mapped[str] = mapped_column(String(64))
