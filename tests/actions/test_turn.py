"""What an action reads of a tracker."""

from types import SimpleNamespace
from typing import Any

import pytest

from actions.turn import LastAnswer, read_turn
from knowledge.article import Audience
from knowledge.sections import SectionKey


def tracker(**message: Any) -> Any:
    return SimpleNamespace(
        latest_message=message, slots={"last_article": "apa#documents", "last_topic": "apa"}
    )


def test_a_turn_has_its_language_its_topics_and_what_came_before() -> None:
    turn = read_turn(
        tracker(
            text="et combien ?",
            intent={"name": "social_benefits", "confidence": 0.8},
            topics=[{"topic": "apa", "confidence": 0.7}, {"topic": "rsa", "confidence": 0.1}],
            metadata={"language": "en", "audience": "public"},
        )
    )
    assert (turn.text, turn.intent, turn.language, turn.audience) == (
        "et combien ?",
        "social_benefits",
        "en",
        Audience.PUBLIC,
    )
    assert turn.is_question
    assert turn.likely_topic == "apa"
    assert turn.last_answer == LastAnswer("apa", SectionKey.DOCUMENTS)


def test_an_empty_tracker_is_a_french_public_turn_about_nothing() -> None:
    turn = read_turn(SimpleNamespace(latest_message={}, slots={}))  # type: ignore[arg-type] # no tracker at all
    assert (turn.language, turn.audience, turn.likely_topic, turn.last_answer) == (
        "fr",
        Audience.PUBLIC,
        None,
        None,
    )
    assert not turn.is_question


@pytest.mark.parametrize("last", [LastAnswer("apa", None), LastAnswer("apa", SectionKey.EASY)])
def test_the_last_answer_survives_its_slot(last: LastAnswer) -> None:
    assert LastAnswer.from_slot(last.to_slot()) == last
