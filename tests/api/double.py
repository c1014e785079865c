"""The test double of the dialogue engine: says what it is told to, or is down."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from api.engine import Engine, EngineUnavailable, Understood
from knowledge.reply import Reply


@dataclass
class EngineDouble(Engine):
    """Replies with `reply` to everything; raises while `down`. Remembers what it was given."""

    reply: Reply
    down: bool = False
    heard: list[tuple[str, str, Mapping[str, Any]]] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)

    async def turn(self, conversation_id: str, text: str, metadata: Mapping[str, Any]) -> Understood:
        self.heard.append((conversation_id, text, metadata))
        if self.down:
            raise EngineUnavailable
        return Understood(intent="social_benefits", confidence=0.9, replies=(self.reply,))

    async def forget(self, conversation_id: str) -> None:
        if self.down:
            raise EngineUnavailable
        self.forgotten.append(conversation_id)

    async def ready(self) -> bool:
        return not self.down

    async def actions_ready(self) -> bool:
        return not self.down
