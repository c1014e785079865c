"""What the tests of live conversations share: services that never close, and agents who are there."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import yaml

from api.settings import ApiSettings
from knowledge.settings import KnowledgeSettings
from records.live import Agent
from tests.api.conftest import Resident, app_of, running
from tests.api.double import EngineDouble

SERVICE = "mdph"
TOPIC = "mdph-dossier"
NADIA = Agent("a-nadia", "Nadia R.")
PAUL = Agent("a-paul", "Paul D.")
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
REAL = KnowledgeSettings().content_dir


def never_closed(
    folder: Path, languages: tuple[str, ...] = ("fr", "en"), articles: str = "emergency"
) -> KnowledgeSettings:
    """The real directory and texts, open day and night, with the articles of one folder; "" for all."""
    content = folder / "content"
    if not content.exists():
        for name in ("directory", "texts"):
            shutil.copytree(REAL / name, content / name)
        for language in languages:
            shutil.copytree(REAL / "common" / language / articles, content / "common" / language / articles)
        for file in (content / "directory" / "services").glob("*.yml"):
            service = yaml.safe_load(file.read_text(encoding="utf-8"))
            service["hours"] = {"weekly": {day: ["00:00-23:59"] for day in DAYS}, "holidays": "open"}
            file.write_text(yaml.safe_dump(service, allow_unicode=True), encoding="utf-8")
    return KnowledgeSettings(content_dir=content, data_dir=folder / "var", languages=languages)


@asynccontextmanager
async def open_gateway(
    settings: ApiSettings, folder: Path, engine: EngineDouble
) -> AsyncIterator[httpx.AsyncClient]:
    """A gateway whose services never close."""
    async with running(settings, folder, engine, never_closed(folder)) as client:
        yield client


def records_of(client: httpx.AsyncClient) -> Any:
    """The live records behind a client."""
    return app_of(client).state.gateway.records.live


async def asks(resident: Resident, **body: Any) -> dict[str, Any]:
    """Asks for a person of SERVICE; returns the handoff."""
    response = await resident.post("handoffs", {"kind": "live", "topic": TOPIC, **body})
    assert response.status_code == 201, response.text
    handoff: dict[str, Any] = response.json()
    return handoff
