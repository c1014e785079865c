"""One supervisor for each data folder, and what it says of itself to other commands."""

import errno
import fcntl
import json
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from guichet.child import Listening

LOCK_NAME = "guichet.lock"
STATE_NAME = "run.json"


class CannotStart(RuntimeError):  # noqa: N818 - reads better where it is caught, and is the user's to solve
    """Something outside the assistant keeps it from starting; the message says what and how to solve it."""


@dataclass(frozen=True)
class ProcessState:
    """What the supervisor tells of one process."""

    pid: int | None
    port: int
    ready: bool
    starts: int


@contextmanager
def only_instance(data_dir: Path) -> Iterator[None]:
    """Hold the data folder for this process; the kernel lets go of it however the process ends.

    Raises:
        CannotStart: Another supervisor holds it.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(data_dir / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 32).decode().strip() or "unknown"
            raise CannotStart(
                f"Guichet already runs on the data folder {data_dir} (process {holder}). "
                "Stop it, or set GUICHET_DATA_DIR to another folder."
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def is_free(host: str, port: int) -> bool:
    """Say whether a server could listen there now.

    Raises:
        CannotStart: The address is not of this machine, or the port needs rights that this user lacks.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as every server here does
        try:
            attempt.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise CannotStart(f"cannot listen on {host}:{port}: {error.strerror}") from error
    return True


def holder_of(port: int) -> str:
    """Return who listens on a port, as far as this user may see."""
    import psutil  # noqa: PLC0415 - only where a port is taken: it takes memory

    with suppress(psutil.Error):
        for connection in psutil.net_connections("tcp"):
            if connection.laddr and connection.laddr.port == port and connection.status == psutil.CONN_LISTEN:
                return f" by process {connection.pid} ({psutil.Process(connection.pid).name()})"
    return ""


def check_ports(places: Mapping[str, Listening]) -> None:
    """Check that each process can listen where it is told to.

    Raises:
        CannotStart: A port is in use; names all of them.
    """
    taken = [(name, place) for name, place in places.items() if not is_free(place.host, place.port)]
    if taken:
        raise CannotStart(
            "\n".join(
                f"port {place.port} ({name}) is already in use{holder_of(place.port)}; "
                f"set {place.setting} to another one, or stop what uses it."
                for name, place in taken
            )
        )


def write_state(data_dir: Path, states: Mapping[str, ProcessState]) -> None:
    """Say in a file which process is which, for `guichet doctor` and the tests."""
    content = {
        "supervisor": os.getpid(),
        "processes": {name: asdict(state) for name, state in states.items()},
    }
    draft = data_dir / f".{STATE_NAME}.draft"
    draft.write_text(json.dumps(content, indent=1), encoding="utf-8")
    draft.replace(data_dir / STATE_NAME)


def read_state(data_dir: Path) -> dict[str, ProcessState]:
    """Return what the running supervisor says of its processes; nothing when none runs."""
    try:
        content = json.loads((data_dir / STATE_NAME).read_text(encoding="utf-8"))
    except OSError:
        return {}
    if not is_running(content["supervisor"]):
        return {}
    return {name: ProcessState(**state) for name, state in content["processes"].items()}


def is_running(pid: int) -> bool:
    """Say whether a process with this id exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def forget_state(data_dir: Path) -> None:
    """Remove the file of `write_state`."""
    (data_dir / STATE_NAME).unlink(missing_ok=True)
