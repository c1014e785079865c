"""What a few tests need from the machine: say it when it is missing, insist where the machine must have it.

A test that needs Chromium or PostgreSQL calls `need` first. On a machine without it the test is skipped with
the reason; where GUICHET_REQUIRE names it (continuous integration does), the same lack is a failure, so that
a whole suite cannot be skipped unseen.
"""

import os
import shutil
from pathlib import Path

import pytest

POSTGRES_FOLDERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def find_chromium() -> str | None:
    """Return the path of the system's Chromium, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def find_postgres() -> str | None:
    """Return the folder of the newest PostgreSQL server programs (initdb, postgres), or None."""
    for folder in POSTGRES_FOLDERS:
        if (folder / "initdb").exists():
            return str(folder)
    found = shutil.which("initdb")
    return str(Path(found).parent) if found else None


FINDERS = {
    "chromium": (find_chromium, "apt-get install chromium"),
    "postgres": (find_postgres, "apt-get install postgresql"),
    "node": (lambda: shutil.which("node"), "apt-get install nodejs"),
}


def need(name: str) -> str:
    """Return where the external program is; skip the test, or fail it where GUICHET_REQUIRE names it."""
    finder, remedy = FINDERS[name]
    found = finder()
    if found:
        return found
    message = f"{name} is not on this machine ({remedy})"
    required = os.environ.get("GUICHET_REQUIRE", "").replace(" ", "").split(",")
    if name in required:
        pytest.fail(message)
    pytest.skip(message)
