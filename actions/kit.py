"""What the actions share: the knowledge they use, and what one of them decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from actions.turn import LastAnswer, UserTurn
from knowledge.compose import Circumstances, Composer
from knowledge.live import Knowledge
from knowledge.places import Places
from knowledge.reply import Reply
from knowledge.search import Search

UNCHANGED: Final = "unchanged"


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
    """What an action decided: what to say, and what to remember. `place` None empties the slot."""

    reply: Reply | None
    last_topic: str | None = None
    last_answer: LastAnswer | None = None
    place: str | None = UNCHANGED

    def slots(self) -> dict[str, str | None]:
        """The slots to set."""
        slots: dict[str, str | None] = {}
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
