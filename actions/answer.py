"""Answers a question from the knowledge base, asks which of two, redirects, or abstains."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from actions.kit import Kit, Outcome
from actions.turn import OUT_OF_SCOPE, LastAnswer, TopicalText, UserTurn
from knowledge.search import Decision, Found
from knowledge.sections import SectionKey

# Chosen on the dev split; `make eval` prints the false alarms that are left.
NO_CLEAR_TOPIC: Final = 0.25
# Below this, Rasa's topic is not sure enough to name the service of an abstention.
TOPIC_FOR_A_SERVICE: Final = 0.5
# Two sentences are two questions when each alone is clearly about a topic, another one.
TOPIC_OF_A_PART: Final = 0.6
QUESTION_MARKS: Final = ("?", "\u061f")


async def answer(kit: Kit, turn: UserTurn) -> Outcome:
    """`action_answer`: every question, whatever Rasa took it for; the topic is that of the article shown."""
    if turn.last_answer and turn.follow_up > turn.topic_confidence:
        return await follow_up(kit, turn)
    seen = kit.seen(turn)
    both = await _answer_both(kit, turn)
    if both is not None:
        return both
    found = await _find(kit, turn, turn.text, {**turn.topics, OUT_OF_SCOPE: turn.out_of_scope})
    if found.decision is Decision.CLARIFY and turn.intent != OUT_OF_SCOPE:
        return Outcome(kit.composer.clarify(found.hits, seen, found.confidence), failed=True)
    if found.decision is not Decision.ANSWER:
        about = _topic_to_route(turn)
        reply = kit.composer.abstain(seen, about=about, confidence=1 - found.confidence)
        return Outcome(reply, failed=True)
    return _shown(kit, turn, found)


async def follow_up(kit: Kit, turn: UserTurn) -> Outcome:
    """`action_follow_up`: what is asked ("how much?") of the matter of the answer before, if there is one."""
    last = turn.last_answer
    article = kit.search.library.best(last.article_id, turn.language, turn.audience) if last else None
    if article is None:
        return await ask_what(kit, turn)
    section = await asyncio.to_thread(kit.search.section_asked_for, turn.text, article)
    reply = kit.composer.answer(article, section, kit.seen(turn), turn.confidence)
    return Outcome(reply, last_topic=article.topic, last_answer=LastAnswer(article.id, section))


async def ask_what(kit: Kit, turn: UserTurn) -> Outcome:
    """`action_ask_what`: one short question to somebody who said nothing of what they need."""
    return Outcome(kit.composer.ask_what("clarify.vague", kit.seen(turn)), failed=True)


async def admit(kit: Kit, turn: UserTurn) -> Outcome:
    """`action_admit`: the answer before was not what was asked for."""
    return Outcome(kit.composer.ask_what("clarify.wrong_answer", kit.seen(turn)), failed=True)


async def repeat(kit: Kit, turn: UserTurn) -> Outcome:
    """`action_repeat`: the same answer again, from the article, never from the words said before."""
    section = turn.last_answer.section if turn.last_answer else None
    return _again(kit, turn, section, "utter.nothing_to_repeat")


async def simplify(kit: Kit, turn: UserTurn) -> Outcome:
    """`action_simplify`: the easy-to-read version of the article shown last."""
    return _again(kit, turn, SectionKey.EASY, "utter.nothing_to_simplify")


def two_questions(turn: UserTurn) -> tuple[TopicalText, TopicalText] | None:
    """The two questions of a message, in its order.

    A story is told in several sentences, and each may sound like a topic of its own: so both are asked with a
    question mark, or their topics are the first two that the whole message is about.
    """
    clear = [part for part in turn.parts if part.topic_confidence >= TOPIC_OF_A_PART]
    if len(clear) < 2:
        return None
    whole = set(sorted(turn.topics, key=lambda topic: -turn.topics[topic])[:2])
    first = clear[0]
    other = next((part for part in clear[1:] if part.likely_topic != first.likely_topic), None)
    if other is None:
        return None
    both_asked = all(part.text.rstrip().endswith(QUESTION_MARKS) for part in (first, other))
    return (first, other) if both_asked or {first.likely_topic, other.likely_topic} == whole else None


async def _answer_both(kit: Kit, turn: UserTurn) -> Outcome | None:
    asked = two_questions(turn)
    if asked is None:
        return None
    first, other = [await _find(kit, turn, part.text, part.topics) for part in asked]
    if {first.decision, other.decision} != {Decision.ANSWER}:
        return None
    if first.hits[0].article.topic == other.hits[0].article.topic:
        return None
    seen = kit.seen(turn)
    outcome = _shown(kit, turn, first)
    second = _shown(kit, turn, other)
    if outcome.reply is None or second.reply is None:
        return None
    return Outcome(
        kit.composer.both(outcome.reply, second.reply, seen),
        last_topic=second.last_topic,
        last_answer=second.last_answer,
    )


async def _find(kit: Kit, turn: UserTurn, text: str, prior: Mapping[str, float]) -> Found:
    return await asyncio.to_thread(
        kit.search.search,
        text,
        language=turn.language,
        audience=turn.audience,
        topic_prior=prior,
        emergencies=_may_be_danger(turn),
    )


def _shown(kit: Kit, turn: UserTurn, found: Found) -> Outcome:
    best = found.hits[0]
    return Outcome(
        kit.composer.answer(best.article, best.section, kit.seen(turn), found.confidence),
        last_topic=best.article.topic,
        last_answer=LastAnswer(best.article.id, best.section),
    )


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
    return turn.intent != OUT_OF_SCOPE and turn.topic_confidence < NO_CLEAR_TOPIC


def _topic_to_route(turn: UserTurn) -> str | None:
    topic = turn.likely_topic
    if not turn.is_question or topic is None or topic.startswith("redirect-"):
        return None
    return topic if turn.topic_confidence >= TOPIC_FOR_A_SERVICE else None
