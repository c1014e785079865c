"""Start the assistant's processes, keep them running, stop them all.

docs/decisions/0006 says why no ready-made supervisor fits. Steps (the index, the model, the database schema)
and processes form a graph: each starts as soon as what it needs is there, so that a cold start takes as long
as its longest chain and not the sum.
"""

import asyncio
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from guichet.child import Child, Patience, Process, Running, Step, describe_exit, launch
from guichet.instance import ProcessState, forget_state, write_state
from guichet.logs import OutputFile

SAY_EVERY_SECONDS = 10.0
DEATHS_BEFORE_GIVING_UP = 3  # at the first start only; afterwards the supervisor never gives up


class StartFailed(RuntimeError):  # noqa: N818 - reads better where it is caught
    """The assistant could not be started; the message ends with the last lines of the culprit."""


@dataclass
class Supervisor:
    """Runs `steps`, then keeps `processes` running until it is asked to stop.

    Processes are stopped in the reverse of their order: the last ones are those that residents reach.
    """

    steps: Sequence[Step]
    processes: Sequence[Process]
    data_dir: Path
    patience: Patience = field(default_factory=Patience)
    verbose: bool = False

    def __post_init__(self) -> None:
        self._children = [
            Child(process, self._output(process.name), self.patience, on_change=self._tell)
            for process in self.processes
        ]
        self._done = {step.name: asyncio.Event() for step in self.steps}
        self._done |= {child.name: child.ready for child in self._children}
        self._asked = asyncio.Event()
        self._working: list[Running] = []

    def _output(self, name: str) -> OutputFile:
        return OutputFile(name, self.data_dir / "log", on_console=self.verbose)

    def _tell(self) -> None:
        states = {
            child.name: ProcessState(
                child.pid, child.process.listening.port, child.ready.is_set(), starts=child.starts
            )
            for child in self._children
        }
        write_state(self.data_dir, states)

    async def run(self, on_ready: Callable[[], None] = lambda: None) -> None:
        """Run until SIGINT, SIGTERM or SIGHUP, or until `ask_to_stop`.

        Raises:
            StartFailed: A step failed, or a process was not ready in time.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self.ask_to_stop)
        work = [asyncio.create_task(self._take(step)) for step in self.steps]
        keepers = [asyncio.create_task(self._keep(child)) for child in self._children]
        asked = asyncio.create_task(self._asked.wait())
        starting = asyncio.create_task(self._start(work))
        try:
            await asyncio.wait({asked, starting}, return_when=asyncio.FIRST_COMPLETED)
            if starting.done():
                starting.result()
                on_ready()
                done, _ = await asyncio.wait({asked, *keepers}, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()  # a keeper only ends by a fault of ours: stop, and show it
        finally:
            await self._end([*work, starting, asked], keepers)

    def ask_to_stop(self) -> None:
        """Stop in order; asked a second time, kill."""
        if self._asked.is_set():
            for child in self._children:
                child.kill()
        self._asked.set()

    async def _take(self, step: Step) -> None:
        """Do one step."""
        log = structlog.get_logger().bind(step=step.name)
        log.info(step.purpose)
        began = time.monotonic()
        output = self._output(step.name)
        running = await launch(step.command)
        self._working.append(running)
        telling = asyncio.create_task(self._tell_progress(step, output))
        await running.keep_output(output)
        code = await running.process.wait()
        telling.cancel()
        running.pipe.close()
        self._working.remove(running)
        if code != 0:
            raise StartFailed(explain(f"the step {step.name} failed ({describe_exit(code)})", output))
        log.info("done", after_s=round(time.monotonic() - began, 1))
        output.close()
        self._done[step.name].set()

    async def _tell_progress(self, step: Step, output: OutputFile) -> None:
        """Say now and then that a long step goes on, and how far it has come."""
        began = time.monotonic()
        while True:
            await asyncio.sleep(SAY_EVERY_SECONDS)
            log = structlog.get_logger().bind(step=step.name, for_s=round(time.monotonic() - began))
            said = output.last_lines(1) if step.tells_progress else []
            log.info("working", **({"said": said[-1]} if said else {}))

    async def _keep(self, child: Child) -> None:
        """Keep one process running once what it needs is there."""
        for need in child.process.needs:
            await self._done[need].wait()
        await child.keep_running()

    async def _start(self, work: list[asyncio.Task[None]]) -> None:
        """Wait until everything is ready.

        Raises:
            StartFailed: Something will not be.
        """
        for step in asyncio.as_completed(work):
            await step
        # The time limit is for the processes: a first index or model takes as long as it takes.
        deadline = time.monotonic() + self.patience.start
        next_word = time.monotonic() + SAY_EVERY_SECONDS
        while late := [child for child in self._children if not child.ready.is_set()]:
            for child in late:
                if not child.was_ready and child.failures >= DEATHS_BEFORE_GIVING_UP:
                    raise StartFailed(explain(f"{child.name} keeps dying", child.output))
            if time.monotonic() > deadline:
                culprit = next((child for child in late if child.starts), late[0])
                names = ", ".join(child.name for child in late)
                raise StartFailed(
                    explain(f"not ready after {self.patience.start:.0f} s: {names}", culprit.output)
                )
            if time.monotonic() > next_word:
                structlog.get_logger().info("waiting", on=[child.name for child in late])
                next_word += SAY_EVERY_SECONDS
            await asyncio.sleep(0.05)

    async def _end(self, tasks: list[asyncio.Task[Any]], keepers: list[asyncio.Task[None]]) -> None:
        """Stop everything that runs, the processes in the reverse of their order."""
        structlog.get_logger().info("stopping")
        for task in tasks:
            task.cancel()
        for running in self._working:
            running.send(signal.SIGKILL)
        for child, keeper in reversed(list(zip(self._children, keepers, strict=True))):
            await child.stop()
            if child.starts:
                await asyncio.wait({keeper}, timeout=self.patience.stop)
            keeper.cancel()
            child.output.close()
        await asyncio.gather(*tasks, *keepers, return_exceptions=True)
        forget_state(self.data_dir)
        structlog.get_logger().info("stopped")


def explain(what: str, output: OutputFile) -> str:
    """Say what failed, with the last lines it printed."""
    lines = [f"    {line}" for line in output.last_lines()] or ["    (it printed nothing)"]
    return "\n".join([f"{what}; the last lines of {output.path}:", *lines])
