"""Following and cancelling a callback with its reference and secret code, from any device, with no account.

An unknown reference and a wrong code get the same answer; neither is ever in an address.
"""

from __future__ import annotations

import asyncio

from fastapi import APIRouter

from api.assemble import as_message
from api.dependencies import Address, TheGateway
from api.handoffs import as_slot
from api.problems import Problem, ProblemKind
from api.schemas import Callback, CallbackIn
from api.state import Gateway
from knowledge.half_days import HalfDay
from knowledge.reply import Said
from records.entries import Handoff, HandoffStatus

router = APIRouter(prefix="/api/v1/callbacks", tags=["callbacks"])


@router.post("/status", summary="See where a callback is")
async def status(gateway: TheGateway, address: Address, body: CallbackIn) -> Callback:
    """Open, dealt with or cancelled; nothing in the answer says who asked for it."""
    language = gateway.spoken(body.language)
    await check_rate(gateway, address)
    return shown(gateway, await found(gateway, body.reference, body.code, language), language)


@router.post("/cancel", summary="Cancel a callback")
async def cancel(gateway: TheGateway, address: Address, body: CallbackIn) -> Callback:
    """Cancels it if it is open, erases the contact details, and tells the service if it was told of it."""
    language = gateway.spoken(body.language)
    await check_rate(gateway, address)
    return shown(gateway, await cancelled(gateway, body.reference, body.code, language), language)


async def check_rate(gateway: Gateway, address: str) -> None:
    """Count one try of an address: codes must not be guessed.

    Raises:
        Problem: There were too many.
    """
    await gateway.limiter.check(gateway.settings.callback_rate, "callback", address)


async def found(gateway: Gateway, reference: str, code: str, language: str) -> Handoff:
    """The callback of this reference and code.

    Raises:
        Problem: There is none (`callback-not-found`), or it may still wait in the spool (`unavailable`).
        RecordsUnavailable: SQL does not answer.
    """
    handoff = await asyncio.to_thread(gateway.records.callback, reference, code)
    if handoff is None:
        waits = await asyncio.to_thread(gateway.records.spooled)
        kind = ProblemKind.UNAVAILABLE if waits else ProblemKind.CALLBACK_NOT_FOUND
        raise Problem(kind, language)
    return handoff


async def cancelled(gateway: Gateway, reference: str, code: str, language: str) -> Handoff:
    """The same callback, cancelled; as it is when it was no longer open.

    Raises:
        Problem: As `found`.
        RecordsUnavailable: SQL does not answer.
    """
    handoff = await found(gateway, reference, code, language)
    return await asyncio.to_thread(gateway.records.cancel_callback, handoff.id)


def shown(gateway: Gateway, handoff: Handoff, language: str) -> Callback:
    """A callback as its resident sees it."""
    texts, directory = gateway.composer.texts, gateway.composer.directory
    # Whatever an agent makes of it before it is closed, to its resident it is open.
    states = {HandoffStatus.CLOSED: "closed", HandoffStatus.CANCELLED: "cancelled"}
    state = states.get(handoff.status, "open")
    wanted = None
    if handoff.wanted_from and handoff.wanted_until:
        wanted = as_slot(gateway, HalfDay(handoff.wanted_from, handoff.wanted_until), language)
    text = texts.get(language, f"callback.{state}")
    if state == "open" and wanted:
        text = f"{text} {texts.get(language, 'callback.wanted', when=wanted.label)}"
    service = directory.services.get(handoff.service_id)
    return Callback.model_validate(
        {
            "reference": handoff.reference,
            "status": state,
            "created_at": handoff.created_at,
            "wanted": wanted,
            "service": gateway.composer.card(service, gateway.seen(language)) if service else None,
            "message": as_message(gateway, Said(markdown=text, lang=language)),
        }
    )
