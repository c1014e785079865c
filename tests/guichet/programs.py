"""What the supervisor's tests share: free ports, processes that misbehave, waiting without a fixed time."""

import asyncio
import socket
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import psutil

from guichet.child import Command, Listening, Patience, Process
from guichet.probes import HttpProbe

HELPER = Path(__file__).with_name("helper_process.py")
QUICK = Patience(start=60, stop=0.5, silent=60, between_checks=0.05, first_delay=0.05, longest_delay=0.1)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def helper(
    name: str, *options: str, port: int | None = None, needs: tuple[str, ...] = (), given: str = ""
) -> Process:
    port = port or free_port()
    return Process(
        name,
        Command((sys.executable, str(HELPER), name, str(port), *options), HELPER.parent, {}, given),
        Listening("127.0.0.1", port, f"TEST_{name.upper()}_PORT"),
        HttpProbe(f"http://127.0.0.1:{port}/"),
        needs,
    )


async def until(condition: Callable[[], object], what: str = "the condition", seconds: float = 60) -> None:
    """Wait for a condition; the limit is only there so that a failing test ends."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not come"
        await asyncio.sleep(0.02)


async def until_async(condition: Callable[[], Awaitable[object]]) -> None:
    """As `until`, for a condition that is itself awaited."""
    async with asyncio.timeout(60):
        while not await condition():  # noqa: ASYNC110 - what is waited for is another process
            await asyncio.sleep(0.02)


def is_running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
