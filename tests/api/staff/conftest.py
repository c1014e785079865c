"""Agents who sign in to a real gateway, as their browser does; one gateway for all these tests."""

import re
from collections.abc import AsyncIterator, Iterable
from typing import Any

import httpx
import pytest
import pytest_asyncio
from pydantic import SecretStr

from api.settings import ApiSettings
from api.staff.passwords import hash_password
from knowledge.embedding import CachedEmbedder, load_question_encoder
from knowledge.publish import Publisher
from knowledge.settings import KnowledgeSettings
from records.entries import Agent, Role
from records.store import Records
from records.tables import AgentRow, ReportRow
from tests.api.conftest import ORIGIN, REPLY, app_of, running
from tests.api.double import EngineDouble
from tests.stack import reuse_cache

PASSWORD = "une phrase assez longue"
_HASH = hash_password(PASSWORD)


@pytest.fixture(scope="package")
def published(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeSettings:
    """The real articles in French and Arabic, published."""
    knowledge = KnowledgeSettings(data_dir=tmp_path_factory.mktemp("staff"), languages=("fr", "en", "ar"))
    reuse_cache(knowledge.data_dir)
    Publisher(knowledge, CachedEmbedder(load_question_encoder(), knowledge.cache_dir)).publish()
    return knowledge


@pytest.fixture(scope="package")
def staff_settings(valkey: str) -> ApiSettings:
    return ApiSettings(
        secret_key=SecretStr("a-secret-of-tests-0123456789-abcdef"),
        redis_url=valkey,
        rasa_url="http://127.0.0.1:9",
        public_url=ORIGIN,
        allowed_origins=("https://www.garlaban.example",),
        sign_in_rate="10000/minute",
    )


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def opened(
    staff_settings: ApiSettings, published: KnowledgeSettings
) -> AsyncIterator[httpx.AsyncClient]:
    async with running(staff_settings, published.data_dir, EngineDouble(REPLY), published) as client:
        yield client


@pytest_asyncio.fixture
async def client(opened: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    """A browser nobody has signed in with yet; the accounts of a test go with it."""
    async with httpx.AsyncClient(transport=opened._transport, base_url=ORIGIN) as fresh:
        fresh.headers["Accept-Language"] = "fr"
        yield fresh
    with records_of(opened)._database.writing() as session:
        for table in (ReportRow, AgentRow):
            session.query(table).delete()


def records_of(client: httpx.AsyncClient) -> Records:
    """The records of the gateway behind a client."""
    records = app_of(client).state.gateway.records
    assert isinstance(records, Records)
    return records


def add_agent(
    client: httpx.AsyncClient,
    login: str = "camille",
    *,
    role: Role = Role.AGENT,
    services: Iterable[str] = ("accueil",),
    **values: Any,
) -> Agent:
    """An account whose password is PASSWORD."""
    values = {"password_hash": _HASH, **values}
    return records_of(client).staff.add(
        login=login, name=login.title(), role=role, services=services, **values
    )


async def post_sign_in(
    client: httpx.AsyncClient, login: str = "camille", password: str = PASSWORD, **form: str
) -> httpx.Response:
    """Sends the sign-in form."""
    return await client.post("/staff/sign-in", data={"login": login, "password": password, **form})


async def sign_in(client: httpx.AsyncClient, login: str = "camille") -> str:
    """Signs in and returns the anti-forgery token of the session's pages."""
    answer = await post_sign_in(client, login)
    assert answer.status_code == 303, answer.text
    return csrf_in((await client.get("/staff/account")).text)


def csrf_in(html: str) -> str:
    """The anti-forgery token that a page carries."""
    found = re.search(r'name="csrf-token" content="([^"]+)"', html)
    assert found, "the page carries no anti-forgery token"
    return found[1]
