"""Bringing a conversation to a service. Contact details come by this form only, never through Rasa."""

from __future__ import annotations

import asyncio

import phonenumbers
import structlog
from email_validator import EmailNotValidError, validate_email
from fastapi import APIRouter
from redis.exceptions import RedisError

from api import child, ledger
from api.assemble import as_message
from api.dependencies import Address, TheGateway, TheTicket
from api.problems import Problem, ProblemKind
from api.schemas import ContactIn, Handoff, HandoffIn
from api.state import Gateway
from api.tokens import Ticket
from knowledge.places import Place
from knowledge.reply import Said
from records.entries import HandoffKind, HandoffRequest

log = structlog.get_logger(__name__)

router = APIRouter(prefix="/api/v1/conversations", tags=["conversations"])

_PHONE_CHANNELS = frozenset({"phone", "sms"})


@router.post("/{conversation_id}/handoffs", status_code=201, summary="Be brought to a human service")
async def hand_off(gateway: TheGateway, ticket: TheTicket, address: Address, body: HandoffIn) -> Handoff:
    """`contact` gives the service; `callback` also keeps, encrypted, how to reach the resident.

    A callback is confirmed only once it is written durably, in the database or in the spool on disk. It is
    refused (`child-no-callback`, with the number to call) to a writer who said to be under 15.
    """
    await gateway.limiter.check(gateway.settings.message_rate, "handoff", ticket.conversation_id)
    await gateway.limiter.check(gateway.settings.address_rate, "address", address)
    language = gateway.spoken(ticket.language)
    if body.topic is not None and body.topic not in gateway.taxonomy.topics:
        raise _refused("topic", language)
    place = _place(gateway, body)
    service = gateway.composer.service_for(body.topic, gateway.seen(language, place))
    texts = gateway.composer.texts
    if body.kind == "contact":
        text = texts.get(language, "handoff.intro")
        said = as_message(gateway, Said(markdown=text, lang=language))
        return Handoff(kind="contact", reference=None, service=service, message=said, stored="nothing")
    await _refuse_a_child(gateway, ticket, language)
    request = HandoffRequest(
        conversation_id=ticket.conversation_id,
        kind=HandoffKind.CALLBACK,
        language=language,
        service_id=service.id,
        topic=body.topic,
        place=place.insee if place else None,
        contact=_checked_contact(body, language),
        consent_text=texts.get(language, "handoff.consent"),
        idempotency_key=body.client_message_id,
    )
    reference, stored = await asyncio.to_thread(ledger.record_handoff, gateway, request)
    text = texts.get(language, "handoff.callback_confirmed", reference=reference)
    said = as_message(gateway, Said(markdown=text, lang=language))
    return Handoff(kind="callback", reference=reference, service=service, message=said, stored=stored)


async def _refuse_a_child(gateway: Gateway, ticket: Ticket, language: str) -> None:
    """Refuses a callback to a writer whose conversation says an age under 15.

    With Redis down no age is known, and no handoff may be lost: it goes on.

    Raises:
        Problem: The writer is a child (`child-no-callback`).
    """
    try:
        age = await child.remembered(gateway, ticket, None)
    except RedisError as error:
        log.warning("part_down", part="redis", cause=type(error).__name__)
        return
    values = child.numbers(gateway, language)
    if child.is_child(age) and values is not None:
        raise Problem(ProblemKind.CHILD_NO_CALLBACK, language, values=values)


def _place(gateway: Gateway, body: HandoffIn) -> Place | None:
    places = gateway.places.find(" ".join(filter(None, (body.postal_code, body.commune))))
    return places[0] if len(places) == 1 else None


def _checked_contact(body: HandoffIn, language: str) -> dict[str, str]:
    """The contact in its normal form (E.164, normalised address).

    Raises:
        Problem: It is missing or cannot be used, or there is no consent; `errors` names the field.
    """
    if body.contact is None:
        raise _refused("contact", language)
    if not body.consent:
        raise _refused("consent", language)
    contact = {
        "name": body.contact.name,
        "channel": body.contact.channel,
        "value": _value(body.contact, language),
    }
    if body.contact.preferred_time:
        contact["preferred_time"] = body.contact.preferred_time
    return contact


def _value(contact: ContactIn, language: str) -> str:
    if contact.channel in _PHONE_CHANNELS:
        try:
            number = phonenumbers.parse(contact.value, "FR")
        except phonenumbers.NumberParseException as error:
            raise _refused("contact.value", language) from error
        if not phonenumbers.is_possible_number(number):
            raise _refused("contact.value", language)
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if contact.channel == "email":
        try:
            # The department's own addresses, and those of tests, end in names that no resolver knows.
            return validate_email(contact.value, check_deliverability=False, test_environment=True).normalized
        except EmailNotValidError as error:
            raise _refused("contact.value", language) from error
    return contact.value


def _refused(field: str, language: str) -> Problem:
    return Problem(
        ProblemKind.INVALID_REQUEST, language, extra={"errors": [{"field": f"body.{field}", "reason": field}]}
    )
