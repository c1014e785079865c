"""components/tracker_store.py: what is kept of a conversation leads to the same state."""

# ruff: noqa: PT009 - written for unittest: there is no pytest in the environment of Rasa

import asyncio
import json
import os
import unittest
from pathlib import Path

from tests.bot.inside_rasa import BOT  # isort: skip - puts the Rasa project on the path

from components.tracker_store import TURNS_KEPT, GuichetTrackerStore, essential_events
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    Event,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

DOMAIN = Domain.from_path(str(BOT / "domain.yml"))
assert Path(os.environ["CHECKED_MODEL"]).is_file()


def turn(text: str, intent: str, *happened: Event) -> list[Event]:
    message = UserUttered(
        text,
        {"name": intent, "confidence": 0.9},
        parse_data={"topics": [{"topic": "apa"}], "embedding": {"vector": "A" * 2000}},
        metadata={"language": "fr"},
    )
    return [message, *happened, ActionExecuted("action_listen")]


def answer(topic: str) -> list[Event]:
    said = BotUttered("a long answer", {"custom": {"guichet": {"messages": ["…" * 500]}}})
    return turn(
        "une question", "general", ActionExecuted("action_answer"), said, SlotSet("last_topic", topic)
    )


def tracker_of(events: list[Event]) -> DialogueStateTracker:
    return DialogueStateTracker.from_events("someone", events, slots=DOMAIN.slots)


def state(tracker: DialogueStateTracker) -> tuple:
    """All that the rules and the actions look at."""
    return (
        tracker.current_slot_values(),
        tracker.active_loop,
        tracker.latest_action_name,
        tracker.latest_message.text if tracker.latest_message else None,
        tracker.latest_message.metadata if tracker.latest_message else None,
        # The rules look at the end of the history.
        tracker.past_states(DOMAIN)[-3:],
    )


BEGINNING = [ActionExecuted("action_session_start"), ActionExecuted("action_listen")]
ASKED = turn(
    "j'habite à Aubagne",
    "give_place",
    ActionExecuted("place_form"),
    ActiveLoop("place_form"),
    SlotSet("requested_slot", "place"),
)


class EssentialEvents(unittest.TestCase):
    def test_a_long_conversation_is_in_the_same_state(self) -> None:
        events = [*BEGINNING, *(event for number in range(9) for event in answer(f"topic-{number}"))]
        kept = essential_events(events)
        self.assertEqual(state(tracker_of(kept)), state(tracker_of(events)))
        self.assertEqual(sum(isinstance(event, UserUttered) for event in kept), TURNS_KEPT)

    def test_an_early_slot_is_kept(self) -> None:
        place = turn("13003", "give_place", ActionExecuted("place_form"), SlotSet("place", "13203"))
        events = [*BEGINNING, *place, *(event for _ in range(9) for event in answer("apa"))]
        self.assertEqual(tracker_of(essential_events(events)).get_slot("place"), "13203")

    def test_a_slot_that_was_emptied_stays_empty(self) -> None:
        place = [*turn("13003", "give_place", SlotSet("place", "13203")), SlotSet("place", None)]
        events = [*BEGINNING, *place, *(event for _ in range(9) for event in answer("apa"))]
        self.assertIsNone(tracker_of(essential_events(events)).get_slot("place"))

    def test_a_form_that_is_still_open_stays_open(self) -> None:
        events = [*BEGINNING, *ASKED, *(event for _ in range(9) for event in answer("apa"))]
        kept = tracker_of(essential_events(events))
        self.assertEqual(kept.active_loop_name, "place_form")
        self.assertEqual(kept.get_slot("requested_slot"), "place")

    def test_a_form_that_was_left_stays_closed(self) -> None:
        events = [*BEGINNING, *ASKED, ActiveLoop(None), *(event for _ in range(9) for event in answer("apa"))]
        self.assertIsNone(tracker_of(essential_events(events)).active_loop_name)

    def test_keeping_again_changes_nothing(self) -> None:
        events = [*BEGINNING, *ASKED, *(event for _ in range(9) for event in answer("apa"))]
        once = essential_events(events)
        self.assertEqual(state(tracker_of(essential_events(once))), state(tracker_of(once)))


class WithoutRedis(unittest.IsolatedAsyncioTestCase):
    async def test_a_conversation_is_remembered_by_the_process_then_erased(self) -> None:
        store = GuichetTrackerStore(DOMAIN)
        tracker = tracker_of([*BEGINNING, *answer("apa")])
        await store.save(tracker)
        found = await store.retrieve("someone")
        self.assertEqual(state(found), state(tracker))
        await store.delete("someone")
        self.assertIsNone(await store.retrieve("someone"))

    async def test_what_is_stored_holds_neither_rankings_nor_embeddings_nor_answers(self) -> None:
        text = GuichetTrackerStore.serialise_tracker(tracker_of([*BEGINNING, *answer("apa")]))
        self.assertNotIn("A" * 100, text)
        self.assertNotIn("a long answer", text)
        self.assertNotIn('"topics"', text)
        self.assertEqual(json.loads(text)["name"], "someone")

    async def test_an_expired_conversation_is_forgotten(self) -> None:
        store = GuichetTrackerStore(DOMAIN, hours=0)
        await store.save(tracker_of([*BEGINNING, *answer("apa")]))
        await asyncio.sleep(0.01)
        self.assertIsNone(await store.retrieve("someone"))

    async def test_a_redis_that_refuses_is_not_asked_again_at_once(self) -> None:
        store = GuichetTrackerStore(DOMAIN, host="redis://127.0.0.1:1/0")
        tracker = tracker_of([*BEGINNING, *answer("apa")])
        await store.save(tracker)
        self.assertFalse(store._is_redis_awake())
        self.assertEqual(state(await store.retrieve("someone")), state(tracker))


if __name__ == "__main__":
    unittest.main()
