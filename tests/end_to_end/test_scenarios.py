"""Conversations in ten languages: follow-ups, interruptions, corrections, clarifications, danger."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.end_to_end.resident import Resident
from tests.stack import Stack

pytestmark = pytest.mark.stack

SCENARIOS = [
    pytest.param(path.stem, scenario, id=f"{path.stem}: {scenario['name']}")
    for path in sorted((Path(__file__).parent / "scenarios").glob("*.yml"))
    for scenario in yaml.safe_load(path.read_text("utf-8"))
]


def seen(turn: dict[str, Any], expected: dict[str, str]) -> dict[str, Any]:
    """What the turn has of what is expected."""
    understood, emergency = turn["understanding"], turn["emergency"]
    found = {
        "kind": understood["kind"],
        "topic": understood["topic"],
        "about": understood["about"],
        "section": turn["sources"][0]["section"] if turn["sources"] else None,
        "status": turn["status"],
        "language": turn["language"],
        "emergency": emergency["id"] if emergency else None,
        "also_topic": next((also["topic"] for also in understood["also"]), None),
    }
    return {name: found[name] for name in expected}


@pytest.mark.parametrize(("language", "scenario"), SCENARIOS)
def test_a_conversation_goes_as_it_should(stack: Stack, language: str, scenario: dict[str, Any]) -> None:
    resident = Resident(stack.url, language=language)
    for turn in scenario["turns"]:
        expected = turn.get("expect", {})
        assert seen(resident.says(turn["says"]), expected) == expected, turn["says"]
