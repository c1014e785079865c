"""Fixtures that several rooms share."""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.stack import Stack

# Embeddings must not spin on the cores of whoever runs the tests, nor look for a hub.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

# All the tests come from one address, and faster than residents do.
RATES = {f"GUICHET_{name}_RATE": "100000/minute" for name in ("ADDRESS", "CONVERSATION", "SEARCH")}


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Stack"]:
    """The whole assistant, running; one for the session. Mark the tests that use it with `stack`."""
    from tests.stack import Stack  # noqa: PLC0415 - only those who ask for it load the supervisor

    running = Stack(tmp_path_factory.mktemp("stack"), RATES)
    running.start()
    yield running
    running.stop()
