"""A gateway on real records (SQLite), Valkey and knowledge, with an engine double."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import sleep
from typing import Any

import httpx
import pytest
import pytest_asyncio
from cryptography.fernet import Fernet
from fastapi import FastAPI
from pydantic import SecretStr

from api.app import build_app
from api.settings import ApiSettings
from knowledge.reply import Kind, Reply, Said, Suggestion
from knowledge.settings import KnowledgeSettings
from records.settings import RecordsSettings
from records.store import Records
from tests.api.double import EngineDouble
from tests.stack import new_valkey, reuse_cache

ORIGIN = "http://gateway.example"
REPLY = Reply(
    kind=Kind.ANSWER,
    topic="apa",
    confidence=0.9,
    messages=(Said(markdown="**APA** helps at home.\n\n- one\n- two", lang="fr"),),
    suggestions=(Suggestion(label="Papiers", text="Quels papiers ?", topic="apa"),),
)


@pytest.fixture(scope="session")
def valkey() -> Iterator[str]:
    with new_valkey() as server:
        yield f"redis://127.0.0.1:{server.port}/0"


@pytest.fixture
def engine() -> EngineDouble:
    return EngineDouble(REPLY)


@pytest.fixture
def settings(valkey: str) -> ApiSettings:
    return ApiSettings(
        secret_key=SecretStr("a-secret-of-tests-0123456789-abcdef"),
        redis_url=valkey,
        rasa_url="http://127.0.0.1:9",
        public_url=ORIGIN,
        conversation_rate="1000/minute",
        message_rate="20/minute",
        callback_rate="1000/minute",
    )


@asynccontextmanager
async def running(
    settings: ApiSettings,
    data_dir: Path,
    engine: EngineDouble,
    knowledge: KnowledgeSettings | None = None,
    **records: Any,
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a gateway that runs for the length of the block."""
    # With no index, the articles are parsed at each start: two languages take a fifth of the time of ten.
    knowledge = knowledge or KnowledgeSettings(data_dir=data_dir, languages=("fr", "en"))
    reuse_cache(knowledge.data_dir)
    app = build_app(
        settings,
        knowledge,
        RecordsSettings(
            data_dir=data_dir,
            encryption_key=SecretStr(Fernet.generate_key().decode()),
            ledger_key=SecretStr("a-ledger-key-of-tests-0123456789-abcdef"),
            **records,
        ),
        engine=engine,
    )
    app.state.gateway.records.upgrade()
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client,
    ):
        client.headers["Accept-Language"] = "fr"
        yield client


@pytest_asyncio.fixture
async def client(
    settings: ApiSettings, tmp_path: Path, engine: EngineDouble
) -> AsyncIterator[httpx.AsyncClient]:
    async with running(settings, tmp_path, engine) as opened:
        yield opened


def wait_until_replayed(records: Records) -> None:
    """Waits for the gateway's own background task, which leaves SQL to rest for a moment after a failure."""
    while records.spooled():
        sleep(0.05)


def app_of(client: httpx.AsyncClient) -> FastAPI:
    """The application behind a client, to look at what it recorded."""
    app = client._transport.app  # type: ignore[attr-defined] # the transport is ASGI's, made above
    assert isinstance(app, FastAPI)
    return app


class Resident:
    """One conversation, as its resident sees it."""

    def __init__(self, client: httpx.AsyncClient, opened: dict[str, Any]) -> None:
        self.client = client
        self.opened = opened
        self.id = opened["conversation_id"]
        self.headers = {"Authorization": f"Bearer {opened['token']}"}

    @classmethod
    async def arrives(cls, client: httpx.AsyncClient, **body: Any) -> "Resident":
        response = await client.post("/api/v1/conversations", json=body)
        assert response.status_code == 201, response.text
        return cls(client, response.json())

    async def post(self, path: str, body: dict[str, Any]) -> httpx.Response:
        return await self.client.post(
            f"/api/v1/conversations/{self.id}/{path}", json=body, headers=self.headers
        )

    async def get(self, path: str = "") -> httpx.Response:
        return await self.client.get(f"/api/v1/conversations/{self.id}{path}", headers=self.headers)

    async def delete(self, **query: str) -> httpx.Response:
        return await self.client.delete(
            f"/api/v1/conversations/{self.id}", headers=self.headers, params=query
        )

    async def says(self, text: str, **body: Any) -> dict[str, Any]:
        response = await self.post("messages", {"text": text, **body})
        assert response.status_code == 200, response.text
        turn: dict[str, Any] = response.json()
        return turn
