"""E-mails to a service about a callback. By default they name no person: a reference, a topic, the inbox."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from string import Template
from typing import Final

from api.callback_note import Note
from api.delivery_settings import DeliverySettings, SmtpTls
from records.entries import Delivery, DeliveryEvent

SECONDS: Final = 10.0
"""Longest wait for one answer of the SMTP server; a sending has about ten, far within a claim."""

_FOLDER: Final = Path(__file__).parent / "pages" / "mail"
_TEMPLATES: Final = {
    event: Template((_FOLDER / f"{event.value}.txt").read_text(encoding="utf-8")) for event in DeliveryEvent
}


class SendingFailed(Exception):  # noqa: N818 - it says what happened
    """The receiver did not take a message; the text names the fault, and no person."""


@dataclass(frozen=True)
class Mailer:
    """Sends by the SMTP server of the settings."""

    settings: DeliverySettings

    def send(self, delivery: Delivery, note: Note) -> None:
        """Send one message. A second sending, after a crash, has the same Message-ID.

        Raises:
            SendingFailed: The server is down, or refuses the message.
        """
        message = self.message(delivery, note)
        try:
            with self._connected() as server:
                server.send_message(message)
        except smtplib.SMTPResponseException as error:
            raise SendingFailed(f"SMTP {error.smtp_code}") from error
        except (smtplib.SMTPException, OSError) as error:  # what a server says may repeat an address
            raise SendingFailed(type(error).__name__) from error

    def message(self, delivery: Delivery, note: Note) -> EmailMessage:
        """Return the message, in French: it is for agents."""
        subject, _, body = _TEMPLATES[delivery.event].substitute(note.as_text()).partition("\n")
        message = EmailMessage()
        message["Subject"] = subject
        message["From"] = self.settings.smtp_sender
        message["To"] = note.mailbox
        message["Date"] = format_datetime(delivery.created_at)
        message["Message-ID"] = f"<{delivery.id}@{self.settings.smtp_sender.rpartition('@')[2].strip('> ')}>"
        message["Auto-Submitted"] = "auto-generated"
        message["Content-Language"] = "fr"
        message.set_content(body.strip() + "\n")
        return message

    def _connected(self) -> smtplib.SMTP:
        settings = self.settings
        context = ssl.create_default_context(cafile=settings.smtp_ca_file)
        if settings.smtp_tls is SmtpTls.TLS:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                settings.smtp_host, settings.smtp_port, timeout=SECONDS, context=context
            )
        else:
            server = smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=SECONDS)
        try:
            if settings.smtp_tls is SmtpTls.STARTTLS:
                server.starttls(context=context)
            if settings.smtp_user:
                server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
        except BaseException:
            server.close()
            raise
        return server
