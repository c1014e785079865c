"""Answers a question from the knowledge base, asks which of two, redirects, or abstains."""

from __future__ import annotations

import asyncio
from typing import Final

from actions.kit import Kit, Outcome
from actions.turn import OUT_OF_SCOPE, LastAnswer, UserTurn
from knowledge.search import Decision
from knowledge.sections import SectionKey

# Chosen on the dev split; `make eval` prints the false alarms that are left.
NO_CLEAR_TOPIC: Final = 0.25
# Below this, Rasa's topic is not sure enough to name the service of an abstention.
TOPIC_FOR_A_SERVICE: Final = 0.5


async def answer(kit: Kit, turn: UserTurn) -> Outcome:
    """`action_answer`: every question, whatever Rasa took it for; the topic is that of the article shown."""
    seen = kit.seen(turn)
    found = await asyncio.to_thread(
        kit.search.search,
        turn.text,
        language=turn.language,
        audience=turn.audience,
        topic_prior={**turn.topics, OUT_OF_SCOPE: turn.out_of_scope},
        emergencies=_may_be_danger(turn),
        vector=turn.embedding.vector if turn.embedding and turn.embedding.model == kit.search.model else None,
    )
    if found.decision is Decision.CLARIFY and turn.intent != OUT_OF_SCOPE:
        return Outcome(kit.composer.clarify(found.hits, seen, found.confidence))
    if found.decision is not Decision.ANSWER:
        about = _topic_to_route(turn)
        return Outcome(kit.composer.abstain(seen, about=about, confidence=1 - found.confidence))
    best = found.hits[0]
    return Outcome(
        kit.composer.answer(best.article, best.section, seen, found.confidence),
        last_topic=best.article.topic,
        last_answer=LastAnswer(best.article.id, best.section),
    )


async def repeat(kit: Kit, turn: UserTurn) -> Outcome:
    """`action_repeat`: the same answer again, from the article, never from the words said before."""
    section = turn.last_answer.section if turn.last_answer else None
    return _again(kit, turn, section, "utter.nothing_to_repeat")


async def simplify(kit: Kit, turn: UserTurn) -> Outcome:
    """`action_simplify`: the easy-to-read version of the article shown last."""
    return _again(kit, turn, SectionKey.EASY, "utter.nothing_to_simplify")


def _again(kit: Kit, turn: UserTurn, section: SectionKey | None, otherwise: str) -> Outcome:
    last = turn.last_answer
    article = kit.search.library.best(last.article_id, turn.language, turn.audience) if last else None
    if article is None:
        return Outcome(kit.composer.smalltalk(otherwise, kit.seen(turn)))
    return Outcome(kit.composer.answer(article, section, kit.seen(turn), turn.confidence))


def _may_be_danger(turn: UserTurn) -> bool:
    """Whether a danger that the lexicons missed may be what the search finds.

    A message whose ordinary topic is clear, or that is about nothing of ours, is no cry for help because some
    words of it are near those of one: an assistant that answers football with violence is not trusted again.
    """
    topic = turn.likely_topic
    return turn.intent != OUT_OF_SCOPE and (topic is None or turn.topics[topic] < NO_CLEAR_TOPIC)


def _topic_to_route(turn: UserTurn) -> str | None:
    topic = turn.likely_topic
    if not turn.is_question or topic is None or topic.startswith("redirect-"):
        return None
    return topic if turn.topics[topic] >= TOPIC_FOR_A_SERVICE else None
