"""Rasa's memory of conversations, in Redis, short and expiring.

Rasa's own Redis store keeps every event of a conversation, reads and compares them all at each save, never
expires by default and waits without limit for a Redis that does not answer. This one:

- keeps what the rules need and nothing more: the last turns, the slots, the active form. What the assistant
  said is in records, not here;
- gives each conversation an expiry, renewed at each turn;
- fails fast, goes on from the process's own memory of recent conversations while Redis is away, and uses
  Redis again as soon as it answers.
"""

import json
import logging
import time
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rasa.core.tracker_store import SerializedTrackerAsText, TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    Event,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

KEY_PREFIX = "rasa:tracker:"
TURNS_KEPT = 3
TIMEOUT = 0.4  # seconds, to connect and for each command
REST_AFTER_FAILURE = 1.0  # seconds during which Redis is not asked again
RECENT_CONVERSATIONS = 500
SECONDS_AN_HOUR = 3600
KEPT_OF_A_MESSAGE = ("intent", "entities", "text", "message_id", "metadata")


def essential_events(events: Sequence[Event], turns: int = TURNS_KEPT) -> list[Event]:
    """Return events that lead to the same state as `events`, with only the last turns in full.

    The older ones are replaced by the slots and the form that they left; what the assistant said is dropped.
    """
    kept = [event for event in events if not isinstance(event, BotUttered)]
    spoken = [index for index, event in enumerate(kept) if isinstance(event, UserUttered)]
    if len(spoken) <= turns:
        return kept
    cut = spoken[-turns]
    slots: dict[str, SlotSet] = {}
    loop: ActiveLoop | None = None
    for event in kept[:cut]:
        if isinstance(event, SlotSet):
            slots[event.key] = event
        elif isinstance(event, ActiveLoop):
            loop = event
    left = [event for event in slots.values() if event.value is not None]
    listening = ActionExecuted(ACTION_LISTEN_NAME, timestamp=kept[cut].timestamp)
    return [*left, *([loop] if loop and loop.name else []), listening, *kept[cut:]]


def _as_dict(event: Event) -> dict[str, Any]:
    data = event.as_dict()
    if isinstance(event, UserUttered):
        # The rankings served the turn; the rules only look at the intent.
        parsed = data["parse_data"]
        data["parse_data"] = {key: parsed[key] for key in KEPT_OF_A_MESSAGE if key in parsed}
    return data


@dataclass(frozen=True)
class _Recent:
    """A conversation as this process left it."""

    text: str
    saved_at: float  # seconds, of time.time
    is_in_redis: bool


class GuichetTrackerStore(TrackerStore, SerializedTrackerAsText):
    """Stores trackers in Redis (`tracker_store` in endpoints.yml); in memory only when no URL is given."""

    def __init__(
        self,
        domain: Domain | None,
        host: str = "",
        event_broker: Any = None,
        hours: float | str = 24,
        **kwargs: Any,  # noqa: ARG002 - Rasa passes whatever else endpoints.yml says
    ) -> None:
        """Prepare the client; it connects when it is first used.

        Args:
            domain: Rasa's domain, set later when a model is loaded.
            host: The URL of the Redis server, as `redis://:password@127.0.0.1:6379/0`; "" for none.
            event_broker: Not used by this project.
            hours: How long a conversation is kept after its last turn.
            **kwargs: Ignored.
        """
        super().__init__(domain, event_broker)
        self._seconds = int(float(hours) * SECONDS_AN_HOUR)
        self._recent: OrderedDict[str, _Recent] = OrderedDict()
        self._asleep_until = 0.0
        self._redis: Redis | None = None
        if host:
            self._redis = Redis.from_url(
                host,
                socket_timeout=TIMEOUT,
                socket_connect_timeout=TIMEOUT,
                # Once more for a connection that Redis closed when it restarted; never after a time-out.
                retry=Retry(NoBackoff(), 1),
                retry_on_error=[RedisConnectionError],
                decode_responses=True,
            )

    @staticmethod
    def serialise_tracker(tracker: DialogueStateTracker) -> str:
        """Return the essential of a conversation as JSON, in the form that Rasa reads back."""
        events = [_as_dict(event) for event in essential_events(tracker.events)]
        return json.dumps({"events": events, "name": tracker.sender_id}, separators=(",", ":"))

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Store a conversation. Never raises because of Redis: this process remembers it meanwhile."""
        text = self.serialise_tracker(tracker)
        is_in_redis = await self._write(tracker.sender_id, text)
        self._recent[tracker.sender_id] = _Recent(text, time.time(), is_in_redis)
        self._recent.move_to_end(tracker.sender_id)
        while len(self._recent) > RECENT_CONVERSATIONS:
            self._recent.popitem(last=False)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Return a conversation, None when it is unknown, expired or erased."""
        text = await self._text(sender_id)
        return self.deserialise_tracker(sender_id, text) if text else None

    async def delete(self, sender_id: str) -> None:
        """Erase a conversation.

        Raises:
            RedisError: Redis could not be asked, so the conversation may still be there.
        """
        self._recent.pop(sender_id, None)
        if self._redis is not None:
            await self._redis.delete(KEY_PREFIX + sender_id)

    async def keys(self) -> Iterable[str]:
        """Return the senders of the conversations in Redis, or of those of this process without Redis.

        Raises:
            RedisError: Redis does not answer.
        """
        if self._redis is None:
            return list(self._recent)
        return [key.removeprefix(KEY_PREFIX) async for key in self._redis.scan_iter(match=f"{KEY_PREFIX}*")]

    async def _text(self, sender_id: str) -> str | None:
        recent = self._recent.get(sender_id)
        if recent and time.time() - recent.saved_at > self._seconds:
            del self._recent[sender_id]
            recent = None
        if not self._is_redis_awake() or self._redis is None:
            return recent.text if recent else None
        try:
            stored: str | None = await self._redis.get(KEY_PREFIX + sender_id)
        except (RedisError, OSError) as error:
            self._sleep(error)
            return recent.text if recent else None
        if recent and not recent.is_in_redis:
            return recent.text
        return stored

    async def _write(self, sender_id: str, text: str) -> bool:
        if not self._is_redis_awake() or self._redis is None:
            return False
        try:
            await self._redis.set(KEY_PREFIX + sender_id, text, ex=self._seconds)
        except (RedisError, OSError) as error:
            self._sleep(error)
            return False
        return True

    def _is_redis_awake(self) -> bool:
        return time.monotonic() >= self._asleep_until

    def _sleep(self, error: Exception) -> None:
        self._asleep_until = time.monotonic() + REST_AFTER_FAILURE
        logger.warning("Redis does not answer (%s): conversations go on from memory", type(error).__name__)
