"""What the actions share: the knowledge they use, and what one of them decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from actions.turn import LastAnswer, UserTurn
from knowledge.compose import Circumstances, Composer
from knowledge.directory import load_directory
from knowledge.places import Places, load_places
from knowledge.reply import Reply
from knowledge.search import Search, open_search
from knowledge.settings import KnowledgeSettings
from knowledge.texts import load_texts

UNCHANGED: Final = "unchanged"


@dataclass(frozen=True)
class Kit:
    """The knowledge an action needs; one for the whole process."""

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


def open_kit(settings: KnowledgeSettings) -> Kit:
    """Loads the knowledge base and its current index.

    Raises:
        IndexUnusableError: There is no usable index (`guichet kb index` builds it).
    """
    search = open_search(settings)
    directory, _ = load_directory(settings.content_dir)
    texts = load_texts(settings.content_dir)
    return Kit(search, Composer(search.library, directory, texts), load_places(settings.content_dir))
