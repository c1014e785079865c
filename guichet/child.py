"""One process kept running: started, watched, restarted with growing delays, stopped with its group."""

import asyncio
import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from guichet.logs import LineSplitter, OutputFile
from guichet.probes import Probe

READY_POLL_SECONDS = 0.1
LAST_WORDS_SECONDS = 2.0  # to read what a dead process printed
PIECE_BYTES = 65_536
PR_SET_PDEATHSIG = 1  # <sys/prctl.h>


@dataclass(frozen=True)
class Command:
    """What to run: its words, its folder, its whole environment, and what it reads on standard input."""

    words: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str]
    given: str = ""  # where secrets go: every user of the machine can read the words


@dataclass(frozen=True)
class Listening:
    """Where a process listens, and the setting that changes it."""

    host: str
    port: int
    setting: str


@dataclass(frozen=True)
class Process:
    """A process of the assistant, as the supervisor sees it."""

    name: str
    command: Command
    listening: Listening
    probe: Probe
    needs: tuple[str, ...] = ()  # processes that must be ready and steps that must be done before it starts


@dataclass(frozen=True)
class Step:
    """Something to do before a process can start."""

    name: str
    command: Command
    purpose: str
    tells_progress: bool = False  # whether the last line it printed says how far it has come


@dataclass(frozen=True)
class Patience:
    """How long the supervisor waits, in seconds."""

    start: float = 180.0  # for everything to be ready
    stop: float = 10.0  # for one process to stop before it is killed
    silent: float = 60.0  # without an answer to any health check, before a process is restarted
    between_checks: float = 5.0
    first_delay: float = 0.5  # before the first restart; doubled at each one
    longest_delay: float = 30.0
    healthy: float = 60.0  # of service, after which the delay starts from the first again

    def delay(self, failures: int) -> float:
        """Return the delay before the restart that follows `failures` deaths in a row (1 or more)."""
        return float(min(self.longest_delay, self.first_delay * 2 ** (min(failures, 32) - 1)))


def _die_with_parent() -> Callable[[], None] | None:
    """Return what a child runs between fork and exec so that it dies if the supervisor is killed.

    Linux only (prctl(2), PR_SET_PDEATHSIG): elsewhere a killed supervisor leaves its children.
    """
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    supervisor = os.getpid()

    def before_exec() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != supervisor:  # it died before the line above
            os.kill(os.getpid(), signal.SIGKILL)

    return before_exec


@dataclass(frozen=True)
class Running:
    """A launched process and the pipe it prints to.

    The pipe is not one of asyncio's subprocess pipes, since with those the end of a process is only told once
    everything that inherited them has ended too.
    """

    process: asyncio.subprocess.Process
    printed: asyncio.StreamReader
    pipe: asyncio.ReadTransport

    @property
    def pid(self) -> int:
        """The process id, which is also that of its group."""
        return self.process.pid

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process and to whatever it started."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    async def keep_output(self, output: OutputFile) -> None:
        """Keep what the process prints until everything that holds the pipe has closed it."""
        splitter = LineSplitter()
        while piece := await self.printed.read(PIECE_BYTES):
            for line in splitter.feed(piece):
                output.write(line)
        for line in splitter.end():
            output.write(line)


async def launch(command: Command) -> Running:
    """Start a command in a process group of its own.

    Raises:
        OSError: The program is not there, or may not be run.
    """
    reading, writing = os.pipe()
    given = _pipe_with(command.given)
    try:
        process = await asyncio.create_subprocess_exec(
            *command.words,
            cwd=command.folder,
            env=dict(command.environment),
            stdin=given,
            stdout=writing,
            stderr=writing,
            start_new_session=True,
            preexec_fn=_die_with_parent(),  # the supervisor has one thread, and prctl takes no lock
        )
    except OSError:
        os.close(reading)
        raise
    finally:
        os.close(writing)
        os.close(given)
    printed = asyncio.StreamReader()
    pipe, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(printed), os.fdopen(reading, "rb", buffering=0)
    )
    return Running(process, printed, pipe)


def _pipe_with(text: str) -> int:
    """Return a descriptor from which exactly `text` can be read (below 64 KiB, the capacity of a pipe)."""
    reading, writing = os.pipe()
    os.write(writing, text.encode())
    os.close(writing)
    return reading


def describe_exit(code: int) -> str:
    """Say how a process ended, from the return code that Python gives it."""
    if code >= 0:
        return f"exit code {code}"
    with suppress(ValueError):
        return f"killed by {signal.Signals(-code).name}"
    return f"killed by signal {-code}"


@dataclass
class Child:
    """Keeps one process running until `stop`."""

    process: Process
    output: OutputFile
    patience: Patience
    on_change: Callable[[], None] = lambda: None
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    starts: int = 0
    failures: int = 0  # deaths in a row, without a healthy time between
    was_ready: bool = False
    _running: Running | None = None
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def name(self) -> str:
        """The name of the process."""
        return self.process.name

    @property
    def pid(self) -> int | None:
        """The process id, or None between two lives."""
        return self._running.pid if self._running and self._running.process.returncode is None else None

    async def keep_running(self) -> None:
        """Start the process, and again each time it ends, until `stop` is called."""
        log = structlog.get_logger().bind(process=self.name)
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                end = describe_exit(await self._live(log))
            except OSError as error:  # the program is not there, or may not be run
                end = f"cannot start: {error}"
                self.output.write(end)
            if self._stopping.is_set():
                return
            lived = time.monotonic() - began
            self.failures = 1 if lived >= self.patience.healthy else self.failures + 1
            delay = self.patience.delay(self.failures)
            log.error("died", how=end, after_s=round(lived, 1), restart_in_s=round(delay, 1))
            self.on_change()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), delay)

    async def _live(self, log: structlog.typing.FilteringBoundLogger) -> int:
        """Run the process once; return its return code."""
        running = self._running = await launch(self.process.command)
        self.starts += 1
        if self._stopping.is_set():  # asked while it was being launched
            running.send(signal.SIGTERM)
        log.info("started", pid=running.pid, port=self.process.listening.port)
        self.on_change()
        watching = asyncio.create_task(self._watch(log))
        reading = asyncio.create_task(running.keep_output(self.output))
        try:
            code = await running.process.wait()
        finally:
            watching.cancel()
            self.ready.clear()
        # What it started, if anything, must not outlive it: it would hold the port and the pipe.
        running.send(signal.SIGKILL)
        with suppress(TimeoutError):
            await asyncio.wait_for(reading, LAST_WORDS_SECONDS)
        running.pipe.close()
        return code

    async def _watch(self, log: structlog.typing.FilteringBoundLogger) -> None:
        """Notice when the process is ready, then kill it if it stays silent too long."""
        began = time.monotonic()
        while not await self.process.probe.ready():
            if time.monotonic() - began > self.patience.start:
                self._give_up(log, "never ready", began)
                return
            await asyncio.sleep(READY_POLL_SECONDS)
        log.info("ready", after_s=round(time.monotonic() - began, 1))
        self.was_ready = True
        self.ready.set()
        self.on_change()
        answered = time.monotonic()
        while True:
            await asyncio.sleep(self.patience.between_checks)
            if await self.process.probe.alive():
                answered = time.monotonic()
            elif time.monotonic() - answered > self.patience.silent:
                self._give_up(log, "silent", answered)
                return

    def _give_up(self, log: structlog.typing.FilteringBoundLogger, event: str, since: float) -> None:
        """Kill a process that hangs; `keep_running` starts it again."""
        log.error(event, for_s=round(time.monotonic() - since))
        if self._running:
            self._running.send(signal.SIGKILL)

    async def stop(self) -> None:
        """Stop the process and its group: ask, then kill after the time it is given."""
        self._stopping.set()
        running = self._running
        if running is None or running.process.returncode is not None:
            return
        running.send(signal.SIGTERM)
        try:
            await asyncio.wait_for(running.process.wait(), self.patience.stop)
        except TimeoutError:
            structlog.get_logger().warning("killed, since it did not stop", process=self.name)
        running.send(signal.SIGKILL)
        await running.process.wait()

    def kill(self) -> None:
        """Kill the process and its group at once, for good."""
        self._stopping.set()
        if self._running:
            self._running.send(signal.SIGKILL)
