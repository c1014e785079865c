"""What the resident's stream tells of a live conversation: its lines, its state, and a beat to answer.

A line is `event: live` with `id: live-<seq>`; the state is `event: live-state`, sent whenever it changes. The
beat comes from here and the page answers it: browsers slow down the timers of a page that is not in view, but
not what comes over a connection.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

import structlog

from api.live import desk
from api.live.schemas import LiveLine, LiveNow, LivePhase
from api.live.wakes import QUEUES, live_channel
from api.tokens import Ticket
from records.entries import Turn
from records.errors import RecordsUnavailable
from records.live_entries import LiveEvent

if TYPE_CHECKING:
    from api.state import Gateway

log = structlog.get_logger(__name__)

RUNNING_SECONDS: Final = 2.0
"""How often SQL is asked while a request runs, should Redis wake nobody."""

IDLE_SECONDS: Final = 10.0
"""How often while none does."""

_CURSOR: Final = re.compile(r"live-(\d{1,9})")


def cursor_of(last_event_id: str | None) -> int | None:
    """The number of the last line that the reader has seen; None when the reader names none."""
    match = _CURSOR.fullmatch(last_event_id or "")
    return int(match[1]) if match else None


class ResidentFeed:
    """The news of one conversation for one reader."""

    def __init__(self, gateway: Gateway, ticket: Ticket, after: int | None) -> None:
        self._gateway = gateway
        self._ticket = ticket
        self._after = after
        self._last: LiveNow | None = None
        self._asked_at = self._beat_at = float("-inf")
        self.channels: tuple[str, ...] = (live_channel(ticket.conversation_id), QUEUES)

    async def news(self, *, woken: bool) -> list[dict[str, Any]]:
        """The events since the last call; none while SQL does not answer, and all of them after."""
        due = self._asked_at + (RUNNING_SECONDS if self._runs else IDLE_SECONDS)
        if not woken and monotonic() < due:
            return self._beat()
        self._asked_at = monotonic()
        try:
            lines, state = await asyncio.to_thread(self._read)
        except RecordsUnavailable as error:
            log.warning("part_down", part="sql", cause=str(error))
            return self._beat()
        events = [_line_event(line) for line in lines]
        if state is not None and state != self._last:
            events.append({"event": "live-state", "data": state.model_dump_json()})
        self._last = state
        return [*events, *self._beat()]

    @property
    def _runs(self) -> bool:
        return self._last is not None and self._last.phase in {LivePhase.WAITING, LivePhase.WITH_PERSON}

    def _read(self) -> tuple[Sequence[LiveLine], LiveNow | None]:
        gateway, conversation_id = self._gateway.at_once(), self._ticket.conversation_id
        request = gateway.records.live.latest(conversation_id)
        if request is None:
            self._after = self._after or 0
            return (), None
        if self._after is None:
            # A reader who names no line has just read the transcript.
            log_now = gateway.records.live.log(conversation_id)
            self._after = log_now[-1].seq if log_now else 0
        language = desk.language_of(gateway, conversation_id, self._ticket.language)
        lines = desk.lines(gateway, conversation_id, language, self._after)
        state = desk.now(gateway, request, language)
        # Last: what a failure kept from the reader is read again.
        self._after = lines[-1].seq if lines else self._after
        return lines, state

    def _beat(self) -> list[dict[str, Any]]:
        if not self._runs or monotonic() < self._beat_at:
            return []
        self._beat_at = monotonic() + self._gateway.settings.live_agent_seconds / 4
        return [{"event": "beat", "data": "{}"}]


def turns_after(turns: Sequence[Turn], log: Sequence[LiveEvent], after: int) -> Sequence[Turn]:
    """The turns answered since a line; one that was seen may be among them, and has its identifier."""
    at = next((event.at for event in log if event.seq == after), None)
    if at is None:
        return ()
    return [turn for turn in turns if turn.answered_at is not None and turn.answered_at >= at]


def _line_event(line: LiveLine) -> dict[str, Any]:
    return {"event": "live", "id": f"live-{line.seq}", "data": line.model_dump_json()}
