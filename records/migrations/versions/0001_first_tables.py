"""First tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _conversations_and_turns()
    _disclosures()
    _handoffs()
    _pauses_and_purges()


def downgrade() -> None:
    for table in (
        "purges",
        "pauses",
        "handoffs",
        "disclosures",
        "notices",
        "feedback",
        "turns",
        "conversations",
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION guichet_append_only()")


def _conversations_and_turns() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False, index=True),
        sa.Column("ended_at", _INSTANT),
    )
    op.create_table(
        "turns",
        sa.Column("turn_id", sa.String(36), primary_key=True),
        sa.Column(
            "conversation_id",
            sa.String(36),
            sa.ForeignKey("conversations.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("client_message_id", sa.String(64), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("received_at", _INSTANT, nullable=False, index=True),
        sa.Column("reply", sa.JSON),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("answered_at", _INSTANT),
        sa.UniqueConstraint("conversation_id", "client_message_id", name="one_turn_a_message"),
        sa.Index("turns_in_order", "conversation_id", "received_at"),
    )
    op.create_table(
        "feedback",
        sa.Column(
            "turn_id", sa.String(36), sa.ForeignKey("turns.turn_id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("value", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("at", _INSTANT, nullable=False),
    )


def _disclosures() -> None:
    op.create_table(
        "notices",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_table(
        "disclosures",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("conversation_id", sa.String(36), nullable=False),
        sa.Column("notice_id", sa.String(64), nullable=False),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("text_sha256", sa.String(64), sa.ForeignKey("notices.sha256"), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("event", sa.String(16), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Index("disclosures_in_order", "conversation_id", "at"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION guichet_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the proof of disclosure is append-only'; END $$"
        )
    for table in ("notices", "disclosures"):
        _make_append_only(table)


def _make_append_only(table: str) -> None:
    for event in ("UPDATE", "DELETE"):
        name = f"{table}_no_{event.lower()}"
        if op.get_bind().dialect.name == "postgresql":
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW "
                "EXECUTE FUNCTION guichet_append_only()"
            )
        else:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'the proof of disclosure is append-only'); END"
            )


def _handoffs() -> None:
    op.create_table(
        "handoffs",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("reference", sa.String(16), nullable=False, unique=True),
        sa.Column(
            "conversation_id",
            sa.String(36),
            sa.ForeignKey("conversations.id", ondelete="SET NULL"),
            index=True,
        ),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("service_id", sa.String(64), nullable=False),
        sa.Column("topic", sa.String(64)),
        sa.Column("place", sa.String(16)),
        sa.Column("contact", sa.LargeBinary),
        sa.Column("consent_text", sa.Text),
        sa.Column("consent_at", _INSTANT),
        sa.Column("request_key", sa.String(64), unique=True),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("closed_at", _INSTANT),
        sa.Index("handoffs_to_treat", "status", "service_id", "created_at"),
    )


def _pauses_and_purges() -> None:
    op.create_table(
        "pauses",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("started_by", sa.String(128), nullable=False),
        sa.Column("started_at", _INSTANT, nullable=False),
        sa.Column("ended_by", sa.String(128)),
        sa.Column("ended_at", _INSTANT),
        sa.Column("running", sa.Integer, unique=True),
    )
    op.create_table(
        "purges",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("conversation_id", sa.String(36), index=True),
        sa.Column("keep_callbacks", sa.Boolean),
        sa.Column("transcript_days", sa.Integer),
        sa.Column("conversations", sa.Integer, nullable=False),
        sa.Column("turns", sa.Integer, nullable=False),
        sa.Column("handoffs", sa.Integer, nullable=False),
        sa.Column("contacts", sa.Integer, nullable=False),
    )
