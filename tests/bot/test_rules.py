"""The rules and the domain: an answer to every act, known actions, and no text in the domain."""

from typing import Any

import pytest
import yaml

from actions.server import ACTIONS
from knowledge.settings import KnowledgeSettings
from knowledge.texts import load_texts
from tests.bot.rasa_server import BOT

DOMAIN: dict[str, Any] = yaml.safe_load((BOT / "domain.yml").read_text(encoding="utf-8"))
RULES: list[dict[str, Any]] = yaml.safe_load((BOT / "data" / "rules.yml").read_text(encoding="utf-8"))[
    "rules"
]
RASA_S_OWN = {"action_deactivate_loop"}
QUESTIONS = {"social_benefits", "college", "general", "owner_matter", "out_of_scope", "nlu_fallback"}


def answers_to(intent: str) -> list[str]:
    """What is done first on an intent, outside any form."""
    return [
        rule["steps"][1]["action"]
        for rule in RULES
        if "condition" not in rule and rule["steps"][0].get("intent") == intent
    ]


@pytest.mark.parametrize("intent", [*DOMAIN["intents"], "nlu_fallback"])
def test_each_act_has_one_rule(intent: str) -> None:
    assert len(answers_to(intent)) == 1


@pytest.mark.parametrize("intent", sorted(QUESTIONS))
def test_every_question_is_searched(intent: str) -> None:
    assert answers_to(intent) == ["action_answer"]


def test_rules_use_what_the_domain_declares() -> None:
    used = {step["action"] for rule in RULES for step in rule["steps"] if "action" in step}
    declared = {*DOMAIN["actions"], *DOMAIN["responses"], *DOMAIN["forms"], *RASA_S_OWN}
    assert used <= declared


def test_the_action_server_has_the_domain_s_actions_and_no_other() -> None:
    assert set(DOMAIN["actions"]) == set(ACTIONS)


def test_a_response_of_the_domain_is_only_the_key_of_a_text_that_exists() -> None:
    texts = load_texts(KnowledgeSettings().content_dir)
    for name, variants in DOMAIN["responses"].items():
        key = f"utter.{name.removeprefix('utter_')}"
        assert variants == [{"text": key}]
        assert texts.get("fr", key)


def test_only_actions_set_slots_and_no_slot_changes_a_prediction() -> None:
    for name, slot in DOMAIN["slots"].items():
        assert slot["mappings"] == [{"type": "custom"}], name
        assert slot["influence_conversation"] is False, name


def test_a_session_never_expires_by_itself() -> None:
    assert DOMAIN["session_config"]["session_expiration_time"] == 0
