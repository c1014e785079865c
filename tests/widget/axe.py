"""What axe-core finds in the widget, in any state, language and scheme of colours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Browser, Page

from tests.widget.conftest import DESKTOP, PHONE, Chat
from tests.widget.scripted_gateway import ROOT, ScriptedGateway
from tests.widget.states import STATES

AXE = ROOT / "widget/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LANGUAGES = ("fr", "en", "es", "pt", "it", "de", "ar", "tr", "ro", "uk")
# What the page is told of the resident's settings.
SCHEMES: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light", "forced_colors": "none"},
    "dark": {"color_scheme": "dark", "forced_colors": "none"},
    "forced colours": {"color_scheme": "light", "forced_colors": "active"},
}
RUN = """async rules => {
    const {violations, incomplete, passes, testEngine} = await axe.run({
        runOnly: {type: "tag", values: rules}, resultTypes: ["violations", "incomplete", "passes"]});
    const told = ({id, nodes}) => ({id, nodes: nodes.map(({html, target, failureSummary}) =>
        [target.flat().join(" "), html.slice(0, 160), (failureSummary ?? "").slice(0, 400)])});
    return {version: testEngine.version, violations: violations.map(told),
        incomplete: incomplete.map(told), passed: passes.map(({id}) => id)};
}"""


def prepare(page: Page) -> None:
    """Load axe-core into a page that is there already."""
    page.evaluate(AXE.read_text(encoding="utf-8"))


def check(page: Page) -> dict[str, Any]:
    """What axe-core says of the page as it is: `violations`, `incomplete` (a person must judge), `passed`."""
    found: dict[str, Any] = page.evaluate(RUN, RULES)
    return found


def viewport_of(state: str, language: str) -> dict[str, int]:
    """A desktop or a phone, by turns, so that neither goes unseen."""
    turn = list(STATES).index(state) + LANGUAGES.index(language)
    return PHONE if turn % 2 else DESKTOP


def checks_of(browser: Browser, state: str, language: str, schemes: list[str]) -> Iterator[dict[str, Any]]:
    """Bring a new tab to the state once, then check it in each scheme of colours."""
    gateway = ScriptedGateway()
    context = browser.new_context(
        locale="fr-FR", viewport=viewport_of(state, language), reduced_motion="reduce"
    )
    context.set_default_timeout(20_000)
    try:
        chat = Chat(context.new_page(), gateway, language)
        chat.page.emulate_media(**SCHEMES[schemes[0]])
        STATES[state](chat)
        prepare(chat.page)
        for scheme in schemes:
            chat.page.emulate_media(**SCHEMES[scheme])
            yield {"state": state, "language": language, "scheme": scheme} | check(chat.page)
    finally:
        context.close()
        gateway.close()
