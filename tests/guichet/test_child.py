"""One supervised process: real ones, which die, hang and leave children behind."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from guichet.child import Child, Patience, Process, describe_exit
from guichet.logs import OutputFile
from tests.guichet.programs import QUICK, helper, is_running, until, until_async


@asynccontextmanager
async def kept(process: Process, folder: Path, patience: Patience = QUICK) -> AsyncIterator[Child]:
    child = Child(process, OutputFile(process.name, folder), patience)
    keeper = asyncio.create_task(child.keep_running())
    try:
        yield child
    finally:
        await child.stop()
        await keeper


async def test_is_ready_once_it_answers_and_its_output_is_kept(tmp_path: Path) -> None:
    async with kept(helper("web"), tmp_path) as child:
        await until(child.ready.is_set)
        assert child.pid is not None
        assert is_running(child.pid)
    assert child.output.path.read_text().startswith("hello from ")
    assert child.pid is None


async def test_is_not_ready_while_it_answers_an_error(tmp_path: Path) -> None:
    process = helper("web", "--status", "503")
    async with kept(process, tmp_path) as child:
        await until(lambda: child.starts)
        probe = process.probe
        await until_async(probe.alive)
        assert not await probe.ready()
        assert not child.ready.is_set()


async def test_a_killed_process_is_started_again(tmp_path: Path) -> None:
    async with kept(helper("web"), tmp_path) as child:
        await until(child.ready.is_set)
        first = child.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await until(lambda: child.starts == 2 and child.ready.is_set())
        assert child.pid != first
        assert child.failures == 1


async def test_a_process_that_dies_at_start_is_tried_until_it_lives(tmp_path: Path) -> None:
    lives = tmp_path / "lives"
    async with kept(helper("web", "--lives", str(lives), "--die-until", "3"), tmp_path) as child:
        await until(child.ready.is_set)
        assert child.starts == 4
        assert child.failures == 3
    assert child.output.path.read_text().count("dying") == 3


async def test_failures_are_forgotten_after_a_healthy_time(tmp_path: Path) -> None:
    lives = tmp_path / "lives"
    process = helper("web", "--lives", str(lives), "--die-until", "2")
    patience = replace(QUICK, healthy=1.0)
    async with kept(process, tmp_path, patience) as child:
        await until(child.ready.is_set)
        assert child.failures == 2
        await asyncio.sleep(patience.healthy)
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
        await until(lambda: child.starts == 4)
        assert child.failures == 1


async def test_a_deaf_process_is_killed_when_asked_to_stop(tmp_path: Path) -> None:
    async with kept(helper("web", "--deaf"), tmp_path) as child:
        await until(child.ready.is_set)
        pid = child.pid
        assert pid is not None
        await child.stop()
        assert not is_running(pid)


async def test_what_it_started_stops_with_it(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    async with kept(helper("web", "--grandchild", str(note)), tmp_path) as child:
        await until(child.ready.is_set)
        grandchild = int(note.read_text())
        assert is_running(grandchild)
    await until(lambda: not is_running(grandchild), "the end of what it started")


async def test_what_a_dead_process_started_does_not_hold_the_restart(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    async with kept(helper("web", "--grandchild", str(note)), tmp_path) as child:
        await until(child.ready.is_set)
        grandchild = int(note.read_text())
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
        await until(lambda: child.starts == 2 and child.ready.is_set())
        await until(lambda: not is_running(grandchild), "the end of what it started")


async def test_a_frozen_process_is_restarted(tmp_path: Path) -> None:
    process = helper("web")
    async with kept(process, tmp_path, replace(QUICK, silent=0.2)) as child:
        await until(child.ready.is_set)
        assert child.pid is not None
        frozen = child.pid
        os.kill(frozen, signal.SIGSTOP)
        await until(lambda: child.starts == 2 and child.ready.is_set())
        assert not is_running(frozen)


async def test_a_process_that_is_never_ready_is_restarted(tmp_path: Path) -> None:
    async with kept(helper("web", "--status", "503"), tmp_path, replace(QUICK, start=0.5)) as child:
        await until(lambda: child.starts >= 2)


async def test_a_program_that_is_not_there_is_reported_and_tried_again(tmp_path: Path) -> None:
    process = helper("web")
    command = replace(process.command, words=(str(tmp_path / "nothing"),))
    async with kept(replace(process, command=command), tmp_path) as child:
        await until(lambda: child.failures >= 2)
    assert "cannot start" in child.output.path.read_text()


async def test_standard_input_is_given_and_is_not_in_the_words(tmp_path: Path) -> None:
    process = helper("web", "--read", given="password")
    async with kept(process, tmp_path) as child:
        await until(child.ready.is_set)
    assert "given: password" in child.output.path.read_text()
    assert "password" not in " ".join(process.command.words)


async def test_stop_before_the_start_starts_nothing(tmp_path: Path) -> None:
    child = Child(helper("web"), OutputFile("web", tmp_path), QUICK)
    await child.stop()
    await child.keep_running()
    assert child.starts == 0


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG is of Linux")
async def test_a_killed_supervisor_leaves_no_child(tmp_path: Path) -> None:
    port = helper("web").listening.port
    script = (
        "import asyncio, pathlib\n"
        "from guichet.child import Child\n"
        "from guichet.logs import OutputFile\n"
        "from tests.guichet.programs import QUICK, helper\n"
        f"output = OutputFile('web', pathlib.Path({str(tmp_path)!r}))\n"
        f"child = Child(helper('web', '--deaf', port={port}), output, QUICK)\n"
        "async def main():\n"
        "    keeper = asyncio.create_task(child.keep_running())\n"
        "    await child.ready.wait()\n"
        "    print('pid', child.pid, flush=True)\n"
        "    await keeper\n"
        "asyncio.run(main())\n"
    )
    supervisor = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        assert supervisor.stdout
        line = b""
        while not line.startswith(b"pid "):
            line = await supervisor.stdout.readline()
            assert line, "the supervisor ended"
        pid = int(line.split()[1])
        assert is_running(pid)
    finally:
        supervisor.kill()
        await supervisor.wait()
    await until(lambda: not is_running(pid), "the death of the orphan")


@pytest.mark.parametrize(
    ("failures", "delay"), [(1, 0.5), (2, 1.0), (3, 2.0), (4, 4.0), (7, 30.0), (8, 30.0), (100_000, 30.0)]
)
def test_delays_double_up_to_a_limit(failures: int, delay: float) -> None:
    assert Patience().delay(failures) == delay


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (0, "exit code 0"),
        (3, "exit code 3"),
        (-9, "killed by SIGKILL"),
        (-15, "killed by SIGTERM"),
        (-99, "killed by signal 99"),
    ],
)
def test_exits_are_described(code: int, words: str) -> None:
    assert describe_exit(code) == words
