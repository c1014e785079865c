"""The webhook that tells a ticketing tool of callbacks, signed as Standard Webhooks 1.0 says.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import httpx

from api.callback_note import Note
from api.delivery_settings import DeliverySettings, webhook_key
from api.service_mail import SendingFailed
from records.entries import Delivery

SECONDS: Final = 10.0


def signature(key: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the `webhook-signature` header: HMAC-SHA256 over the identifier, the instant and the body."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return f"v1,{base64.b64encode(hmac.digest(key, signed, 'sha256')).decode()}"


@dataclass(frozen=True)
class Webhook:
    """Sends to the address of the settings."""

    settings: DeliverySettings

    def send(self, delivery: Delivery, note: Note) -> None:
        """Send one event. Sent again, it has the same `webhook-id`, by which the receiver tells.

        Raises:
            SendingFailed: The receiver is down, or answers anything but a success.
        """
        body = json.dumps(
            {
                "type": delivery.event.value,
                "timestamp": delivery.created_at.isoformat(),
                "data": note.as_data(),
            },
            ensure_ascii=False,
        ).encode()
        timestamp = int(datetime.now(UTC).timestamp())
        key = webhook_key(self.settings.webhook_secret.get_secret_value())
        headers = {
            "Content-Type": "application/json",
            "webhook-id": delivery.id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature(key, delivery.id, timestamp, body),
        }
        try:
            # A redirection is no success: what is signed for one address must not go to another.
            answer = httpx.post(self.settings.webhook_url, content=body, headers=headers, timeout=SECONDS)
        except httpx.HTTPError as error:
            raise SendingFailed(type(error).__name__) from error
        if not answer.is_success:
            raise SendingFailed(f"HTTP {answer.status_code}")
