"""A child who writes: spoken to as one, and never offered a callback."""

import httpx
import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from knowledge.library import load_library
from knowledge.reply import Kind, Reply, Said
from knowledge.settings import KnowledgeSettings
from knowledge.texts import load_texts
from tests.api.conftest import Resident, app_of
from tests.api.double import EngineDouble
from tests.api.test_handoffs import CALLBACK

SETTINGS = KnowledgeSettings()
FORM = Said(type="form", markdown="Vous préférez un rappel ?", lang="fr")
HANDOFF = Reply(
    kind=Kind.HANDOFF, topic="handoff", messages=(Said(markdown="Voici qui appeler.", lang="fr"), FORM)
)


def child_text(client: httpx.AsyncClient, key: str, language: str = "fr") -> str:
    text: str = app_of(client).state.gateway.composer.texts.get(language, key, number="119", sms="114")
    return text


async def test_a_child_in_danger_is_brought_to_119(client: httpx.AsyncClient) -> None:
    turn = await (await Resident.arrives(client, language="fr")).says("j'ai 11 ans et je veux mourir")
    numbers = [number["number"] for number in turn["emergency"]["numbers"]]
    assert turn["emergency"]["id"] == "suicide"
    assert numbers[0] == "3114"
    assert "119" in numbers
    assert turn["messages"][0]["text"] == child_text(client, "emergency.child")


async def test_119_comes_before_what_is_less_urgent(client: httpx.AsyncClient) -> None:
    resident = await Resident.arrives(client, language="en")
    turn = await resident.says("I'm 12 and I have nowhere to sleep tonight")
    assert turn["emergency"]["id"] == "enfant"
    assert turn["emergency"]["numbers"][0]["number"] == "119"
    assert turn["messages"][0]["text"] == child_text(client, "emergency.child", "en")


@pytest.mark.parametrize("text", ["mon fils a 11 ans et il veut mourir", "j'ai 15 ans et je veux mourir"])
async def test_others_are_spoken_to_as_before(client: httpx.AsyncClient, text: str) -> None:
    turn = await (await Resident.arrives(client, language="fr")).says(text)
    assert turn["understanding"]["topic"] == "emergency-suicide"
    assert child_text(client, "emergency.child") not in [message["text"] for message in turn["messages"]]
    assert "119" not in [number["number"] for number in turn["emergency"]["numbers"]]


async def test_the_age_told_before_is_remembered_then_erased(client: httpx.AsyncClient) -> None:
    resident = await Resident.arrives(client, language="fr")
    await resident.says("bonjour j'ai 11 ans")
    turn = await resident.says("je veux mourir")
    assert "119" in [number["number"] for number in turn["emergency"]["numbers"]]
    redis = app_of(client).state.gateway.redis
    assert await redis.get(f"guichet:age:{resident.id}") == b"11"
    assert (await resident.delete()).status_code < 300
    assert await redis.get(f"guichet:age:{resident.id}") is None


async def test_a_danger_that_only_the_search_sees_is_a_child_s_too(
    client: httpx.AsyncClient, engine: EngineDouble
) -> None:
    gateway = app_of(client).state.gateway
    article = gateway.composer.library.article("maltraitance", "fr")
    engine.reply = gateway.composer.answer(article, None, gateway.seen("fr"), 0.9)
    turn = await (await Resident.arrives(client, language="fr")).says("j'ai 11 ans, un message non lu")
    assert turn["emergency"]["id"] == "enfant"
    assert turn["messages"][0]["text"] == child_text(client, "emergency.child")


async def test_a_child_is_offered_no_callback(client: httpx.AsyncClient, engine: EngineDouble) -> None:
    engine.reply = HANDOFF
    resident = await Resident.arrives(client, language="fr")
    offered = await resident.says("je voudrais parler à une personne")
    assert "form" in [message["type"] for message in offered["messages"]]
    turn = await resident.says("j'ai 11 ans, je voudrais parler à une personne")
    assert [message["type"] for message in turn["messages"]] == ["text", "text"]
    assert turn["messages"][1]["text"] == child_text(client, "handoff.child")


@pytest.mark.parametrize("text", ["j'ai 11 ans", "j'ai 11 ans et je veux mourir"])
async def test_nothing_down_offers_a_child_a_callback(
    client: httpx.AsyncClient, engine: EngineDouble, text: str
) -> None:
    engine.down = True
    turn = await (await Resident.arrives(client, language="fr")).says(text)
    assert turn["status"] == "degraded"
    assert turn["understanding"]["kind"] != "handoff"
    assert turn["service"]["phone"]
    assert "form" not in [message["type"] for message in turn["messages"]]


async def test_a_callback_asked_for_by_a_child_is_refused_with_119(client: httpx.AsyncClient) -> None:
    resident = await Resident.arrives(client, language="fr")
    await resident.says("j'ai 11 ans")
    response = await resident.post("handoffs", CALLBACK)
    assert response.status_code == 403
    assert response.json()["type"] == "/problems/child-no-callback"
    assert "119" in response.json()["detail"]
    assert app_of(client).state.gateway.records.handoffs() == ()
    contact = await resident.post("handoffs", {"kind": "contact", "topic": "apa"})
    assert contact.status_code == 201


async def test_no_callback_is_lost_while_the_age_is_not_known(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def down(*_: object) -> None:
        raise RedisConnectionError("down")

    monkeypatch.setattr("api.child.remembered", down)
    response = await (await Resident.arrives(client)).post("handoffs", CALLBACK)
    assert response.status_code == 201


def test_every_language_names_the_numbers_and_the_site_of_the_article() -> None:
    library = load_library(SETTINGS.content_dir, SETTINGS.languages)[0]
    texts = load_texts(SETTINGS.content_dir)
    for language in SETTINGS.languages:
        article = library.article("enfant", language)
        assert article is not None
        assert [n.number for n in article.numbers if n.uri == "tel:119"] == ["119"]
        assert article.numbers[0].number == "119"
        assert [n.number for n in article.numbers if n.uri.startswith("sms:")] == ["114"]
        said = texts.get(language, "emergency.child", number="119", sms="114")
        assert "allo119.gouv.fr" in said
        assert any("allo119.gouv.fr" in section.markdown for section in article.sections)
