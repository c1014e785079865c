"""The administrators' page of accounts."""

import re

import httpx
import pytest

from records.entries import Role
from tests.api.staff.conftest import add_agent, post_sign_in, records_of, sign_in


async def arrive(client: httpx.AsyncClient) -> dict[str, str]:
    add_agent(client, "chef", role=Role.ADMINISTRATOR)
    return {"csrf": await sign_in(client, "chef")}


async def test_an_administrator_adds_an_agent_who_signs_in(client: httpx.AsyncClient) -> None:
    form = await arrive(client)
    answer = await client.post(
        "/admin/agents",
        data={**form, "login": "Noor@garlaban.example", "name": "Noor", "services": ["mdph", "pmi"]},
    )
    assert answer.status_code == 200
    password = re.search(r"<code>([^<]+)</code>", answer.text)
    assert password
    added = records_of(client).staff.by_login("noor@garlaban.example")
    assert added is not None
    assert (added.role, added.services) == (Role.AGENT, frozenset({"mdph", "pmi"}))
    assert (await post_sign_in(client, "noor@garlaban.example", password[1])).status_code == 303
    assert password[1] not in (await client.get("/staff/account")).text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"login": "chef", "name": "Un autre"}, "déjà un compte"),
        ({"login": " ", "name": "Sans"}, "Donnez un identifiant"),
    ],
)
async def test_a_bad_account_is_refused_and_says_why(
    client: httpx.AsyncClient, fields: dict[str, str], said: str
) -> None:
    form = await arrive(client)
    answer = await client.post("/admin/agents", data={**form, **fields})
    assert answer.status_code == 422
    assert said in answer.text


async def test_a_service_of_no_directory_is_refused(client: httpx.AsyncClient) -> None:
    form = await arrive(client)
    answer = await client.post(
        "/admin/agents", data={**form, "login": "x", "name": "X", "services": ["inconnu"]}
    )
    assert answer.status_code == 422
    assert records_of(client).staff.by_login("x") is None


async def test_disabling_opening_and_services(client: httpx.AsyncClient) -> None:
    form = await arrive(client)
    agent = add_agent(client)
    staff = records_of(client).staff

    async def change(what: str, **fields: object) -> int:
        answer = await client.post(f"/admin/agents/{agent.id}/{what}", data={**form, **fields})
        return answer.status_code

    assert await change("services", services=["mdph"]) == 200
    assert await change("active", active="false") == 200
    kept = staff.find(agent.id)
    assert kept is not None
    assert (kept.services, kept.active) == (frozenset({"mdph"}), False)
    assert await change("active", active="true") == 200
    assert await change("services") == 200
    kept = staff.find(agent.id)
    assert kept is not None
    assert (kept.services, kept.active) == (frozenset(), True)


async def test_an_administrator_stays(client: httpx.AsyncClient) -> None:
    form = await arrive(client)
    chef = records_of(client).staff.by_login("chef")
    assert chef is not None
    answer = await client.post(f"/admin/agents/{chef.id}/active", data={**form, "active": "false"})
    assert answer.status_code == 422


async def test_an_agent_opens_none_of_it(client: httpx.AsyncClient) -> None:
    agent = add_agent(client)
    form = {"csrf": await sign_in(client)}
    assert (await client.get("/admin/agents")).status_code == 403
    for path in ("", f"/{agent.id}/password", f"/{agent.id}/services", f"/{agent.id}/active"):
        answer = await client.post(
            f"/admin/agents{path}", data={**form, "login": "x", "name": "x", "active": "false"}
        )
        assert answer.status_code == 403, path
    assert len(records_of(client).staff.all()) == 1


async def test_an_unknown_account_is_said_to_be_unknown(client: httpx.AsyncClient) -> None:
    form = await arrive(client)
    assert (await client.post("/admin/agents/nobody/password", data=form)).status_code == 404
