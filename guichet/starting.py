"""`guichet up`: plan the assistant from the settings, then become the supervisor that runs the plan.

The command line and the settings load half of the application. The supervisor, which stays as long as the
assistant runs, needs none of it: the plan is handed to a fresh and small process in the place of this one.
"""

import os
import sys
from typing import NoReturn

from guichet.child import Patience
from guichet.instance import CannotStart
from guichet.plan import Plan
from guichet.processes import processes, steps
from guichet.settings import Environment, Settings


def check_machine(settings: Settings) -> None:
    """Check what the supervisor cannot do without.

    Raises:
        CannotStart: Rasa's environment is not there.
    """
    python = settings.effective_rasa_python
    if not python.exists():
        raise CannotStart(
            f"Rasa's environment is not there ({python}). `python3 scripts/bootstrap.py` makes it, "
            "or set GUICHET_RASA_PYTHON to a Python 3.10 that has Rasa."
        )


def make_plan(settings: Settings, *, verbose: bool) -> Plan:
    """Return what to run."""
    return Plan(
        steps=steps(settings),
        processes=processes(settings),
        data_dir=settings.data_dir,
        patience=Patience(
            start=settings.start_seconds, stop=settings.stop_seconds, silent=settings.silent_seconds
        ),
        address=settings.gateway_url,
        verbose=verbose,
        events_as_json=settings.environment is Environment.PRODUCTION,
    )


def become_supervisor(plan: Plan) -> NoReturn:
    """Replace this process by the supervisor of `plan`."""
    words = (sys.executable, "-m", "guichet.supervise", str(plan.send()))
    os.execv(words[0], words)  # noqa: S606 - our own interpreter
