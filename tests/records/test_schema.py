import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from records import Records, RecordsUnavailable
from records.entries import new_id
from records.schema import MIGRATIONS, is_current, upgrade
from records.tables import Base
from tests.records.conftest import Opener

UPGRADE = """
import sys
from records.database import make_engine
from records.schema import upgrade
sys.stdin.readline()
upgrade(make_engine(sys.argv[1]))
"""


def test_migrations_make_exactly_the_declared_tables(records: Records) -> None:
    with records._database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
        assert set(inspect(connection).get_table_names()) == {*Base.metadata.tables, "alembic_version"}


def test_each_version_takes_over_what_the_one_before_holds(open_records: Opener) -> None:
    records = open_records()
    engine, sealer = records._database.engine, records._chain.sealer
    scripts = ScriptDirectory(str(MIGRATIONS)).walk_revisions()
    first, *later = reversed([script.revision for script in scripts])
    upgrade(engine, target=first)
    conversation, handoff, at = new_id(), new_id(), datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
    with records._database.writing() as session:
        values = {"conversation": conversation, "handoff": handoff, "at": at}
        session.execute(
            text("INSERT INTO conversations VALUES (:conversation, 'fr', 'web', :at, NULL)"), values
        )
        session.execute(
            text(
                "INSERT INTO handoffs (id, reference, conversation_id, kind, language, service_id, status, "
                "created_at) VALUES (:handoff, 'ABCD', :conversation, 'callback', 'fr', 'mdph', 'open', :at)"
            ),
            values,
        )
    for version in later:
        upgrade(engine, sealer, version)
        assert is_current(engine) == (version == later[-1])
    kept = records.inbox.find(handoff)
    assert kept is not None
    assert (kept.handoff.service_id, kept.handoff.conversation_id) == ("mdph", conversation)


def test_upgrading_again_changes_nothing(records: Records) -> None:
    conversation = records.start_conversation("fr")
    records.upgrade()
    assert is_current(records._database.engine)
    assert records.conversation(conversation.id) == conversation


def test_processes_that_start_together_upgrade_once(open_records: Opener, database_url: str) -> None:
    processes = [
        subprocess.Popen([sys.executable, "-c", UPGRADE, database_url], stdin=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.close()
    assert [process.wait(60) for process in processes] == [0] * 3
    with open_records()._database.engine.connect() as connection:
        versions = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    assert len(versions) == 1
    assert is_current(open_records()._database.engine)


def test_threads_that_start_together_upgrade_once(open_records: Opener) -> None:
    opened = [open_records() for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda records: records.upgrade(), opened))
    opened[0].ping()


def test_a_failed_migration_leaves_nothing_behind(open_records: Opener) -> None:
    records = open_records()
    with records._database.engine.begin() as connection:
        connection.execute(text("CREATE TABLE purges (only_column INTEGER)"))  # the last table is in the way
    with pytest.raises(RecordsUnavailable):
        records.upgrade()
    with records._database.engine.connect() as connection:
        assert inspect(connection).get_table_names() == ["purges"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_sqlite_is_in_wal_mode_with_foreign_keys(records: Records) -> None:
    engine = records._database.engine
    records.ping()  # SQLite knows the mode of a file once it has read it
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert 0 < (connection.exec_driver_sql("PRAGMA busy_timeout").scalar() or 0) <= 1000


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_postgres_has_its_limits(records: Records) -> None:
    engine = records._database.engine
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SHOW statement_timeout").scalar() == "2s"
        assert connection.exec_driver_sql("SHOW lock_timeout").scalar() == "900ms"
        assert connection.exec_driver_sql("SHOW timezone").scalar() == "UTC"
