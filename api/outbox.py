"""Sends to services what the outbox of the records holds, in the background, while the gateway runs.

Several gateways share the work: each message is claimed by one. A message that fails is tried again after
longer and longer waits, an hour at most, for as long as its callback is open.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import structlog

from api.callback_note import Note, note_of
from api.service_mail import Mailer, SendingFailed
from api.webhook import Webhook
from records.entries import Delivery, DeliveryChannel
from records.errors import BadEncryptionKey, RecordsUnavailable

if TYPE_CHECKING:
    from api.settings import ApiSettings
    from api.state import Gateway

log = structlog.get_logger(__name__)

EVERY_SECONDS: Final = 2.0
WAITS: Final = (5.0, 30.0, 120.0, 600.0, 1800.0, 3600.0)
"""Seconds before the second attempt, the third…; the last one for ever."""
SETTLING_TRIES: Final = 100
STOP_SECONDS: Final = 5.0

Send = Callable[[Delivery, Note], None]


def senders(settings: ApiSettings) -> dict[DeliveryChannel, Send]:
    """The ways of telling services that the settings give."""
    ways: dict[DeliveryChannel, Send] = {}
    if settings.smtp_host:
        ways[DeliveryChannel.EMAIL] = Mailer(settings).send
    if settings.webhook_url:
        ways[DeliveryChannel.WEBHOOK] = Webhook(settings).send
    return ways


@dataclass(frozen=True)
class Courier:
    """Sends the messages that are due.

    Attributes:
        ways: how to send by each channel.
        waits: seconds before each further attempt.
        every: seconds between two looks at the outbox.
    """

    gateway: Gateway
    ways: Mapping[DeliveryChannel, Send]
    waits: tuple[float, ...] = WAITS
    every: float = EVERY_SECONDS

    async def work(self, stop: asyncio.Event) -> None:
        """Send what is due, again and again, until `stop`."""
        while not stop.is_set():
            try:
                while not stop.is_set() and await self.send_one():
                    pass
            except RecordsUnavailable as error:
                log.warning("outbox_waits", reason=error.reason)
            except Exception as error:  # noqa: BLE001 - whatever it is, the next messages must still leave
                log.error("outbox_failed", cause=type(error).__name__)
            try:
                await asyncio.wait_for(stop.wait(), self.every)
            except TimeoutError:
                continue

    async def send_one(self) -> bool:
        """Claim, send and settle one message; False when none is due."""
        outbox = self.gateway.records.outbox
        delivery = await asyncio.to_thread(outbox.claim, frozenset(self.ways))
        if delivery is None:
            return False
        try:
            await asyncio.to_thread(self._send, delivery)
        except (SendingFailed, BadEncryptionKey) as error:
            wait = self._wait(delivery.attempts)
            fault = str(error)
            log.warning("delivery_failed", channel=delivery.channel.value, fault=fault, seconds=round(wait))
            await asyncio.to_thread(outbox.failed, delivery, fault, timedelta(seconds=wait))
        else:
            await self._settle(delivery)
            log.info("delivered", channel=delivery.channel.value, attempts=delivery.attempts)
        return True

    def _send(self, delivery: Delivery) -> None:
        handoff = self.gateway.records.handoff(delivery.handoff_id)
        if handoff is None:
            raise SendingFailed("the callback is gone")
        self.ways[delivery.channel](delivery, note_of(self.gateway.at_once(), handoff))

    async def _settle(self, delivery: Delivery) -> None:
        """Note that it left, again and again while SQL does not answer, so that it is not sent twice."""
        for _ in range(SETTLING_TRIES):
            try:
                await asyncio.to_thread(self.gateway.records.outbox.sent, delivery)
            except RecordsUnavailable:
                await asyncio.sleep(self.every)
            else:
                return
        log.error("delivery_not_settled", delivery=delivery.id)

    def _wait(self, attempts: int) -> float:
        wait = self.waits[min(attempts, len(self.waits)) - 1]
        return wait * random.uniform(0.8, 1.2)  # so that a server that comes back is not met by all at once


@asynccontextmanager
async def delivering(gateway: Gateway) -> AsyncIterator[None]:
    """Sends messages until the block ends; does nothing where no way of sending is set."""
    ways = senders(gateway.settings)
    if not ways:
        yield
        return
    stop = asyncio.Event()
    task = asyncio.create_task(Courier(gateway, ways).work(stop))
    try:
        yield
    finally:
        stop.set()
        _, still_running = await asyncio.wait({task}, timeout=STOP_SECONDS)
        for each in still_running:
            each.cancel()
