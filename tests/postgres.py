"""A real PostgreSQL for the tests: started once in a folder of its own, removed at the end.

GUICHET_TEST_POSTGRES_URL names a server that runs already, with the right to create databases; without it,
the newest PostgreSQL of the machine is started, on a Unix socket only. PostgreSQL refuses to run as root: it
then runs as the system's `postgres` user.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import psutil
import psycopg
import pytest
from sqlalchemy.engine import URL, make_url

from tests.requirements import need


class Postgres:
    """A server: gives fresh databases, and can be stopped, frozen and started again."""

    def __init__(self, programs: Path, folder: Path, user: list[str]) -> None:
        self.programs, self.folder, self.user = programs, folder, user
        self._server: subprocess.Popen[bytes] | None = None
        self.url = URL.create("postgresql", "guichet", database="postgres", query={"host": str(folder)})

    def create(self) -> None:
        arguments = [
            "-D",
            str(self.folder / "data"),
            "-A",
            "trust",
            "-U",
            "guichet",
            "-E",
            "UTF8",
            "--no-sync",
        ]
        subprocess.run(
            [*self.user, str(self.programs / "initdb"), *arguments], check=True, capture_output=True
        )

    def start(self) -> None:
        options = [
            "-k",
            str(self.folder),
            "-c",
            "listen_addresses=",
            "-c",
            "fsync=off",
            "-c",
            "max_connections=60",
        ]
        self._server = subprocess.Popen(
            [*self.user, str(self.programs / "postgres"), "-D", str(self.folder / "data"), *options],
            stdout=subprocess.DEVNULL,
            stderr=(self.folder / "server.log").open("ab"),
        )
        for _ in range(200):
            try:
                psycopg.connect(driver_url(self.url)).close()
                return
            except psycopg.OperationalError:
                time.sleep(0.05)
        raise RuntimeError((self.folder / "server.log").read_text())

    def stop(self) -> None:
        """Stop at once, connections included."""
        if self._server:
            self._postmaster().send_signal(signal.SIGINT)  # PostgreSQL's "fast shutdown"
            self._server.wait(20)
            self._server = None

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Keep every process of the server from running, connections open: the worst way to be down."""
        postmaster = self._postmaster()
        processes = [postmaster, *postmaster.children(recursive=True)]
        for process in processes:
            process.suspend()
        try:
            yield
        finally:
            for process in processes:
                with suppress(psutil.NoSuchProcess):  # a connection's process ends when its client left
                    process.resume()

    def _postmaster(self) -> psutil.Process:
        return psutil.Process(int((self.folder / "data" / "postmaster.pid").read_text().split()[0]))


def driver_url(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def new_database(server: URL) -> str:
    """Create an empty database; return its URL."""
    name = f"guichet_{uuid4().hex}"
    with psycopg.connect(driver_url(server), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    return server.set(database=name).render_as_string(hide_password=False)


def drop_database(server: URL, database_url: str) -> None:
    with psycopg.connect(driver_url(server), autocommit=True) as connection:
        name = make_url(database_url).database
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())


@contextmanager
def own_server() -> Iterator[Postgres]:
    """Start a PostgreSQL of our own; skip the test where there is none to start."""
    programs = Path(need("postgres"))
    folder = Path(
        tempfile.mkdtemp(prefix="guichet-pg-")
    )  # short: a Unix socket's path has 107 characters at most
    user: list[str] = []
    if os.geteuid() == 0:
        account = pwd.getpwnam("postgres")
        os.chown(folder, account.pw_uid, account.pw_gid)
        user = ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
    server = Postgres(programs, folder, user)
    try:
        server.create()
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[URL]:
    """The URL of a server that can create databases."""
    given = os.environ.get("GUICHET_TEST_POSTGRES_URL")
    if given:
        yield make_url(given)
        return
    with own_server() as server:
        yield server.url
