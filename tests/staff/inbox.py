"""A real gateway on an engine double, and agents who sign in to it in a browser."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import httpx
import pytest
import uvicorn
from cryptography.fernet import Fernet
from playwright.sync_api import Browser, Page
from pydantic import SecretStr

from api.app import build_app
from api.settings import ApiSettings
from api.staff.passwords import hash_password
from records.entries import Agent, Role
from records.settings import RecordsSettings
from records.store import Records
from tests.api.conftest import REPLY
from tests.api.double import EngineDouble
from tests.api.live import never_closed
from tests.requirements import need
from tests.stack import reuse_cache
from tests.widget.axe import AXE, RULES

PASSWORD = "une phrase assez longue"
COUNTER_SCREEN = {"width": 1024, "height": 768}
SCREENSHOTS = Path(__file__).parents[2] / "var" / "screenshots"


@dataclass
class Served:
    """A gateway that listens."""

    url: str
    records: Records
    engine: EngineDouble

    def add_agent(self, login: str, *services: str, role: Role = Role.AGENT) -> Agent:
        """An account whose password is PASSWORD."""
        return self.records.staff.add(
            login=login,
            name=login.title(),
            role=role,
            services=services,
            password_hash=hash_password(PASSWORD),
        )

    def ask(self, words: str, **body: Any) -> str:
        """A resident writes, then asks to be called back, or for a person; returns the reference."""
        with httpx.Client(base_url=self.url, timeout=60) as client:
            opened = client.post(
                "/api/v1/conversations", json={"language": body.pop("language", "fr")}
            ).json()
            client.headers["Authorization"] = f"Bearer {opened['token']}"
            path = f"/api/v1/conversations/{opened['conversation_id']}"
            said = client.post(f"{path}/messages", json={"text": words})
            assert said.status_code == 200, said.text
            answer = client.post(f"{path}/handoffs", json=body)
            assert answer.status_code == 201, answer.text
            return str(answer.json()["reference"])


@pytest.fixture(scope="package")
def served(valkey: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder, engine = tmp_path_factory.mktemp("gateway"), EngineDouble(REPLY)
    settings = ApiSettings(
        secret_key=SecretStr("a-secret-of-tests-0123456789-abcdef"),
        redis_url=valkey,
        rasa_url="http://127.0.0.1:9",
        conversation_rate="1000/minute",
        sign_in_rate="1000/minute",
        inbox_poll_seconds=1,
        # Residents are here without a page that answers the beats.
        live_resident_seconds=900,
    )
    knowledge = never_closed(folder, ("fr", "ar"), articles="")
    reuse_cache(knowledge.data_dir)
    app = build_app(
        settings,
        knowledge,
        RecordsSettings(
            data_dir=folder,
            encryption_key=SecretStr(Fernet.generate_key().decode()),
            ledger_key=SecretStr("a-ledger-key-of-tests-0123456789-abcdef"),
        ),
        engine=engine,
    )
    app.state.gateway.records.upgrade()
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    patience = monotonic() + 600
    while not server.started:
        assert thread.is_alive()
        assert monotonic() < patience, "the gateway does not start"
        sleep(0.1)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Served(f"http://127.0.0.1:{port}", app.state.gateway.records, engine)
    server.should_exit = True
    thread.join(20)


@pytest.fixture
def sign_in(browser: Browser, served: Served) -> Iterator[Callable[..., Page]]:
    """Opens a browser of its own for an agent; the keyword arguments are a Playwright context's."""
    contexts = []

    def signed_in(login: str, path: str = "/staff", **options: Any) -> Page:
        options = {"viewport": COUNTER_SCREEN, **options}
        context = browser.new_context(base_url=served.url, locale="fr-FR", **options)
        context.set_default_timeout(20_000)
        context.set_default_navigation_timeout(45_000)
        contexts.append(context)
        page = context.new_page()
        page.goto(f"/staff/sign-in?next={path}")
        page.fill("[name=login]", login)
        page.fill("[name=password]", PASSWORD)
        page.locator("main button").click()
        page.wait_for_url(f"**{path}")
        return page

    yield signed_in
    for context in contexts:
        context.close()


def axe(page: Page) -> list[object]:
    need("widget-tools")
    # Through the debugger: the page's policy refuses a script put into it.
    page.context.new_cdp_session(page).send("Page.setBypassCSP", {"enabled": True})
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("rules => axe.run({runOnly: {type: 'tag', values: rules}})", RULES)
    return [
        (violation["id"], [(node["html"][:120], node["failureSummary"][:300]) for node in violation["nodes"]])
        for violation in found["violations"]
    ]
