"""The SQL engine: SQLite or PostgreSQL, transactions, and the one place where SQL's errors become ours."""

import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from functools import cache
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import Connection, Engine, create_engine, event, inspect
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from records.errors import BadRecord, RecordsUnavailable
from records.postgres import CONNECT_ARGUMENTS, ImpatientConnection
from records.tables import Base

LOCK_WAIT = 0.8
"""Seconds spent waiting for a lock or a free connection before saying that records are unavailable."""

REST = 2.0
"""Seconds during which calls fail at once after a failure: a turn makes several, and must end within 5 s."""

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_Entry = TypeVar("_Entry", bound="DataclassInstance")

_log = logging.getLogger(__name__)


def read_url(database_url: str) -> URL:
    """Return the address with the driver we use (postgres:// and postgresql:// become psycopg 3).

    Raises:
        ValueError: neither SQLite nor PostgreSQL.
    """
    url = make_url(database_url.replace("postgres://", "postgresql://", 1))
    if url.get_backend_name() == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() == "sqlite" and url.database not in {None, "", ":memory:"}:
        return url.set(drivername="sqlite")
    raise ValueError(f"records are kept in a SQLite file or in PostgreSQL, not in {url.get_backend_name()}")


def make_engine(database_url: str) -> Engine:
    """Return the engine; no connection is made yet, so that a process starts with SQL down."""
    url = read_url(database_url)
    return _sqlite_engine(url) if url.get_backend_name() == "sqlite" else _postgres_engine(url)


def patient_engine(url: URL, wait: float) -> Engine:
    """Return an engine for migrations, which wait up to `wait` seconds for the others'."""
    if url.get_backend_name() == "sqlite":
        return _sqlite_engine(url, wait)
    return create_engine(url, poolclass=NullPool, hide_parameters=True, connect_args={"connect_timeout": 2})


def _sqlite_engine(url: URL, wait: float = LOCK_WAIT) -> Engine:
    engine = create_engine(
        url,
        hide_parameters=True,
        connect_args={"timeout": wait, "check_same_thread": False},
        pool_size=8,
        max_overflow=32,  # as many as the web server's threads: connections are cheap, waiting is not
        pool_timeout=LOCK_WAIT,
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions begin in _begin, not where the driver guesses
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")  # what is erased is not left in the file's free pages
        connection.execute("PRAGMA synchronous = FULL")  # in WAL mode, a commit survives a power cut only so

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A reader that turns writer cannot wait for the lock (SQLITE_BUSY_SNAPSHOT): writers take it first.
        writes = connection.get_execution_options().get("guichet_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgres_engine(url: URL) -> Engine:
    engine = create_engine(
        url,
        hide_parameters=True,
        connect_args=CONNECT_ARGUMENTS,
        pool_pre_ping=True,
        pool_size=5,
        max_overflow=10,
        pool_timeout=LOCK_WAIT,
    )

    @event.listens_for(engine, "do_connect")
    def _connect(_dialect: Any, _record: Any, arguments: list[Any], options: dict[str, Any]) -> Any:
        return ImpatientConnection.connect(*arguments, **options)

    return engine


class Database:
    """Opens transactions and translates errors. Safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writing_engine = engine.execution_options(guichet_writes=True)
        # SQLite's waiters poll and may starve; those of one process queue here first.
        self._writer = threading.Lock() if engine.dialect.name == "sqlite" else None
        self._resting_until = 0.0

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a transaction that only reads.

        Raises:
            RecordsUnavailable: SQL does not answer.
        """
        with self.translated(), Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a transaction that writes; it is committed at the end of the block, or nothing is.

        Raises:
            RecordsUnavailable: SQL does not answer.
            BadRecord: SQL refuses the values.
        """
        with (
            self._turn_to_write(),
            self.translated(),
            Session(self._writing_engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    def wake(self) -> None:
        """Try SQL again at once, without waiting for the rest after a failure."""
        self._resting_until = 0.0

    @contextmanager
    def _turn_to_write(self) -> Iterator[None]:
        if self._writer is None:
            yield
            return
        if not self._writer.acquire(timeout=LOCK_WAIT):
            raise RecordsUnavailable("another thread is writing")
        try:
            yield
        finally:
            self._writer.release()

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Turn SQL's errors in this block into ours; fail at once during the rest after a failure."""
        if monotonic() < self._resting_until:
            raise RecordsUnavailable("SQL failed a moment ago")
        try:
            yield
        except (IntegrityError, DataError) as error:
            raise BadRecord(f"{type(error).__name__}: {type(error.orig).__name__}") from error
        except (DBAPIError, PoolTimeout, sqlite3.Error, OSError) as error:
            self._resting_until = monotonic() + REST
            reason = _reason(error)
            _log.warning("records are unavailable: %s", reason)
            raise RecordsUnavailable(reason) from error


def _reason(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else error
    return f"{type(cause).__name__}: {str(cause).splitlines()[0] if str(cause) else ''}"


def insert_new(session: Session, row: type[Base], **values: Any) -> bool:
    """Insert a row unless a unique value of it is already there; return whether it was inserted.

    Raises:
        BadRecord: a text is longer than its column (SQLite would take it, PostgreSQL would not).
    """
    for column in inspect(row).columns:
        value, limit = values.get(column.key), getattr(column.type, "length", None)
        if isinstance(value, str) and limit and len(value) > limit:
            raise BadRecord(f"{column.key} has {len(value)} characters, {limit} at most")
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    statement = insert(row).values(**values).on_conflict_do_nothing().returning(*inspect(row).primary_key)
    return session.execute(statement).first() is not None


def read_entry(kind: type[_Entry], row: Base) -> _Entry:
    """Return the entry that a row holds: the same names, texts made enums again."""
    entry: _Entry = _adapter(kind).validate_python(
        {field.name: getattr(row, field.name) for field in fields(kind)}
    )
    return entry


@cache
def _adapter(kind: type[_Entry]) -> TypeAdapter[_Entry]:
    return TypeAdapter(kind)
