"""What a service is told of a callback: as little about its resident as it needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from knowledge.hours import span_text
from knowledge.texts import SOURCE_LANGUAGE
from records.entries import Handoff

if TYPE_CHECKING:
    from api.state import Gateway

_CHANNELS = {
    "phone": "par téléphone",
    "sms": "par SMS",
    "email": "par courriel",
    "visit": "en venant sur place",
}


@dataclass(frozen=True)
class Note:
    """What is told of a callback, in French.

    Attributes:
        mailbox: where its e-mail goes.
        details: the contact details in clear; empty unless `callback_details` is set.
    """

    handoff: Handoff
    service: str
    topic: str
    when: str
    language: str
    link: str
    mailbox: str
    details: Mapping[str, str]

    def as_text(self) -> dict[str, str]:
        """Return the words of the e-mail's templates."""
        return {
            "reference": self.handoff.reference,
            "service": self.service,
            "topic": self.topic,
            "when": self.when,
            "language": self.language,
            "link": self.link,
            "details": self._details(),
        }

    def as_data(self) -> dict[str, Any]:
        """Return the `data` of the webhook."""
        handoff = self.handoff
        return {
            "reference": handoff.reference,
            "service_id": handoff.service_id,
            "topic": handoff.topic,
            "language": handoff.language,
            "place": handoff.place,
            "wanted_from": handoff.wanted_from.isoformat() if handoff.wanted_from else None,
            "wanted_until": handoff.wanted_until.isoformat() if handoff.wanted_until else None,
            "created_at": handoff.created_at.isoformat(),
            "url": self.link,
            **({"contact": dict(self.details)} if self.details else {}),
        }

    def _details(self) -> str:
        if not self.details:
            return "Le nom et les coordonnées sont dans la boîte des demandes, pas dans ce message."
        lines = [
            f"Nom ou pseudonyme : {self.details['name']}",
            f"À joindre {_CHANNELS[self.details['channel']]} : {self.details['value']}",
        ]
        if self.details.get("subject"):
            lines.append(f"Objet : {self.details['subject']}")
        if self.details.get("preferred_time"):
            lines.append(f"Précision : {self.details['preferred_time']}")
        return "\n".join(lines)


def note_of(gateway: Gateway, handoff: Handoff) -> Note:
    """Return what is told of a callback, from the knowledge in force now."""
    composer = gateway.composer
    directory, texts = composer.directory, composer.texts
    service = directory.services.get(handoff.service_id, directory.default)
    article = composer.library.best(handoff.topic, SOURCE_LANGUAGE) if handoff.topic else None
    when = texts.get(SOURCE_LANGUAGE, "callback.soon")
    if handoff.wanted_from and handoff.wanted_until:
        when = span_text(handoff.wanted_from, handoff.wanted_until, SOURCE_LANGUAGE, texts)
    spoken = texts.catalogues.get(handoff.language)
    tells_all = gateway.settings.callback_details and handoff.contact is not None
    return Note(
        handoff=handoff,
        service=service.name_in(SOURCE_LANGUAGE),
        topic=article.title if article else handoff.topic or "sujet non précisé",
        when=when,
        language=spoken.meta.name if spoken else handoff.language,
        link=f"{gateway.settings.public_url.rstrip('/')}/staff",
        mailbox=gateway.settings.callback_mailbox or service.email or directory.default.email or "",
        details=gateway.records.contact_details(handoff) if tells_all else {},
    )
