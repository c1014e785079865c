"""Signing in by a real OpenID Connect provider, served on a local port."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from oidc_provider_mock import User, run_server_in_thread
from pydantic import SecretStr

from api.settings import ApiSettings
from api.staff.session import COOKIE
from knowledge.settings import KnowledgeSettings
from records.entries import Role
from records.tables import AgentRow
from tests.api.conftest import ORIGIN, REPLY, running
from tests.api.double import EngineDouble
from tests.api.staff.conftest import add_agent, post_sign_in, records_of

PEOPLE = (
    User(sub="noor", claims={"email": "noor@garlaban.example", "email_verified": True, "name": "Noor"}),
    User(sub="faux", claims={"email": "noor@garlaban.example", "email_verified": False}),
    User(sub="autre", claims={"email": "noor@garlaban.example", "email_verified": True}),
    User(
        sub="inconnue", claims={"email": "inconnue@garlaban.example", "email_verified": True, "name": "Inès"}
    ),
)


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    with run_server_in_thread(require_nonce=True, user_claims=PEOPLE) as server:
        yield f"http://localhost:{server.server_port}"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def connected(
    staff_settings: ApiSettings,
    published: KnowledgeSettings,
    provider: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[httpx.AsyncClient]:
    settings = staff_settings.model_copy(
        update={
            "oidc_issuer": provider,
            "oidc_client_id": "guichet",
            "oidc_client_secret": SecretStr("secret"),
        }
    )
    folder: Path = tmp_path_factory.mktemp("oidc")
    async with running(settings, folder, EngineDouble(REPLY), published) as client:
        yield client


@pytest_asyncio.fixture
async def browser(connected: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=connected._transport, base_url=ORIGIN) as fresh:
        yield fresh
    with records_of(connected)._database.writing() as session:
        session.query(AgentRow).delete()


async def sign_in_as(browser: httpx.AsyncClient, sub: str) -> httpx.Response:
    """Goes to the provider, says who one is there, and comes back."""
    sent = await browser.get("/staff/oidc", params={"next": "/staff/account"})
    assert sent.status_code == 302, sent.text
    async with httpx.AsyncClient() as outside:
        back = await outside.post(sent.headers["location"], data={"sub": sub})
    assert back.status_code == 302, back.text
    assert back.headers["location"].startswith(f"{ORIGIN}/staff/oidc/callback")
    return await browser.get(back.headers["location"])


async def test_a_verified_e_mail_opens_its_account_which_is_then_bound(browser: httpx.AsyncClient) -> None:
    account = add_agent(browser, "noor@garlaban.example", password_hash=None)
    answer = await sign_in_as(browser, "noor")
    assert answer.status_code == 200
    assert 'content="0; url=/staff/account"' in answer.text
    assert "samesite=strict" in answer.headers["set-cookie"].lower()
    assert (await browser.get("/staff/account")).status_code == 200
    kept = records_of(browser).staff.find(account.id)
    assert kept is not None
    assert kept.subject == "noor"
    browser.cookies.clear()
    refused = await sign_in_as(browser, "autre")  # the same e-mail, another person
    assert "aucun compte" in refused.text
    assert COOKIE not in browser.cookies


async def test_an_e_mail_that_nobody_verified_opens_nothing(browser: httpx.AsyncClient) -> None:
    add_agent(browser, "noor@garlaban.example")
    answer = await sign_in_as(browser, "faux")
    assert "aucun compte" in answer.text
    assert COOKIE not in browser.cookies


async def test_no_account_is_made_by_itself(browser: httpx.AsyncClient) -> None:
    assert "aucun compte" in (await sign_in_as(browser, "inconnue")).text
    assert records_of(browser).staff.all() == ()


async def test_an_account_is_made_when_a_setting_says_so(
    browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = browser._transport.app.state.gateway  # type: ignore[attr-defined] # ASGI's
    monkeypatch.setattr(gateway.settings, "oidc_creates_accounts", True)
    assert (await sign_in_as(browser, "inconnue")).status_code == 200
    (made,) = records_of(browser).staff.all()
    assert (made.login, made.role, made.services) == ("inconnue@garlaban.example", Role.AGENT, frozenset())
    assert made.created_at <= datetime.now(UTC)


async def test_a_disabled_account_stays_closed(browser: httpx.AsyncClient) -> None:
    account = add_agent(browser, "noor@garlaban.example", subject="noor")
    records_of(browser).staff.set_active(account.id, active=False)
    assert "aucun compte" in (await sign_in_as(browser, "noor")).text


async def test_an_answer_that_this_browser_did_not_ask_for_is_refused(browser: httpx.AsyncClient) -> None:
    add_agent(browser, "noor@garlaban.example")
    sent = await browser.get("/staff/oidc")
    async with httpx.AsyncClient() as outside:
        back = await outside.post(sent.headers["location"], data={"sub": "noor"})
    browser.cookies.clear()
    assert "n’a pas confirmé" in (await browser.get(back.headers["location"])).text
    await browser.get("/staff/oidc")  # another attempt of this browser: another state
    assert "n’a pas confirmé" in (await browser.get(back.headers["location"])).text
    assert COOKIE not in browser.cookies


async def test_a_password_is_no_way_into_an_account_that_has_none(browser: httpx.AsyncClient) -> None:
    add_agent(browser, "noor@garlaban.example", password_hash=None)
    assert (await post_sign_in(browser, "noor@garlaban.example", "")).status_code == 401


async def test_the_page_offers_the_provider_and_says_when_it_is_down(
    browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 'href="/staff/oidc?next=' in (await browser.get("/staff/sign-in")).text
    gateway = browser._transport.app.state.gateway  # type: ignore[attr-defined] # ASGI's
    monkeypatch.setattr(gateway.settings, "oidc_issuer", "http://127.0.0.1:9")
    assert "ne répond pas" in (await browser.get("/staff/oidc")).text


async def test_without_a_provider_there_is_none(client: httpx.AsyncClient) -> None:
    assert (await client.get("/staff/oidc")).status_code == 404
    assert "oidc" not in (await client.get("/staff/sign-in")).text
