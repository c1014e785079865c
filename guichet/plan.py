"""What a supervisor runs, and how it is handed from one process to the next."""

import os
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from guichet.child import Patience, Process, Step


@dataclass(frozen=True)
class Plan:
    """Everything the supervisor has to know."""

    steps: tuple[Step, ...]
    processes: tuple[Process, ...]
    data_dir: Path
    patience: Patience
    address: str  # of the gateway, to be told once everything is ready
    verbose: bool = False
    events_as_json: bool = False

    def send(self) -> int:
        """Write the plan where only this process, and the one that takes its place, can read it.

        It holds secrets: neither a file nor a command line is a place for it.
        """
        descriptor = os.memfd_create("guichet-plan", 0)  # no flag: it stays open across exec
        os.write(descriptor, pickle.dumps(self))
        os.lseek(descriptor, 0, os.SEEK_SET)
        return descriptor

    @classmethod
    def receive(cls, descriptor: int) -> Self:
        """Read the plan that `send` wrote, and close what held it, so that no child can read it."""
        with os.fdopen(descriptor, "rb") as handle:
            plan = pickle.load(handle)  # noqa: S301 - written by this very process, before its exec
        if not isinstance(plan, cls):
            raise TypeError(f"{type(plan).__name__} is no plan")
        return plan
