"""The inbox: only one's services' requests, by page and by API, route by route; readings on record."""

import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from cryptography.fernet import Fernet
from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import SecretStr

from api.settings import ApiSettings
from knowledge.reply import EmergencyBlock, EmergencyNumberCard
from records.entries import Role
from records.settings import RecordsSettings
from records.store import Records
from tests.api.conftest import ORIGIN, REPLY, Resident, app_of, running
from tests.api.double import EngineDouble
from tests.api.staff.conftest import add_agent, records_of, sign_in
from tests.api.test_handoffs import CALLBACK

NAMES_ANOTHER_THING: set[str] = set()
# What a route wants before it looks at whose request it is.
BODIES = {"/messages": {"text": "Bonjour", "client_message_id": "m1"}, "/forward": {"service_id": "mdph"}}
NAMES_A_REQUEST = re.compile(r"\{(request_id|handoff_id)\}")
API = "/api/v1/staff/requests"


async def ask(client: httpx.AsyncClient, words: str = "Comment demander l'APA ?", **change: Any) -> str:
    """A callback of a resident who asked something before; returns the identifier of the request."""
    resident = await Resident.arrives(client)
    await resident.says(words)
    answer = await resident.post("handoffs", {**CALLBACK, "client_message_id": str(uuid4()), **change})
    assert answer.status_code == 201, answer.text
    reference = answer.json()["reference"]
    return next(each.id for each in records_of(client).handoffs() if each.reference == reference)


def service_of(client: httpx.AsyncClient, request_id: str) -> str:
    request = records_of(client).inbox.find(request_id)
    assert request is not None
    return request.handoff.service_id


async def agent_signs_in(client: httpx.AsyncClient, *services: str, login: str = "camille") -> dict[str, str]:
    """The headers of a call of an agent of these services."""
    add_agent(client, login, services=services)
    return {"x-guichet-csrf": await sign_in(client, login)}


def routes_of(router: FastAPI | APIRouter) -> Iterator[APIRoute]:
    """Every route, those of included routers too: FastAPI keeps them apart until they are asked for."""
    for route in router.routes:
        if isinstance(route, APIRoute):
            yield route
        elif included := getattr(route, "original_router", None):
            yield from routes_of(included)


def queried(dependant: Dependant) -> Iterator[str]:
    """What a route reads after the question mark, itself or by what it depends on."""
    yield from (each.name for each in dependant.query_params)
    for each in dependant.dependencies:
        yield from queried(each)


def routes_that_name_a_request(client: httpx.AsyncClient) -> list[tuple[str, str]]:
    """Method and path of each; a route under /staff with another variable must be in NAMES_ANOTHER_THING."""
    found = []
    for route in routes_of(app_of(client)):
        if route.path.startswith(("/api/v1/staff", "/staff")):
            asked = set(queried(route.dependant))
            assert not asked & {"request_id", "handoff_id"}, f"{route.path}: a path names what is read"
            variables = set(re.findall(r"\{(\w+)", route.path))
            assert variables <= {"request_id", "handoff_id"} | NAMES_ANOTHER_THING, route.path
            if variables & {"request_id", "handoff_id"}:
                found += [(method, route.path) for method in sorted(route.methods)]
    elsewhere = [
        route.path
        for route in app_of(client).routes
        if not isinstance(route, APIRoute)
        and getattr(route, "path", "").startswith(("/api/v1/staff", "/staff/"))
    ]
    assert elsewhere == ["/staff/static"], "a socket or a mounted application is walked by nobody"
    described = app_of(client).openapi()["paths"]
    assert {path for path in described if NAMES_A_REQUEST.search(path)} <= {path for _, path in found}
    return found


@pytest_asyncio.fixture(scope="module")
async def started(
    valkey: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[httpx.AsyncClient, EngineDouble]]:
    """One gateway for all these tests: to read the articles takes longer than all of them."""
    engine = EngineDouble(REPLY)
    settings = ApiSettings(
        secret_key=SecretStr("a-secret-of-tests-0123456789-abcdef"),
        redis_url=valkey,
        rasa_url="http://127.0.0.1:9",
        public_url=ORIGIN,
        conversation_rate="1000/minute",
        sign_in_rate="1000/minute",
    )
    async with running(settings, tmp_path_factory.mktemp("gateway"), engine) as opened:
        yield opened, engine


@pytest.fixture
def engine(started: tuple[httpx.AsyncClient, EngineDouble]) -> EngineDouble:
    started[1].reply = REPLY
    return started[1]


@pytest.fixture
def client(
    started: tuple[httpx.AsyncClient, EngineDouble], engine: EngineDouble, tmp_path: Path
) -> Iterator[httpx.AsyncClient]:
    """The same gateway, its records new."""
    assert engine.reply is REPLY
    opened = started[0]
    opened.cookies.clear()
    key = SecretStr(Fernet.generate_key().decode())
    gateway, kept = app_of(opened).state.gateway, app_of(opened).state.gateway.records
    ledger_key = SecretStr("a-ledger-key-of-tests-0123456789-abcdef")
    settings = RecordsSettings(data_dir=tmp_path, encryption_key=key, ledger_key=ledger_key)
    gateway.records = Records(settings)
    gateway.records.upgrade()
    yield opened
    gateway.records.close()
    gateway.records = kept


async def test_no_route_lets_an_agent_of_another_service_in(client: httpx.AsyncClient) -> None:
    request_id = await ask(client)
    headers = await agent_signs_in(client, "college-accueil", "mdph")
    assert service_of(client, request_id) not in {"college-accueil", "mdph"}
    routes = routes_that_name_a_request(client)
    assert len(routes) >= 8
    for method, path in routes:
        body = BODIES.get(path[path.rindex("/") :])
        theirs, nobodys = [
            await client.request(method, NAMES_A_REQUEST.sub(each, path), headers=headers, json=body)
            for each in (request_id, str(uuid4()))
        ]
        assert theirs.status_code == 404, f"{method} {path}: {theirs.status_code}"
        assert theirs.text.replace(request_id, "") == re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "", nobodys.text)
    assert records_of(client).inbox.readings() == ()


async def test_the_same_routes_let_an_agent_of_the_service_in(client: httpx.AsyncClient) -> None:
    request_id = await ask(client)
    headers = await agent_signs_in(client, service_of(client, request_id))
    for method, path in routes_that_name_a_request(client):
        if "/live/" not in path:
            answer = await client.request(method, NAMES_A_REQUEST.sub(request_id, path), headers=headers)
            assert answer.status_code != 404, f"{method} {path}"


@pytest.mark.parametrize("path", [API, "/staff/requests"])
async def test_the_list_holds_one_s_services_only_whoever_asks(client: httpx.AsyncClient, path: str) -> None:
    request_id = await ask(client)
    service = service_of(client, request_id)
    add_agent(client, "admin", role=Role.ADMINISTRATOR, services=("mdph",))
    await sign_in(client, "admin")
    answer = await client.get(path, params={"service": service})
    assert answer.status_code == 200
    assert request_id not in answer.text
    assert (await client.get(f"{API}/pulse")).json() == {"open": 0, "latest": None}
    client.cookies.clear()
    await agent_signs_in(client, service)
    assert request_id in (await client.get(path, params={"service": service})).text


async def test_without_a_session_there_is_nothing(client: httpx.AsyncClient) -> None:
    request_id = await ask(client)
    for method, path in routes_that_name_a_request(client):
        answer = await client.request(method, NAMES_A_REQUEST.sub(request_id, path))
        assert answer.status_code in {401, 303}, f"{method} {path}: {answer.status_code}"


async def test_the_list_says_nothing_of_who_the_resident_is(client: httpx.AsyncClient) -> None:
    request_id = await ask(client)
    await agent_signs_in(client, service_of(client, request_id))
    for path in (API, "/staff/requests"):
        text = (await client.get(path)).text
        assert request_id in text
        assert "Jeanne" not in text
        assert "39 98" not in text
        assert "+336" not in text
    assert records_of(client).inbox.readings() == ()


async def test_opening_gives_the_contact_and_the_summary_and_is_on_record(client: httpx.AsyncClient) -> None:
    request_id = await ask(client, "Comment demander l'APA ? Mon numéro : 06 39 98 12 34")
    await agent_signs_in(client, service_of(client, request_id))
    answer = await client.get(f"{API}/{request_id}")
    assert answer.headers["cache-control"] == "no-store"
    opened = answer.json()
    assert opened["contact"]["value"] == "+33639981234"
    (exchange,) = opened["summary"]["exchanges"]
    assert exchange["asked"].startswith("Comment demander l'APA ?")
    assert "06 39" not in exchange["asked"]
    page = await client.get(f"/staff/requests/{request_id}")
    assert "Jeanne" in page.text
    assert page.headers["cache-control"] == "no-store"
    readings = records_of(client).inbox.readings()
    assert [(each.agent_name, each.handoff_id) for each in readings] == [("Camille", request_id)] * 2


async def test_a_request_is_begun_given_noted_and_closed(client: httpx.AsyncClient) -> None:
    request_id = await ask(client)
    service = service_of(client, request_id)
    ali = add_agent(client, "ali", services=(service,))
    headers = await agent_signs_in(client, service)

    async def post(what: str, **body: Any) -> httpx.Response:
        return await client.post(f"{API}/{request_id}/{what}", json=body, headers=headers)

    begun = (await post("status", status="in_progress", seen="open")).json()
    assert (begun["status"], begun["assignee"]["name"]) == ("in_progress", "Camille")
    given = (await post("assignee", agent_id=ali.id, seen=begun["assignee"]["id"])).json()
    assert given["assignee"]["name"] == "Ali"
    assert (await post("notes", text="Rappelé, pas de réponse.")).status_code == 201
    assert (await post("status", status="unreachable", seen="in_progress")).json()["status"] == "unreachable"
    stale = await post("status", status="done", seen="in_progress")
    assert (stale.status_code, stale.json()["type"]) == (409, "/problems/changed-meanwhile")
    opened = (await client.get(f"{API}/{request_id}")).json()
    assert [note["text"] for note in opened["notes"]] == ["Rappelé, pas de réponse."]
    assert [(each["kind"], each["after"]) for each in opened["history"]] == [
        ("status", "in_progress"),
        ("assignee", "Camille"),
        ("assignee", "Ali"),
        ("status", "unreachable"),
    ]
    assert [each["id"] for each in (await client.get(API)).json()["requests"]] == []
    closed = (await client.get(API, params={"status": "unreachable"})).json()["requests"]
    assert [each["id"] for each in closed] == [request_id]


async def test_only_an_agent_of_the_service_can_get_it(client: httpx.AsyncClient) -> None:
    request_id = await ask(client)
    stranger = add_agent(client, "stranger", services=("mdph",))
    headers = await agent_signs_in(client, service_of(client, request_id))
    body = {"agent_id": stranger.id, "seen": None}
    refused = await client.post(f"{API}/{request_id}/assignee", json=body, headers=headers)
    assert refused.status_code == 422
    opened = (await client.get(f"{API}/{request_id}")).json()
    assert [each["name"] for each in opened["colleagues"]] == ["Camille"]


async def test_another_site_changes_nothing(client: httpx.AsyncClient) -> None:
    request_id = await ask(client)
    await agent_signs_in(client, service_of(client, request_id))
    body = {"status": "done", "seen": "open"}
    assert (await client.post(f"{API}/{request_id}/status", json=body)).status_code == 403
    assert (await client.post(f"/staff/requests/{request_id}/status", data=body)).status_code == 403


async def test_a_danger_comes_first_and_says_why(client: httpx.AsyncClient, engine: EngineDouble) -> None:
    calm = await ask(client)
    number = EmergencyNumberCard(number="3919", uri="tel:3919", label="Écoute", hours="24/7")
    block = EmergencyBlock(id="violences-femmes", numbers=(number,), text="Appelez.", lang="fr")
    engine.reply = REPLY.model_copy(update={"emergency": block})
    grave = await ask(client, "Je ne suis pas bien chez moi")
    await agent_signs_in(client, service_of(client, calm))
    found = (await client.get(API)).json()["requests"]
    assert [(each["id"], each["urgent"]) for each in found] == [(grave, ["danger"]), (calm, [])]
    page = (await client.get(f"/staff/requests/{grave}")).text
    assert "Danger signalé" in page


async def test_what_the_conversation_said_is_gone_with_it_the_request_stays(
    client: httpx.AsyncClient,
) -> None:
    resident = await Resident.arrives(client)
    await resident.says("Comment demander l'APA ?")
    await resident.post("handoffs", CALLBACK)
    (handoff,) = records_of(client).handoffs()
    await resident.delete(callback="keep")
    await agent_signs_in(client, handoff.service_id)
    opened = (await client.get(f"{API}/{handoff.id}")).json()
    assert (opened["summary"], opened["contact"]["name"]) == (None, "Jeanne")
    assert "a effacé sa conversation" in (await client.get(f"/staff/requests/{handoff.id}")).text


async def test_filters_that_say_nothing_are_refused(client: httpx.AsyncClient) -> None:
    await agent_signs_in(client, "mdph")
    assert (await client.get(API, params={"status": "lost"})).status_code == 422
    assert (await client.get("/staff/requests", params={"status": "", "page": ""})).status_code == 200


async def test_available_or_away(client: httpx.AsyncClient) -> None:
    headers = await agent_signs_in(client, "mdph")
    path = "/api/v1/staff/live/availability"
    answer = await client.post(path, json={"available": True}, headers=headers)
    assert answer.json()["available"] is True
    assert "Me mettre absent" in (await client.get("/staff/requests")).text
    form = {"csrf": headers["x-guichet-csrf"], "available": "false"}
    await client.post("/staff/availability", data=form)
    assert "Me rendre disponible" in (await client.get("/staff/requests")).text


async def test_readings_are_for_administrators_and_can_be_exported(client: httpx.AsyncClient) -> None:
    request_id = await ask(client)
    add_agent(client, "=cmd()", services=(service_of(client, request_id),))
    await sign_in(client, "=cmd()")
    await client.get(f"{API}/{request_id}")
    for path in ("/admin/readings", "/admin/readings.csv", "/api/v1/admin/readings"):
        assert (await client.get(path)).status_code == 403, path
    client.cookies.clear()
    add_agent(client, "admin", role=Role.ADMINISTRATOR, services=())
    await sign_in(client, "admin")
    (reading,) = (await client.get("/api/v1/admin/readings")).json()["readings"]
    assert (reading["agent"], reading["request_id"]) == ("=Cmd()", request_id)
    assert reading["reference"] in (await client.get("/admin/readings")).text
    exported = (await client.get("/admin/readings.csv")).text.splitlines()
    assert exported[0] == "at,agent_id,agent,request_id,reference,service"
    assert "'=Cmd()" in exported[1]
    later = {"since": (datetime.now(UTC) + timedelta(hours=1)).isoformat()}
    assert (await client.get("/api/v1/admin/readings", params=later)).json()["readings"] == []
