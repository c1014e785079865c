"""Origins, headers, sizes, rates."""

from pathlib import Path

import httpx
import pytest

from api.settings import ApiSettings
from tests.api.conftest import ORIGIN, Resident, running
from tests.api.double import EngineDouble


@pytest.mark.parametrize("path", ["/", "/widget.js", "/api/v1/languages", "/health/live", "/nowhere"])
async def test_every_response_is_under_a_strict_policy(client: httpx.AsyncClient, path: str) -> None:
    response = await client.get(path)
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "no-referrer"


async def test_a_foreign_origin_is_refused(client: httpx.AsyncClient) -> None:
    response = await client.post("/api/v1/conversations", json={}, headers={"Origin": "https://evil.example"})
    assert response.status_code == 403
    assert response.json()["type"] == "/problems/origin-not-allowed"


async def test_an_allowed_origin_and_our_own_are_let_in(
    settings: ApiSettings, tmp_path: Path, engine: EngineDouble
) -> None:
    own = settings.model_copy(update={"allowed_origins": ("https://www.garlaban.example",)})
    async with running(own, tmp_path, engine) as client:
        for origin in (ORIGIN, "https://www.garlaban.example"):
            response = await client.post("/api/v1/conversations", json={}, headers={"Origin": origin})
            assert response.status_code == 201
            assert response.headers["access-control-allow-origin"] == origin
            preflight = await client.options(
                "/api/v1/conversations", headers={"Origin": origin, "Access-Control-Request-Method": "POST"}
            )
            assert preflight.status_code == 204
            assert "Authorization" in preflight.headers["access-control-allow-headers"]


async def test_a_body_in_chunks_is_measured_too(client: httpx.AsyncClient) -> None:
    resident = await Resident.arrives(client)

    async def body():  # type: ignore[no-untyped-def]
        yield b'{"text": "'
        for _ in range(100):
            yield b"a" * 1000
        yield b'"}'

    response = await client.post(
        f"/api/v1/conversations/{resident.id}/messages",
        content=body(),
        headers={**resident.headers, "Content-Type": "application/json"},
    )
    assert response.status_code == 413


async def test_too_many_messages_are_told_when_to_come_back(client: httpx.AsyncClient) -> None:
    resident = await Resident.arrives(client)
    statuses = [(await resident.post("messages", {"text": "Bonjour"})).status_code for _ in range(22)]
    assert statuses[:20] == [200] * 20
    assert statuses[-1] == 429
    refused = await resident.post("messages", {"text": "Bonjour"})
    assert int(refused.headers["retry-after"]) > 0
    assert refused.json()["type"] == "/problems/too-many-requests"


async def test_rates_are_still_counted_without_redis(
    settings: ApiSettings, tmp_path: Path, engine: EngineDouble
) -> None:
    alone = settings.model_copy(update={"redis_url": "redis://127.0.0.1:9/0", "message_rate": "2/minute"})
    async with running(alone, tmp_path, engine) as client:
        resident = await Resident.arrives(client)
        statuses = [(await resident.post("messages", {"text": "Bonjour"})).status_code for _ in range(4)]
        assert statuses == [200, 200, 429, 429]


@pytest.mark.parametrize(
    "path",
    ["/widget/package.json", "/widget/README.md", "/widget/node_modules/x.js", "/widget/../pyproject.toml"],
)
async def test_only_the_widget_s_own_files_are_served(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


async def test_what_residents_download_travels_compressed(client: httpx.AsyncClient) -> None:
    response = await client.get("/widget/element.js", headers={"Accept-Encoding": "gzip"})
    assert response.headers["content-encoding"] == "gzip"
