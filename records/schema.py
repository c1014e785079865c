"""Brings the tables to the version this code needs; several processes may try at the same moment."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text

from records.chain import Sealer
from records.database import patient_engine

MIGRATIONS = Path(__file__).parent / "migrations"

PATIENCE = 30
"""Seconds given to another process that is migrating."""

_ADVISORY_LOCK = 0x6775696368  # any number that no other program of this database uses


def upgrade(engine: Engine, sealer: Sealer | None = None, target: str = "head") -> None:
    """Create or update the tables; nothing is written when they are up to date.

    Args:
        engine: the database.
        sealer: seals the disclosures of an old database, which move to the ledger.
        target: the version wanted; one before the last serves to try the migrations after it.

    Raises:
        sqlalchemy.exc.DBAPIError, sqlite3.Error: SQL does not answer, or another process migrates too long.
        OSError: the folder of SQLite's file cannot be made.
    """
    if engine.dialect.name == "sqlite":
        Path(engine.url.database or "").parent.mkdir(parents=True, exist_ok=True)
    if is_current(engine):
        return
    if engine.dialect.name == "sqlite":
        _use_write_ahead_log(Path(engine.url.database or ""))
    patient = patient_engine(engine.url, PATIENCE)
    try:
        with patient.execution_options(guichet_writes=True).begin() as connection:
            if patient.dialect.name == "postgresql":
                connection.execute(text(f"SET LOCAL lock_timeout = '{PATIENCE}s'"))
                connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _ADVISORY_LOCK})
            config = _config(connection)
            config.attributes["sealer"] = sealer
            command.upgrade(config, target)
    finally:
        patient.dispose()


def is_current(engine: Engine) -> bool:
    """Return whether the tables are at the version this code needs."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        return bool(connection.scalar(text("SELECT version_num FROM alembic_version")) == head)


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _use_write_ahead_log(file: Path) -> None:
    """Switch the file to WAL, for ever; the switch may find it busy without waiting, so it is tried again."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            with closing(sqlite3.connect(file, timeout=PATIENCE)) as connection:
                connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
