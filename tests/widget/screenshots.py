"""Screenshots of every state, and sheets of them to look at: `python -m tests.widget.screenshots [FOLDER]`.

Each state in French and in Arabic on a phone, and the French ones on a desktop computer too.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Error, sync_playwright

from tests.requirements import need
from tests.widget.conftest import CHROMIUM_ARGUMENTS, DESKTOP, Chat
from tests.widget.scripted_gateway import ROOT, ScriptedGateway
from tests.widget.states import STATES

PHONE = {"width": 390, "height": 720}
SETS = {"fr": ("fr", PHONE), "ar": ("ar", PHONE), "fr-desktop": ("fr", DESKTOP)}
A_SHEET = 8
SHEET = """<!doctype html><meta charset="utf-8"><style>body {{ display: grid; gap: 10px; margin: 0;
grid-template-columns: repeat(4, minmax(0, 1fr)); font: 14px sans-serif }} figure {{ margin: 0 }}
img {{ max-width: 100%; border: 1px solid gray }}</style>{figures}"""


def shoot(browser: Browser, folder: Path, name: str) -> list[str]:
    """Writes `SET/NN-state.png`; returns what could not be brought about."""
    failed = []
    language, viewport = SETS[name]
    (folder / name).mkdir(parents=True, exist_ok=True)
    for number, (state, bring) in enumerate(STATES.items()):
        gateway = ScriptedGateway()
        context = browser.new_context(locale="fr-FR", viewport=viewport, reduced_motion="reduce")
        context.set_default_timeout(20_000)
        chat = Chat(context.new_page(), gateway, language)
        try:
            bring(chat)
            chat.page.wait_for_timeout(250)
            chat.page.screenshot(path=folder / name / f"{number:02}-{state.replace(' ', '-')}.png")
        except (Error, AssertionError) as error:
            failed.append(f"{name} {state}: {str(error)[:300]}")
        context.close()
        gateway.close()
    return failed


def sheets(browser: Browser, folder: Path) -> Iterator[Path]:
    """Pictures of a folder side by side, a few a sheet."""
    shots = sorted(folder.glob("*.png"))
    page = browser.new_page(viewport={"width": 1700, "height": 900})
    for first in range(0, len(shots), A_SHEET):
        figures = "".join(
            f'<figure><figcaption>{shot.stem}</figcaption><img src="{folder.name}/{shot.name}"></figure>'
            for shot in shots[first : first + A_SHEET]
        )
        html = folder.with_suffix(".html")
        html.write_text(SHEET.format(figures=figures), encoding="utf-8")
        page.goto(html.resolve().as_uri())
        written = folder.with_name(f"{folder.name}-{first // A_SHEET + 1}.png")
        page.screenshot(path=written, full_page=True)
        html.unlink()
        yield written
    page.close()


def main() -> int:
    """Takes them all, or the sets named after the folder."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "var/accessibility/screenshots"
    failed: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=need("chromium"), args=CHROMIUM_ARGUMENTS)
        for name in sys.argv[2:] or list(SETS):
            failed += shoot(browser, folder, name)
            for written in sheets(browser, folder / name):
                print(written)
        browser.close()
    print("\n".join(failed) or "every state was reached")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
