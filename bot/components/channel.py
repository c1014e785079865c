"""The channel between the gateway and Rasa: one turn in, one whole answer or one error out.

Rasa's own REST channel answers 200 `[]` on any exception, believes whatever sender and metadata a client
gives, and can wait for ever. Here only the gateway, which holds the secret, is answered; what goes wrong is
an error; and a turn has a limit of time.
"""

import asyncio
import hmac
import logging
import os
from dataclasses import dataclass
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.shared.exceptions import RasaException
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from components import lean
from components.classifier import TOPICS
from components.featurizer import MEANING

logger = logging.getLogger(__name__)

# Rasa imports its channels before it makes an agent: this is the one place that `rasa run` passes in time.
lean.install()

BEARER = "Bearer "
TURN_SECONDS = "GUICHET_RASA_TURN_SECONDS"
DEFAULT_TURN_SECONDS = 4.0  # within the five seconds promised to the resident
LONGEST_SENDER = 200


class NoReplyError(RuntimeError):
    """The rules ran and nothing was said: an empty answer must never look like an answer."""


class NotReadyError(RuntimeError):
    """No model is loaded yet."""


class WholeMessages(CollectingOutputChannel):
    """Collects each message whole, where Rasa's collector splits it into text, custom and the rest."""

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:  # noqa: ARG002
        """Keep one message of an action or of a text."""
        self.messages.append({"text": message.get("text"), "custom": message.get("custom")})


@dataclass(frozen=True)
class Turn:
    """What the gateway asks: a message, already masked, and metadata that may be trusted."""

    sender: str
    text: str
    metadata: dict[str, Any]

    @classmethod
    def read(cls, body: object) -> "Turn":
        """Check the body of a request.

        Raises:
            ValueError: The body is not {"sender", "text", "metadata"?}.
        """
        if not isinstance(body, dict):
            raise ValueError("the body must be a JSON object")
        sender, text, metadata = body.get("sender"), body.get("text"), body.get("metadata") or {}
        if not isinstance(sender, str) or not 0 < len(sender) <= LONGEST_SENDER:
            raise ValueError("sender must be a short text")
        # For Rasa a message that begins with "/" is a command that names an intent.
        plain = text.strip().lstrip("/").strip() if isinstance(text, str) else ""
        if not plain:
            raise ValueError("text must be a text")
        if not isinstance(metadata, dict):
            raise ValueError("metadata must be an object")
        return cls(sender, plain, metadata)


async def take(agent: Agent, turn: Turn) -> dict[str, Any]:
    """Give a message to Rasa and return what it understood and says.

    Raises:
        NoReplyError: Nothing was said.
        Exception: Whatever an action, the tracker store or a text raised.
    """
    said = WholeMessages()
    message = UserMessage(
        turn.text,
        said,
        turn.sender,
        input_channel=GuichetChannel.name(),
        message_id=turn.metadata.get("turn_id"),
        metadata=turn.metadata,
    )
    message.parse_data = await agent.processor.parse_message(message)
    # The vector has served: what is remembered of the conversation need not hold it.
    message.metadata = {name: value for name, value in turn.metadata.items() if name != MEANING}
    message.parse_data["metadata"] = message.metadata
    await agent.handle_message(message)
    if not said.messages:
        raise NoReplyError(f"no message for the intent {message.parse_data['intent']['name']}")
    return {
        "intent": message.parse_data["intent"]["name"],
        "confidence": message.parse_data["intent"]["confidence"],
        "topics": message.parse_data.get(TOPICS, []),
        "messages": said.messages,
    }


def _ready(agent: Agent | None) -> Agent:
    if agent is None or not agent.is_ready():
        raise NotReadyError("no model is loaded")
    return agent


class GuichetChannel(InputChannel):
    """POST turn, GET ready, DELETE conversations/<sender>, under /webhooks/guichet."""

    def __init__(self, secret: str, turn_seconds: float = DEFAULT_TURN_SECONDS) -> None:
        self._expected = f"{BEARER}{secret}".encode()
        self._turn_seconds = turn_seconds

    @classmethod
    def name(cls) -> str:
        """Return the channel's name, which is also its part of the URL."""
        return "guichet"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> "GuichetChannel":
        """Make the channel from credentials.yml.

        Raises:
            RasaException: There is no secret: this channel never serves without one.
        """
        secret = str((credentials or {}).get("secret") or "")
        if not secret:
            raise RasaException("credentials.yml gives no secret to GuichetChannel: set GUICHET_RASA_SECRET")
        return cls(secret, float(os.environ.get(TURN_SECONDS) or DEFAULT_TURN_SECONDS))

    def blueprint(self, on_new_message: Any) -> Blueprint:  # noqa: ARG002 - the agent is called, to see errors
        """Return the routes."""
        routes = Blueprint("guichet")

        @routes.get("/ready")
        async def ready(request: Request) -> HTTPResponse:
            agent = getattr(request.app.ctx, "agent", None)
            is_ready = agent is not None and agent.is_ready()
            return response.json({"ready": is_ready}, status=200 if is_ready else 503)

        @routes.post("/turn")
        async def turn(request: Request) -> HTTPResponse:
            return await self._guarded(request, self._turn)

        @routes.delete("/conversations/<sender:str>")
        async def erase(request: Request, sender: str) -> HTTPResponse:
            async def erased(agent: Agent, _: Request) -> HTTPResponse:
                store = agent.tracker_store
                # Rasa wraps every store in one that has no way to delete.
                await getattr(store, "_tracker_store", store).delete(sender)
                return response.empty(status=204)

            return await self._guarded(request, erased)

        return routes

    async def _guarded(self, request: Request, answer: Any) -> HTTPResponse:
        """Check the secret, bound the time, and turn whatever goes wrong into an error."""
        given = request.headers.get("authorization", "").encode()
        if not hmac.compare_digest(given, self._expected):
            return response.json({"error": "Unauthorized"}, status=401)
        try:
            agent = _ready(getattr(request.app.ctx, "agent", None))
            return await asyncio.wait_for(answer(agent, request), self._turn_seconds)
        except Exception as error:  # whatever it is, the gateway must know that there is no answer
            # The name only: a message may hold what the resident wrote.
            logger.error("%s %s failed: %s", request.method, request.path, type(error).__name__)
            logger.debug("what failed", exc_info=error)
            return response.json({"error": type(error).__name__}, status=500)

    @staticmethod
    async def _turn(agent: Agent, request: Request) -> HTTPResponse:
        return response.json(await take(agent, Turn.read(request.json)))
