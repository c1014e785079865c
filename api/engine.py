"""The dialogue engine behind one adapter, so that another could take its place (DESIGN.md, section 2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

import httpx
from pydantic import ValidationError
from typing_extensions import override

from knowledge.reply import Kind, Reply, Said

_UNAVAILABLE = "the dialogue engine did not answer"


class EngineUnavailable(Exception):  # noqa: N818 - it says a state, which the turn handles
    """The engine is down, too slow, or answered something that is not a reply; `__cause__` says which."""


@dataclass(frozen=True)
class Understood:
    """What the engine made of one message. `confidence` is the intent's, 0 to 1."""

    intent: str
    confidence: float
    replies: tuple[Reply, ...]


class Engine(Protocol):
    """Parse and next turn."""

    async def turn(self, conversation_id: str, text: str, metadata: Mapping[str, Any]) -> Understood:
        """Understands one masked message and decides what to reply.

        Raises:
            EngineUnavailable: No usable reply came in time.
        """
        ...

    async def forget(self, conversation_id: str) -> None:
        """Erases what the engine remembers of a conversation.

        Raises:
            EngineUnavailable: It could not be erased now.
        """
        ...

    async def ready(self) -> bool:
        """Whether the engine can take a turn. Never raises."""
        ...

    async def actions_ready(self) -> bool:
        """Whether what the engine acts through is there. Never raises."""
        ...


# What Rasa's form says whenever it goes on, also after an action that has just asked which of two places.
_FORM_S_QUESTION: Final = "utter.ask_place"


class RasaEngine(Engine):
    """Rasa through its `guichet` channel (bot/components/channel.py), on the loopback interface.

    Rasa's own REST channel answers 200 `[]` on any exception and trusts what the client says it is; this one
    answers 500 and wants a secret.
    """

    def __init__(self, url: str, secret: str, *, actions_url: str, seconds: float) -> None:
        self._actions_url = actions_url.rstrip("/")
        self._client = httpx.AsyncClient(
            base_url=url.rstrip("/"),
            headers={"Authorization": f"Bearer {secret}"},
            timeout=httpx.Timeout(seconds, connect=min(seconds, 0.5)),
            limits=httpx.Limits(max_keepalive_connections=32, keepalive_expiry=60),
            trust_env=False,
        )

    @override
    async def turn(self, conversation_id: str, text: str, metadata: Mapping[str, Any]) -> Understood:
        body = {"sender": conversation_id, "text": text, "metadata": dict(metadata)}
        try:
            response = await self._client.post("/webhooks/guichet/turn", json=body)
            response.raise_for_status()
            return _understood(response.json(), str(metadata.get("language", "fr")))
        except (httpx.HTTPError, ValidationError, ValueError, KeyError, TypeError) as error:
            raise EngineUnavailable(_UNAVAILABLE) from error

    @override
    async def forget(self, conversation_id: str) -> None:
        try:
            response = await self._client.delete(f"/webhooks/guichet/conversations/{conversation_id}")
            response.raise_for_status()
        except httpx.HTTPError as error:
            raise EngineUnavailable(_UNAVAILABLE) from error

    @override
    async def ready(self) -> bool:
        return await self._is_ok("/webhooks/guichet/ready")

    @override
    async def actions_ready(self) -> bool:
        return await self._is_ok(f"{self._actions_url}/health")

    async def _is_ok(self, url: str) -> bool:
        try:
            return (await self._client.get(url, timeout=1.0)).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.aclose()


def _understood(body: Mapping[str, Any], language: str) -> Understood:
    replies: list[Reply] = []
    for message in body["messages"]:
        asked_already = any(reply.asks_place for reply in replies)
        if not (asked_already and _custom(message).get("key") == _FORM_S_QUESTION):
            replies.append(_reply(message, language))
    if not replies:
        raise ValueError("no message")
    return Understood(
        intent=str(body["intent"]), confidence=float(body["confidence"]), replies=tuple(replies)
    )


def _custom(message: Mapping[str, Any]) -> Mapping[str, Any]:
    custom: Mapping[str, Any] = (message.get("custom") or {}).get("guichet") or {}
    return custom


def _reply(message: Mapping[str, Any], language: str) -> Reply:
    """A reply of an action is whole; a sentence of the catalogue comes with its text beside it."""
    custom = _custom(message)
    if "messages" in custom:
        return Reply.model_validate(custom)
    text = message["text"]
    if not isinstance(text, str) or not text:
        raise ValueError("a message with neither text nor reply")
    said = Said(markdown=text, lang=custom.get("lang") or language)
    return Reply(
        kind=Kind(custom.get("kind") or Kind.SMALLTALK),
        topic=custom.get("topic") or "smalltalk",
        messages=(said,),
    )
