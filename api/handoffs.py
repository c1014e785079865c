"""Bringing a conversation to a service. Contact details come by this form only, never through Rasa."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import datetime
from typing import Annotated

import phonenumbers
import structlog
from email_validator import EmailNotValidError, validate_email
from fastapi import APIRouter, Query
from phonenumbers import PhoneNumberType
from redis.exceptions import RedisError

from api import child, ledger
from api.assemble import as_message
from api.dependencies import Address, TheGateway, TheTicket
from api.live import desk
from api.live.resident import ask_for_a_person
from api.outbox import senders
from api.problems import Problem, ProblemKind
from api.render import direction
from api.schemas import CallbackSlot, Consent, ContactIn, Handoff, HandoffIn, HandoffOptions
from api.state import Gateway
from api.tokens import Ticket
from knowledge.half_days import HalfDay, half_day_at, next_half_days
from knowledge.hours import span_text
from knowledge.places import Place
from knowledge.reply import Said
from knowledge.services import Service
from records.entries import HandoffKind, HandoffRequest
from understanding.masking import mask

log = structlog.get_logger(__name__)

router = APIRouter(prefix="/api/v1/conversations", tags=["conversations"])

_PHONE_CHANNELS = frozenset({"phone", "sms"})
# A call to these would be charged to the département: a way to make money of it.
_CHARGED = frozenset({PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST})


@router.get("/{conversation_id}/handoffs/options", summary="What a callback form may offer")
async def options(
    gateway: TheGateway,
    ticket: TheTicket,
    topic: Annotated[str | None, Query(max_length=64)] = None,
    service_id: Annotated[str | None, Query(max_length=64)] = None,
    language: Annotated[str | None, Query(pattern=r"^[a-z]{2,3}$")] = None,
) -> HandoffOptions:
    """The next half days of the service, without holidays and closures; the text to agree to."""
    await gateway.limiter.check(gateway.settings.message_rate, "options", ticket.conversation_id)
    spoken = gateway.spoken(language, gateway.spoken(ticket.language))
    await _refuse_a_child(gateway, ticket, spoken)
    wanted = HandoffIn(kind="callback", topic=topic, service_id=service_id)
    service = _service(gateway, wanted, spoken, None)
    seen, texts = gateway.seen(spoken), gateway.composer.texts
    soon = CallbackSlot(start=None, end=None, label=texts.get(spoken, "callback.soon"))
    article = gateway.composer.library.best(topic, spoken) if topic else None
    return HandoffOptions(
        service=gateway.composer.card(service, seen),
        language=spoken,
        direction=direction(texts, spoken),
        subject=article.title if article else None,
        slots=[soon, *(as_slot(gateway, half, spoken) for half in next_half_days(service.hours, seen.at))],
        consent=_consent(gateway, spoken),
    )


@router.post("/{conversation_id}/handoffs", status_code=201, summary="Be brought to a human service")
async def hand_off(gateway: TheGateway, ticket: TheTicket, address: Address, body: HandoffIn) -> Handoff:
    """`contact` gives the service; `callback` also keeps, encrypted, how to reach the resident.

    A callback is confirmed only once it is written durably, in the database or in the spool on disk. It is
    refused (`child-no-callback`, with the number to call) to a writer who said to be under 15. `live` puts
    the resident in the queue of the service, or says at once that nobody can answer now: see `live`.
    """
    await gateway.limiter.check(gateway.settings.message_rate, "handoff", ticket.conversation_id)
    await gateway.limiter.check(gateway.settings.address_rate, "address", address)
    language = gateway.spoken(body.language, gateway.spoken(ticket.language))
    place = _place(gateway, body)
    service = _service(gateway, body, language, place)
    seen, texts = gateway.seen(language, place), gateway.composer.texts
    card = gateway.composer.card(service, seen)
    if body.kind == "contact":
        await asyncio.to_thread(ledger.record_routing, gateway, ticket, service.id, body.topic)
        said = as_message(gateway, Said(markdown=texts.get(language, "handoff.intro"), lang=language))
        return Handoff(kind="contact", reference=None, service=card, message=said, stored="nothing")
    if body.kind == "live":
        spoken = await asyncio.to_thread(desk.language_of, gateway, ticket.conversation_id, language)
        asked = HandoffRequest(
            conversation_id=ticket.conversation_id,
            kind=HandoffKind.LIVE,
            language=spoken,
            service_id=service.id,
            topic=body.topic,
            place=place.insee if place else None,
            idempotency_key=body.client_message_id,
        )
        is_child = child.is_child(await _age(gateway, ticket))
        return await ask_for_a_person(gateway, asked, card, child=is_child)
    await _refuse_a_child(gateway, ticket, language)
    contact = _checked_contact(body, language)
    consent = _consent(gateway, language)
    if body.consent_id not in (None, consent.id):
        raise refused("consent_id", language)
    wanted = _half_day(body, service, seen.at, language)
    request = HandoffRequest(
        conversation_id=ticket.conversation_id,
        kind=HandoffKind.CALLBACK,
        language=language,
        service_id=service.id,
        topic=body.topic,
        place=place.insee if place else None,
        contact=contact,
        consent_text=consent.text,
        idempotency_key=body.client_message_id,
        wanted_from=wanted.start if wanted else None,
        wanted_until=wanted.end if wanted else None,
        notify=tuple(senders(gateway.settings)),
    )
    kept, stored = await asyncio.to_thread(ledger.record_handoff, gateway, request)
    code = gateway.records.callback_code(kept)
    confirmed = texts.get(language, "handoff.callback_confirmed", reference=kept.reference)
    follow = texts.get(language, "callback.follow", code=code) if code else None
    return Handoff(
        kind="callback",
        reference=kept.reference,
        service=card,
        message=as_message(gateway, Said(markdown=confirmed, lang=language)),
        stored=stored,
        code=code,
        follow=as_message(gateway, Said(markdown=follow, lang=language)) if follow else None,
    )


def as_slot(gateway: Gateway, half: HalfDay, language: str) -> CallbackSlot:
    """A half day as it is shown."""
    label = span_text(half.start, half.end, language, gateway.composer.texts)
    return CallbackSlot(start=half.start, end=half.end, label=label)


def refused(field: str, language: str) -> Problem:
    """A request that names the field to correct."""
    return Problem(
        ProblemKind.INVALID_REQUEST, language, extra={"errors": [{"field": f"body.{field}", "reason": field}]}
    )


async def _refuse_a_child(gateway: Gateway, ticket: Ticket, language: str) -> None:
    """Refuses a callback to a writer whose conversation says an age under 15.

    With Redis down no age is known, and no handoff may be lost: it goes on.

    Raises:
        Problem: The writer is a child (`child-no-callback`).
    """
    values = child.numbers(gateway, language)
    if child.is_child(await _age(gateway, ticket)) and values is not None:
        raise Problem(ProblemKind.CHILD_NO_CALLBACK, language, values=values)


async def _age(gateway: Gateway, ticket: Ticket) -> int | None:
    try:
        return await child.remembered(gateway, ticket, None)
    except RedisError as error:
        log.warning("part_down", part="redis", cause=type(error).__name__)
        return None


def _place(gateway: Gateway, body: HandoffIn) -> Place | None:
    places = gateway.places.find(" ".join(filter(None, (body.postal_code, body.commune))))
    return places[0] if len(places) == 1 else None


def _service(gateway: Gateway, body: HandoffIn, language: str, place: Place | None) -> Service:
    """The service that a turn gave, if it is still there, else the one that topic and place lead to.

    Raises:
        Problem: There is no such topic.
    """
    if body.topic is not None and body.topic not in gateway.taxonomy.topics:
        raise refused("topic", language)
    directory = gateway.composer.directory
    known = directory.services.get(body.service_id or "")
    return known or directory.service(
        gateway.composer.service_for(body.topic, gateway.seen(language, place)).id
    )


def _consent(gateway: Gateway, language: str) -> Consent:
    texts = gateway.composer.texts
    text = texts.get(language, "handoff.consent")
    written = texts.written_in(language, "handoff.consent")
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Consent(id=digest, text=text, lang=written, dir=direction(texts, written))


def _half_day(body: HandoffIn, service: Service, now: datetime, language: str) -> HalfDay | None:
    """The half day that was chosen; a visit without one could meet a closed door.

    Raises:
        Problem: It is none of those that are offered, or is missing.
    """
    contact = body.contact
    if contact is None or contact.slot is None:
        visit = contact is not None and contact.channel == "visit" and not contact.preferred_time
        if visit and next_half_days(service.hours, now, 1):
            raise refused("contact.slot", language)
        return None
    half = half_day_at(service.hours, contact.slot, now)
    if half is None:
        raise refused("contact.slot", language)
    return half


def _checked_contact(body: HandoffIn, language: str) -> dict[str, str]:
    """The contact in its normal form (E.164, normalised address), with the subject, masked.

    Raises:
        Problem: It is missing or cannot be used, or there is no consent; `errors` names the field.
    """
    if body.contact is None:
        raise refused("contact", language)
    if not body.consent:
        raise refused("consent", language)
    contact = {
        "name": body.contact.name,
        "channel": body.contact.channel,
        "value": _value(body.contact, language),
    }
    if body.contact.preferred_time:
        contact["preferred_time"] = mask(body.contact.preferred_time).text
    if body.subject and body.subject.strip():
        contact["subject"] = mask(body.subject.strip()).text
    return contact


def _value(contact: ContactIn, language: str) -> str:
    if contact.channel in _PHONE_CHANNELS:
        return _number(contact, language)
    if contact.channel == "email":
        try:
            # The department's own addresses, and those of tests, end in names that no resolver knows.
            return validate_email(contact.value, check_deliverability=False, test_environment=True).normalized
        except EmailNotValidError as error:
            raise refused("contact.value", language) from error
    return contact.value


def _number(contact: ContactIn, language: str) -> str:
    """The number in E.164, if an agent can call it or, for a text message, write to it."""
    try:
        number = phonenumbers.parse(contact.value, "FR")
    except phonenumbers.NumberParseException as error:
        raise refused("contact.value", language) from error
    kind = phonenumbers.number_type(number)
    unreadable = contact.channel == "sms" and kind == PhoneNumberType.FIXED_LINE
    if not phonenumbers.is_possible_number(number) or kind in _CHARGED or unreadable:
        raise refused("contact.value", language)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
