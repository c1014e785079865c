"""SQL that is locked, gone, frozen or full. The seconds below are the room's promise (1.2 s), not a speed."""

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep

import psycopg
import pytest
from sqlalchemy.engine import make_url

from records import Records, RecordsUnavailable
from records.database import REST, read_url
from records.entries import new_id
from tests.postgres import Postgres, driver_url, new_database, own_server
from tests.records.conftest import Opener

PROMISE = 1.2
"""Seconds within which a caller knows that records are unavailable."""

CALLS: list[Callable[[Records], object]] = [
    lambda records: records.ping(),
    lambda records: records.open_turn(new_id(), "m1", "bonjour", "fr"),
    lambda records: records.pause("essai", "a.martin"),
]

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@contextmanager
def promptly_unavailable() -> Iterator[None]:
    start = monotonic()
    with pytest.raises(RecordsUnavailable):
        yield
    assert monotonic() - start < PROMISE


@pytest.fixture
def locked_file(records: Records, database_url: str) -> Iterator[None]:
    """Another process holds SQLite's write lock and does not let go."""
    file = make_url(database_url).database
    assert file is not None
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@on_sqlite
@pytest.mark.usefixtures("locked_file")
def test_a_locked_file_is_told_in_time(records: Records) -> None:
    with promptly_unavailable():
        records.start_conversation("fr")


@on_sqlite
@pytest.mark.usefixtures("locked_file")
def test_a_locked_file_can_still_be_read(records: Records) -> None:
    records.ping()
    assert records.paused() is None


@on_sqlite
@pytest.mark.usefixtures("locked_file")
def test_a_whole_turn_on_a_locked_file_fails_in_time(records: Records) -> None:
    """Several writes in a row, by many threads, take no longer than one: after a failure they rest."""

    def write_five_times(_: int) -> float:
        start = monotonic()
        for _attempt in range(5):
            with pytest.raises(RecordsUnavailable):
                records.start_conversation("fr")
        return monotonic() - start

    with ThreadPoolExecutor(10) as pool:
        assert max(pool.map(write_five_times, range(10))) < PROMISE


@on_sqlite
def test_a_folder_that_is_gone_is_told(open_records: Opener, tmp_path: Path) -> None:
    records = open_records(database_url=f"sqlite:///{tmp_path / 'gone' / 'guichet.db'}")
    for call in CALLS:
        with promptly_unavailable():
            call(records)
    (tmp_path / "file").touch()
    with pytest.raises(RecordsUnavailable):
        open_records(database_url=f"sqlite:///{tmp_path / 'file' / 'guichet.db'}").upgrade()


@on_sqlite
def test_a_file_that_is_not_a_database_is_told(open_records: Opener, tmp_path: Path) -> None:
    (tmp_path / "not.db").write_bytes(b"not a database " * 1000)
    with promptly_unavailable():
        open_records(database_url=f"sqlite:///{tmp_path / 'not.db'}").ping()


def test_missing_tables_are_told_then_made(open_records: Opener) -> None:
    records = open_records()
    for call in CALLS:
        records._database.wake()
        with promptly_unavailable():
            call(records)
    records._database.wake()
    records.replay()
    records.ping()


def test_after_a_failure_calls_fail_at_once_then_sql_is_tried_again(
    open_records: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = open_records()
    with pytest.raises(RecordsUnavailable):
        records.ping()
    with pytest.raises(RecordsUnavailable, match="a moment ago"):
        records.ping()
    with pytest.raises(RecordsUnavailable, match="a moment ago"):
        records.upgrade()
    later = monotonic() + REST
    monkeypatch.setattr("records.database.monotonic", lambda: later)
    records.upgrade()
    records.ping()


def test_an_error_says_nothing_of_what_was_written(open_records: Opener) -> None:
    with pytest.raises(RecordsUnavailable) as raised:
        open_records().open_turn(new_id(), "m1", "je m'appelle Zoé", "fr")
    assert "Zoé" not in str(raised.value)
    assert "Zoé" not in str(raised.value.__cause__)


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with own_server() as started:
        yield started


@pytest.fixture
def on_server(server: Postgres, open_records: Opener) -> Records:
    """Records on a PostgreSQL that a test may stop, with a connection open."""
    records = open_records(database_url=new_database(server.url))
    records.upgrade()
    records.ping()
    return records


@pytest.mark.postgres
@on_sqlite  # the other records of the test are of no use here
def test_a_server_that_stops_is_told_and_comes_back(on_server: Records, server: Postgres) -> None:
    server.stop()
    try:
        for call in CALLS:
            on_server._database.wake()
            with promptly_unavailable():
                call(on_server)
    finally:
        server.start()
    on_server._database.wake()
    on_server.ping()
    assert on_server.replay() == 1, "the turn that was kept"


@pytest.mark.postgres
@on_sqlite  # the other records of the test are of no use here
@pytest.mark.parametrize("call", CALLS)
def test_a_frozen_server_is_told(
    on_server: Records, server: Postgres, call: Callable[[Records], object]
) -> None:
    with server.frozen(), promptly_unavailable():
        call(on_server)
    on_server._database.wake()
    on_server.ping()


@pytest.mark.postgres
@on_sqlite  # the other records of the test are of no use here
def test_a_restarted_server_is_not_even_noticed(on_server: Records, server: Postgres) -> None:
    server.stop()
    server.start()
    on_server.ping()


@pytest.mark.postgres
@on_sqlite  # the other records of the test are of no use here
def test_a_locked_table_is_told(on_server: Records) -> None:
    url = make_url(on_server._settings.database_url)
    with psycopg.connect(driver_url(url)) as other:
        other.execute("LOCK TABLE conversations IN ACCESS EXCLUSIVE MODE")
        with promptly_unavailable():
            on_server.start_conversation("fr")
    on_server._database.wake()
    on_server.start_conversation("fr")


@pytest.mark.parametrize(
    ("given", "driver"),
    [
        ("postgres://guichet@db/guichet", "postgresql+psycopg"),
        ("postgresql://guichet@db/guichet", "postgresql+psycopg"),
        ("postgresql+psycopg://guichet@db/guichet", "postgresql+psycopg"),
        ("sqlite:///var/guichet.db", "sqlite"),
    ],
)
def test_the_driver_follows_from_the_address(given: str, driver: str) -> None:
    assert read_url(given).drivername == driver


@pytest.mark.parametrize("refused", ["mysql://db/guichet", "sqlite://", "sqlite:///:memory:"])
def test_another_database_is_refused(refused: str) -> None:
    with pytest.raises(ValueError, match="SQLite file or in PostgreSQL"):
        read_url(refused)


def test_many_threads_write_together(records: Records) -> None:
    conversation = records.start_conversation("fr")

    def write(number: int) -> bool:
        try:
            return records.open_turn(conversation.id, f"m{number}", "bonjour", "fr")[1]
        except RecordsUnavailable as error:  # a busy machine: it waits in the spool, which is kept too
            return error.kept is not None

    with ThreadPoolExecutor(32) as pool:
        assert all(pool.map(write, range(300)))
    while records.spooled():
        with suppress(RecordsUnavailable):  # SQL is left to rest for a moment after a failure
            records.replay()
        sleep(0.05)
    assert len(records.transcript(conversation.id)) == 300
