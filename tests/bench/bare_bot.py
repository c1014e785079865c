"""A bare Rasa bot to compare with: what `rasa init` makes, each turn running one constant remote action.

    bare = BareBot(Path("/somewhere/empty"))
    bare.start()        # trains the first time (a minute or two); POST {bare.url}/webhooks/rest/webhook
    bare.stop()

Or by hand: `python tests/bench/bare_bot.py` starts it and prints its address.

Its domain, examples, stories and configuration are those of `rasa init` (DIET and TED, chosen by
Rasa itself), but for one thing: every text is replaced by the remote action, and every intent has a rule for
it, so that no turn is silent and every turn calls the action server once. The `light` variant replaces the
neural components by a logistic regression and the rules alone. Trackers are in memory, as `rasa init` has it.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import yaml

ROOT = Path(__file__).resolve().parents[2]
RASA_PYTHON = ROOT / "bot" / ".venv" / "bin" / "python"
KEPT_MODELS = ROOT / "var" / "bench"
ACTION = "action_constant"
FALLBACK_INTENT = "nlu_fallback"
SLOWEST_START_SECONDS = 280.0
LIGHT = """\
recipe: default.v1
assistant_id: bare
language: en
pipeline:
  - name: WhitespaceTokenizer
  - name: CountVectorsFeaturizer
  - name: LogisticRegressionClassifier
policies:
  - name: RulePolicy
"""


class BareBotError(RuntimeError):
    """The bare bot could not be made or started; the message holds what was printed."""


class BareBot:
    """A bare bot in a folder of its own.

    Args:
        folder: an empty folder, or one that is not there yet.
        variant: `default`, as Rasa makes it, or `light`.

    Attributes:
        url: where it answers, without a final slash.
        pids: the process ids of `rasa` and of `actions`, once started.
    """

    def __init__(self, folder: Path, variant: str = "default") -> None:
        self._folder = folder
        self._variant = variant
        self._port, self._actions_port = _free_ports(2)
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self.url = f"http://127.0.0.1:{self._port}"

    @property
    def pids(self) -> dict[str, int]:
        return {name: process.pid for name, process in self._processes.items()}

    def start(self) -> None:
        """Makes the project, trains it unless that was done before, and starts both its processes.

        Raises:
            BareBotError: It did not come up.
        """
        self._make()
        model = self._train()
        self._run(
            "actions",
            sys.executable,
            str(Path(__file__).with_name("bare_actions.py")),
            str(self._actions_port),
        )
        self._run(
            "rasa",
            *(str(RASA_PYTHON), "-m", "rasa", "run", "--interface", "127.0.0.1", "--port", str(self._port)),
            *("--model", str(model), "--credentials", "credentials.yml", "--endpoints", "endpoints.yml"),
        )
        try:
            self._wait("actions", f"http://127.0.0.1:{self._actions_port}/health")
            self._wait("rasa", self.url)
        except BareBotError:
            self.stop()
            raise

    def stop(self) -> None:
        """Stops both processes; returns once they are gone."""
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._processes.clear()

    def _make(self) -> None:
        shutil.copytree(_initial_project(), self._folder, dirs_exist_ok=True)
        domain_path, stories_path = self._folder / "domain.yml", self._folder / "data" / "stories.yml"
        domain, stories = _read(domain_path), _read(stories_path)
        domain["actions"] = [ACTION]
        for story in stories["stories"]:
            story["steps"] = _one_action_a_turn(story["steps"])
        rules = [
            {"rule": f"answer {intent}", "steps": [{"intent": intent}, {"action": ACTION}]}
            for intent in (*domain["intents"], FALLBACK_INTENT)
        ]
        _write(domain_path, domain)
        _write(stories_path, stories)
        _write(self._folder / "data" / "rules.yml", {"version": "3.1", "rules": rules})
        if self._variant == "light":
            (self._folder / "config.yml").write_text(LIGHT)
        endpoints = {"action_endpoint": {"url": f"http://127.0.0.1:{self._actions_port}/webhook"}}
        _write(self._folder / "endpoints.yml", endpoints)

    def _train(self) -> Path:
        kept = KEPT_MODELS / f"bare-{self._variant}-{self._fingerprint()}.tar.gz"
        if not kept.exists():
            words = ("-m", "rasa", "train", "--out", "models", "--fixed-model-name", "bare")
            done = subprocess.run(
                [RASA_PYTHON, *words],
                cwd=self._folder,
                env=_environment(),
                capture_output=True,
                text=True,
                check=False,
            )
            made = self._folder / "models" / "bare.tar.gz"
            if done.returncode != 0 or not made.exists():
                raise BareBotError(f"training failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
            kept.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(made, kept.with_suffix(".part"))
            kept.with_suffix(".part").replace(kept)
        return kept

    def _fingerprint(self) -> str:
        digest = hashlib.sha256()
        for path in (
            self._folder / "config.yml",
            self._folder / "domain.yml",
            *sorted(self._folder.glob("data/*")),
        ):
            digest.update(path.read_bytes())
        return digest.hexdigest()[:12]

    def _run(self, name: str, *words: str) -> None:
        with (self._folder / f"{name}.log").open("wb") as log:
            self._processes[name] = subprocess.Popen(
                words, cwd=self._folder, env=_environment(), stdout=log, stderr=subprocess.STDOUT
            )

    def _wait(self, name: str, url: str) -> None:
        deadline = time.monotonic() + SLOWEST_START_SECONDS
        while True:
            try:
                with urlopen(url, timeout=2):  # noqa: S310 - our own loopback address
                    return
            except (URLError, OSError):
                is_running = self._processes[name].poll() is None
            if not is_running or time.monotonic() > deadline:
                raise BareBotError(
                    f"{name} did not start:\n{(self._folder / f'{name}.log').read_text()[-2000:]}"
                )
            time.sleep(0.1)


def _one_action_a_turn(steps: list[dict[str, str]]) -> list[dict[str, str]]:
    """Replaces what a story says after each message by the one action."""
    return [step for said in steps if "intent" in said for step in (said, {"action": ACTION})]


def _initial_project() -> Path:
    found = list((ROOT / "bot" / ".venv" / "lib").glob("python*/site-packages/rasa/cli/initial_project"))
    if not found:
        raise BareBotError("Rasa is not installed in bot/.venv")
    return found[0]


def _environment() -> dict[str, str]:
    return os.environ | {
        "RASA_TELEMETRY_ENABLED": "false",
        "PYTHONWARNINGS": "ignore",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }


def _free_ports(count: int) -> list[int]:
    listeners = [socket.socket() for _ in range(count)]
    try:
        for listener in listeners:
            listener.bind(("127.0.0.1", 0))
        return [listener.getsockname()[1] for listener in listeners]
    finally:
        for listener in listeners:
            listener.close()


def _read(path: Path) -> dict:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _write(path: Path, content: dict) -> None:
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


def main() -> int:
    """Starts the bot and waits."""
    parser = argparse.ArgumentParser(description="Start a bare Rasa bot to compare with.")
    parser.add_argument("--variant", choices=("default", "light"), default="default")
    parser.add_argument("--folder", type=Path, required=True, help="an empty folder")
    options = parser.parse_args()
    bare = BareBot(options.folder, options.variant)
    try:
        bare.start()
        print(f"{bare.url}/webhooks/rest/webhook", bare.pids, "Ctrl-C stops it", flush=True)
        while True:
            time.sleep(60)
    except KeyboardInterrupt:
        return 0
    finally:
        bare.stop()


if __name__ == "__main__":
    sys.exit(main())
