"""A child who writes: under 15, it is brought to 119 and to an adult it trusts, and no callback is offered.

A callback would ring at home, where the danger may be, and a child cannot consent alone to it being kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from knowledge.reply import Kind, Reply, Said
from understanding.danger import URGENCY

if TYPE_CHECKING:
    from api.state import Gateway
    from api.tokens import Ticket

CALLBACK_AGE: Final = 15
"""The age from which a callback may be asked for alone: that of digital consent (French data protection act,
article 45)."""

EMERGENCY: Final = "enfant"
AGE_KEY_SECONDS: Final = 24 * 3600


def is_child(age: int | None) -> bool:
    """Whether the writer is known to be under the age of a callback."""
    return age is not None and age < CALLBACK_AGE


def with_child(dangers: Iterable[str]) -> list[str]:
    """The emergencies of a child who writes: the one for children is among them, in its place."""
    return sorted({*dangers, EMERGENCY}, key=URGENCY.index)


def age_key(conversation_id: str) -> str:
    """The Redis key of the age that the writer of a conversation gave."""
    return f"guichet:age:{conversation_id}"


async def remembered(gateway: Gateway, ticket: Ticket, said: int | None) -> int | None:
    """The age that this message says, else the last one that the conversation said; Redis keeps it a day.

    Raises:
        RedisError: Redis does not answer.
    """
    key = age_key(ticket.conversation_id)
    if said is not None:
        await gateway.redis.set(key, said, ex=AGE_KEY_SECONDS)
        return said
    kept = await gateway.redis.get(key)
    return int(kept) if isinstance(kept, bytes) and kept.isdigit() else None


def numbers(gateway: Gateway, language: str) -> dict[str, str] | None:
    """The numbers that the texts for children name: `number` to call, `sms` to write to.

    They are those of the article, so None without it: the knowledge check refuses such a base.
    """
    article = gateway.composer.library.best(EMERGENCY, language)
    if article is None:
        return None
    called = [each.number for each in article.numbers if each.uri.startswith("tel:")]
    written = [each.number for each in article.numbers if each.uri.startswith("sms:")]
    return {"number": called[0], "sms": written[0]} if called and written else None


def said_to_child(gateway: Gateway, key: str, language: str) -> list[Said]:
    """A text of the catalogue for children; none when the article that its numbers come from is missing."""
    values = numbers(gateway, language)
    if values is None:
        return []
    return [Said(markdown=gateway.composer.texts.get(language, key, **values), lang=language)]


def without_forms(gateway: Gateway, said: Iterable[Said], language: str) -> list[Said]:
    """What is said, `handoff.child` in the place of the callback form."""
    kept: list[Said] = []
    offered = False
    for each in said:
        if each.type != "form":
            kept.append(each)
        elif not offered:
            kept += said_to_child(gateway, "handoff.child", language)
            offered = True
    return kept


def without_handoff(reply: Reply) -> Reply:
    """A reply that only gives a human contact, told as an abstention: a handoff shows a callback."""
    return reply.model_copy(update={"kind": Kind.ABSTAIN, "topic": Kind.ABSTAIN.value})
