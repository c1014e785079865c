"""How a service is chosen: the page in every language, from the data, and the reason that the API gives."""

import re
from html import unescape

import httpx
import pytest

from tests.api.conftest import app_of

LANGUAGES = ["fr", "en", "es", "pt", "it", "de", "ar", "tr", "ro", "uk"]


def words(page: httpx.Response) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", page.text))


@pytest.fixture
def ten(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """The gateway serving ten languages; its articles are those of two, which starts sooner."""
    gateway = app_of(client).state.gateway
    gateway.knowledge = gateway.knowledge.model_copy(update={"languages": tuple(LANGUAGES)})
    return client


async def test_the_page_says_every_rule_service_and_limit_in_ten_languages(ten: httpx.AsyncClient) -> None:
    composer = app_of(ten).state.gateway.composer
    for language in LANGUAGES:
        page = await ten.get("/routing", params={"language": language})
        assert page.status_code == 200
        assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in page.text
        said = words(page)
        for key, text in composer.texts.catalogues[language].texts.items():
            shown = key.startswith("routing.") and key not in {"routing.link", "routing.not_spoken"}
            assert not shown or "{" in text or text in said, key
        assert all(service.name_in(language) in said for service in composer.directory.services.values())
        assert all(f'href="routing?language={code}"' in page.text for code in LANGUAGES)


async def test_the_page_is_written_from_the_rules_in_force(client: httpx.AsyncClient) -> None:
    directory = app_of(client).state.gateway.composer.directory
    rules = directory.rules
    before = (await client.get("/routing")).text
    changed = rules.model_copy(update={"received_near": (), "prefer": rules.prefer[:1]})
    object.__setattr__(directory, "rules", changed)
    try:
        after = (await client.get("/routing")).text
    finally:
        object.__setattr__(directory, "rules", rules)
    texts = app_of(client).state.gateway.composer.texts
    last = texts.get("fr", f"routing.prefer.{rules.prefer[-1]}")
    assert last in unescape(before)
    assert last not in unescape(after)


async def test_the_page_asks_for_nothing_and_keeps_nothing(client: httpx.AsyncClient) -> None:
    page = await client.get("/routing")
    assert "set-cookie" not in page.headers
    assert "<script" not in page.text
    assert "<form" not in page.text
    assert "127.0.0.1" not in page.text
    assert 'href="routing"' in (await client.get("/")).text


async def services(client: httpx.AsyncClient, **query: str) -> dict:
    found = await client.get("/api/v1/services", params=query)
    assert found.status_code == 200
    return found.json()


@pytest.mark.parametrize(
    ("query", "service", "reason", "place"),
    [
        ({}, "accueil", "default", None),
        ({"topic": "apa", "commune": "Arles"}, "autonomie", "topic", None),
        ({"topic": "pmi"}, "pmi", "place_unknown", None),
        ({"topic": "pmi", "commune": "Aubagne"}, "maison-aubagne", "place", "13005"),
        ({"topic": "pmi", "postal_code": "13015"}, "maison-marseille-nord", "place", "13215"),
        ({"topic": "pmi", "postal_code": "13100", "commune": "Le Tholonet"}, "maison-aix", "place", "13109"),
        ({"topic": "fsl", "commune": "Aubagne", "channel": "counter"}, "maison-aubagne", "channel", "13005"),
        ({"topic": "routes", "channel": "counter"}, "accueil", "channel", None),
    ],
)
async def test_the_reason_is_said(
    client: httpx.AsyncClient, query: dict[str, str], service: str, reason: str, place: str | None
) -> None:
    body = await services(client, **query)
    assert [each["id"] for each in body["services"]] == [service]
    route = body["route"]
    assert route["reason"] == reason
    assert (route["place"] or {}).get("insee") == place
    assert route["text"] == app_of(client).state.gateway.composer.texts.get("fr", f"routing.reasons.{reason}")


async def test_a_language_that_is_not_spoken_there_is_said_in_it(ten: httpx.AsyncClient) -> None:
    client = ten
    texts = app_of(client).state.gateway.composer.texts
    turkish = (await services(client, topic="apa", language="tr"))["route"]
    assert turkish["language_spoken"] is False
    assert turkish["text"].endswith(texts.get("tr", "routing.not_spoken"))
    french = (await services(client, topic="apa", language="fr"))["route"]
    assert french["language_spoken"] is True
    assert (await services(client, topic="apa"))["route"]["language_spoken"] is None


async def test_each_choice_asked_for_again_is_no_longer_ambiguous(client: httpx.AsyncClient) -> None:
    for words_of_place in ("13100", "Châteauneuf", "13790", "Marseille"):
        body = await services(client, topic="pmi", commune=words_of_place)
        assert len(body["choices"]) == len(body["ambiguous"]) > 1
        for choice in body["choices"]:
            again = await services(client, topic="pmi", commune=choice["text"])
            assert (again["ambiguous"], again["route"]["place"]["insee"]) == ([], choice["insee"])


async def test_an_unknown_channel_is_refused(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/v1/services", params={"channel": "fax"})).status_code == 422
