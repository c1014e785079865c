"""No wait ends in silence: every gateway looks after the live requests, and SQL lets one of them act.

An agent whose page is silent gives back their residents, who wait first; a resident whose page is silent
leaves the queue; one who waits long is told so; one whom nobody can answer any more is told so, and waits no
longer.
"""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING, Final

from api.live import desk
from api.live.wakes import wake
from api.rounds import rounds
from records.entries import now
from records.errors import UnknownRecord
from records.live import recent
from records.live_entries import LiveEnd, LiveRequest

if TYPE_CHECKING:
    from api.state import Gateway

EVERY_SECONDS: Final = 2.0
NOBODY_TIMES: Final = 3
"""A queue with no agent for so many times the silence of a page is given up: a page that is loaded again or a
short break is no reason to send people away."""


def sweeping(gateway: Gateway) -> AbstractAsyncContextManager[None]:
    """Sweeps every few seconds until the block ends."""
    sweeper = Sweeper(gateway)

    async def sweep() -> None:
        changed = await asyncio.to_thread(sweeper.sweep)
        for conversation_id in {request.conversation_id for request in changed}:
            await wake(gateway.redis, conversation_id)

    return rounds(sweep, EVERY_SECONDS, "sweep_failed")


class Sweeper:
    """One gateway's rounds. A round looks back no further than its own start.

    While no gateway ran, no page could be heard of: they are given the time to come back.
    """

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._started = monotonic()
        self._last_round = now()
        self._without_agents: dict[str, datetime] = {}

    def sweep(self) -> tuple[LiveRequest, ...]:
        """One round; returns the requests that it changed. Blocks.

        Raises:
            RecordsUnavailable: SQL does not answer.
        """
        settings, live = self._gateway.settings, self._gateway.records.live
        changed: list[LiveRequest] = []
        if self._listened_for(settings.live_agent_seconds):
            changed += live.give_back_lost(recent(settings.live_agent_seconds))
        if self._listened_for(settings.live_resident_seconds):
            abandoned = settings.live_abandoned_minutes * 60
            changed += live.remove_gone(recent(settings.live_resident_seconds), recent(abandoned))
        changed += live.tell_unanswered(recent(settings.live_unanswered_minutes * 60))
        changed += self._give_up(live.queue())
        return tuple(changed)

    def _listened_for(self, seconds: float) -> bool:
        """Whether rounds have followed each other that long: after a stop of SQL too, pages need time."""
        present = now()
        if present - self._last_round > timedelta(seconds=5 * EVERY_SECONDS):
            self._started = monotonic()
        self._last_round = present
        return monotonic() - self._started >= seconds

    def _give_up(self, queue: tuple[LiveRequest, ...]) -> list[LiveRequest]:
        gateway = self._gateway.at_once()
        services = {request.service_id for request in queue}
        reasons = {service_id: self._why_nobody_comes(gateway, service_id) for service_id in services}
        ended = (_given_up(gateway, each, why) for each in queue if (why := reasons[each.service_id]))
        return [each for each in ended if each is not None]

    def _why_nobody_comes(self, gateway: Gateway, service_id: str) -> LiveEnd | None:
        if not desk.is_open(gateway, service_id):
            return LiveEnd.CLOSED
        if gateway.records.live.available(service_id, desk.agents_heard_since(gateway)):
            self._without_agents.pop(service_id, None)
            return None
        since = self._without_agents.setdefault(service_id, now())
        patience = timedelta(seconds=NOBODY_TIMES * gateway.settings.live_agent_seconds)
        return LiveEnd.NOBODY if now() - since > patience else None


def _given_up(gateway: Gateway, request: LiveRequest, why: LiveEnd) -> LiveRequest | None:
    try:
        return gateway.records.live.give_up(request.handoff_id, why)
    except UnknownRecord:
        return None  # the resident has just erased the conversation
