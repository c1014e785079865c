"""A resident of the running assistant, over HTTP."""

from typing import Any

import httpx


class Resident:
    """One conversation."""

    def __init__(self, url: str, *, language: str | None = None) -> None:
        self.http = httpx.Client(base_url=url, timeout=10, trust_env=False)
        opened = self.http.post("/api/v1/conversations", json={"language": language} if language else {})
        assert opened.status_code == 201, opened.text
        self.opened: dict[str, Any] = opened.json()
        self.path = f"/api/v1/conversations/{self.opened['conversation_id']}"
        self.http.headers["Authorization"] = f"Bearer {self.opened['token']}"

    def says(self, text: str, **body: Any) -> dict[str, Any]:
        """Writes one message, returns its turn."""
        response = self.http.post(f"{self.path}/messages", json={"text": text, **body})
        assert response.status_code == 200, response.text
        turn: dict[str, Any] = response.json()
        return turn

    def post(self, path: str, body: dict[str, Any]) -> httpx.Response:
        """Any other call of the conversation."""
        return self.http.post(f"{self.path}/{path}", json=body)


def shown(turn: dict[str, Any]) -> str:
    """Everything said in a turn."""
    return "\n".join(message["text"] for message in turn["messages"])
