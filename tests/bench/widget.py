"""How long the widget takes to be usable on a slow phone, and what each stage transfers.

    python tests/bench/widget.py [--runs 5]

Chromium with its processor slowed 6 times and a network like 3G (1.6 Mbit/s, 300 ms there and back), nothing
in its cache; the gateway is the scripted one, which answers at once and compresses nothing, so the times hold
for files larger than those of production. Printed: the median and the longest time from the address to the
button that can be pressed, from the press to the greeting, from a question to its answer, of the form and of
the options; and the files and the size with brotli of each stage.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from statistics import median
from time import perf_counter

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser, sync_playwright  # noqa: E402 - after the path

from tests.requirements import need  # noqa: E402 - after the path
from tests.widget.conftest import CHROMIUM_ARGUMENTS, Chat  # noqa: E402 - after the path
from tests.widget.scripted_gateway import ScriptedGateway  # noqa: E402 - after the path
from tests.widget.states import PERSON  # noqa: E402 - after the path
from tests.widget.test_size import compressed  # noqa: E402 - after the path

SLOWER = 6
NETWORK = {"offline": False, "latency": 300, "downloadThroughput": 200_000, "uploadThroughput": 94_000}
STAGES = ("page, the button", "opening, the greeting", "first answer", "callback form", "options")
PAGE = """<!doctype html><html lang="fr"><meta charset="utf-8"><title>Page</title>
<meta name="viewport" content="width=device-width"><script type="module" src="/widget.js"></script>
<guichet-chat language="fr"><p>Appelez le 04 65 71 13 13.</p></guichet-chat></html>"""


def visit(browser: Browser) -> tuple[list[float], list[list[str]]]:
    """The seconds and the files of each stage, in one new tab."""
    gateway = ScriptedGateway()
    context = browser.new_context(viewport={"width": 390, "height": 720}, reduced_motion="reduce")
    context.set_default_timeout(120_000)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", NETWORK)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    chat = Chat(page, gateway)
    path = gateway.page(PAGE)
    seconds, files = [], []

    def stage(act: object) -> None:
        before, started = len(gateway.files), perf_counter()
        act()  # type: ignore[operator]  # a function without arguments
        seconds.append(perf_counter() - started)
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(500)
        files.append([name for name in gateway.files[before:] if name.startswith("/widget")])

    def arrive() -> None:
        page.goto(gateway.url + path)
        chat.launcher.wait_for()
        chat.launcher.click(trial=True)

    def open_it() -> None:
        chat.launcher.click()
        page.locator("guichet-chat .suggestions button").first.wait_for()

    def fill_in() -> None:
        chat.replies.last.get_by_role("button", name="Être rappelé").click()
        page.locator("guichet-chat .callback form").wait_for()

    def look() -> None:
        chat.options.click()
        page.locator("guichet-chat .options").wait_for()

    for act in (arrive, open_it, lambda: chat.ask(PERSON), fill_in, look):
        stage(act)
    context.close()
    gateway.close()
    return seconds, files


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=need("chromium"), args=CHROMIUM_ARGUMENTS)
        visits = [visit(browser) for _ in range(runs)]
        browser.close()
    print(f"{runs} visits, processor slowed {SLOWER} times, 1.6 Mbit/s, 300 ms")
    print("| stage | median s | longest s | files | bytes, brotli |\n| --- | ---: | ---: | ---: | ---: |")
    for place, name in enumerate(STAGES):
        times = [seconds[place] for seconds, _ in visits]
        loaded = sorted(set(visits[0][1][place]))
        size = compressed(loaded) if loaded else 0
        print(f"| {name} | {median(times):.1f} | {max(times):.1f} | {len(loaded)} | {size:,} |")


if __name__ == "__main__":
    main()
