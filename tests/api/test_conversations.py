"""Opening, reading again, erasing, following, feedback."""

import asyncio
import json

import httpx
import pytest

from api import ledger
from api.events import stream
from records.entries import DisclosureEvent
from records.ledger import walk
from tests.api.conftest import Resident, app_of
from tests.api.double import EngineDouble


async def test_a_conversation_opens_with_the_notice_and_suggestions(client: httpx.AsyncClient) -> None:
    resident = await Resident.arrives(client, language="en")
    opened = resident.opened
    assert opened["language"] == "en"
    assert opened["disclosure"]["language"] == "en"
    assert "artificial intelligence" in opened["disclosure"]["text"]
    assert opened["messages"][0]["text"]
    assert len(opened["suggestions"]) >= 3
    assert opened["service"]["phone"]


async def test_an_unknown_language_is_met_in_french_and_said(client: httpx.AsyncClient) -> None:
    resident = await Resident.arrives(client, language="sv")
    assert resident.opened["language"] == "fr"
    assert resident.opened["messages"][0]["type"] == "notice"


async def test_the_transcript_gives_back_the_turns(client: httpx.AsyncClient) -> None:
    resident = await Resident.arrives(client)
    first = await resident.says("L'APA ?")
    second = await resident.says("Et le RSA ?")
    body = (await resident.get()).json()
    assert [turn["text"] for turn in body["turns"]] == ["L'APA ?", "Et le RSA ?"]
    assert [turn["reply"] for turn in body["turns"]] == [first, second]


@pytest.mark.parametrize("header", [None, "Bearer ", "Bearer forged", "Basic abc"])
async def test_no_call_without_the_token(client: httpx.AsyncClient, header: str | None) -> None:
    resident = await Resident.arrives(client)
    resident.headers = {"Authorization": header} if header else {}
    for response in (
        await resident.get(),
        await resident.delete(),
        await resident.post("messages", {"text": "Bonjour"}),
        await resident.post("handoffs", {}),
        await resident.post("feedback", {"turn_id": "x", "value": "helpful"}),
        await resident.post("disclosure/displayed", {"disclosure_id": "x"}),
        await resident.get("/events"),
    ):
        assert response.status_code == 401
        assert response.json()["type"] == "/problems/invalid-token"


async def test_one_conversation_s_token_does_not_open_another(client: httpx.AsyncClient) -> None:
    one, other = await Resident.arrives(client), await Resident.arrives(client)
    one.headers = other.headers
    assert (await one.get()).status_code == 401


async def test_erasing_leaves_nothing_but_the_proof(client: httpx.AsyncClient, engine: EngineDouble) -> None:
    resident = await Resident.arrives(client)
    await resident.says("L'APA ?")
    assert (await resident.delete()).status_code == 204
    assert (await resident.get()).status_code == 404
    assert (await resident.post("messages", {"text": "encore"})).status_code == 404
    assert engine.forgotten == [resident.id]
    records = app_of(client).state.gateway.records
    assert records.transcript(resident.id) == ()
    assert records.disclosures(resident.id) == (), "the notice is on record, of nobody"
    assert [entry.kind for entry in walk(records._database)] == ["issued", "routed"]
    assert (await resident.delete()).status_code == 204


async def test_an_erasure_that_a_part_cannot_do_is_not_confirmed(
    client: httpx.AsyncClient, engine: EngineDouble
) -> None:
    resident = await Resident.arrives(client)
    engine.down = True
    assert (await resident.delete()).status_code == 503
    engine.down = False
    assert (await resident.delete()).status_code == 204
    assert engine.forgotten == [resident.id]


async def test_the_widget_acknowledges_the_notice(client: httpx.AsyncClient) -> None:
    resident = await Resident.arrives(client, language="fr")
    notice = resident.opened["disclosure"]
    accepted = await resident.post("disclosure/displayed", {"disclosure_id": notice["id"], "language": "fr"})
    assert (accepted.status_code, accepted.json()) == (202, {"stored": "database"})
    refused = await resident.post("disclosure/displayed", {"disclosure_id": "another"})
    assert refused.status_code == 422
    events = [record.event for record in app_of(client).state.gateway.records.disclosures(resident.id)]
    assert events == [DisclosureEvent.ISSUED, DisclosureEvent.DISPLAYED]


async def test_feedback_is_kept_masked_and_only_on_one_s_own_turns(client: httpx.AsyncClient) -> None:
    resident, other = await Resident.arrives(client), await Resident.arrives(client)
    turn = await resident.says("L'APA ?")
    body = {"turn_id": turn["turn_id"], "value": "not_helpful", "reason": "rappelez-moi au 06 12 34 56 78"}
    assert (await resident.post("feedback", body)).status_code == 202
    kept = app_of(client).state.gateway.records.feedback(turn["turn_id"])
    assert "06 12" not in kept.reason
    assert (await other.post("feedback", body)).status_code == 404


async def test_live_events_tell_a_turn_written_elsewhere(client: httpx.AsyncClient) -> None:
    resident = await Resident.arrives(client)
    first = await resident.says("L'APA ?")
    gateway = app_of(client).state.gateway

    async def read(count: int) -> list[dict[str, str]]:
        ticket = gateway.tokens.read(resident.opened["token"])

        async def missed():  # type: ignore[no-untyped-def]
            return await asyncio.to_thread(ledger.transcript, gateway, ticket)

        async def still_open() -> bool:
            return True

        events = []
        async for event in stream(gateway.redis, resident.id, missed=missed, still_open=still_open):
            events.append(event)
            if len(events) == count:
                break
        return events

    reading = asyncio.create_task(read(3))
    await asyncio.sleep(0.2)
    second = await resident.says("Et le RSA ?")
    ready, missed_turn, live = await asyncio.wait_for(reading, 5)
    assert ready["event"] == "ready"
    assert json.loads(missed_turn["data"]) == first
    assert json.loads(live["data"]) == second
    assert live["id"] == second["turn_id"]
