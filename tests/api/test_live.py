"""The resident's side: asked, told the truth, relayed, brought back to the assistant."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from api.events import stream
from api.live.feed import ResidentFeed
from api.live.sweeper import Sweeper
from api.settings import ApiSettings
from records import HandoffKind, HandoffRequest, RecordsUnavailable
from records.live import recent
from tests.api.conftest import Resident, app_of
from tests.api.double import EngineDouble
from tests.api.live import NADIA, PAUL, SERVICE, asks, open_gateway, records_of

SECRET = "Je m'appelle Jeanne, mon numéro est le 06 39 98 12 34"


@pytest_asyncio.fixture
async def client(
    settings: ApiSettings, tmp_path: Path, engine: EngineDouble
) -> AsyncIterator[httpx.AsyncClient]:
    async with open_gateway(settings, tmp_path, engine) as opened:
        yield opened


@pytest_asyncio.fixture
async def staffed(client: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    """A gateway whose service has two agents available."""
    for agent in (NADIA, PAUL):
        records_of(client).present(agent, [SERVICE], available=True)
    yield client


async def taken(client: httpx.AsyncClient, **arrival: Any) -> tuple[Resident, str]:
    """A resident whom Nadia has taken, and the handoff."""
    resident = await Resident.arrives(client, **arrival)
    handoff = (await asks(resident))["live"]["handoff_id"]
    records_of(client).take(handoff, NADIA, at_once=9)
    return resident, handoff


def _database_files(folder: Path) -> list[bytes]:
    return [file.read_bytes() for file in folder.glob("guichet.db*")]


async def transcript(resident: Resident) -> dict[str, Any]:
    body: dict[str, Any] = (await resident.get()).json()
    return body


async def test_with_nobody_there_it_says_so_at_once_and_offers_a_callback(client: httpx.AsyncClient) -> None:
    resident = await Resident.arrives(client)
    handoff = await asks(resident)
    assert (handoff["stored"], handoff["live"]["phase"]) == ("nothing", "nobody")
    assert handoff["live"]["callback"] is True
    assert "Personne n'est disponible" in handoff["message"]["text"]
    assert "rappel" in handoff["message"]["text"]
    assert records_of(client).queue() == ()


async def test_a_closed_service_says_so_even_with_an_agent_there(
    staffed: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    resident = await Resident.arrives(staffed)
    gateway = app_of(staffed).state.gateway
    hours = gateway.composer.directory.services[SERVICE].hours
    monkeypatch.setattr(type(hours), "slots", lambda *_: ())
    handoff = await asks(resident)
    assert handoff["live"]["phase"] == "closed"
    assert "fermé" in handoff["message"]["text"]
    assert records_of(staffed).queue() == ()


async def test_the_place_is_that_of_the_queue_and_an_unmeasured_wait_is_not_told(
    staffed: httpx.AsyncClient,
) -> None:
    first, second = await Resident.arrives(staffed), await Resident.arrives(staffed, language="en")
    assert (await asks(first))["live"]["place"] == 1
    told = (await asks(second))["live"]
    assert (told["phase"], told["place"], told["wait_minutes"]) == ("waiting", 2, None)
    assert "People before you: 1" in told["message"]["text"]
    assert "do not know how long" in told["message"]["text"]
    await first.post("live/leave", {})
    moved = (await second.get("/live")).json()
    assert (moved["place"], "Nobody is waiting before you" in moved["message"]["text"]) == (1, True)


async def test_a_measured_wait_is_told_and_never_less_than_the_first_has_waited(
    staffed: httpx.AsyncClient, tmp_path: Path
) -> None:
    for _ in range(3):
        await taken(staffed)
    waiting = await Resident.arrives(staffed)
    assert (await asks(waiting))["live"]["wait_minutes"] == 1
    with sqlite3.connect(tmp_path / "guichet.db") as database:
        database.execute("UPDATE live_waits SET seconds = 150")
    assert (await waiting.get("/live")).json()["wait_minutes"] == 3
    with sqlite3.connect(tmp_path / "guichet.db") as database:
        earlier = recent(590).strftime("%Y-%m-%d %H:%M:%S.%f")
        database.execute("UPDATE live_requests SET queued_at = ? WHERE state = 'waiting'", (earlier,))
    told = (await waiting.get("/live")).json()
    assert told["wait_minutes"] == 10
    assert "10 min" in told["message"]["text"]


async def test_the_service_that_a_turn_gave_is_the_one_asked(staffed: httpx.AsyncClient) -> None:
    resident = await Resident.arrives(staffed)
    body = {"kind": "live", "topic": None, "service_id": SERVICE}
    assert (await resident.post("handoffs", body)).json()["live"]["service"]["id"] == SERVICE
    elsewhere = await Resident.arrives(staffed)
    asked = (await elsewhere.post("handoffs", {**body, "service_id": "weather"})).json()
    assert (asked["live"]["phase"], asked["service"]["id"]) == ("nobody", "accueil")


async def test_while_waiting_the_assistant_answers(staffed: httpx.AsyncClient) -> None:
    resident = await Resident.arrives(staffed)
    await asks(resident)
    assert (await resident.says("L'APA ?"))["status"] == "answered"


async def test_a_message_is_relayed_and_the_assistant_does_not_hear_it(
    staffed: httpx.AsyncClient, engine: EngineDouble
) -> None:
    resident, handoff = await taken(staffed)
    turn = await resident.says(SECRET, client_message_id="m1")
    again = await resident.says(SECRET, client_message_id="m1")
    assert (turn["status"], turn["messages"], turn["service"]) == ("relayed", [], None)
    assert again == turn
    assert engine.heard == []
    said = [event for event in records_of(staffed).log(resident.id) if event.client_message_id]
    assert [(event.text, event.turn_id) for event in said] == [(SECRET, turn["turn_id"])]
    records_of(staffed).say(handoff, NADIA, clear="Bonjour Jeanne", masked="Bonjour", client_message_id="a1")
    lines = (await transcript(resident))["live_lines"]
    assert [line["kind"] for line in lines] == ["asked", "joined", "message", "message"]
    assert [line["speaker"] for line in lines] == ["system", "system", "resident", "person"]
    assert lines[3]["person"] == {"name": "Nadia R.", "service": lines[1]["person"]["service"]}
    assert "une personne, pas une intelligence artificielle" in lines[1]["message"]["text"]


async def test_what_was_said_is_masked_once_it_ends_and_the_assistant_resumes(
    staffed: httpx.AsyncClient, tmp_path: Path
) -> None:
    resident, handoff = await taken(staffed)
    await resident.says(SECRET)
    records_of(staffed).end(handoff, NADIA)
    body = await transcript(resident)
    assert body["live"]["phase"] == "ended"
    assert "l'assistant, une intelligence artificielle" in body["live_lines"][-1]["message"]["text"]
    assert "06 39 98" not in str(body)
    assert (await resident.says("L'APA ?"))["status"] == "answered"
    assert all(b"06 39 98 12 34" not in stored for stored in _database_files(tmp_path))


async def test_danger_is_looked_for_first_and_told_to_the_person(staffed: httpx.AsyncClient) -> None:
    resident, _ = await taken(staffed)
    turn = await resident.says("je veux mourir")
    assert turn["status"] == "relayed"
    assert turn["emergency"]["id"] == "suicide"
    assert [number["number"] for number in turn["emergency"]["numbers"]]
    request = records_of(staffed).running(resident.id)
    assert request.danger == "suicide"
    log = [event.kind.value for event in records_of(staffed).log(resident.id)]
    assert log[-2:] == ["danger", "message"]
    assert "danger" not in [line["kind"] for line in (await transcript(resident))["live_lines"]]


async def test_who_was_shown_an_emergency_before_asking_comes_first(staffed: httpx.AsyncClient) -> None:
    calm, hurt = await Resident.arrives(staffed), await Resident.arrives(staffed)
    await asks(calm)
    await hurt.says("je veux mourir")
    assert (await asks(hurt))["live"]["place"] == 1
    assert (await calm.get("/live")).json()["place"] == 2


async def test_a_child_may_talk_to_a_person_but_is_offered_no_callback(client: httpx.AsyncClient) -> None:
    child = await Resident.arrives(client)
    await child.says("j'ai 12 ans et je veux parler à quelqu'un")
    refused = await asks(child)
    assert refused["live"]["callback"] is False
    assert "119" in refused["message"]["text"]
    assert "rappel" not in refused["message"]["text"]
    records_of(client).present(NADIA, [SERVICE], available=True)
    assert (await asks(child))["live"]["phase"] == "waiting"
    records_of(client).tell_unanswered(recent(-1))
    told = (await transcript(child))["live_lines"][-1]
    assert (told["kind"], told["callback"]) == ("unanswered", False)
    assert "119" in told["message"]["text"]


async def test_an_unanswered_wait_is_told_with_a_callback(staffed: httpx.AsyncClient) -> None:
    resident = await Resident.arrives(staffed)
    await asks(resident)
    app_of(staffed).state.gateway.settings.live_unanswered_minutes = 0.0001
    await asyncio.sleep(0.05)
    changed = Sweeper(app_of(staffed).state.gateway).sweep()
    body = await transcript(resident)
    # The gateway's own rounds may have come first.
    assert [each.conversation_id for each in changed] in ([resident.id], [])
    assert (body["live_lines"][-1]["kind"], body["live_lines"][-1]["callback"]) == ("unanswered", True)
    assert (body["live"]["phase"], body["live"]["callback"]) == ("waiting", True)


async def test_a_wait_that_nobody_can_answer_any_more_ends_and_says_why(
    staffed: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    left, shut = await Resident.arrives(staffed), await Resident.arrives(staffed)
    await asks(left)
    gateway = app_of(staffed).state.gateway
    sweeper = Sweeper(gateway)
    for agent in (NADIA, PAUL):
        records_of(staffed).present(agent, [SERVICE], available=False)
    sweeper.sweep()
    assert (await transcript(left))["live"]["phase"] == "waiting", "a short break sends nobody away"
    monkeypatch.setattr("api.live.sweeper.NOBODY_TIMES", 0)
    sweeper.sweep()
    last = (await transcript(left))["live_lines"][-1]
    assert (last["kind"], last["callback"]) == ("ended", True)
    assert "plus personne de disponible" in last["message"]["text"]
    records_of(staffed).present(NADIA, [SERVICE], available=True)
    await asks(shut)
    monkeypatch.setattr("api.live.desk.is_open", lambda *_: False)
    sweeper.sweep()
    assert "vient de fermer" in (await transcript(shut))["live_lines"][-1]["message"]["text"]


async def test_a_lost_agent_is_told_and_the_resident_waits_first(staffed: httpx.AsyncClient) -> None:
    other = await Resident.arrives(staffed)
    await asks(other)
    resident, _ = await taken(staffed)
    assert (await other.get("/live")).json()["place"] == 1
    records_of(staffed).give_back_lost(recent(-1))
    body = await transcript(resident)
    assert (body["live"]["phase"], body["live"]["place"]) == ("waiting", 1)
    assert "Nadia R." in body["live_lines"][-1]["message"]["text"]


async def test_leaving_and_erasing(staffed: httpx.AsyncClient) -> None:
    resident, handoff = await taken(staffed)
    left = (await resident.post("live/leave", {})).json()
    assert (left["phase"], (await resident.post("live/leave", {})).json()["phase"]) == ("ended", "ended")
    assert (await resident.post("live/seen", {})).status_code == 204
    await resident.delete()
    assert records_of(staffed).find(handoff) is None
    assert (await Resident.arrives(staffed)).opened
    nobody = await Resident.arrives(staffed)
    assert (await nobody.get("/live")).status_code == 404


async def test_a_message_sent_while_sql_is_locked_is_not_said_to_be_relayed(
    settings: ApiSettings, tmp_path: Path, engine: EngineDouble
) -> None:
    async with open_gateway(settings, tmp_path, engine) as client:
        records_of(client).present(NADIA, [SERVICE], available=True)
        resident, _ = await taken(client)
        blocker = sqlite3.connect(tmp_path / "guichet.db", isolation_level=None)
        blocker.execute("BEGIN EXCLUSIVE")
        lost = await resident.says("Bonjour", client_message_id="m1")
        assert lost["status"] == "degraded"
        blocker.execute("ROLLBACK")
        blocker.close()
        for _ in range(100):
            turn = await resident.says("Bonjour", client_message_id="m1")
            if turn["status"] == "relayed":
                break
            await asyncio.sleep(0.1)
        said = [event.text for event in records_of(client).log(resident.id) if event.client_message_id]
        assert said == ["Bonjour"]


async def test_a_message_is_relayed_without_redis(
    settings: ApiSettings, tmp_path: Path, engine: EngineDouble
) -> None:
    without = settings.model_copy(update={"redis_url": "redis://127.0.0.1:9/0"})
    async with open_gateway(without, tmp_path, engine) as client:
        records_of(client).present(NADIA, [SERVICE], available=True)
        resident, _ = await taken(client)
        assert (await resident.says("Bonjour"))["status"] == "relayed"
        assert engine.heard == []


def _follow(
    client: httpx.AsyncClient, resident: Resident, after: int | None
) -> AsyncIterator[dict[str, Any]]:
    gateway = app_of(client).state.gateway
    ticket = gateway.tokens.read(resident.opened["token"])

    async def missed() -> tuple[()]:
        return ()

    async def still_open() -> bool:
        return True

    feed = ResidentFeed(gateway, ticket, after)
    return stream(gateway.redis, resident.id, missed=missed, still_open=still_open, live=feed)


async def _lines(events: AsyncIterator[dict[str, Any]], count: int) -> list[str]:
    ids: list[str] = []
    async for event in events:
        if event["event"] == "live":
            ids.append(event["id"])
        if len(ids) == count:
            break
    return ids


async def test_lines_that_a_failure_kept_from_the_reader_are_read_again(
    staffed: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    resident, _ = await taken(staffed)
    gateway = app_of(staffed).state.gateway
    feed = ResidentFeed(gateway, gateway.tokens.read(resident.opened["token"]), 0)

    def sql_stops(*_: object) -> None:
        raise RecordsUnavailable("stopped between two reads")

    with monkeypatch.context() as stopped:
        stopped.setattr("api.live.desk.now", sql_stops)
        assert await feed.news(woken=True) == []
    told = await feed.news(woken=True)
    assert [event["id"] for event in told if event["event"] == "live"] == ["live-1", "live-2"]


@pytest.mark.parametrize("redis", ["up", "down"])
async def test_the_stream_resumes_where_the_reader_was_and_outlives_redis(
    settings: ApiSettings, tmp_path: Path, engine: EngineDouble, redis: str
) -> None:
    if redis == "down":
        settings = settings.model_copy(update={"redis_url": "redis://127.0.0.1:9/0"})
    async with open_gateway(settings, tmp_path, engine) as client:
        records_of(client).present(NADIA, [SERVICE], available=True)
        resident, handoff = await taken(client)
        reading = asyncio.create_task(_lines(_follow(client, resident, None), 2))
        await asyncio.sleep(0.5)
        await resident.says("un")
        records_of(client).say(handoff, NADIA, clear="deux", masked="deux", client_message_id="a")
        assert await asyncio.wait_for(reading, 20) == ["live-3", "live-4"]
        assert await asyncio.wait_for(_lines(_follow(client, resident, 1), 3), 20) == [
            "live-2",
            "live-3",
            "live-4",
        ]


async def test_a_turn_says_whether_a_person_can_be_talked_to(
    client: httpx.AsyncClient, engine: EngineDouble
) -> None:
    gateway = app_of(client).state.gateway
    seen = gateway.seen("fr")
    engine.reply = gateway.at_once().composer.abstain(seen, about=None)
    resident = await Resident.arrives(client)
    assert (await resident.says("?"))["live"] is False
    service = engine.reply.service
    assert service is not None
    assert service.opening is not None
    opened = service.model_copy(update={"opening": service.opening.model_copy(update={"open_now": True})})
    engine.reply = engine.reply.model_copy(update={"service": opened})
    records_of(client).present(NADIA, [opened.id], available=True)
    assert (await resident.says("?"))["live"] is True


async def test_the_same_request_sent_twice_waits_once(staffed: httpx.AsyncClient) -> None:
    resident = await Resident.arrives(staffed)
    first = await asks(resident, client_message_id="h1")
    assert (await asks(resident, client_message_id="h1"))["live"]["handoff_id"] == first["live"]["handoff_id"]
    assert (await asks(resident))["live"]["handoff_id"] == first["live"]["handoff_id"]
    assert len(records_of(staffed).queue()) == 1
    asked = HandoffRequest(resident.id, HandoffKind.LIVE, "fr", SERVICE)
    assert records_of(staffed).request(asked).handoff_id == first["live"]["handoff_id"]
