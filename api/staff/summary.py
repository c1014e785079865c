"""What an agent must know of a conversation, at a glance: extracted from its turns, nothing generated.

The resident's words are given as they are kept, in their language, personal data masked; what was answered is
given by the titles of the articles behind it, in the agent's language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, Literal

from knowledge.reply import Kind
from records.entries import Turn, TurnStatus

WORDS: Final = 600
"""The most characters of one message that are shown; the cut is marked."""

EXCHANGES: Final = 20
"""The most exchanges that are shown, the last ones."""

Direction = Literal["ltr", "rtl"]


class Outcome(StrEnum):
    """What became of a message."""

    ANSWERED = "answered"
    CLARIFIED = "clarified"
    REDIRECTED = "redirected"
    HANDED_OFF = "handed-off"
    EMERGENCY = "emergency"
    ABSTAINED = "abstained"
    DEGRADED = "degraded"
    RELAYED = "relayed"
    PENDING = "pending"


_OF_KIND: Final[Mapping[str, Outcome]] = {
    Kind.ANSWER: Outcome.ANSWERED,
    Kind.CLARIFY: Outcome.CLARIFIED,
    Kind.REDIRECT: Outcome.REDIRECTED,
    Kind.HANDOFF: Outcome.HANDED_OFF,
    Kind.EMERGENCY: Outcome.EMERGENCY,
    Kind.ABSTAIN: Outcome.ABSTAINED,
}
_OF_STATUS: Final = {TurnStatus.DEGRADED: Outcome.DEGRADED, TurnStatus.RELAYED: Outcome.RELAYED}


@dataclass(frozen=True)
class Names:
    """How things are called in the agent's language; each gives None for what it does not know."""

    article: Callable[[str], str | None]
    section: Callable[[str], str | None]
    topic: Callable[[str], str | None]
    danger: Callable[[str], str | None]
    language: Callable[[str], str]
    direction: Callable[[str], Direction]


@dataclass(frozen=True)
class Named:
    """An identifier and what the agent reads."""

    id: str
    name: str


@dataclass(frozen=True)
class ArticleShown:
    """An article behind an answer; `written` and `reviewed` are those of the moment it was shown."""

    article_id: str
    title: str
    section: str | None
    written: date | None
    reviewed: date | None
    url: str | None


@dataclass(frozen=True)
class Exchange:
    """One message, and what was answered.

    Attributes:
        asked: the resident's words, masked; "" when nothing of them was kept.
        language: of these words.
    """

    at: datetime
    asked: str
    language: str
    direction: Direction
    outcome: Outcome
    articles: tuple[ArticleShown, ...] = ()
    service: str | None = None
    danger: Named | None = None


@dataclass(frozen=True)
class Summary:
    """A conversation, for the agent who takes it over.

    Attributes:
        languages: those that were written in, the last one first.
        place: the place that the resident gave.
        topics: what it was about, the most frequent first.
        dangers: the emergencies that were shown, in their order.
        exchanges: the last ones, oldest first, without greetings and thanks.
        earlier: how many exchanges came before those.
    """

    languages: tuple[Named, ...]
    place: str | None
    topics: tuple[Named, ...]
    dangers: tuple[Named, ...]
    exchanges: tuple[Exchange, ...]
    earlier: int = 0


def summarise(turns: Sequence[Turn], names: Names, place: str | None = None) -> Summary | None:
    """The summary of a conversation; None when nothing is left of it.

    Args:
        turns: its turns as they are recorded, oldest first.
        names: how to say what they name.
        place: name of the place that the resident gave.
    """
    if not turns:
        return None
    exchanges = [_exchange(turn, names) for turn in turns if not _is_small_talk(turn)]
    return Summary(
        languages=tuple(
            Named(code, names.language(code))
            for code in dict.fromkeys(turn.language for turn in reversed(turns))
        ),
        place=place,
        topics=_by_frequency(_topics(turns), names),
        dangers=tuple(dict.fromkeys(each.danger for each in exchanges if each.danger)),
        exchanges=tuple(exchanges[-EXCHANGES:]),
        earlier=max(0, len(exchanges) - EXCHANGES),
    )


def _exchange(turn: Turn, names: Names) -> Exchange:
    reply = turn.reply or {}
    emergency, service = reply.get("emergency"), reply.get("service")
    return Exchange(
        at=turn.received_at,
        asked=turn.text if len(turn.text) <= WORDS else f"{turn.text[:WORDS].rstrip()}…",
        language=turn.language,
        direction=names.direction(turn.language),
        outcome=_outcome(turn),
        articles=tuple(dict.fromkeys(_article(source, names) for source in reply.get("sources", ()))),
        service=service["name"] if service and _outcome(turn) is Outcome.HANDED_OFF else None,
        danger=_named(emergency["id"], names.danger) if emergency else None,
    )


def _outcome(turn: Turn) -> Outcome:
    if turn.reply is None:
        return Outcome.PENDING
    kind = _understanding(turn).get("kind", "")
    return _OF_STATUS.get(turn.status) or _OF_KIND.get(kind, Outcome.ANSWERED)


def _article(source: Mapping[str, Any], names: Names) -> ArticleShown:
    section = source.get("section")
    return ArticleShown(
        article_id=source["article_id"],
        title=names.article(source["article_id"]) or source["title"],
        section=(names.section(section) or section) if section else None,
        written=_day(source.get("written")),
        reviewed=_day(source.get("reviewed")),
        url=source.get("url"),
    )


def _topics(turns: Iterable[Turn]) -> Iterator[str]:
    for turn in turns:
        understood = _understanding(turn)
        told = [understood.get("topic"), understood.get("about")]
        yield from filter(None, [*told, *(act.get("topic") for act in understood.get("also", ()))])


def _by_frequency(found: Iterable[str], names: Names) -> tuple[Named, ...]:
    counted: dict[str, int] = {}
    for topic in found:
        counted[topic] = counted.get(topic, 0) + 1
    known = [(topic, name) for topic in counted if (name := names.topic(topic))]
    return tuple(Named(topic, name) for topic, name in sorted(known, key=lambda each: -counted[each[0]]))


def _is_small_talk(turn: Turn) -> bool:
    """Greetings and thanks: they tell an agent nothing. A danger beside one is none."""
    shown = turn.reply is not None and not turn.reply.get("emergency")
    return shown and turn.status is TurnStatus.ANSWERED and _understanding(turn).get("kind") == Kind.SMALLTALK


def _understanding(turn: Turn) -> Mapping[str, Any]:
    return (turn.reply or {}).get("understanding") or {}


def _named(id_: str, name: Callable[[str], str | None]) -> Named:
    return Named(id_, name(id_) or id_)


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None
