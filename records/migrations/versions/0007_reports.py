"""Agents' reports of wrong answers."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "reports",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("agent_id", sa.String(36), sa.ForeignKey("agents.id", ondelete="SET NULL")),
        sa.Column("article_id", sa.String(128), nullable=False),
        sa.Column("section", sa.String(32)),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("question", sa.Text),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("settled_by", sa.String(36), sa.ForeignKey("agents.id", ondelete="SET NULL")),
        sa.Column("settled_at", _INSTANT),
        sa.Index("reports_to_settle", "status", "at"),
    )


def downgrade() -> None:
    op.drop_table("reports")
