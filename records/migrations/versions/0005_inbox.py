"""The inbox: what the staff does with a request, notes, history, and who read what."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_INSTANT = sa.DateTime(timezone=True)
_KEPT_DAYS = 180  # the least that RecordsSettings.reading_log_days accepts
_KEPT = ("request_readings", "request_changes")


def upgrade() -> None:
    _work_and_notes()
    _history_and_readings()
    for table in _KEPT:
        _make_append_only(table)


def downgrade() -> None:
    for table in ("request_readings", "request_changes", "request_notes", "request_work"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION guichet_kept_log()")


def _handoff_id(*, primary_key: bool = False) -> sa.Column[str]:
    handoff = sa.ForeignKey("handoffs.id", ondelete="CASCADE")
    return sa.Column("handoff_id", sa.String(36), handoff, nullable=False, primary_key=primary_key)


def _work_and_notes() -> None:
    op.create_table(
        "request_work",
        _handoff_id(primary_key=True),
        sa.Column("started", sa.Boolean, nullable=False),
        sa.Column("outcome", sa.String(16)),
        sa.Column("assignee_id", sa.String(36), index=True),
        sa.Column("assignee_name", sa.String(128)),
    )
    op.create_table(
        "request_notes",
        sa.Column("id", sa.String(36), primary_key=True),
        _handoff_id(),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("agent_id", sa.String(36), nullable=False),
        sa.Column("agent_name", sa.String(128), nullable=False),
        sa.Column("text", sa.LargeBinary, nullable=False),
        sa.Index("request_notes_in_order", "handoff_id", "at"),
    )


def _history_and_readings() -> None:
    op.create_table(
        "request_changes",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("handoff_id", sa.String(36), nullable=False),
        sa.Column("at", _INSTANT, nullable=False, index=True),
        sa.Column("agent_id", sa.String(36), nullable=False),
        sa.Column("agent_name", sa.String(128), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("before", sa.String(128)),
        sa.Column("after", sa.String(128)),
        sa.Index("request_changes_in_order", "handoff_id", "at"),
    )
    op.create_table(
        "request_readings",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("at", _INSTANT, nullable=False, index=True),
        sa.Column("agent_id", sa.String(36), nullable=False),
        sa.Column("agent_name", sa.String(128), nullable=False),
        sa.Column("handoff_id", sa.String(36), nullable=False),
        sa.Column("reference", sa.String(16), nullable=False),
        sa.Column("service_id", sa.String(64), nullable=False),
        sa.Index("request_readings_in_order", "handoff_id", "at"),
    )


def _make_append_only(table: str) -> None:
    """Refuse every change, and the removal of what is not old enough, also by hand."""
    if op.get_bind().dialect.name == "postgresql":
        if table == _KEPT[0]:
            op.execute(
                "CREATE FUNCTION guichet_kept_log() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"IF TG_OP = 'DELETE' AND OLD.at < now() - interval '{_KEPT_DAYS} days' THEN RETURN OLD; "
                "END IF; RAISE EXCEPTION 'this log is append-only'; END $$"
            )
        op.execute(
            f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW "
            "EXECUTE FUNCTION guichet_kept_log()"
        )
        return
    old_enough = f"OLD.at < datetime('now', '-{_KEPT_DAYS} days')"
    for event, refused in (("UPDATE", "1"), ("DELETE", f"NOT ({old_enough})")):
        op.execute(
            f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} WHEN {refused} "
            "BEGIN SELECT RAISE(ABORT, 'this log is append-only'); END"
        )
