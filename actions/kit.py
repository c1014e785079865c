"""What the actions share: the knowledge they use, and what one of them decides."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from actions.turn import LastAnswer, UserTurn
from knowledge.compose import Circumstances, Composer
from knowledge.live import Knowledge
from knowledge.places import Places
from knowledge.reply import Reply
from knowledge.search import Search

UNCHANGED: Final = "unchanged"
# So many turns in a row without an answer, and a person is offered.
FAILURES_BEFORE_A_PERSON: Final = 2


@dataclass(frozen=True)
class Kit:
    """The knowledge an action needs, all of one generation: an action keeps it until it has decided."""

    search: Search
    composer: Composer
    places: Places

    def seen(self, turn: UserTurn) -> Circumstances:
        """The circumstances of a turn, now."""
        place = self.places.by_insee.get(turn.place) if turn.place else None
        return Circumstances(language=turn.language, at=datetime.now(UTC), place=place)


@dataclass(frozen=True)
class Outcome:
    """What an action decided: what to say, and what to remember. `place` None empties the slot.

    `failed`: the resident asked something and got no answer.
    """

    reply: Reply | None
    last_topic: str | None = None
    last_answer: LastAnswer | None = None
    place: str | None = UNCHANGED
    failed: bool = False

    def slots(self, turn: UserTurn) -> dict[str, str | None]:
        """The slots to set after a turn."""
        slots: dict[str, str | None] = {}
        if self.failed or turn.failures:
            slots["failures"] = str(turn.failures + 1 if self.failed else 0)
        if self.last_topic is not None:
            slots["last_topic"] = self.last_topic
        if self.last_answer is not None:
            slots["last_article"] = self.last_answer.to_slot()
        if self.place != UNCHANGED:
            slots["place"] = self.place
        return slots


def kit_of(knowledge: Knowledge) -> Kit:
    """The kit of a generation.

    Raises:
        IndexUnusableError: It has no usable index.
    """
    return Kit(knowledge.search, knowledge.composer, knowledge.places)


def give_up(kit: Kit, turn: UserTurn, outcome: Outcome) -> Outcome:
    """What an action decided, with a person offered when it is not the first failure in a row."""
    if not outcome.failed or outcome.reply is None or turn.failures + 1 < FAILURES_BEFORE_A_PERSON:
        return outcome
    return replace(outcome, reply=kit.composer.with_a_person(outcome.reply, kit.seen(turn)))
