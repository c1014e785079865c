"""The assistant as `guichet up` runs it, seen from the supervisor's side."""

import json
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from guichet.settings import ROOT, Settings, own_secrets
from tests.stack import PROCESSES, Stack, clean_environment, is_listening

pytestmark = pytest.mark.stack


def is_ready(stack: Stack) -> bool:
    return httpx.get(f"{stack.url}/health/ready", timeout=10).status_code == 200


def test_every_process_runs_and_is_ready(stack: Stack) -> None:
    assert all(stack.state(name).ready for name in PROCESSES)
    assert is_ready(stack)


def test_the_doctor_sees_them(stack: Stack) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "guichet", "doctor", "--json"],
        check=False,
        cwd=ROOT,
        env=clean_environment() | stack.settings,
        capture_output=True,
        text=True,
    )
    found = {check["name"]: check for check in json.loads(done.stdout)}
    for name in PROCESSES:
        assert f"running (process {stack.pid(name)}, ready" in found[f"port of {name}"]["detail"]
    for name in ("model", "index", "records"):
        assert found[name]["status"] == "ok"
    assert done.returncode == 0, done.stdout


def test_a_process_kept_down_is_seen_and_comes_back(stack: Stack) -> None:
    with stack.down("redis"):
        assert not is_listening(stack.ports["redis"])
        assert not is_ready(stack)
    assert is_ready(stack)


def test_no_secret_shows_in_a_command_line_or_a_log(stack: Stack) -> None:
    secrets = [(stack.data_dir / "secrets" / name).read_text() for name in own_secrets()]
    pids = [stack.supervisor.pid, *(stack.pid(name) for name in PROCESSES)]
    shown = [Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8") for pid in pids]
    shown += [path.read_text(errors="replace") for path in (stack.data_dir / "log").iterdir()] + [stack.log]
    assert [secret for secret in secrets if any(secret in text for text in shown)] == []


def test_rasa_does_not_hold_the_keys_of_the_records(stack: Stack) -> None:
    variables = Path(f"/proc/{stack.pid('rasa')}/environ").read_text(encoding="utf-8")
    for name in ("encryption_key", "secret_key"):
        assert (stack.data_dir / "secrets" / name).read_text() not in variables


def test_only_the_gateway_could_listen_elsewhere(stack: Stack) -> None:
    """Every port is on the loopback interface in the default settings."""
    assert Settings.model_fields["gateway_host"].default == "127.0.0.1"
    table = [line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()]
    rows = [cells[1] for cells in table if cells[3] == "0A"]  # LISTEN
    for port in stack.ports.values():
        assert f"0100007F:{port:04X}" in rows
        assert f"00000000:{port:04X}" not in rows


def test_trackers_expire(stack: Stack) -> None:
    """`guichet purge` finds none of Rasa's trackers that would stay."""
    conversation = httpx.post(f"{stack.url}/api/v1/conversations", json={"language": "fr"}).json()
    httpx.post(
        f"{stack.url}/api/v1/conversations/{conversation['conversation_id']}/messages",
        json={"text": "bonjour"},
        headers={"Authorization": f"Bearer {conversation['token']}"},
        timeout=20,
    ).raise_for_status()
    done = subprocess.run(
        [sys.executable, "-m", "guichet", "purge", "--json"],
        check=True,
        cwd=ROOT,
        env=clean_environment() | stack.settings,
        capture_output=True,
        text=True,
    )
    counts = json.loads(done.stdout)
    assert counts["trackers_kept"] >= 1
    assert counts["trackers_removed"] == counts["trackers_shortened"] == 0
