"""What the tests of the Rasa project share."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bot.rasa_server import BOT, RASA_PYTHON, RasaServer, rasa_environment

sys.path.insert(0, str(BOT))


@pytest.fixture(scope="session")
def model() -> Path:
    """The model of the project as it is now, trained when it is not there yet."""
    done = subprocess.run(
        [RASA_PYTHON, "train.py", "--if-stale"],
        cwd=BOT,
        env=rasa_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return Path(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def rasa(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RasaServer]:
    """A running Rasa server, with an action server that says which action it was asked for, and Redis."""
    server = RasaServer(tmp_path_factory.mktemp("rasa"), model)
    try:
        server.start()
        yield server
    finally:
        server.stop()
