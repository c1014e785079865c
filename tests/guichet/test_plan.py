"""The plan, from the command line to the supervisor."""

import os
import pickle
import subprocess
import sys

import pytest

from guichet.child import Patience
from guichet.plan import Plan
from guichet.settings import Settings
from guichet.starting import make_plan


def test_the_plan_arrives_as_it_left(settings: Settings) -> None:
    plan = make_plan(settings, verbose=True)
    assert Plan.receive(plan.send()) == plan


def test_the_patience_is_that_of_the_settings(settings: Settings) -> None:
    patient = settings.model_copy(update={"start_seconds": 7, "stop_seconds": 8, "silent_seconds": 9})
    assert make_plan(patient, verbose=False).patience == Patience(start=7, stop=8, silent=9)


def test_the_plan_survives_exec_and_is_closed_once_read(settings: Settings) -> None:
    script = (
        "import os, sys\n"
        "from guichet.plan import Plan\n"
        "plan = Plan.receive(int(sys.argv[1]))\n"
        "try: os.fstat(int(sys.argv[1]))\n"
        "except OSError: print(plan.address)\n"
    )
    descriptor = make_plan(settings, verbose=False).send()
    assert os.get_inheritable(descriptor)
    done = subprocess.run(
        [sys.executable, "-c", script, str(descriptor)],
        check=True,
        pass_fds=[descriptor],
        capture_output=True,
        text=True,
    )
    os.close(descriptor)
    assert done.stdout.strip() == settings.gateway_url


def test_anything_else_is_refused() -> None:
    reading, writing = os.pipe()
    os.write(writing, pickle.dumps(["no plan"]))
    os.close(writing)
    with pytest.raises(TypeError, match="list is no plan"):
        Plan.receive(reading)


def test_the_supervisor_loads_little() -> None:
    """What it imports stays in memory as long as the assistant runs."""
    script = "import sys, guichet.supervise; print(' '.join(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    ).stdout.split()
    heavy = {
        "pydantic",
        "sqlalchemy",
        "typer",
        "numpy",
        "redis",
        "fastapi",
        "psutil",
        "knowledge",
        "records",
        "api",
    }
    assert heavy.isdisjoint(loaded)
