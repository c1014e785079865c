"""Finds the human service for a topic and a place: the handoff, and the form that collects the place."""

from __future__ import annotations

from typing import Final

from actions.kit import Kit, Outcome
from actions.turn import UserTurn

# Inside the form, a message that names no place and that Rasa took for one of these is not an attempt at a
# place: Rasa's rules answer it, then come back to the form or leave it.
OTHER_THAN_A_PLACE: Final = frozenset(
    {
        "are_you_a_robot",
        "change_language",
        "deny",
        "goodbye",
        "greet",
        "out_of_scope",
        "repeat",
        "simplify",
        "talk_to_human",
        "thanks",
        "what_can_you_do",
    }
)


async def hand_off(kit: Kit, turn: UserTurn) -> Outcome:
    """`action_handoff`, `action_route`: the service for the topic of the last answer and for the place."""
    topic = turn.last_topic
    about = topic if topic and not topic.startswith(("redirect-", "emergency-")) else None
    return Outcome(kit.composer.handoff(kit.seen(turn), about=about))


async def read_place(kit: Kit, turn: UserTurn) -> Outcome:
    """`validate_place_form`: reads a place in what the resident wrote.

    An empty place with a message asks again; no place and no message tells Rasa that the message is about
    something else.
    """
    seen = kit.seen(turn)
    places = kit.places.find(turn.text)
    if len(places) == 1 and kit.places.parts(places[0]):
        # The whole of Marseille is too much to name one service.
        return Outcome(kit.composer.ask_place("utter.ask_arrondissement", seen), place=None)
    if len(places) == 1:
        return Outcome(None, place=places[0].insee)
    if places:
        return Outcome(kit.composer.which_place(places, seen), place=None)
    if turn.is_question or turn.intent in OTHER_THAN_A_PLACE:
        return Outcome(None)
    return Outcome(kit.composer.ask_place("utter.place_unknown", seen), place=None)
