"""Run by Alembic: applies the migrations in the transaction that records.schema opened."""

from alembic import context

from records.tables import Base


def _migrate() -> None:
    connection = context.config.attributes.get("connection")
    if connection is None:
        raise RuntimeError("migrations run through records.schema.upgrade, which takes the lock first")
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


_migrate()
