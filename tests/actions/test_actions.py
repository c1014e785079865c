"""Each action, as Rasa calls it, on real knowledge."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from actions.kit import Kit
from actions.server import ACTIONS, executor
from knowledge.reply import Kind, Reply

ROOT = Path(__file__).parents[2]


class Call:
    """Calls an action through the executor, with what Rasa posts."""

    def __init__(self, kit: Kit) -> None:
        self.executor = executor(lambda: kit)

    async def __call__(
        self,
        action: str,
        text: str = "",
        *,
        intent: str = "social_benefits",
        topics: dict[str, float] | None = None,
        language: str = "fr",
        follow_up: float = 0.0,
        parts: list[tuple[str, str]] | None = None,
        **slots: Any,
    ) -> tuple[Reply | None, dict[str, Any]]:
        message = {
            "text": text,
            "intent": {"name": intent, "confidence": 0.9},
            "intent_ranking": [{"name": "follow_up", "confidence": follow_up}],
            "topics": [{"topic": topic, "confidence": c} for topic, c in (topics or {}).items()],
            "parts": [
                {"text": part, "topics": [{"topic": topic, "confidence": 0.9}]} for part, topic in parts or []
            ],
            "metadata": {"language": language, "audience": "public"},
        }
        answer = await self.executor.run(
            {
                "next_action": action,
                "sender_id": "c1",
                "version": "3.6.21",
                "domain": {},
                "tracker": {
                    "sender_id": "c1",
                    "slots": slots,
                    "latest_message": message,
                    "events": [],
                    "paused": False,
                    "followup_action": None,
                    "active_loop": {},
                    "latest_action_name": None,
                },
            }
        )
        said = answer.responses[0]["custom"]["guichet"] if answer.responses else None
        set_slots = {event["name"]: event["value"] for event in answer.events if event["event"] == "slot"}
        return (Reply.model_validate(said) if said else None), set_slots


@pytest.fixture
def call(kit: Kit) -> Call:
    return Call(kit)


def test_every_action_of_rasa_s_domain_is_here_and_no_other() -> None:
    domain = yaml.safe_load((ROOT / "bot" / "domain.yml").read_text(encoding="utf-8"))
    remote = {name for name in domain["actions"] if not name.startswith("utter_")}
    assert remote == set(ACTIONS)


async def test_each_action_takes_the_knowledge_in_force(kit: Kit) -> None:
    taken: list[Kit] = []
    call = Call(kit)
    call.executor = executor(lambda: taken.append(kit) or kit)
    for count in (1, 2):
        await call("action_handoff")
        assert len(taken) == count


async def test_a_question_is_answered_with_its_source_and_service(call: Call) -> None:
    reply, slots = await call("action_answer", "Comment faire la demande d'APA ?", topics={"apa": 0.9})
    assert reply is not None
    assert (reply.kind, reply.topic) == (Kind.ANSWER, "apa")
    assert reply.sources[0].article_id == "apa"
    assert reply.sources[0].written.isoformat() == "2026-11-22"
    assert reply.service is not None
    assert slots["last_topic"] == "apa"
    assert slots["last_article"].startswith("apa")


async def test_papers_asked_for_bring_their_section(call: Call) -> None:
    reply, slots = await call("action_answer", "Quels papiers à joindre pour l'APA ?", topics={"apa": 0.9})
    assert reply is not None
    assert reply.sources[0].section == "documents"
    assert slots["last_article"] == "apa#documents"


async def test_english_gets_english_and_says_when_only_french_exists(call: Call) -> None:
    english, _ = await call(
        "action_answer", "How do I apply for the APA?", topics={"apa": 0.9}, language="en"
    )
    assert english is not None
    assert {said.lang for said in english.messages} == {"en"}
    french, _ = await call(
        "action_answer",
        "How much is the school canteen?",
        topics={"college-restauration": 0.9},
        language="en",
    )
    assert french is not None
    assert [said.lang for said in french.messages] == ["en", "fr"]


async def test_an_owner_s_matter_is_redirected(call: Call) -> None:
    reply, _ = await call(
        "action_answer",
        "Je dois refaire ma carte d'identité",
        intent="owner_matter",
        topics={"redirect-mairie": 0.95},
    )
    assert reply is not None
    assert (reply.kind, reply.topic) == (Kind.REDIRECT, "redirect-mairie")


async def test_what_it_does_not_know_is_an_abstention_with_a_service(call: Call) -> None:
    reply, slots = await call("action_answer", "Quel temps fera-t-il demain à Tokyo ?", intent="out_of_scope")
    assert reply is not None
    assert (reply.kind, reply.topic, reply.about) == (Kind.ABSTAIN, "abstain", None)
    assert reply.service is not None
    assert slots == {"failures": "1"}


async def test_a_second_failure_in_a_row_offers_a_person(call: Call) -> None:
    asked = ("action_answer", "Quel temps fera-t-il demain à Tokyo ?")
    first, slots = await call(*asked, intent="out_of_scope")
    second, after = await call(*asked, intent="out_of_scope", **slots)
    assert first is not None
    assert second is not None
    assert [said.type for said in first.messages] == ["text"]
    assert [said.type for said in second.messages] == ["text", "text", "form"]
    assert (second.kind, after) == (Kind.ABSTAIN, {"failures": "2"})
    _, answered = await call("action_answer", "Comment demander l'APA ?", topics={"apa": 0.9}, **after)
    assert answered["failures"] == "0"


@pytest.mark.parametrize(
    ("text", "language", "section"),
    [("quels papiers ?", "fr", "documents"), ("what papers do you need?", "en", "documents")],
)
async def test_a_follow_up_asks_of_the_answer_before(
    call: Call, text: str, language: str, section: str
) -> None:
    reply, slots = await call(
        "action_follow_up", text, intent="follow_up", language=language, last_article="apa", last_topic="apa"
    )
    assert reply is not None
    assert (reply.kind, reply.topic, reply.sources[0].section) == (Kind.ANSWER, "apa", section)
    assert slots["last_article"] == f"apa#{section}"


async def test_a_question_that_may_be_a_follow_up_is_one_after_an_answer_only(call: Call) -> None:
    asked: dict[str, Any] = {"topics": {"college-restauration": 0.2}, "follow_up": 0.3}
    after, _ = await call("action_answer", "quels papiers à joindre ?", last_article="apa", **asked)
    assert after is not None
    assert after.topic == "apa"
    first, _ = await call("action_answer", "quels papiers à joindre ?", **asked)
    assert first is not None
    assert first.topic != "apa"


@pytest.mark.parametrize("action", ["action_ask_what", "action_follow_up", "action_admit"])
async def test_who_says_nothing_of_their_matter_gets_one_question_and_buttons(
    call: Call, action: str
) -> None:
    reply, slots = await call(action, "j'ai besoin d'aide", intent="vague")
    assert reply is not None
    assert (reply.kind, reply.topic) == (Kind.CLARIFY, "clarify")
    assert len(reply.messages) == 1
    assert len(reply.suggestions) > 2
    assert slots == {"failures": "1"}


async def test_two_questions_are_both_answered(call: Call) -> None:
    parts = [("Comment demander l'APA ?", "apa"), ("Combien coûte la cantine ?", "college-restauration")]
    reply, slots = await call(
        "action_answer",
        "Comment demander l'APA ? Combien coûte la cantine ?",
        topics={"college-restauration": 0.5, "apa": 0.45},
        parts=parts,
    )
    assert reply is not None
    assert (reply.kind, reply.topic) == (Kind.ANSWER, "apa")
    assert [(act.kind, act.topic) for act in reply.also] == [(Kind.ANSWER, "college-restauration")]
    assert {source.article_id for source in reply.sources} == {"apa", "college-restauration"}
    assert slots["last_topic"] == "college-restauration"


async def test_a_story_in_several_sentences_is_one_question(call: Call) -> None:
    reply, _ = await call(
        "action_answer",
        "La cantine est chère. Comment demander l'APA ?",
        topics={"apa": 0.9, "rsa": 0.05},
        parts=[("La cantine est chère.", "college-restauration"), ("Comment demander l'APA ?", "apa")],
    )
    assert reply is not None
    assert (reply.topic, reply.also) == ("apa", ())


async def test_simpler_and_again_come_from_the_article(call: Call) -> None:
    easy, _ = await call("action_simplify", last_article="apa#documents", last_topic="apa", intent="simplify")
    assert easy is not None
    assert easy.sources[0].section == "easy"
    again, _ = await call("action_repeat", last_article="apa#documents", last_topic="apa", intent="repeat")
    assert again is not None
    assert again.sources[0].section == "documents"


@pytest.mark.parametrize("action", ["action_simplify", "action_repeat"])
async def test_nothing_said_yet_is_said_plainly(call: Call, action: str) -> None:
    reply, _ = await call(action)
    assert reply is not None
    assert reply.kind is Kind.SMALLTALK
    assert reply.messages[0].markdown


async def test_a_person_is_the_central_desk_without_a_place_and_the_near_one_with_it(
    call: Call, kit: Kit
) -> None:
    far, _ = await call("action_handoff", last_topic="accompagnement-social", intent="talk_to_human")
    assert far is not None
    assert (far.kind, far.about) == (Kind.HANDOFF, "accompagnement-social")
    assert any(suggestion.text for suggestion in far.suggestions)
    aubagne = kit.places.find("Aubagne")[0].insee
    near, _ = await call(
        "action_route", last_topic="accompagnement-social", place=aubagne, intent="give_place"
    )
    assert near is not None
    assert near.service is not None
    assert far.service is not None
    assert near.service.id != far.service.id


@pytest.mark.parametrize("topic", ["redirect-mairie", "emergency-enfant"])
async def test_another_owner_s_topic_is_not_handed_to_our_services(call: Call, topic: str) -> None:
    reply, _ = await call("action_handoff", last_topic=topic, intent="talk_to_human")
    assert reply is not None
    assert reply.about is None


async def test_the_form_reads_a_place(call: Call, kit: Kit) -> None:
    reply, slots = await call("validate_place_form", "j'habite à Aubagne", intent="give_place")
    assert (reply, slots) == (None, {"place": kit.places.find("Aubagne")[0].insee})


async def test_the_form_asks_which_of_several_places(call: Call, kit: Kit) -> None:
    codes = [code for place in kit.places.all for code in place.postal_codes]
    shared = next(code for code in codes if len(kit.places.find(code)) > 1)
    names = [place.name for place in kit.places.find(shared)]
    reply, slots = await call("validate_place_form", shared, intent="give_place")
    assert reply is not None
    assert all(name in reply.messages[0].markdown for name in names)
    assert slots == {"place": None}
    # Each button, once pressed, is read as its place and no other.
    buttons = {button.label: button.text for button in reply.suggestions if button.label in names}
    assert list(buttons) == names
    for name, text in buttons.items():
        (place,) = kit.places.find(text)
        assert place.name == name
        assert await call("validate_place_form", text, intent="give_place") == (None, {"place": place.insee})


async def test_the_form_asks_for_the_arrondissement_of_marseille(call: Call) -> None:
    reply, slots = await call("validate_place_form", "Marseille", intent="give_place")
    assert reply is not None
    assert "arrondissement" in reply.messages[0].markdown
    assert slots == {"place": None}


async def test_the_form_asks_again_for_an_unknown_place(call: Call) -> None:
    reply, slots = await call("validate_place_form", "Trifouillis-les-Oies", intent="give_place")
    assert reply is not None
    assert slots == {"place": None}


@pytest.mark.parametrize("intent", ["social_benefits", "talk_to_human", "deny"])
async def test_the_form_leaves_other_matters_to_the_rules(call: Call, intent: str) -> None:
    assert await call("validate_place_form", "et combien ça coûte ?", intent=intent) == (None, {})


async def test_are_you_a_robot_gets_a_plain_yes(call: Call) -> None:
    reply, _ = await call("action_disclose", "tu es un robot ?", intent="are_you_a_robot", language="en")
    assert reply is not None
    assert reply.kind is Kind.SMALLTALK
    assert reply.messages[0].lang == "en"
