"""The Rasa server as the gateway sees it: bot/run.py, its channel, texts, rules, form and tracker store."""

import json
import os
import signal
import time
from uuid import uuid4

import pytest

from knowledge.settings import KnowledgeSettings
from knowledge.texts import load_texts
from tests.bot.rasa_server import RasaServer

PROMISE_SECONDS = 5.0
QUESTION = "Comment demander l'APA pour ma mère ?"


@pytest.fixture
def sender() -> str:
    return uuid4().hex


class TestContract:
    def test_a_turn_tells_the_act_the_topics_and_what_to_say(self, rasa: RasaServer, sender: str) -> None:
        answer = rasa.say(sender, QUESTION)
        assert answer.status == 200
        assert answer.body["intent"] == "social_benefits"
        assert 0.5 < answer.body["confidence"] <= 1
        topics = answer.body["topics"]
        assert topics[0]["topic"] == "apa"
        assert len(topics) <= 5
        assert [t["confidence"] for t in topics] == sorted((t["confidence"] for t in topics), reverse=True)
        assert answer.said == ["action_answer"]
        assert set(answer.body["messages"][0]) == {"text", "custom"}

    def test_another_s_matter_is_ranked_by_its_owner(self, rasa: RasaServer, sender: str) -> None:
        answer = rasa.say(sender, "I need to renew my residence permit", "en")
        assert answer.body["intent"] == "owner_matter"
        assert answer.body["topics"][0]["topic"] == "redirect-prefecture"

    def test_ready(self, rasa: RasaServer) -> None:
        answer = rasa.ask("GET", "ready", secret=None)
        assert (answer.status, answer.body) == (200, {"ready": True})

    @pytest.mark.parametrize("secret", [None, "", "another"])
    def test_nobody_is_answered_without_the_secret(self, rasa: RasaServer, secret: str | None) -> None:
        body = {"sender": "s", "text": "bonjour", "metadata": {}}
        assert rasa.ask("POST", "turn", body, secret=secret).status == 401
        assert rasa.ask("DELETE", "conversations/s", secret=secret).status == 401

    @pytest.mark.parametrize(
        "body",
        [
            [],
            {"text": "bonjour"},
            {"sender": "s"},
            {"sender": "s", "text": " "},
            {"sender": "s", "text": "//"},
            {"sender": "s" * 201, "text": "bonjour"},
            {"sender": "s", "text": "bonjour", "metadata": "fr"},
        ],
    )
    def test_a_wrong_body_is_an_error(self, rasa: RasaServer, body: object) -> None:
        answer = rasa.ask("POST", "turn", body)
        assert (answer.status, answer.body) == (500, {"error": "ValueError"})

    def test_only_the_channel_is_served(self, rasa: RasaServer) -> None:
        for path in ("../../", "../rest/webhook", "../../model/parse", "../../conversations/s/tracker"):
            assert rasa.ask("GET", path).status == 404

    def test_rasa_listens_on_the_loopback_interface_only(self, rasa: RasaServer) -> None:
        listening = [
            line.split()[1]
            for table in ("tcp", "tcp6")
            for line in open(f"/proc/{rasa.pid('rasa')}/net/{table}").read().splitlines()[1:]  # noqa: SIM115, PTH123
            if line.split()[1].endswith(f":{rasa.port:04X}") and line.split()[3] == "0A"
        ]
        assert listening == [f"0100007F:{rasa.port:04X}"]

    def test_a_message_that_looks_like_a_command_is_a_message(self, rasa: RasaServer, sender: str) -> None:
        answer = rasa.say(sender, "/talk_to_human")
        assert answer.body["confidence"] < 1
        assert rasa.say(sender, "/restart").body["intent"] != "restart"


class TestErrors:
    def test_an_action_that_fails_is_an_error_and_leaves_the_conversation_as_it_was(
        self, rasa: RasaServer, sender: str
    ) -> None:
        rasa.say(sender, QUESTION)
        before = rasa.redis.get(f"rasa:tracker:{sender}")
        answer = rasa.say(sender, "boom, comment demander le RSA ?")
        assert answer.status == 500
        assert set(answer.body) == {"error"}
        assert rasa.redis.get(f"rasa:tracker:{sender}") == before
        assert rasa.say(sender, "bonjour").said == ["utter.greet"]

    def test_silence_is_an_error(self, rasa: RasaServer, sender: str) -> None:
        answer = rasa.say(sender, "silence, comment demander le RSA ?")
        assert (answer.status, answer.body) == (500, {"error": "NoReplyError"})

    def test_a_slow_action_is_an_error_within_the_promise(self, rasa: RasaServer, sender: str) -> None:
        started = time.monotonic()
        answer = rasa.say(sender, "sleep, comment demander le RSA ?")
        assert answer.status == 500
        assert time.monotonic() - started < PROMISE_SECONDS

    def test_what_a_resident_wrote_is_not_logged(self, rasa: RasaServer, sender: str) -> None:
        rasa.say(sender, "boom, je m'appelle Zéphyrine")
        assert "POST /webhooks/guichet/turn failed" in rasa.log("rasa")
        assert "phyrine" not in rasa.log("rasa")


class TestActs:
    @pytest.mark.parametrize(
        ("text", "language", "said"),
        [
            ("Quel est le collège de mon quartier ?", "fr", "action_answer"),
            ("What are your opening hours?", "en", "action_answer"),
            ("refaire ma carte d'identité", "fr", "action_answer"),
            ("quelle est la capitale de l'Australie", "fr", "action_answer"),
            ("I want to talk to a person", "en", "action_handoff"),
            ("Êtes-vous un robot ?", "fr", "action_disclose"),
            ("can you repeat that", "en", "action_repeat"),
            ("expliquez plus simplement", "fr", "action_simplify"),
            ("bonjour", "fr", "utter.greet"),
            ("thank you very much", "en", "utter.thanks"),
            ("au revoir", "fr", "utter.goodbye"),
            ("que peux-tu faire", "fr", "utter.what_can_you_do"),
            ("parlez-vous anglais", "fr", "utter.change_language"),
            ("oui", "fr", "utter.affirm"),
            ("no thanks", "en", "utter.deny"),
        ],
    )
    def test_each_act_has_its_answer(
        self, rasa: RasaServer, sender: str, text: str, language: str, said: str
    ) -> None:
        assert rasa.say(sender, text, language).said == [said]

    @pytest.mark.parametrize("language", ["fr", "en"])
    def test_a_text_comes_from_the_catalogue_of_the_message_s_language(
        self, rasa: RasaServer, sender: str, language: str
    ) -> None:
        texts = load_texts(KnowledgeSettings().content_dir)
        message = rasa.say(sender, "bonjour", language).body["messages"][0]
        assert message["text"] == texts.get(language, "utter.greet")
        assert message["custom"] == {
            "guichet": {"kind": "smalltalk", "topic": "smalltalk", "key": "utter.greet"}
        }

    def test_a_language_without_catalogue_is_answered_in_french(self, rasa: RasaServer, sender: str) -> None:
        texts = load_texts(KnowledgeSettings().content_dir)
        message = rasa.say(sender, "bonjour", "xx").body["messages"][0]
        assert message["text"] == texts.get("fr", "utter.greet")

    def test_an_action_sees_what_it_needs(self, rasa: RasaServer, sender: str) -> None:
        rasa.say(sender, "c'est quoi la PCH ?")
        seen = rasa.say(sender, QUESTION).body["messages"][0]["custom"]["guichet"]["seen"]
        assert seen["metadata"]["language"] == "fr"
        assert seen["topics"][0]["topic"] == "apa"
        assert seen["slots"]["last_topic"] == "pch"


class TestPlaceForm:
    def test_a_place_that_is_read_at_once_is_routed(self, rasa: RasaServer, sender: str) -> None:
        answer = rasa.say(sender, "mon code postal est 13003")
        assert answer.said == ["action_route"]
        seen = answer.body["messages"][0]["custom"]["guichet"]["seen"]
        assert seen["slots"]["place"] == "13003"

    def test_a_place_that_is_not_read_is_asked_for(self, rasa: RasaServer, sender: str) -> None:
        assert rasa.say(sender, "j'habite à Aubagne").said == ["utter.ask_place"]
        assert rasa.say(sender, "13400").said == ["action_route"]
        assert rasa.say(sender, QUESTION).said == ["action_answer"]

    def test_a_question_is_answered_then_the_form_asks_again(self, rasa: RasaServer, sender: str) -> None:
        rasa.say(sender, "j'habite à Aubagne")
        assert rasa.say(sender, QUESTION).said == ["action_answer", "utter.ask_place"]
        assert rasa.say(sender, "merci beaucoup").said == ["utter.thanks", "utter.ask_place"]
        assert rasa.say(sender, "13400").said == ["action_route"]

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("je veux parler à quelqu'un", "action_handoff"),
            ("non merci", "utter.deny"),
            ("au revoir", "utter.goodbye"),
        ],
    )
    def test_what_leaves_the_form(self, rasa: RasaServer, sender: str, text: str, said: str) -> None:
        rasa.say(sender, "j'habite à Aubagne")
        assert rasa.say(sender, text).said == [said]
        assert rasa.say(sender, QUESTION).said == ["action_answer"]

    def test_another_place_replaces_the_first(self, rasa: RasaServer, sender: str) -> None:
        rasa.say(sender, "13003")
        seen = rasa.say(sender, "13090").body["messages"][0]["custom"]["guichet"]["seen"]
        assert seen["slots"]["place"] == "13090"

    def test_a_form_outlives_many_questions(self, rasa: RasaServer, sender: str) -> None:
        rasa.say(sender, "j'habite à Aubagne")
        for _ in range(6):
            assert rasa.say(sender, QUESTION).said == ["action_answer", "utter.ask_place"]
        assert rasa.say(sender, "13400").said == ["action_route"]


class TestMemory:
    def test_a_conversation_stays_small_expires_and_keeps_its_slots(
        self, rasa: RasaServer, sender: str
    ) -> None:
        rasa.say(sender, "13003")
        sizes = []
        for turn in range(12):
            rasa.say(sender, QUESTION if turn % 2 else "bonjour")
            sizes.append(rasa.redis.strlen(f"rasa:tracker:{sender}"))
        assert sizes[-1] <= max(sizes[:6])
        assert 7000 < rasa.redis.ttl(f"rasa:tracker:{sender}") <= 7200
        seen = rasa.say(sender, QUESTION).body["messages"][0]["custom"]["guichet"]["seen"]
        assert seen["slots"]["place"] == "13003"

    def test_what_the_assistant_said_is_not_kept(self, rasa: RasaServer, sender: str) -> None:
        rasa.say(sender, QUESTION)
        kept = json.loads(rasa.redis.get(f"rasa:tracker:{sender}") or "")
        assert "bot" not in {event["event"] for event in kept["events"]}

    def test_a_conversation_can_be_erased(self, rasa: RasaServer, sender: str) -> None:
        rasa.say(sender, "13003")
        assert rasa.ask("DELETE", f"conversations/{sender}").status == 204
        assert not rasa.redis.exists(f"rasa:tracker:{sender}")
        seen = rasa.say(sender, QUESTION).body["messages"][0]["custom"]["guichet"]["seen"]
        assert seen["slots"]["place"] is None
        assert rasa.ask("DELETE", f"conversations/{uuid4().hex}").status == 204

    def test_conversations_go_on_while_redis_is_down_and_are_kept_when_it_is_back(
        self, rasa: RasaServer, sender: str
    ) -> None:
        rasa.say(sender, "13003")
        rasa.kill("redis")
        try:
            seen = rasa.say(sender, QUESTION).body["messages"][0]["custom"]["guichet"]["seen"]
            assert seen["slots"]["place"] == "13003"
            assert rasa.ask("DELETE", f"conversations/{uuid4().hex}").status == 500
        finally:
            rasa.start_redis()
        deadline = time.monotonic() + 10
        while not rasa.redis.exists(f"rasa:tracker:{sender}") and time.monotonic() < deadline:
            time.sleep(0.2)
            rasa.say(sender, "merci")
        seen = rasa.say(sender, "c'est quoi la PCH ?").body["messages"][0]["custom"]["guichet"]["seen"]
        assert (seen["slots"]["place"], seen["slots"]["last_topic"]) == ("13003", "apa")

    def test_a_redis_that_hangs_delays_nobody_beyond_the_promise(self, rasa: RasaServer, sender: str) -> None:
        rasa.say(sender, "13003")
        os.kill(rasa.pid("redis"), signal.SIGSTOP)
        try:
            started = time.monotonic()
            assert rasa.say(sender, QUESTION).status == 200
            assert time.monotonic() - started < PROMISE_SECONDS
        finally:
            os.kill(rasa.pid("redis"), signal.SIGCONT)
