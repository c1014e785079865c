"""What residents are told of a live request, in their language; texts are the catalogues' `live` group."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final
from unicodedata import bidirectional

from api.child import said_to_child
from api.live.schemas import LiveLine, LivePerson, LiveSpeaker
from api.message import Direction, Message
from api.render import message
from knowledge.reply import Said
from records.live_entries import LiveAuthor, LiveEnd, LiveEvent, LiveKind

if TYPE_CHECKING:
    from api.state import Gateway

_SPEAKERS: Final = {
    LiveAuthor.RESIDENT: LiveSpeaker.RESIDENT,
    LiveAuthor.AGENT: LiveSpeaker.PERSON,
    LiveAuthor.SYSTEM: LiveSpeaker.SYSTEM,
}
# A danger is shown to the resident by the emergency block of their turn, not by a line.
_HIDDEN: Final = frozenset({LiveKind.DANGER})
# After these the resident is left with nobody: another way is offered.
_LEFT_ALONE: Final = frozenset({LiveEnd.CLOSED.value, LiveEnd.NOBODY.value, LiveEnd.LEFT.value})


def tell(gateway: Gateway, language: str, *keys: str, **values: object) -> str:
    """Sentences of the catalogue, one after the other."""
    texts = gateway.composer.texts
    if texts.direction(language) == "rtl":
        # A Latin name keeps its own order, its full stop included (Unicode isolates).
        values = {
            key: f"\u2068{each}\u2069" if isinstance(each, str) else each for key, each in values.items()
        }
    return " ".join(texts.get(language, f"live.{key}", **values) for key in keys)


def notice(gateway: Gateway, language: str, text: str, *, child: bool = False) -> Message:
    """A sentence about the chat; to a child, followed by whom it can talk to instead of a callback."""
    if child:
        text = "\n\n".join(
            (text, *(said.markdown for said in said_to_child(gateway, "handoff.child", language)))
        )
    return message(Said(type="notice", markdown=_plain(text), lang=language), gateway.composer.texts)


def service_name(gateway: Gateway, service_id: str, language: str) -> str:
    """The name of a service; its identifier when the directory has lost it."""
    services = gateway.composer.directory.services
    return services[service_id].name_in(language) if service_id in services else service_id


def person_of(gateway: Gateway, event: LiveEvent, language: str) -> LivePerson | None:
    """The person that a line is about."""
    if event.person is None:
        return None
    return LivePerson(name=event.person, service=service_name(gateway, event.service_id, language))


def line(gateway: Gateway, event: LiveEvent, language: str, *, child: bool) -> LiveLine | None:
    """A line as the resident sees it; None for one that is not for them."""
    if event.kind in _HIDDEN:
        return None
    alone = event.kind is LiveKind.UNANSWERED or event.detail in _LEFT_ALONE
    return LiveLine(
        seq=event.seq,
        handoff_id=event.handoff_id,
        kind=event.kind,
        speaker=_SPEAKERS[event.author],
        person=person_of(gateway, event, language),
        message=_message(gateway, event, language, child=child and alone),
        client_message_id=event.client_message_id,
        turn_id=event.turn_id,
        callback=alone and not child,
        at=event.at,
    )


def plain_message(text: str) -> Message:
    """What somebody wrote, as they wrote it: no markdown, no link made of it."""
    html = escape(text).replace("\n", "<br>")
    return Message(type="text", text=text, html=f"<p>{html}</p>", lang="", dir=_direction(text))


def _message(gateway: Gateway, event: LiveEvent, language: str, *, child: bool) -> Message:
    if event.kind is LiveKind.MESSAGE:
        return plain_message(event.text)
    key = f"ended_{event.detail}" if event.kind is LiveKind.ENDED else event.kind.value
    keys = [key]
    if event.kind is LiveKind.ENDED:
        keys.append("resumes")
    alone = event.kind is LiveKind.UNANSWERED or event.detail in _LEFT_ALONE
    if alone and not child:
        keys.append("callback")
    service = service_name(gateway, event.service_id, language)
    text = tell(gateway, language, *keys, person=event.person or service, service=service)
    return notice(gateway, language, text, child=child)


def _direction(text: str) -> Direction:
    """That of the first letter that has one (Unicode Bidirectional Algorithm, rules P2 and P3)."""
    kinds = (bidirectional(each) for each in text)
    return "rtl" if next((kind for kind in kinds if kind in {"L", "R", "AL"}), "L") != "L" else "ltr"


def _plain(text: str) -> str:
    """Markdown that shows a name as it is written."""
    return "".join(f"\\{each}" if each in "\\`*_[]<>#|" else each for each in text)
