"""Live conversations with a person."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_INSTANT = sa.DateTime(timezone=True)
_TABLES = ("live_presence", "live_waits", "live_events", "live_requests")


def upgrade() -> None:
    _requests()
    _events()
    _waits_and_presence()


def downgrade() -> None:
    for table in _TABLES:
        op.drop_table(table)


def _requests() -> None:
    op.create_table(
        "live_requests",
        sa.Column(
            "handoff_id", sa.String(36), sa.ForeignKey("handoffs.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column(
            "conversation_id",
            sa.String(36),
            sa.ForeignKey("conversations.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("running", sa.Integer),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("service_id", sa.String(64), nullable=False),
        sa.Column("topic", sa.String(64)),
        sa.Column("place", sa.String(16)),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("danger", sa.String(32)),
        sa.Column("child", sa.Boolean, nullable=False),
        sa.Column("put_back", sa.Boolean, nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("queued_at", _INSTANT, nullable=False),
        sa.Column("told_at", _INSTANT),
        sa.Column("resident_seen_at", _INSTANT, nullable=False),
        sa.Column("agent_id", sa.String(64), index=True),
        sa.Column("agent_name", sa.String(128)),
        sa.Column("taken_at", _INSTANT),
        sa.Column("ended_at", _INSTANT),
        sa.Column("end", sa.String(16)),
        sa.UniqueConstraint("conversation_id", "running", name="one_live_request_at_a_time"),
        sa.Index("live_queue", "state", "service_id", "queued_at"),
    )


def _events() -> None:
    op.create_table(
        "live_events",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column(
            "conversation_id",
            sa.String(36),
            sa.ForeignKey("conversations.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column(
            "handoff_id",
            sa.String(36),
            sa.ForeignKey("live_requests.handoff_id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("author", sa.String(16), nullable=False),
        sa.Column("client_message_id", sa.String(64)),
        sa.Column("turn_id", sa.String(36)),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("clear", sa.LargeBinary),
        sa.Column("person", sa.String(128)),
        sa.Column("service_id", sa.String(64), nullable=False),
        sa.Column("detail", sa.String(32)),
        sa.Column("at", _INSTANT, nullable=False, index=True),
        sa.UniqueConstraint("conversation_id", "seq", name="live_events_in_order"),
        sa.UniqueConstraint("handoff_id", "author", "client_message_id", name="one_live_event_a_message"),
    )


def _waits_and_presence() -> None:
    op.create_table(
        "live_waits",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("service_id", sa.String(64), nullable=False),
        sa.Column("taken_at", _INSTANT, nullable=False),
        sa.Column("seconds", sa.Integer, nullable=False),
        sa.Index("live_recent_waits", "service_id", "taken_at"),
    )
    op.create_table(
        "live_presence",
        sa.Column("agent_id", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("services", sa.JSON, nullable=False),
        sa.Column("available", sa.Boolean, nullable=False),
        sa.Column("seen_at", _INSTANT, nullable=False, index=True),
    )
