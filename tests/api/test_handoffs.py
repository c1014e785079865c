"""Handoffs: the service, and the callback written durably."""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.settings import ApiSettings
from tests.api.conftest import Resident, app_of, running, wait_until_replayed
from tests.api.double import EngineDouble

CALLBACK: dict[str, Any] = {
    "kind": "callback",
    "topic": "apa",
    "postal_code": "13400",
    "contact": {"name": "Jeanne", "channel": "phone", "value": "06 39 98 12 34"},
    "consent": True,
    "client_message_id": "h1",
}


def _database_files(data_dir: Path) -> list[bytes]:
    files = list(data_dir.glob("guichet.db*"))
    assert files
    return [file.read_bytes() for file in files]


async def test_a_contact_gives_the_service_and_keeps_nothing(client: httpx.AsyncClient) -> None:
    resident = await Resident.arrives(client)
    response = await resident.post("handoffs", {"kind": "contact", "topic": "mdph-dossier"})
    assert response.status_code == 201
    body = response.json()
    assert body["service"]["id"] == "mdph"
    assert (body["reference"], body["stored"]) == (None, "nothing")
    assert app_of(client).state.gateway.records.handoffs() == ()


async def test_a_callback_is_encrypted_and_confirmed_once(client: httpx.AsyncClient, tmp_path: Path) -> None:
    resident = await Resident.arrives(client)
    first = (await resident.post("handoffs", CALLBACK)).json()
    again = (await resident.post("handoffs", CALLBACK)).json()
    assert first["reference"] == again["reference"]
    assert first["reference"] in first["message"]["text"]
    records = app_of(client).state.gateway.records
    (kept,) = records.handoffs()
    assert records.contact_details(kept)["value"] == "+33639981234"
    assert all(b"639981234" not in stored for stored in _database_files(tmp_path))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"consent": False}, "consent"),
        ({"contact": None}, "contact"),
        ({"contact": {"name": "Jeanne", "channel": "phone", "value": "12"}}, "contact.value"),
        ({"contact": {"name": "Jeanne", "channel": "email", "value": "jeanne@"}}, "contact.value"),
        ({"topic": "weather"}, "topic"),
    ],
)
async def test_a_callback_that_cannot_be_used_names_its_field(
    client: httpx.AsyncClient, change: dict[str, Any], field: str
) -> None:
    resident = await Resident.arrives(client)
    response = await resident.post("handoffs", {**CALLBACK, **change})
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == f"body.{field}"
    assert app_of(client).state.gateway.records.handoffs() == ()


async def test_a_callback_is_safe_on_disk_while_sql_is_locked(
    settings: ApiSettings, tmp_path: Path, engine: EngineDouble
) -> None:
    async with running(settings, tmp_path, engine) as client:
        resident = await Resident.arrives(client)
        blocker = sqlite3.connect(tmp_path / "guichet.db", isolation_level=None)
        blocker.execute("BEGIN EXCLUSIVE")
        confirmed = (await resident.post("handoffs", CALLBACK)).json()
        assert confirmed["stored"] == "spool"
        blocker.execute("ROLLBACK")
        blocker.close()
        records = app_of(client).state.gateway.records
        await asyncio.to_thread(wait_until_replayed, records)
        assert [handoff.reference for handoff in records.handoffs()] == [confirmed["reference"]]


async def test_erasing_keeps_or_cancels_the_callback(client: httpx.AsyncClient) -> None:
    records = app_of(client).state.gateway.records
    keeps, cancels = await Resident.arrives(client), await Resident.arrives(client)
    kept = (await keeps.post("handoffs", CALLBACK)).json()["reference"]
    await cancels.post("handoffs", CALLBACK)
    await keeps.delete(callback="keep")
    await cancels.delete(callback="cancel")
    (left,) = records.handoffs()
    assert (left.reference, left.conversation_id) == (kept, None)
