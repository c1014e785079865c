"""Callbacks: the hash of their secret code, when they are wanted, and the messages to their services."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for column in (
        sa.Column("code_hash", sa.String(64)),
        sa.Column("wanted_from", _INSTANT),
        sa.Column("wanted_until", _INSTANT),
        sa.Column("notify", sa.JSON, nullable=False, server_default="[]"),
    ):
        op.add_column("handoffs", column)
    op.create_table(
        "deliveries",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column(
            "handoff_id",
            sa.String(36),
            sa.ForeignKey("handoffs.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("event", sa.String(32), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("due_at", _INSTANT, index=True),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("claim", sa.String(36)),
        sa.Column("claimed_until", _INSTANT),
        sa.Column("sent_at", _INSTANT),
        sa.Column("dropped_at", _INSTANT),
        sa.Column("error", sa.String(200)),
    )


def downgrade() -> None:
    op.drop_table("deliveries")
    for column in ("notify", "wanted_until", "wanted_from", "code_hash"):
        op.drop_column("handoffs", column)
