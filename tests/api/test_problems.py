"""One error shape, whatever the route and the fault."""

import httpx
import pytest

from tests.api.conftest import app_of

FIELDS = {"type", "title", "status", "detail", "instance", "language"}


async def test_every_route_answers_errors_as_problem_json(client: httpx.AsyncClient) -> None:
    walked = 0
    for template, operations in app_of(client).openapi()["paths"].items():
        path = template.replace("{conversation_id}", "nobody")
        for method in operations:
            response = await client.request(
                method, path, params={"k": "many", "language": "FRENCH"}, content=b"{"
            )
            if response.status_code < 400:
                continue
            assert response.headers["content-type"] == "application/problem+json", (method, path)
            assert set(response.json()) >= FIELDS, (method, path)
            walked += 1
    assert walked >= 10


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nowhere", 404), ("PUT", "/api/v1/languages", 405)]
)
async def test_unknown_paths_and_methods_too(
    client: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    response = await client.request(method, path)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"


async def test_the_sentence_is_in_the_resident_s_language(client: httpx.AsyncClient) -> None:
    details = {}
    for language in ("fr", "en"):
        response = await client.get("/nowhere", headers={"Accept-Language": f"{language};q=0.9"})
        details[language] = response.json()["detail"]
        assert response.json()["language"] == language
    assert details["fr"] != details["en"]


async def test_a_refused_value_is_not_repeated(client: httpx.AsyncClient) -> None:
    response = await client.post("/api/v1/conversations", json={"language": "0612345678"})
    assert response.status_code == 422
    assert "0612345678" not in response.text
    assert response.json()["errors"][0]["field"] == "body.language"
