"""A part is stopped: a human contact within 5 seconds, and all is well again once it is back."""

import sqlite3
from time import monotonic, sleep

import pytest

from tests.end_to_end.resident import Resident
from tests.stack import Stack

pytestmark = pytest.mark.stack

PROMISED_SECONDS = 5
QUESTION = "Comment demander l'APA pour ma mère ?"


def wait_until_all_is_ready(resident: Resident) -> None:
    """SQL is left to rest for a moment after a failure."""
    while resident.http.get("/health/ready").status_code != 200:
        sleep(0.1)


def assert_degraded_in_time(resident: Resident) -> None:
    started = monotonic()
    turn = resident.says(QUESTION)
    seconds = monotonic() - started
    assert seconds < PROMISED_SECONDS
    assert turn["status"] == "degraded", turn
    assert turn["messages"][0]["text"]
    assert turn["service"]["phone"]


@pytest.mark.parametrize("process", ["rasa", "actions", "redis"])
def test_a_process_killed_and_back(stack: Stack, process: str) -> None:
    resident = Resident(stack.url, language="fr")
    assert resident.says(QUESTION)["status"] == "answered"
    stack.kill(process)
    assert_degraded_in_time(resident)
    stack.wait_ready(process)
    assert resident.says(QUESTION)["status"] == "answered"


@pytest.mark.parametrize("process", ["rasa", "actions", "redis"])
def test_a_process_that_hangs(stack: Stack, process: str) -> None:
    """Stopped rather than killed: its port still accepts connections, which is worse."""
    resident = Resident(stack.url, language="fr")
    with stack.frozen(process):
        assert_degraded_in_time(resident)
        emergency = resident.says("je veux mourir")
        assert emergency["emergency"]["id"] == "suicide"
    stack.wait_ready(process)
    assert resident.says(QUESTION)["status"] == "answered"


def test_sql_locked_and_back(stack: Stack) -> None:
    resident = Resident(stack.url, language="fr")
    blocker = sqlite3.connect(stack.data_dir / "guichet.db", isolation_level=None)
    blocker.execute("BEGIN EXCLUSIVE")
    assert_degraded_in_time(resident)
    blocker.execute("ROLLBACK")
    blocker.close()
    wait_until_all_is_ready(resident)
    assert resident.says(QUESTION)["status"] == "answered"
