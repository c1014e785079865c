"""A desktop for assistive technologies: a screen, a session's bus, the accessibility bus, a listener."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

SYSTEM_PYTHON = "/usr/bin/python3"
LISTENER = Path(__file__).with_name("listen.py")


class Desktop:
    """What a program needs to be on it (`environment`), and what its listener has heard."""

    def __init__(self, environment: dict[str, str], heard: Path) -> None:
        self.environment = environment
        self._heard = heard

    def heard(self) -> list[dict[str, Any]]:
        """All events so far, as listen.py tells them."""
        return [json.loads(line) for line in self._heard.read_text(encoding="utf-8").splitlines()]

    def settle(self, quiet_s: float = 2.0, limit_s: float = 30.0) -> None:
        """Wait until nothing more is heard."""
        end = time.monotonic() + limit_s
        before = -1
        while time.monotonic() < end and before != (now := self._heard.stat().st_size):
            before = now
            time.sleep(quiet_s)


@contextmanager
def desktop(folder: Path, launcher: str) -> Iterator[Desktop]:
    """Start one, of one's own.

    Args:
        folder: holds its files, and the log of what was heard.
        launcher: the program that starts the accessibility bus.
    """
    with ExitStack() as running:
        environment = {**os.environ, "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)}
        environment |= {"ACCESSIBILITY_ENABLED": "1", "LANG": "C.UTF-8"}
        screen = _started(
            running,
            ["Xvfb", "-displayfd", "1", "-nolisten", "tcp", "-screen", "0", "1400x1000x24"],
            environment,
        )
        environment["DISPLAY"] = f":{_first_line(screen)}"
        bus = _started(running, ["dbus-daemon", "--session", "--nofork", "--print-address"], environment)
        environment["DBUS_SESSION_BUS_ADDRESS"] = _first_line(bus)
        _started(running, [launcher, "--launch-immediately"], environment)
        heard = folder / "heard.jsonl"
        with heard.open("wb") as file:
            listener = subprocess.Popen(
                [SYSTEM_PYTHON, str(LISTENER)], stdout=file, stderr=subprocess.DEVNULL, env=environment
            )
        running.callback(_stop, listener)
        there = Desktop(environment, heard)
        end = time.monotonic() + 60
        while not heard.read_text(encoding="utf-8"):
            assert listener.poll() is None, "the listener has stopped: is python3-pyatspi installed?"
            assert time.monotonic() < end, "the listener does not start"
            time.sleep(0.2)
        yield there


def _started(running: ExitStack, command: list[str], environment: dict[str, str]) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    running.callback(_stop, process)
    return process


def _stop(process: subprocess.Popen[Any]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()
