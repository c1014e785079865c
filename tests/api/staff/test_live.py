"""Agents and live requests: only their services', route by route; one of them takes."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from api.settings import ApiSettings
from tests.api.conftest import ORIGIN, Resident, app_of
from tests.api.double import EngineDouble
from tests.api.live import SERVICE, asks, open_gateway, records_of
from tests.api.staff.conftest import add_agent, sign_in

LIVE = "/api/v1/staff/live"


class Desk:
    """An agent's browser."""

    def __init__(self, client: httpx.AsyncClient, csrf: str) -> None:
        self.client = client
        self.headers = {"X-Guichet-CSRF": csrf}

    @classmethod
    async def opens(
        cls, resident_side: httpx.AsyncClient, login: str, services: tuple[str, ...] = (SERVICE,)
    ) -> "Desk":
        add_agent(resident_side, login, services=services)
        client = httpx.AsyncClient(transport=resident_side._transport, base_url=ORIGIN)
        return cls(client, await sign_in(client, login))

    async def get(self, path: str = "") -> httpx.Response:
        return await self.client.get(LIVE + path)

    async def post(self, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        return await self.client.post(LIVE + path, json=body, headers=self.headers)


@pytest_asyncio.fixture
async def client(
    settings: ApiSettings, tmp_path: Path, engine: EngineDouble
) -> AsyncIterator[httpx.AsyncClient]:
    often = settings.model_copy(update={"sign_in_rate": "1000/minute"})
    async with open_gateway(often, tmp_path, engine) as opened:
        yield opened


@pytest_asyncio.fixture
async def nadia(client: httpx.AsyncClient) -> Desk:
    """An agent of SERVICE, available."""
    desk = await Desk.opens(client, "nadia")
    assert (await desk.post("/availability", {"available": True})).json()["available"] is True
    return desk


async def waiting(client: httpx.AsyncClient) -> tuple[Resident, str]:
    """A resident who waits, and the handoff."""
    resident = await Resident.arrives(client)
    return resident, (await asks(resident))["live"]["handoff_id"]


async def test_an_agent_who_is_away_is_nobody_for_residents(client: httpx.AsyncClient, nadia: Desk) -> None:
    await nadia.post("/availability", {"available": False})
    resident = await Resident.arrives(client)
    assert (await asks(resident))["live"]["phase"] == "nobody"
    await nadia.post("/availability", {"available": True})
    assert (await asks(resident))["live"]["phase"] == "waiting"


async def test_the_life_of_a_live_request(client: httpx.AsyncClient, nadia: Desk) -> None:
    resident, handoff = await waiting(client)
    board = (await nadia.get()).json()
    assert [card["handoff_id"] for card in board["queue"]] == [handoff]
    detail = (await nadia.post(f"/{handoff}/take")).json()
    assert (detail["mine"], detail["card"]["language"]) == (True, "français")
    assert [line["kind"] for line in detail["lines"]] == ["asked", "joined"]
    said = {"text": "Bonjour, je suis Nadia", "client_message_id": "a1"}
    first = (await nadia.post(f"/{handoff}/messages", said)).json()
    assert (await nadia.post(f"/{handoff}/messages", said)).json() == first
    turn = await resident.says("Bonjour Nadia")
    assert turn["status"] == "relayed"
    lines = (await nadia.get(f"/{handoff}")).json()["lines"]
    assert [line["text"] for line in lines if line["kind"] == "message"] == [said["text"], "Bonjour Nadia"]
    assert (await nadia.post(f"/{handoff}/end")).json()["state"] == "ended"
    assert (await resident.says("L'APA ?"))["status"] == "answered"
    assert (await nadia.get()).json()["mine"] == []


async def test_what_was_asked_before_is_there_and_the_reading_is_on_record(
    client: httpx.AsyncClient, nadia: Desk
) -> None:
    resident = await Resident.arrives(client)
    await resident.says("L'APA, au 06 39 98 12 34 ?")
    handoff = (await asks(resident))["live"]["handoff_id"]
    detail = (await nadia.get(f"/{handoff}")).json()
    (exchange,) = detail["exchanges"]
    assert "06 39 98" not in exchange["asked"]
    assert exchange["answered"].startswith("APA helps")
    (summed,) = detail["summary"]["exchanges"]
    assert "06 39 98" not in summed["asked"]
    assert summed["outcome"] == "answered"
    assert [each["name"] for each in detail["summary"]["languages"]] == ["français"]
    readings = app_of(client).state.gateway.records.inbox.readings()
    assert [reading.agent_name for reading in readings] == ["Nadia"]
    # What is said with a person is in the lines, not in the summary.
    await nadia.post(f"/{handoff}/take")
    await resident.says("Bonjour")
    assert len((await nadia.get(f"/{handoff}")).json()["summary"]["exchanges"]) == 1


async def test_following_without_opening_is_a_reading_too(client: httpx.AsyncClient, nadia: Desk) -> None:
    _, handoff = await waiting(client)
    followed = asyncio.create_task(nadia.get(f"/{handoff}/events"))
    async with asyncio.timeout(60):
        while not (readings := app_of(client).state.gateway.records.inbox.readings()):  # noqa: ASYNC110 - SQL gives no event
            await asyncio.sleep(0.05)
    followed.cancel()
    assert [(each.agent_name, each.handoff_id) for each in readings] == [("Nadia", handoff)]


async def test_an_agent_of_another_service_sees_nothing_route_by_route(
    client: httpx.AsyncClient, nadia: Desk
) -> None:
    other = await Desk.opens(client, "omar", ("accueil",))
    resident, handoff = await waiting(client)
    await nadia.post(f"/{handoff}/take")
    await resident.says("Un secret")
    assert (await other.get()).json()["queue"] == []
    answers = {
        "read": await other.get(f"/{handoff}"),
        "events": await other.get(f"/{handoff}/events"),
        "take": await other.post(f"/{handoff}/take"),
        "messages": await other.post(f"/{handoff}/messages", {"text": "x", "client_message_id": "x"}),
        "end": await other.post(f"/{handoff}/end"),
        "forward": await other.post(f"/{handoff}/forward", {"service_id": "accueil"}),
    }
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(answers, 404)
    paths = app_of(client).openapi()["paths"]
    about_one = {path.rsplit("/", 1)[-1] for path in paths if path.startswith(f"{LIVE}/{{handoff_id}}")}
    assert about_one - {"{handoff_id}"} == set(answers) - {"read"}, "a route that this test does not know"
    assert [each.agent_name for each in app_of(client).state.gateway.records.inbox.readings()] == ["Nadia"]


async def test_without_a_session_or_its_token_nothing_is_done(client: httpx.AsyncClient, nadia: Desk) -> None:
    _, handoff = await waiting(client)
    stranger = httpx.AsyncClient(transport=client._transport, base_url=ORIGIN)
    for path in ("", "/events", f"/{handoff}", f"/{handoff}/events"):
        assert (await stranger.get(LIVE + path)).status_code == 401
    assert (await stranger.post(f"{LIVE}/{handoff}/take")).status_code == 401
    forged = await nadia.client.post(f"{LIVE}/{handoff}/take", headers={"X-Guichet-CSRF": "forged"})
    assert forged.status_code == 403
    assert records_of(client).find(handoff).agent_id is None


async def test_who_comes_second_is_told_so(client: httpx.AsyncClient, nadia: Desk) -> None:
    colleague = await Desk.opens(client, "paul")
    _, handoff = await waiting(client)
    assert (await nadia.post(f"/{handoff}/take")).status_code == 200
    late = await colleague.post(f"/{handoff}/take")
    assert (late.status_code, late.json()["type"]) == (409, "/problems/live-moved")
    for path, body in (
        ("messages", {"text": "x", "client_message_id": "x"}),
        ("end", None),
        ("forward", {"service_id": "accueil"}),
    ):
        assert (await colleague.post(f"/{handoff}/{path}", body)).status_code == 409
    assert (await colleague.get(f"/{handoff}")).json()["mine"] is False


async def test_an_agent_has_no_more_than_a_person_can_follow(client: httpx.AsyncClient, nadia: Desk) -> None:
    handoffs = [(await waiting(client))[1] for _ in range(3)]
    answers = [await nadia.post(f"/{handoff}/take") for handoff in handoffs]
    assert [answer.status_code for answer in answers] == [200, 200, 409]
    assert answers[2].json()["type"] == "/problems/live-too-many"
    assert "2 conversations" in answers[2].json()["detail"]


async def test_forwarding_takes_the_request_out_of_sight(client: httpx.AsyncClient, nadia: Desk) -> None:
    other = await Desk.opens(client, "omar", ("accueil",))
    await other.post("/availability", {"available": True})
    resident, handoff = await waiting(client)
    await nadia.post(f"/{handoff}/take")
    for service in ("weather", SERVICE):
        assert (await nadia.post(f"/{handoff}/forward", {"service_id": service})).status_code == 422
    assert (await nadia.post(f"/{handoff}/forward", {"service_id": "accueil"})).json()["state"] == "waiting"
    assert (await nadia.get(f"/{handoff}")).status_code == 404
    assert [card["handoff_id"] for card in (await other.get()).json()["queue"]] == [handoff]
    told = (await resident.get("/live")).json()
    assert (told["phase"], told["place"], told["service"]["id"]) == ("waiting", 1, "accueil")
    assert (await other.post(f"/{handoff}/take")).status_code == 200


async def test_why_one_comes_first_is_said(client: httpx.AsyncClient, nadia: Desk) -> None:
    await waiting(client)
    hurt = await Resident.arrives(client)
    await hurt.says("je veux mourir")
    await asks(hurt)
    first, second = (await nadia.get()).json()["queue"]
    assert first["urgent"].startswith("Danger possible : ")
    assert second["urgent"] is None


async def test_the_page_is_for_who_is_signed_in(client: httpx.AsyncClient, nadia: Desk) -> None:
    page = await nadia.client.get("/staff/live")
    assert page.status_code == 200
    assert 'role="log"' in page.text
    assert (await nadia.client.get("/staff/static/live.js")).status_code == 200
    stranger = httpx.AsyncClient(transport=client._transport, base_url=ORIGIN)
    assert (await stranger.get("/staff/live")).status_code == 303


@pytest.mark.parametrize("text", ["", "   ", "x" * 4001])
async def test_a_message_has_words_and_an_end(client: httpx.AsyncClient, nadia: Desk, text: str) -> None:
    _, handoff = await waiting(client)
    await nadia.post(f"/{handoff}/take")
    refused = await nadia.post(f"/{handoff}/messages", {"text": text, "client_message_id": "a"})
    assert refused.status_code == 422
