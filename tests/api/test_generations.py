"""The knowledge changes while the gateway runs: each request is answered from one generation."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from api.settings import ApiSettings
from knowledge.embedding import CachedEmbedder, load_question_encoder
from knowledge.live import LiveKnowledge
from knowledge.publish import Publisher
from knowledge.reply import Kind, Reply, Said
from knowledge.settings import KnowledgeSettings
from tests.api.conftest import Resident, app_of, running
from tests.api.double import EngineDouble
from tests.knowledge.articles import write_article
from tests.knowledge.contents import edit, small_content

OLD, NEW = "04 65 71 13 01", "04 65 71 13 02"


@pytest.fixture
def knowledge(tmp_path: Path) -> KnowledgeSettings:
    return small_content(tmp_path)


@pytest.fixture
def publisher(knowledge: KnowledgeSettings) -> Publisher:
    publisher = Publisher(knowledge, CachedEmbedder(load_question_encoder(), knowledge.cache_dir))
    edit(knowledge.content_dir, OLD)
    publisher.publish()
    return publisher


class PublishingEngine(EngineDouble):
    """The action server, which has taken a new generation that the gateway has not seen yet."""

    def __init__(self, knowledge: KnowledgeSettings, publisher: Publisher) -> None:
        super().__init__(said(OLD))
        self.knowledge, self.publisher, self.publishes = knowledge, publisher, False

    async def turn(self, conversation_id: str, text: str, metadata: Any) -> Any:
        if self.publishes:
            edit(self.knowledge.content_dir, NEW)
            self.publisher.publish()
        return await super().turn(conversation_id, text, metadata)


def said(phone: str) -> Reply:
    return Reply(
        kind=Kind.ANSWER, topic="routes", messages=(Said(markdown=f"Appelez le {phone}", lang="fr"),)
    )


@pytest.fixture
def engine(knowledge: KnowledgeSettings, publisher: Publisher) -> PublishingEngine:
    return PublishingEngine(knowledge, publisher)


@pytest_asyncio.fixture
async def client(
    settings: ApiSettings, tmp_path: Path, engine: PublishingEngine, knowledge: KnowledgeSettings
) -> AsyncIterator[httpx.AsyncClient]:
    async with running(settings, tmp_path, engine, knowledge) as opened:
        yield opened


async def ready_knowledge(client: httpx.AsyncClient) -> dict[str, Any]:
    state: dict[str, Any] = (await client.get("/health/ready")).json()["knowledge"]
    return state


async def test_a_swap_in_the_middle_of_a_turn_blocks_nothing(client, engine, publisher) -> None:
    live: LiveKnowledge = app_of(client).state.gateway.live
    live.stop()  # so that only the guard can find the new generation
    resident = await Resident.arrives(client)
    assert (await resident.says("un trou"))["status"] == "answered"
    engine.publishes, engine.reply = True, said(NEW)
    turn = await resident.says("un trou sur la route")
    assert turn["status"] == "answered", turn
    engine.publishes, engine.reply = False, said(OLD)
    assert (await resident.says("encore"))["status"] == "answered", "a replica that still holds the old one"
    engine.reply = said("04 65 71 13 99")
    assert (await resident.says("et là"))["status"] == "abstained"


async def test_a_request_keeps_its_generation(client, knowledge, publisher) -> None:
    gateway = app_of(client).state.gateway
    held = gateway.at_once()
    before = held.composer.library.article("routes", "fr")
    edit(knowledge.content_dir, NEW)
    publisher.publish()
    gateway.live.refresh()
    assert held.composer.library.article("routes", "fr") is before
    assert NEW in gateway.composer.library.article("routes", "fr").short
    assert NEW in gateway.at_once().composer.library.article("routes", "fr").short


async def test_search_and_topics_follow_the_generations(client, knowledge, publisher) -> None:
    async def found(question: str) -> list[str]:
        answer = await client.get("/api/v1/search", params={"q": question, "language": "fr"})
        assert answer.status_code == 200, answer.text
        return [result["article_id"] for result in answer.json()["results"]]

    assert await found("la piscine") == ["routes"]
    write_article(knowledge.content_dir, "piscine", topic="sport", title="La piscine")
    publisher.publish()
    app_of(client).state.gateway.live.refresh()
    assert (await found("la piscine"))[0] == "piscine"
    topics = (await client.get("/api/v1/topics")).json()["topics"]
    assert {topic["id"]: topic["title"] for topic in topics}["sport"] == "La piscine"


async def test_readiness_says_that_content_has_errors_without_failing(client, knowledge, publisher) -> None:
    before = await ready_knowledge(client)
    assert before["generation"]
    assert before["content_errors"] == 0
    path = edit(knowledge.content_dir, NEW)
    path.write_text(
        path.read_text(encoding="utf-8").replace("topic: routes", "topic: rien"), encoding="utf-8"
    )
    with pytest.raises(RuntimeError):
        publisher.publish()
    assert await ready_knowledge(client) == {**before, "content_errors": 1}
    assert str(path) not in (await client.get("/health/ready")).text
