"""The conversations' tokens: signed and stateless, so that no store is needed to check one.

itsdangerous' timed serializer (HMAC-SHA-256 here) over the conversation's id, first language and channel. A
token opens one conversation and nothing else; it is carried by the `Authorization` header only.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from itsdangerous import BadData, URLSafeTimedSerializer

from api.problems import Problem, ProblemKind
from records.entries import Channel

_SALT = "guichet.conversation"


@dataclass(frozen=True)
class Ticket:
    """What a token says."""

    conversation_id: str
    language: str
    channel: Channel


@dataclass(frozen=True)
class Tokens:
    """Issues and checks tokens; `max_age` in seconds."""

    secret: str
    max_age: int

    def issue(self, ticket: Ticket) -> str:
        """A token for `ticket`, URL-safe."""
        signed = self._serializer().dumps([ticket.conversation_id, ticket.language, ticket.channel.value])
        return signed if isinstance(signed, str) else signed.decode()

    def read(self, token: str) -> Ticket:
        """Checks a token.

        Raises:
            Problem: The token is forged, cut or too old (`invalid-token`).
        """
        try:
            conversation_id, language, channel = self._serializer().loads(token, max_age=self.max_age)
            return Ticket(conversation_id, language, Channel(channel))
        except (BadData, ValueError, TypeError) as error:
            raise Problem(ProblemKind.INVALID_TOKEN, headers={"WWW-Authenticate": "Bearer"}) from error

    def _serializer(self) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(
            self.secret, salt=_SALT, signer_kwargs={"digest_method": hashlib.sha256}
        )
