"""Times a whole turn through the gateway, beside a turn of a bare Rasa bot, in one run on the same machine.

    make bench-turn

Ours: the gateway, its records, Redis, Rasa with our channel, the action server's search. Bare: what
`rasa init` makes, with one constant remote action (bare_bot.py), through Rasa's REST channel. The two take
turns, so that what else the machine does weighs on both. Every message of ours is parsed by Rasa and
searched for; none is sent twice. A conversation has ten turns on both sides.

Printed: p50 and p95 in milliseconds for one resident and for ten at once, their ratios with the bootstrap
95 % interval of the ratio of medians, the cold start in seconds, the memory of each process (PSS, MB).
"""

from __future__ import annotations

import argparse
import json
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.bench.bare_bot import BareBot  # noqa: E402 - after the path
from tests.evaluation.__main__ import QUESTIONS, read_questions  # noqa: E402
from tests.stack import Stack  # noqa: E402

TURNS_OF_A_CONVERSATION = 10
RESIDENTS_AT_ONCE = 10
WARM_UP = 20
BLOCKS = 5
RESAMPLES = 2000
BARE_MESSAGES = (
    "hello",
    "i am sad",
    "great",
    "bye",
    "are you a bot",
    "yes",
    "no",
    "good morning",
    "so so",
    "cu",
)


class Client(ABC):
    """One resident of one of the two; opens a new conversation every ten turns, outside the time measured."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._http = HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=30)
        self._turns = 0

    def post(self, path: str, body: dict[str, Any], headers: dict[str, str] | None = None) -> Any:
        """Posts JSON, returns JSON."""
        self._http.request(
            "POST", path, json.dumps(body), {"Content-Type": "application/json", **(headers or {})}
        )
        response = self._http.getresponse()
        answer = json.loads(response.read())
        if response.status >= 400:
            raise RuntimeError(f"{path}: {response.status} {answer}")
        return answer

    def turn(self, text: str) -> float:
        """Takes one turn; returns its time in seconds."""
        if self._turns % TURNS_OF_A_CONVERSATION == 0:
            self.arrive()
        self._turns += 1
        started = perf_counter()
        answer = self.say(text)
        seconds = perf_counter() - started
        self.check(answer)
        return seconds

    @abstractmethod
    def arrive(self) -> None:
        """Opens a conversation."""

    @abstractmethod
    def say(self, text: str) -> Any:
        """Sends one message."""

    @abstractmethod
    def check(self, answer: Any) -> None:
        """Refuses a turn that was not answered: it would be fast for nothing."""


class GuichetClient(Client):
    """A resident of the assistant."""

    def arrive(self) -> None:
        opened = self.post("/api/v1/conversations", {"language": "fr"})
        self._path = f"/api/v1/conversations/{opened['conversation_id']}/messages"
        self._headers = {"Authorization": f"Bearer {opened['token']}"}

    def say(self, text: str) -> Any:
        return self.post(self._path, {"text": text, "client_message_id": uuid4().hex}, self._headers)

    def check(self, answer: Any) -> None:
        if answer["status"] not in {"answered", "abstained"}:
            raise RuntimeError(f"not answered: {answer['status']}")


class BareClient(Client):
    """A user of the bare bot."""

    def arrive(self) -> None:
        self._sender = uuid4().hex

    def say(self, text: str) -> Any:
        return self.post("/webhooks/rest/webhook", {"sender": self._sender, "message": text})

    def check(self, answer: Any) -> None:
        if not answer:
            raise RuntimeError("the bare bot said nothing")


@dataclass(frozen=True)
class Side:
    """One of the two assistants and what is said to it."""

    name: str
    client: Callable[[], Client]
    messages: Iterator[str]


def one_after_another(sides: Sequence[Side], turns: int) -> dict[str, list[float]]:
    """One resident on each side, turn by turn in alternation."""
    clients = {side.name: side.client() for side in sides}
    times: dict[str, list[float]] = {side.name: [] for side in sides}
    for _ in range(turns):
        for side in sides:
            times[side.name].append(clients[side.name].turn(next(side.messages)))
    return times


def ten_at_once(sides: Sequence[Side], turns: int) -> dict[str, list[float]]:
    """Ten residents at once on one side, then on the other, in blocks."""
    times: dict[str, list[float]] = {side.name: [] for side in sides}
    each = turns // (BLOCKS * RESIDENTS_AT_ONCE)
    with ThreadPoolExecutor(RESIDENTS_AT_ONCE) as pool:
        for _ in range(BLOCKS):
            for side in sides:
                said = [list(islice(side.messages, each)) for _ in range(RESIDENTS_AT_ONCE)]
                for taken in pool.map(lambda texts, side=side: _resident(side, texts), said):
                    times[side.name] += taken
    return times


def _resident(side: Side, texts: Sequence[str]) -> list[float]:
    client = side.client()
    return [client.turn(text) for text in texts]


def compare(title: str, times: dict[str, list[float]], rng: np.random.Generator) -> str:
    """Percentiles of both sides and the ratio of the first to the second."""
    lines = [title]
    arrays = {name: 1000 * np.array(taken) for name, taken in times.items()}
    for name, taken in arrays.items():
        p50, p95 = np.percentile(taken, (50, 95))
        lines.append(f"  {name:<8} p50 {p50:7.1f} ms   p95 {p95:7.1f} ms   {len(taken)} turns")
    ours, bare = arrays.values()
    medians = [
        np.median(rng.choice(ours, ours.size)) / np.median(rng.choice(bare, bare.size))
        for _ in range(RESAMPLES)
    ]
    low, high = np.percentile(medians, (2.5, 97.5))
    p50, p95 = (np.percentile(ours, p) / np.percentile(bare, p) for p in (50, 95))
    lines.append(f"  ratio    p50 {p50:7.2f}      p95 {p95:7.2f}      median in [{low:.2f}, {high:.2f}]")
    return "\n".join(lines)


def main() -> int:
    """Runs the benchmark and prints it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--turns", type=int, default=200, help="turns a side, for one resident and for ten")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    questions = [
        q.text
        for name in ("dev_fr", "test_fr", "dev_en", "test_en")
        for q in read_questions(QUESTIONS / f"{name}.jsonl")
    ]
    rng = np.random.default_rng(chosen.seed)
    rng.shuffle(questions)
    limits = {f"GUICHET_{name}_RATE": "1000000/minute" for name in ("MESSAGE", "ADDRESS", "CONVERSATION")}
    with TemporaryDirectory() as folder:
        stack = Stack(Path(folder) / "guichet", limits)
        bare = BareBot(Path(folder) / "bare")
        try:
            started = perf_counter()
            stack.start()
            cold = perf_counter() - started
            bare.start()
            sides = (
                Side("guichet", lambda: GuichetClient(stack.url), cycle(questions)),
                Side("bare", lambda: BareClient(bare.url), cycle(BARE_MESSAGES)),
            )
            print("warming up", file=sys.stderr, flush=True)
            one_after_another(sides, WARM_UP)
            print(compare("one resident", one_after_another(sides, chosen.turns), rng), flush=True)
            print(compare("ten residents at once", ten_at_once(sides, chosen.turns), rng), flush=True)
            memory = stack.memory_megabytes()
            print(f"cold start: {cold:.1f} s (model and index already made)")
            print("memory, PSS in MB: " + ", ".join(f"{name} {size:.0f}" for name, size in memory.items()))
            print(f"sum: {sum(memory.values()):.0f} MB")
        finally:
            bare.stop()
            stack.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
