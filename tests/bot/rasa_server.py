"""A real Rasa server (bot/run.py) with a small action server and a Redis of its own, for tests."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import redis

from guichet.processes import redis_program
from tests.stack import free_ports, is_listening

ROOT = Path(__file__).resolve().parents[2]
BOT = ROOT / "bot"
RASA_PYTHON = BOT / ".venv" / "bin" / "python"
SECRET = "the-secret-of-these-tests"
SLOWEST_START_SECONDS = 120.0


def rasa_environment(**more: str) -> dict[str, str]:
    """Our variables less the settings of whoever runs the tests, and calm libraries."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GUICHET_")}
    return inherited | {"PYTHONWARNINGS": "ignore", "RASA_TELEMETRY_ENABLED": "false"} | more


@dataclass(frozen=True)
class Answer:
    """What Rasa's server answers: the status, and the JSON."""

    status: int
    body: Any

    @property
    def said(self) -> list[str]:
        """For each message, the action or the text that it comes from."""
        customs = [message["custom"]["guichet"] for message in self.body["messages"]]
        return [custom.get("action") or custom["key"] for custom in customs]


class RasaServer:
    """Starts and stops the three processes; speaks to Rasa as the gateway does.

    Args:
        folder: where the logs go.
        model: the trained model.
        command: what starts Rasa, after the interpreter.
        variables: more environment variables for Rasa.
    """

    def __init__(
        self,
        folder: Path,
        model: Path,
        command: Sequence[str] = ("run.py",),
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self._folder = folder
        self._model = model
        self._command = command
        self._variables = variables or {}
        self.port, self.actions_port, self.redis_port = free_ports(3)
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        self.start_redis()
        stub = Path(__file__).with_name("actions_stub.py")
        self._run("actions", {}, sys.executable, str(stub), str(self.actions_port))
        variables = {
            "GUICHET_RASA_SECRET": SECRET,
            "GUICHET_ACTIONS_URL": f"http://127.0.0.1:{self.actions_port}",
            "GUICHET_REDIS_URL": f"redis://127.0.0.1:{self.redis_port}/0",
            "GUICHET_TRACKER_HOURS": "2",
            "GUICHET_RASA_TURN_SECONDS": "3",
            "GUICHET_RASA_ACTION_SECONDS": "1",
            **self._variables,
        }
        words = (*self._command, "--port", str(self.port), "--model", str(self._model))
        self._run("rasa", variables, str(RASA_PYTHON), *words, cwd=BOT)
        self._wait(lambda: is_listening(self.actions_port), "actions")
        self._wait(lambda: is_listening(self.port), "rasa")

    def start_redis(self) -> None:
        words = (
            "--bind",
            "127.0.0.1",
            "--port",
            str(self.redis_port),
            "--save",
            "",
            "--dir",
            str(self._folder),
        )
        self._run("redis", {}, str(redis_program()), *words)
        self._wait(lambda: is_listening(self.redis_port), "redis")

    def stop(self) -> None:
        for name in list(self._processes):
            self.kill(name)

    def kill(self, name: str) -> None:
        process = self._processes.pop(name)
        process.kill()
        process.wait()

    def pid(self, name: str) -> int:
        return self._processes[name].pid

    def log(self, name: str) -> str:
        return (self._folder / f"{name}.log").read_text(errors="replace")

    @property
    def redis(self) -> "redis.Redis[str]":
        return redis.Redis(port=self.redis_port, decode_responses=True)

    def ask(self, method: str, path: str, body: Any = None, secret: str | None = SECRET) -> Answer:
        http = HTTPConnection("127.0.0.1", self.port, timeout=10)
        headers = {"Content-Type": "application/json"}
        if secret is not None:
            headers["Authorization"] = f"Bearer {secret}"
        http.request(method, f"/webhooks/guichet/{path}", None if body is None else json.dumps(body), headers)
        response = http.getresponse()
        content = response.read()
        http.close()
        return Answer(response.status, json.loads(content) if content else None)

    def say(self, sender: str, text: str, language: str = "fr") -> Answer:
        metadata = {"language": language, "audience": "public", "turn_id": "t", "place": None}
        return self.ask("POST", "turn", {"sender": sender, "text": text, "metadata": metadata})

    def _run(self, name: str, variables: Mapping[str, str], *words: str, cwd: Path | None = None) -> None:
        with (self._folder / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                words, cwd=cwd or self._folder, env=rasa_environment(**variables), stdout=log, stderr=log
            )

    def _wait(self, is_there: Any, name: str) -> None:
        deadline = time.monotonic() + SLOWEST_START_SECONDS
        while not is_there():
            ended = self._processes[name].poll() is not None
            if ended or time.monotonic() > deadline:
                raise AssertionError(f"{name} did not start:\n{self.log(name)[-3000:]}")
            time.sleep(0.05)
