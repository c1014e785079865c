"""Who is let in, until when, and what another site cannot make a browser do."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from api.settings import ApiSettings
from api.staff.session import COOKIE, as_agent
from records.entries import Role
from tests.api.conftest import ORIGIN, app_of, running
from tests.api.double import EngineDouble
from tests.api.staff.conftest import PASSWORD, add_agent, csrf_in, post_sign_in, records_of, sign_in


async def test_an_agent_signs_in_and_out(client: httpx.AsyncClient) -> None:
    add_agent(client)
    csrf = await sign_in(client, " Camille ")
    assert (await client.get("/staff")).status_code == 200
    kept = client.cookies[COOKIE]
    left = await client.post("/staff/sign-out", data={"csrf": csrf})
    assert left.headers["location"] == "/staff/sign-in"
    assert COOKIE not in client.cookies
    client.cookies.set(COOKIE, kept)  # whoever copied the cookie has nothing left
    assert (await client.get("/staff")).headers["location"].startswith("/staff/sign-in")


async def test_the_cookie_is_kept_from_scripts_and_from_other_sites(client: httpx.AsyncClient) -> None:
    add_agent(client)
    answer = await post_sign_in(client)
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    over_https = await client.post(
        ORIGIN.replace("http:", "https:") + "/staff/sign-in", data={"login": "camille", "password": PASSWORD}
    )
    assert "secure" in over_https.headers["set-cookie"].lower()


async def test_a_page_leads_to_the_sign_in_and_back(client: httpx.AsyncClient) -> None:
    add_agent(client)
    refused = await client.get("/staff/account")
    assert refused.status_code == 303
    assert refused.headers["location"] == "/staff/sign-in?next=/staff/account"
    answer = await post_sign_in(client, next="/staff/account")
    assert answer.headers["location"] == "/staff/account"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example", "//evil.example", "/\\evil.example", "/staff//x", "/", "/staff/sign-in"],
)
async def test_signing_in_leads_to_no_other_site(client: httpx.AsyncClient, elsewhere: str) -> None:
    add_agent(client)
    answer = await post_sign_in(client, next=elsewhere)
    assert answer.headers["location"] == "/staff"


@pytest.mark.parametrize("cookie", ["", "x", "token.signature", "a" * 500])
async def test_a_forged_cookie_opens_nothing(client: httpx.AsyncClient, cookie: str) -> None:
    client.cookies.set(COOKIE, cookie)
    assert (await client.get("/staff")).status_code == 303


async def test_a_session_ends_by_itself(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    add_agent(client)
    await sign_in(client)
    later = datetime.now(UTC) + timedelta(hours=11)
    monkeypatch.setattr("records.staff.now", lambda: later)
    assert (await client.get("/staff")).status_code == 303


async def test_a_new_password_ends_the_other_sessions(client: httpx.AsyncClient) -> None:
    add_agent(client)
    await sign_in(client)
    elsewhere = client.cookies[COOKIE]
    client.cookies.clear()
    csrf = await sign_in(client)
    new = "une autre phrase longue"
    form = {"csrf": csrf, "current": PASSWORD, "new": new, "again": new}
    assert (await client.post("/staff/account/password", data=form)).status_code == 303
    assert (await client.get("/staff")).status_code == 200  # here a new session was opened
    client.cookies.clear()
    client.cookies.set(COOKIE, elsewhere)
    assert (await client.get("/staff")).status_code == 303
    client.cookies.clear()
    assert (await post_sign_in(client)).status_code == 401
    assert (await post_sign_in(client, password=new)).status_code == 303


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"current": "pas le bon mot"}, "actuel"),
        ({"new": "court", "again": "court"}, "au moins 12"),
        ({"new": "camille camille", "again": "camille camille"}, "identifiant"),
        ({"new": "aaaaaaaaaaaaaaaa", "again": "aaaaaaaaaaaaaaaa"}, "répète"),
        ({"again": "une chose différente"}, "différents"),
    ],
)
async def test_a_bad_new_password_is_refused_and_says_why(
    client: httpx.AsyncClient, form: dict[str, str], said: str
) -> None:
    add_agent(client)
    csrf = await sign_in(client)
    good = {"csrf": csrf, "current": PASSWORD, "new": "encore une phrase", "again": "encore une phrase"}
    answer = await client.post("/staff/account/password", data={**good, **form})
    assert answer.status_code == 422
    assert said in answer.text


async def test_a_disabled_account_is_out_at_once(client: httpx.AsyncClient) -> None:
    agent = add_agent(client)
    await sign_in(client)
    records_of(client).staff.set_active(agent.id, active=False)
    assert (await client.get("/staff")).status_code == 303
    assert (await post_sign_in(client)).status_code == 401


async def test_all_refusals_say_the_same(client: httpx.AsyncClient) -> None:
    add_agent(client)
    disabled = add_agent(client, "partie")
    records_of(client).staff.set_active(disabled.id, active=False)
    add_agent(client, "sans-mot", password_hash=None)
    pages = set()
    for login in ("camille", "inconnue", "partie", "sans-mot", ""):
        answer = await post_sign_in(client, login, "pas le bon mot")
        assert answer.status_code == 401
        pages.add(answer.text.replace(f'value="{login}"', ""))
    assert len({page.replace(" autofocus", "") for page in pages}) == 1


async def test_an_account_is_locked_after_failures_and_opened_by_a_new_password(
    client: httpx.AsyncClient,
) -> None:
    agent = add_agent(client, "dominique")
    for _ in range(5):
        assert (await post_sign_in(client, "dominique", "pas le bon mot")).status_code == 401
    assert (await post_sign_in(client, "dominique")).status_code == 401  # the right one, too late
    kept = records_of(client).staff.find(agent.id)
    assert kept is not None
    assert kept.locked_until is not None
    assert kept.password_hash is not None
    records_of(client).staff.set_password(agent.id, kept.password_hash)
    assert (await post_sign_in(client, "dominique")).status_code == 303


async def test_guesses_are_counted_by_address_and_by_name(
    settings: ApiSettings, tmp_path: Path, engine: EngineDouble
) -> None:
    strict = settings.model_copy(update={"sign_in_rate": "3/minute"})
    async with running(strict, tmp_path, engine) as client:
        name = f"cible-{time.monotonic_ns()}"  # the counters outlive a test
        statuses = [(await post_sign_in(client, name, "x")).status_code for _ in range(4)]
        assert 429 in statuses
        refused = await post_sign_in(client, name, "x")
        assert int(refused.headers["retry-after"]) > 0
        assert "Attendez" in refused.text


async def test_a_change_without_the_page_s_token_is_refused(client: httpx.AsyncClient) -> None:
    add_agent(client)
    await sign_in(client)
    for form in ({}, {"csrf": ""}, {"csrf": "forged"}):
        answer = await client.post("/staff/sign-out", data=form)
        assert answer.status_code == 403
        assert answer.json()["type"] == "/problems/page-expired"
    assert (await client.get("/staff")).status_code == 200


async def test_the_token_of_another_session_does_not_fit(client: httpx.AsyncClient) -> None:
    add_agent(client)
    earlier = await sign_in(client)
    client.cookies.clear()
    await sign_in(client)
    assert (await client.post("/staff/sign-out", data={"csrf": earlier})).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://www.garlaban.example"},  # it may embed the widget, and no more
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_another_site_changes_nothing(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    add_agent(client)
    form = {"login": "camille", "password": PASSWORD}
    assert (await client.post("/staff/sign-in", data=form, headers=headers)).status_code == 403
    csrf = await sign_in(client)
    answer = await client.post("/staff/sign-out", data={"csrf": csrf}, headers=headers)
    assert answer.status_code == 403


async def test_a_browser_gets_a_page_for_an_error(client: httpx.AsyncClient) -> None:
    add_agent(client)
    await sign_in(client)
    answer = await client.get("/admin/agents", headers={"Accept": "text/html"})
    assert answer.status_code == 403
    assert "Votre compte ne permet pas" in answer.text
    assert (await client.get("/admin/agents")).json()["type"] == "/problems/not-for-you"


async def test_no_page_of_the_staff_is_kept_or_scripted_from_outside(client: httpx.AsyncClient) -> None:
    add_agent(client, role=Role.ADMINISTRATOR)
    await sign_in(client)
    for path in ("/staff", "/staff/account", "/admin/agents", "/staff/sign-in"):
        answer = await client.get(path)
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert "style=" not in answer.text
        if answer.status_code == 200:
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["referrer-policy"] == "same-origin"
            assert csrf_in(answer.text)


async def test_what_an_agent_is_called_cannot_be_markup(client: httpx.AsyncClient) -> None:
    records_of(client).staff.add(
        login="x",
        name="<script>alert(1)</script>",
        role=Role.AGENT,
        password_hash=add_agent(client).password_hash,
    )
    await post_sign_in(client, "x")
    assert "<script>alert" not in (await client.get("/staff")).text


async def test_sees_its_own_services_only(client: httpx.AsyncClient) -> None:
    keeper = app_of(client).state.gateway
    for role in Role:
        agent = add_agent(client, f"x-{role}", role=role, services=("accueil",))
        assert as_agent(agent).sees("accueil")
        assert not any(
            as_agent(agent).sees(each) for each in keeper.composer.directory.services if each != "accueil"
        )
