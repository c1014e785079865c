"""One turn, in the order of DESIGN.md section 4; each step is a small function.

hear      clean the text, look for danger, mask personal data: needs nothing but this process
lock      one turn at a time in a conversation
language  the resident's choice, then what the text says, with the conversation as prior; a child's age too
accept    the masked turn and the disclosure are recorded before anything is answered
ask       the engine decides what to reply
check     no contact leaves that is in no directory
answer    the reply is assembled, recorded, announced
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from dataclasses import dataclass, replace
from time import perf_counter
from traceback import format_exception
from typing import Final, TypedDict

import structlog
from redis.exceptions import RedisError

from api import ledger, locks
from api.assemble import Draft, assemble
from api.child import is_child, remembered, with_child
from api.engine import EngineUnavailable, Understood
from api.events import announce
from api.ledger import Accepted, NotInSql, language_key
from api.live import desk
from api.live.relay import relay, relay_or_none
from api.problems import Problem, ProblemKind
from api.schemas import MessageIn, Status, Turn
from api.state import Gateway
from api.tokens import Ticket
from knowledge.compose import Circumstances, with_more
from knowledge.reply import Kind
from records.entries import Channel, TurnStatus
from records.errors import RecordsUnavailable
from understanding.age import child_age
from understanding.cleaning import clean
from understanding.danger import Danger, find_dangers
from understanding.language import detect, requested_language
from understanding.masking import Masked, mask
from understanding.meaning import Vector

log = structlog.get_logger(__name__)

LANGUAGE_KEY_SECONDS: Final = 24 * 3600


@dataclass(frozen=True)
class Heard:
    """A message before any dialogue. Only `masked` goes further than this process.

    `clear` goes to the person who has the conversation, if one has it: encrypted in records, for that time.
    """

    client_message_id: str | None
    masked: Masked
    dangers: tuple[Danger, ...]
    language: str
    chosen: str | None
    language_is_spoken: bool = True
    meaning: Vector | None = None
    age: int | None = None
    clear: str = ""


class PartDown(Exception):  # noqa: N818 - it says a state, which the turn handles
    """A part of the assistant is down; `part` names it in the log and the metrics."""

    def __init__(self, part: str) -> None:
        super().__init__(part)
        self.part = part


async def take_turn(gateway: Gateway, ticket: Ticket, message: MessageIn) -> Turn:
    """Answers one message, within the time promised, whatever is down.

    Raises:
        Problem: The message is empty, too long, or another one of the conversation is being answered; the
            conversation was erased.
    """
    started = perf_counter()
    turn = await _turn(gateway, ticket, message)
    gateway.metrics.turn_seconds.observe(perf_counter() - started)
    gateway.metrics.turns.labels(turn.status, turn.understanding.kind, turn.language).inc()
    return turn


async def _turn(gateway: Gateway, ticket: Ticket, message: MessageIn) -> Turn:
    try:
        heard = await asyncio.to_thread(hear, gateway, ticket, message)
    except Problem:
        raise
    except Exception as error:  # noqa: BLE001 - a lexicon of ours is wrong: the resident gets a human contact
        # Its message may hold the resident's words, which are not masked.
        log.error("message_unread", error=type(error).__name__)
        return await _degraded(gateway, ticket, _unread(gateway, ticket, message), "gateway")
    try:
        async with asyncio.timeout(gateway.settings.turn_seconds):
            return await _locked_turn(gateway, ticket, heard)
    except PartDown as down:
        return await _degraded(gateway, ticket, heard, down.part)
    except NotInSql as down:
        return _without_sql(gateway, heard, down)
    except TimeoutError:
        return await _degraded(gateway, ticket, heard, "deadline")
    except Problem:
        raise
    except Exception as error:  # noqa: BLE001 - whatever is wrong with us, the resident gets a human contact
        log.error("turn_failed", traceback="".join(format_exception(error)))
        return await _degraded(gateway, ticket, heard, "gateway")


def warm_up(gateway: Gateway) -> None:
    """Does what is slow the first time (models and tables load on use), before the first resident comes."""
    for language in gateway.languages:
        text = gateway.composer.texts.get(language, "utter.greet")
        heard = hear(gateway, Ticket("", language, Channel.WEB), MessageIn(text=text))
        detect(heard.masked.text, allowed=gateway.languages)
        draft = _empty_draft(gateway, heard, "", disclosure_is_new=False)
        gateway.contacts.unknown_in(draft.reply)
        assemble(gateway, draft)


def hear(gateway: Gateway, ticket: Ticket, message: MessageIn) -> Heard:
    """Reads a message with nothing but this process: works with every part down.

    Raises:
        Problem: The message is empty or too long.
    """
    limit = gateway.settings.message_characters
    language = gateway.spoken(message.language, gateway.spoken(ticket.language))
    if len(message.text) > limit:
        raise Problem(ProblemKind.MESSAGE_TOO_LONG, language, values={"limit": limit})
    text = clean(message.text)
    if not text.strip():
        raise Problem(ProblemKind.MESSAGE_EMPTY, language)
    chosen = message.language if message.language in gateway.languages else None
    asked = requested_language(text, allowed=gateway.languages)
    masked = mask(text, keep=gateway.own_contacts)
    meaning = _meaning(gateway, text)
    return Heard(
        client_message_id=message.client_message_id,
        masked=masked,
        dangers=find_dangers(
            text,
            language=language,
            meaning=meaning,
            read_clause=gateway.meaning.of if gateway.meaning else None,
        ),
        language=asked or language,
        chosen=asked or chosen,
        # Rasa gets the masked text: a vector of the other one would tell it what was hidden.
        meaning=meaning if masked.request == text else None,
        age=child_age(text),
        clear=text,
    )


def _meaning(gateway: Gateway, text: str) -> Vector | None:
    """The vector of a message; without it the lexicons of danger are left, and Rasa makes its own."""
    try:
        return gateway.meaning.of(text) if gateway.meaning else None
    except Exception as error:  # noqa: BLE001 - whatever the engine raises, the message is answered
        _note_failure(gateway, "meaning", error)
        return None


def _unread(gateway: Gateway, ticket: Ticket, message: MessageIn) -> Heard:
    """What is left of a message that `hear` cannot read: its dangers; no word, since none is masked."""
    return Heard(
        client_message_id=message.client_message_id,
        masked=Masked("", ()),
        dangers=find_dangers(message.text),
        language=gateway.spoken(message.language, gateway.spoken(ticket.language)),
        chosen=None,
        age=child_age(message.text),
    )


async def _locked_turn(gateway: Gateway, ticket: Ticket, heard: Heard) -> Turn:
    try:
        async with locks.hold(
            gateway.redis, ticket.conversation_id, wait_seconds=gateway.settings.lock_seconds
        ):
            heard = await _with_language(gateway, ticket, heard)
            heard = replace(heard, age=await remembered(gateway, ticket, heard.age))
            accepted = await _accept(gateway, ticket, heard)
            if accepted.earlier is not None:
                return accepted.earlier
            draft = await _draft(gateway, ticket, heard, accepted)
            return await _answer(gateway, ticket, await _offered(gateway, draft))
    except (locks.LocksUnavailable, RedisError) as error:
        raise PartDown("redis") from error


async def _with_language(gateway: Gateway, ticket: Ticket, heard: Heard) -> Heard:
    """The resident's choice, then detection with the conversation as prior; Redis keeps the last one."""
    key = language_key(ticket.conversation_id)
    if heard.chosen:
        language, spoken = heard.chosen, True
    else:
        kept = await gateway.redis.get(key)
        last = kept.decode() if isinstance(kept, bytes) else None
        prior = gateway.spoken(last, gateway.spoken(ticket.language))
        guess = detect(heard.masked.text, allowed=gateway.languages, prior=prior)
        language, spoken = guess.language, guess.spoken
    await gateway.redis.set(key, language, ex=LANGUAGE_KEY_SECONDS)
    return replace(heard, language=language, language_is_spoken=spoken)


async def _accept(gateway: Gateway, ticket: Ticket, heard: Heard) -> Accepted:
    notice = gateway.disclosure(heard.language)
    return await asyncio.to_thread(
        ledger.accept, gateway, ticket, heard.client_message_id, heard.masked.text, notice
    )


async def _draft(gateway: Gateway, ticket: Ticket, heard: Heard, accepted: Accepted) -> Draft:
    draft = _empty_draft(gateway, heard, accepted.turn_id, disclosure_is_new=accepted.disclosure_is_new)
    relayed = await relay(gateway, ticket.conversation_id, draft, **_words(heard))
    if relayed is not None:
        return relayed
    if accepted.paused:
        reply = gateway.composer.out_of_order("paused.text", gateway.seen(heard.language))
        return replace(draft, reply=reply)
    try:
        understood = await gateway.engine.turn(
            ticket.conversation_id,
            heard.masked.request,
            {
                "language": heard.language,
                "audience": "public",
                "turn_id": accepted.turn_id,
                "place": None,
                "meaning": _portable(gateway, heard.meaning),
            },
        )
    except EngineUnavailable as error:
        _note_failure(gateway, "rasa", error)
        return draft
    return await _checked(gateway, heard, draft, understood)


def _portable(gateway: Gateway, meaning: Vector | None) -> dict[str, str] | None:
    """The vector as Rasa's featurizer reads it: its model, and little-endian float32 in base64."""
    if meaning is None or gateway.meaning is None:
        return None
    vector = b64encode(meaning.astype("<f4").tobytes()).decode("ascii")
    return {"model": gateway.meaning.model, "vector": vector}


async def _checked(gateway: Gateway, heard: Heard, draft: Draft, understood: Understood) -> Draft:
    """No contact leaves that is in no directory, article or catalogue."""
    seen = gateway.seen(heard.language)
    reply = with_more(understood.replies[0], understood.replies[1:])
    unknown = gateway.contacts.unknown_in(reply)
    if unknown:
        unknown = await asyncio.to_thread(gateway.contacts.unknown_after, reply, gateway.live.refresh)
    if unknown:
        gateway.metrics.blocked_contacts.inc()
        log.error("reply_blocked", topic=reply.topic, contacts=sorted(unknown))
        reply = gateway.composer.abstain(seen, about=reply.about)
    if reply.service is None:
        reply = reply.model_copy(update={"service": gateway.composer.service_for(None, seen)})
    # The danger that the lexicons know comes first; the search is a second chance for what they miss.
    emergency = draft.emergency or reply.emergency
    if emergency is not None and draft.child:
        ids = [emergency.id, *(danger.id for danger in heard.dangers)]
        emergency = gateway.composer.emergency(with_child(ids), seen) or emergency
    abstained = reply.kind is Kind.ABSTAIN and emergency is None
    status = Status.ABSTAINED if abstained else Status.ANSWERED
    return replace(draft, reply=reply, status=status, intent=understood.intent, emergency=emergency)


async def _answer(gateway: Gateway, ticket: Ticket, draft: Draft) -> Turn:
    turn = assemble(gateway, draft)
    try:
        await asyncio.to_thread(
            gateway.records.answer_turn,
            turn.turn_id,
            turn.model_dump(mode="json"),
            TurnStatus(turn.status),
            ledger.routing_of(ticket, turn),
        )
    except RecordsUnavailable as error:
        # The turn was accepted and the answer is in the spool: the resident gets it.
        _note_failure(gateway, "sql", error)
    await announce(gateway.redis, ticket.conversation_id, turn)
    return turn


async def _degraded(gateway: Gateway, ticket: Ticket, heard: Heard, part: str) -> Turn:
    """Redis is down, or the time is up: the turn is recorded all the same, and a human contact given."""
    _note_failure(gateway, part)
    try:
        accepted = await _accept(gateway, ticket, heard)
    except NotInSql as down:
        return _without_sql(gateway, heard, down)
    if accepted.earlier is not None:
        return accepted.earlier
    draft = _empty_draft(gateway, heard, accepted.turn_id, disclosure_is_new=accepted.disclosure_is_new)
    relayed = await relay_or_none(gateway, ticket.conversation_id, draft, **_words(heard))
    return await _answer(gateway, ticket, relayed or draft)


class _Words(TypedDict):
    clear: str
    masked: str
    key: str | None


def _words(heard: Heard) -> _Words:
    """A message as a person gets it, and as it is kept."""
    return {"clear": heard.clear, "masked": heard.masked.text, "key": heard.client_message_id}


async def _offered(gateway: Gateway, draft: Draft) -> Draft:
    """Says whether a person can be talked to now, where the reply brings to one."""
    if draft.reply.kind not in {Kind.HANDOFF, Kind.ABSTAIN} or draft.reply.service is None:
        return draft
    return replace(draft, live=await asyncio.to_thread(desk.can_talk, gateway, draft.reply.service))


def _without_sql(gateway: Gateway, heard: Heard, down: NotInSql) -> Turn:
    """The notice in full, the emergency if any, the human contact: no more while nothing can be recorded."""
    _note_failure(gateway, "sql", down)
    draft = _empty_draft(gateway, heard, down.turn_id, disclosure_is_new=True)
    reply = gateway.composer.out_of_order("degraded.ledger", gateway.seen(heard.language))
    return assemble(gateway, replace(draft, reply=reply, notice_first=True))


def _empty_draft(gateway: Gateway, heard: Heard, turn_id: str, *, disclosure_is_new: bool) -> Draft:
    """A turn that only gives the human contact, and the emergency if any: what is left."""
    seen: Circumstances = gateway.seen(heard.language)
    ids = [danger.id for danger in heard.dangers]
    child = is_child(heard.age)
    if ids and child:
        ids = with_child(ids)
    return Draft(
        turn_id=turn_id,
        language=heard.language,
        emergency=gateway.composer.emergency(ids, seen) if ids else None,
        reply=gateway.composer.out_of_order("degraded.text", seen),
        status=Status.DEGRADED,
        intent="",
        masked=bool(heard.masked.found),
        language_is_spoken=heard.language_is_spoken,
        disclosure_is_new=disclosure_is_new,
        child=child,
    )


def _note_failure(gateway: Gateway, part: str, error: BaseException | None = None) -> None:
    gateway.metrics.failures.labels(part).inc()
    log.warning("part_down", part=part, cause=type(error.__cause__ or error).__name__ if error else None)
