"""What a few tests need from the machine: say it when it is missing, insist where the machine must have it.

A test that needs Chromium, PostgreSQL or the widget's tools calls `need` first. On a machine without it the
test is skipped with the reason; where GUICHET_REQUIRE names it (continuous integration does), the same lack
is a failure, so that a whole suite cannot be skipped unseen.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

WIDGET_TOOLS = Path(__file__).parents[1] / "widget" / "node_modules"
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


def find_widget_tools() -> str | None:
    """Return the folder of axe-core and the TypeScript compiler, or None."""
    return str(WIDGET_TOOLS) if WIDGET_TOOLS.is_dir() else None


def find_assistive() -> str | None:
    """Return the program that starts the accessibility bus, or None when a part is missing."""
    launcher = Path("/usr/libexec/at-spi-bus-launcher")
    if not (shutil.which("Xvfb") and shutil.which("dbus-daemon") and launcher.exists()):
        return None
    asked = subprocess.run(["/usr/bin/python3", "-c", "import pyatspi"], capture_output=True, check=False)
    return str(launcher) if asked.returncode == 0 else None


FINDERS = {
    "assistive": (find_assistive, "apt-get install xvfb dbus at-spi2-core python3-pyatspi"),
    "chromium": (find_chromium, "apt-get install chromium"),
    "postgres": (find_postgres, "apt-get install postgresql"),
    "node": (lambda: shutil.which("node"), "apt-get install nodejs"),
    "widget-tools": (find_widget_tools, "npm ci, in widget/"),
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
