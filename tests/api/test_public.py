"""What anyone may read."""

import httpx

from knowledge.taxonomy import load_taxonomy
from tests.api.conftest import app_of


async def test_topics_are_those_of_the_taxonomy(client: httpx.AsyncClient) -> None:
    topics = (await client.get("/api/v1/topics", params={"language": "en"})).json()["topics"]
    assert {topic["id"] for topic in topics} == set(load_taxonomy().topics)
    apa = next(topic for topic in topics if topic["id"] == "apa")
    assert apa["lang"] == "en"
    assert apa["domain"] == "social_benefits"


async def test_languages_are_named_in_themselves(client: httpx.AsyncClient) -> None:
    languages = (await client.get("/api/v1/languages")).json()["languages"]
    assert languages[:2] == [
        {"code": "fr", "name": "Français", "direction": "ltr"},
        {"code": "en", "name": "English", "direction": "ltr"},
    ]


async def test_a_service_follows_the_topic_and_the_place(client: httpx.AsyncClient) -> None:
    def ids(body: dict[str, list[dict[str, str]]]) -> list[str]:
        return [service["id"] for service in body["services"]]

    central = (await client.get("/api/v1/services")).json()
    assert ids(central) == ["accueil"]
    mdph = (await client.get("/api/v1/services", params={"topic": "aah"})).json()
    assert ids(mdph) == ["mdph"]
    near = (
        await client.get("/api/v1/services", params={"topic": "maison-solidarite", "commune": "Aubagne"})
    ).json()
    assert ids(near) not in (["accueil"], ["mdph"])


async def test_an_ambiguous_place_names_the_choices(client: httpx.AsyncClient) -> None:
    places = app_of(client).state.gateway.places
    codes = [code for place in places.all for code in place.postal_codes]
    shared = next(code for code in codes if len(places.find(code)) > 1)
    query = {"topic": "maison-solidarite", "postal_code": shared}
    body = (await client.get("/api/v1/services", params=query)).json()
    assert body["ambiguous"] == [place.name for place in places.find(shared)]
    assert body["services"]


async def test_an_unknown_topic_is_refused(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/v1/services", params={"topic": "weather"})).status_code == 422


async def test_the_notice_can_be_read_before_any_conversation(client: httpx.AsyncClient) -> None:
    french = (await client.get("/api/v1/disclosure")).json()
    english = (await client.get("/api/v1/disclosure", params={"language": "en"})).json()
    assert (french["language"], english["language"]) == ("fr", "en")
    assert french["id"] != english["id"]


async def test_health_and_metrics(client: httpx.AsyncClient) -> None:
    assert (await client.get("/health/live")).json() == {"live": True}
    ready = await client.get("/health/ready")
    assert (ready.status_code, ready.json()["ready"]) == (200, True)
    assert "guichet_turns_total" in (await client.get("/metrics")).text
