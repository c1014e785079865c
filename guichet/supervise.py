"""The supervisor's process: `python -m guichet.supervise DESCRIPTOR`, which `guichet up` becomes.

It imports little, on purpose: it stays as long as the assistant runs.
"""

import asyncio
import sys

import structlog

from guichet.instance import CannotStart, check_ports, only_instance
from guichet.logs import configure_events
from guichet.plan import Plan
from guichet.supervisor import StartFailed, Supervisor

STOPPED, START_FAILED, CANNOT_START = 0, 1, 2


async def run(plan: Plan) -> None:
    """Run the plan until it is asked to stop.

    Raises:
        CannotStart: The data folder or a port is taken.
        StartFailed: Something did not start.
    """
    with only_instance(plan.data_dir):
        check_ports({process.name: process.listening for process in plan.processes})
        supervisor = Supervisor(
            plan.steps, plan.processes, plan.data_dir, plan.patience, verbose=plan.verbose
        )
        await supervisor.run(on_ready=lambda: welcome(plan.address))


def welcome(address: str) -> None:
    """Say where the assistant answers."""
    structlog.get_logger().info("ready", address=address)
    print(f"\nGuichet answers at {address}/ (Ctrl-C stops it)\n", flush=True)


def main(descriptor: int) -> int:
    """Return the exit code."""
    plan = Plan.receive(descriptor)
    configure_events(as_json=plan.events_as_json)
    try:
        asyncio.run(run(plan))
    except CannotStart as error:
        print(f"guichet: {error}", file=sys.stderr)
        return CANNOT_START
    except StartFailed as error:
        print(f"guichet: {error}", file=sys.stderr)
        return START_FAILED
    return STOPPED


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1])))
