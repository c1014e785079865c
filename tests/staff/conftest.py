"""A real gateway with the real articles, and a browser in which an agent signs in."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from cryptography.fernet import Fernet
from fastapi import FastAPI
from playwright.sync_api import Browser, Locator, Page, expect
from pydantic import SecretStr

from api.app import build_app
from api.settings import ApiSettings
from api.staff.passwords import hash_password
from knowledge.settings import KnowledgeSettings
from records.entries import Role
from records.settings import RecordsSettings
from records.store import Records
from tests.api.conftest import REPLY, valkey
from tests.api.double import EngineDouble
from tests.api.staff.conftest import published
from tests.staff.inbox import served, sign_in
from tests.widget.conftest import browser

__all__ = ["browser", "published", "served", "sign_in", "valkey"]

PASSWORD = "une phrase assez longue"
COUNTER = {"width": 1024, "height": 768}
expect.set_options(timeout=20_000)  # On a busy machine the page follows late; what never comes still fails.
LEDGER_KEY = SecretStr("a-ledger-key-of-tests-0123456789-abcdef")
SCREENSHOTS = Path(__file__).parents[2] / "var" / "screenshots"


class Server:
    """A gateway on a real port, in a thread."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)

    def start(self) -> None:
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive(), "the gateway did not start"
            time.sleep(0.05)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(10)

    @property
    def records(self) -> Records:
        records = self.app.state.gateway.records
        assert isinstance(records, Records)
        return records


@pytest.fixture(scope="package")
def make_server(
    valkey: str, published: KnowledgeSettings, tmp_path_factory
) -> Iterator[Callable[..., Server]]:
    """Starts a gateway; the keyword arguments are settings of it."""
    running: list[Server] = []

    def make(**values: object) -> Server:
        settings = ApiSettings(
            secret_key=SecretStr("a-secret-of-tests-0123456789-abcdef"),
            redis_url=valkey,
            rasa_url="http://127.0.0.1:9",
            sign_in_rate="10000/minute",
            **values,
        )
        folder = tmp_path_factory.mktemp("records")
        records = RecordsSettings(
            data_dir=folder, encryption_key=SecretStr(Fernet.generate_key().decode()), ledger_key=LEDGER_KEY
        )
        app = build_app(settings, published, records, engine=EngineDouble(REPLY))
        app.state.gateway.records.upgrade()
        app.state.gateway.now.search.search(
            "rsa", language="fr"
        )  # opened here: on a busy machine it takes a while
        server = Server(app)
        server.start()
        running.append(server)
        return server

    yield make
    for server in running:
        server.stop()


@pytest.fixture(scope="package")
def server(make_server: Callable[..., Server]) -> Server:
    """The gateway, with an agent and an administrator."""
    made = make_server()
    hashed = hash_password(PASSWORD)
    add = made.records.staff.add
    add(
        login="camille", name="Camille, accueil", role=Role.AGENT, services=("accueil",), password_hash=hashed
    )
    add(login="chef", name="Dominique", role=Role.ADMINISTRATOR, password_hash=hashed)
    return made


@dataclass
class Counter:
    """The staff's pages as an agent uses them."""

    page: Page
    url: str

    @property
    def question(self) -> Locator:
        return self.page.get_by_label("Votre question")

    @property
    def extracts(self) -> Locator:
        return self.page.locator("#extracts > li")

    def sign_in(self, login: str = "camille") -> "Counter":
        self.page.goto(f"{self.url}/staff")
        self.page.get_by_label("Identifiant").fill(login)
        self.page.get_by_label("Mot de passe").fill(PASSWORD)
        # The page says that its notice was seen once its script runs: before, keys are lost.
        with self.page.expect_response("**/disclosure/displayed"):
            self.page.keyboard.press("Enter")
        return self

    def ask(self, text: str) -> "Counter":
        """Asks with the keyboard, and waits for the answer beside the extracts."""
        self.question.fill(text)
        self.question.press("Enter")
        expect(self.extracts.first.get_by_role("button")).to_be_focused(timeout=15_000)
        return self

    def shot(self, name: str) -> None:
        """A picture of the page to look at; not committed."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"staff-{name}.png")


@pytest.fixture
def new_counter(browser: Browser, server: Server) -> Iterator[Callable[..., Counter]]:
    """Makes a browser tab; the keyword arguments are those of a Playwright context."""
    contexts = []

    def make(**options: object) -> Counter:
        options.setdefault("viewport", COUNTER)
        context = browser.new_context(
            locale="fr-FR", permissions=["clipboard-read", "clipboard-write"], **options
        )
        context.set_default_timeout(30_000)
        context.set_default_navigation_timeout(45_000)  # The first page of a busy machine is slow.
        contexts.append(context)
        return Counter(context.new_page(), server.url)

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def counter(new_counter: Callable[..., Counter]) -> Counter:
    """A tab on the counter's old screen."""
    return new_counter()
