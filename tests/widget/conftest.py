"""A browser, a gateway with fixed replies, and a page that shows the widget."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from tests.requirements import need
from tests.widget.scripted_gateway import ScriptedGateway

CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]
DESKTOP = {"width": 1280, "height": 860}
PHONE = {"width": 320, "height": 640}
# 1280 x 1024 pixels at 400 % zoom.
ZOOMED = {"width": 320, "height": 256}


@dataclass
class Chat:
    """The widget as a resident uses it."""

    page: Page
    gateway: ScriptedGateway
    language: str = "fr"

    @property
    def launcher(self) -> Locator:
        return self.page.locator("guichet-chat .launcher")

    @property
    def panel(self) -> Locator:
        return self.page.locator("guichet-chat dialog")

    @property
    def log(self) -> Locator:
        return self.page.locator("guichet-chat [role=log]")

    @property
    def question(self) -> Locator:
        return self.page.locator("guichet-chat textarea")

    @property
    def replies(self) -> Locator:
        return self.page.locator("guichet-chat .entry.assistant[data-status]")

    @property
    def contact(self) -> Locator:
        return self.page.locator("guichet-chat .contact")

    @property
    def options(self) -> Locator:
        """The button that unfolds the options."""
        return self.page.locator("guichet-chat [aria-controls=options]")

    @property
    def site_phone(self) -> Locator:
        """The phone number in the element's own content, which the demonstration page gives."""
        return self.page.locator("guichet-chat > p a[href='tel:+33465711313']")

    def visit(self, path: str = "/") -> "Chat":
        self.page.goto(self.gateway.url + path)
        self.launcher.wait_for(state="attached")  # no wait_for_function: the page's policy refuses its eval
        return self

    def open(self, path: str = "/") -> "Chat":
        """Visit a page and press the launcher; wait for the greeting and the starters."""
        self.visit(path)
        self.launcher.click()
        self.page.locator("guichet-chat .suggestions button").first.wait_for()
        return self

    def wait_for_kiosk(self) -> "Chat":
        """Wait until the kiosk's clock runs: its part is fetched while the conversation opens."""
        self.page.evaluate("async () => { await import('/widget/kiosk.js'); }")
        return self

    def write(self, text: str) -> None:
        self.question.fill(text)
        self.question.press("Enter")

    def ask(self, text: str) -> Locator:
        """Send a message and wait for its reply, which is returned."""
        before = self.replies.count()
        self.write(text)
        reply = self.replies.nth(before)
        reply.wait_for()
        return reply

    def hear(self) -> None:
        """From now on, note what the live regions of the messages are given; the page must be there."""
        self.page.locator("guichet-chat [aria-live=polite]").first.evaluate("""region => {
            window.heard = [];
            new MutationObserver(changes => {
                for (const {target: {lang, textContent: text}} of changes) if (text) heard.push([lang, text]);
            }).observe(region.parentElement, {childList: true, subtree: true});
        }""")

    def heard(self) -> list[tuple[str, str]]:
        """What has been announced since: language, text."""
        return [(language, text) for language, text in self.page.evaluate("heard")]

    def kept(self) -> str | None:
        """What the tab's storage holds."""
        return self.page.evaluate("sessionStorage.length ? Object.values(sessionStorage).join() : null")


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    # Not longer than this package: while it lives, its event loop would be in the way of asynchronous tests.
    program = need("chromium")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, args=CHROMIUM_ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture
def gateway() -> Iterator[ScriptedGateway]:
    server = ScriptedGateway()
    yield server
    server.close()


@pytest.fixture
def new_chat(browser: Browser, gateway: ScriptedGateway) -> Iterator[Callable[..., Chat]]:
    """Makes a browser tab; the keyword arguments are those of a Playwright context."""
    contexts = []

    def make(**options: object) -> Chat:
        options.setdefault("viewport", DESKTOP)
        context = browser.new_context(locale="fr-FR", **options)
        context.set_default_timeout(10_000)
        context.set_default_navigation_timeout(45_000)  # The first page of a busy machine is slow.
        contexts.append(context)
        return Chat(context.new_page(), gateway)

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def chat(new_chat: Callable[..., Chat]) -> Chat:
    """A tab on a desktop computer."""
    return new_chat()
