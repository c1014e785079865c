"""Starting everything in order, watching it, stopping it: with real processes."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from guichet.child import Command, Patience, Step
from guichet.instance import STATE_NAME, ProcessState, read_state
from guichet.supervisor import StartFailed, Supervisor
from tests.guichet.programs import QUICK, helper, is_running, until


def step(name: str, script: str, folder: Path) -> Step:
    return Step(name, Command((sys.executable, "-c", script), folder, {}), f"doing {name}")


@asynccontextmanager
async def started(supervisor: Supervisor) -> AsyncIterator[asyncio.Task[None]]:
    ready = asyncio.Event()
    task = asyncio.create_task(supervisor.run(on_ready=ready.set))
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    try:
        yield task
    finally:
        waiting.cancel()
        supervisor.ask_to_stop()
        await asyncio.wait({task})


async def failure_of(supervisor: Supervisor) -> str:
    with pytest.raises(StartFailed) as caught:
        await supervisor.run()
    return str(caught.value)


def pids(data_dir: Path) -> dict[str, int]:
    return {name: state.pid for name, state in read_state(data_dir).items() if state.pid}


async def test_starts_what_is_asked_and_stops_all_of_it(tmp_path: Path) -> None:
    supervisor = Supervisor((), (helper("one"), helper("two")), tmp_path, QUICK)
    async with started(supervisor):
        running = pids(tmp_path)
        assert set(running) == {"one", "two"}
        assert all(is_running(pid) for pid in running.values())
    assert not any(is_running(pid) for pid in running.values())
    assert not (tmp_path / STATE_NAME).exists()


async def test_the_state_file_tells_each_process(tmp_path: Path) -> None:
    process = helper("one")
    async with started(Supervisor((), (process,), tmp_path, QUICK)):
        state = read_state(tmp_path)["one"]
        assert state == ProcessState(state.pid, process.listening.port, ready=True, starts=1)
        assert json.loads((tmp_path / STATE_NAME).read_text())["supervisor"] == os.getpid()


async def test_a_process_waits_for_what_it_needs(tmp_path: Path) -> None:
    order = tmp_path / "order"
    slow = f"import pathlib, time; time.sleep(0.3); pathlib.Path({str(order)!r}).write_text('step\\n')"
    first = helper("first", "--lives", str(order), needs=("index",))
    last = helper("last", "--lives", str(order), needs=("first",))
    async with started(Supervisor((step("index", slow, tmp_path),), (last, first), tmp_path, QUICK)):
        assert order.read_text() == "step\nx first\nx last\n"


async def test_steps_run_at_the_same_time(tmp_path: Path) -> None:
    """Each step waits for the note of the other: one after the other, they would never end."""
    notes = [tmp_path / "a", tmp_path / "b"]
    script = (
        "import pathlib, time\n"
        "pathlib.Path({mine!r}).touch()\n"
        "while not pathlib.Path({other!r}).exists(): time.sleep(0.01)\n"
    )
    both = [
        step("a", script.format(mine=str(notes[0]), other=str(notes[1])), tmp_path),
        step("b", script.format(mine=str(notes[1]), other=str(notes[0])), tmp_path),
    ]
    async with started(Supervisor(both, (helper("one", needs=("a", "b")),), tmp_path, QUICK)):
        assert set(pids(tmp_path)) == {"one"}


async def test_a_long_step_and_a_late_process_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("guichet.supervisor.SAY_EVERY_SECONDS", 0.05)
    monkeypatch.setattr("guichet.child.READY_POLL_SECONDS", 1.0)
    slow = step("index", "import time; print('3 of 9', flush=True); time.sleep(1)", tmp_path)
    slow = replace(slow, tells_progress=True)
    with capture_logs() as events:
        async with started(Supervisor((slow,), (helper("rasa", needs=("index",)),), tmp_path, QUICK)):
            pass
    working = [event for event in events if event["event"] == "working"]
    assert ("index", "3 of 9") in [(event["step"], event.get("said")) for event in working]
    assert {"event": "waiting", "on": ["rasa"], "log_level": "info"} in events


async def test_a_failed_step_is_told_with_its_last_lines(tmp_path: Path) -> None:
    broken = step("model", "print('line one'); print('no data'); raise SystemExit(4)", tmp_path)
    message = await failure_of(Supervisor((broken,), (helper("one", needs=("model",)),), tmp_path, QUICK))
    assert "the step model failed (exit code 4)" in message
    assert "no data" in message
    assert str(tmp_path / "log" / "model.log") in message


async def test_a_failed_step_stops_the_others_and_the_processes(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    begin = f"import os, pathlib, time; note = pathlib.Path({str(note)!r})\n"
    slow = step("index", begin + "note.write_text(str(os.getpid())); time.sleep(600)", tmp_path)
    wait = "while not (note.exists() and note.read_text()): time.sleep(0.01)\nraise SystemExit(1)"
    broken = step("model", begin + wait, tmp_path)
    await failure_of(Supervisor((slow, broken), (helper("one"),), tmp_path, QUICK))
    pid = int(note.read_text())
    await until(lambda: not is_running(pid), "the end of the other step")
    assert not (tmp_path / STATE_NAME).exists()


async def test_a_process_that_keeps_dying_at_the_start_is_told_at_once(tmp_path: Path) -> None:
    dying = helper("rasa", "--lives", str(tmp_path / "lives"), "--die-until", "99")
    message = await failure_of(Supervisor((), (helper("redis"), dying), tmp_path, Patience(first_delay=0.01)))
    assert "rasa keeps dying" in message
    assert "dying" in message.splitlines()[-1]


async def test_a_process_that_is_never_ready_is_named(tmp_path: Path) -> None:
    late = helper("rasa", "--status", "503")
    message = await failure_of(Supervisor((), (helper("redis"), late), tmp_path, replace(QUICK, start=1)))
    assert "not ready after 1 s: rasa" in message
    assert "hello from" in message


async def test_one_process_dies_the_others_stay(tmp_path: Path) -> None:
    async with started(Supervisor((), (helper("one"), helper("two")), tmp_path, QUICK)):
        before = pids(tmp_path)
        os.kill(before["two"], signal.SIGKILL)
        await until(lambda: read_state(tmp_path)["two"].starts == 2 and read_state(tmp_path)["two"].ready)
        after = pids(tmp_path)
        assert after["one"] == before["one"]
        assert after["two"] != before["two"]


async def test_stops_on_sigterm(tmp_path: Path) -> None:
    async with started(Supervisor((), (helper("one"),), tmp_path, QUICK)) as task:
        running = pids(tmp_path)
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait({task})
        assert not any(is_running(pid) for pid in running.values())


async def test_asked_to_stop_while_starting(tmp_path: Path) -> None:
    late = helper("rasa", "--status", "503", needs=("index",))
    slow = step("index", "import time; time.sleep(600)", tmp_path)
    supervisor = Supervisor((slow,), (helper("redis"), late), tmp_path, QUICK)
    task = asyncio.create_task(supervisor.run())
    await until(lambda: "redis" in pids(tmp_path))
    supervisor.ask_to_stop()
    await task
    assert not (tmp_path / "log" / "rasa.log").read_text()


async def test_stops_in_the_reverse_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The first process ignores SIGTERM, so it is killed, and by then the last one has gone."""
    first = helper("redis", "--deaf")
    last = helper("gateway", needs=("redis",))
    async with started(Supervisor((), (first, last), tmp_path, replace(QUICK, stop=1.0))) as task:
        running = pids(tmp_path)
        os.kill(os.getpid(), signal.SIGTERM)
        await until(lambda: not is_running(running["gateway"]))
        assert is_running(running["redis"])
        await asyncio.wait({task})
    assert not is_running(running["redis"])


async def test_asked_twice_does_not_wait(tmp_path: Path) -> None:
    patience = replace(QUICK, stop=600)
    supervisor = Supervisor((), (helper("one", "--deaf"),), tmp_path, patience)
    async with started(supervisor) as task:
        supervisor.ask_to_stop()
        await asyncio.sleep(0)
        supervisor.ask_to_stop()
        await asyncio.wait_for(task, 60)
