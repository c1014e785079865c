"""`guichet up`: check that the assistant can start here, start it, and say where it answers."""

import structlog
import typer

from guichet.child import Patience
from guichet.instance import CannotStart, check_ports, only_instance
from guichet.logs import configure_events
from guichet.processes import processes, steps
from guichet.settings import Environment, Settings
from guichet.supervisor import StartFailed, Supervisor

STOPPED, START_FAILED, CANNOT_START = 0, 1, 2


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


async def run_all(settings: Settings, *, verbose: bool) -> int:
    """Run the whole assistant; return the exit code."""
    configure_events(as_json=settings.environment is Environment.PRODUCTION)
    try:
        with only_instance(settings.data_dir):
            check_machine(settings)
            planned = processes(settings)
            check_ports({process.name: process.listening for process in planned})
            supervisor = Supervisor(
                steps(settings),
                planned,
                settings.data_dir,
                Patience(
                    start=settings.start_seconds, stop=settings.stop_seconds, silent=settings.silent_seconds
                ),
                verbose=verbose,
            )
            await supervisor.run(on_ready=lambda: _welcome(settings))
    except CannotStart as error:
        typer.echo(f"guichet: {error}", err=True)
        return CANNOT_START
    except StartFailed as error:
        typer.echo(f"guichet: {error}", err=True)
        return START_FAILED
    return STOPPED


def _welcome(settings: Settings) -> None:
    structlog.get_logger().info("ready", address=settings.gateway_url)
    typer.echo(f"\nGuichet answers at {settings.gateway_url}/ (Ctrl-C stops it)\n")
