"""The catalogues: complete in every language, and a clear word when one is wrong."""

import re
from pathlib import Path

import pytest

from knowledge.taxonomy import load_taxonomy
from knowledge.texts import check_texts, load_texts, placeholders
from knowledge.yaml_files import ContentError

CONTENT = Path(__file__).parents[2] / "knowledge" / "content"
TEXTS = load_texts(CONTENT)
LANGUAGES = TEXTS.languages
SOURCE = TEXTS.catalogues["fr"].texts

NEEDED = {
    "disclosure": {"text", "short"},
    "demo": {"notice"},
    "utter": {
        *("greet", "thanks", "goodbye", "what_can_you_do", "change_language", "affirm", "deny", "ask_place"),
        *("place_unknown", "place_ambiguous", "nothing_to_repeat", "nothing_to_simplify"),
    },
    "answer": {
        "source",
        "not_reviewed",
        "in_french",
        "part_in_french",
        "contact_intro",
        "related",
        "not_entitlement",
        "also",
    },
    "clarify": {"intro"},
    "redirect": {"intro"},
    "abstain": {"text", "topic_known"},
    "handoff": {"intro", "no_place", "place", "callback_offer", "consent", "callback_confirmed", "child"},
    "emergency": {"then", "sms114", "child"},
    "mask": {"warning"},
    "degraded": {"text", "ledger"},
    "paused": {"text"},
    "language": {"not_spoken"},
    "robot": {"answer"},
    "suggestions": {
        *("talk_to_human", "give_place", "simplify"),
        *("documents", "conditions", "steps", "amount", "delays", "appeal"),
    },
    "sections": {"easy", "conditions", "steps", "documents", "delays", "amount", "appeal", "contact"},
    "papers": {
        *("title", "link", "intro", "in_french", "print", "send", "send_hint", "source", "reviewed"),
        *("online", "not_found", "skip"),
    },
    "service": {"phone", "email", "address", "hours"},
    "opening": {"open_until", "closed_until", "closed", "holiday"},
    "errors": {
        *("message_too_long", "message_empty", "too_many_requests", "conversation_ended"),
        *("conversation_not_found", "invalid_token", "busy", "unavailable", "not_found"),
        *("origin_not_allowed", "invalid_request", "child_no_callback"),
    },
}
GIVEN = {
    "disclosure.text": {"days"},
    "utter.place_ambiguous": {"places"},
    "answer.source": {"title", "date"},
    "handoff.place": {"place"},
    "papers.reviewed": {"date"},
    "papers.online": {"address"},
    "handoff.callback_confirmed": {"reference"},
    "handoff.child": {"number"},
    "emergency.child": {"number", "sms"},
    "errors.child_no_callback": {"number"},
    "errors.message_too_long": {"limit"},
    "errors.too_many_requests": {"seconds"},
    "language.not_spoken": {"languages"},
}


def catalogue(folder: Path, language: str, body: str) -> Path:
    texts = folder / "texts"
    texts.mkdir(exist_ok=True)
    path = texts / f"{language}.yml"
    meta = f"meta:\n  language: {language}\n  name: Name\n  direction: ltr\n"
    path.write_text(meta + body, encoding="utf-8")
    return path


def test_french_and_english_have_a_catalogue() -> None:
    assert {"fr", "en"} <= set(LANGUAGES)
    assert LANGUAGES[0] == "fr"


def test_every_language_has_the_same_keys_and_the_same_names_in_braces() -> None:
    assert check_texts(CONTENT) == ()


@pytest.mark.parametrize("group", NEEDED)
def test_the_keys_that_other_rooms_use_exist(group: str) -> None:
    assert NEEDED[group] <= set(TEXTS.names(group))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", GIVEN)
def test_a_text_needs_only_the_values_that_its_callers_give(language: str, key: str) -> None:
    values = {name: f"<{name}>" for name in GIVEN[key]}
    text = TEXTS.get(language, key, **values)
    assert all(value in text for value in values.values())
    assert "{" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_suggestion_has_a_label_and_a_sentence(language: str) -> None:
    for name in TEXTS.names("suggestions"):
        label, text = TEXTS.suggestion(language, name, title="RSA")
        assert len(label) <= 40
        assert "{" not in label + text


@pytest.mark.parametrize("language", LANGUAGES)
def test_starters_lead_to_topics_of_the_taxonomy(language: str) -> None:
    taxonomy = load_taxonomy()
    assert len(TEXTS.names("starters")) == 4
    for name in TEXTS.names("starters"):
        topic = TEXTS.get(language, f"starters.{name}.topic")
        assert topic == TEXTS.get("fr", f"starters.{name}.topic")
        assert taxonomy.is_topic(topic) or topic in taxonomy.kinds
        assert all(TEXTS.suggestion(language, f"starters.{name}"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_holds_a_telephone_but_the_sms_number_or_a_link(language: str) -> None:
    for key, text in TEXTS.catalogues[language].texts.items():
        if key not in {"emergency.sms114", "utter.ask_arrondissement"}:
            assert not re.search(r"\d{2,}", text), key
        assert "http" not in text, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_short(language: str) -> None:
    for key, text in TEXTS.catalogues[language].texts.items():
        for sentence in re.split(r"[.!?:]\s", text):
            assert len(sentence.split()) <= 28, (key, sentence)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_concludes_on_an_entitlement(language: str) -> None:
    claims = re.compile(
        r"\b(vous avez droit|vous aurez droit|you are entitled|you will receive)\b", re.IGNORECASE
    )
    hedged = re.compile(r"(pas dire si|cannot say whether) \S+", re.IGNORECASE)
    for key, text in TEXTS.catalogues[language].texts.items():
        assert not claims.search(text) or hedged.search(text), key


def test_a_language_without_the_text_answers_in_french(tmp_path: Path) -> None:
    catalogue(tmp_path, "fr", "a:\n  b: Bonjour {name}\n")
    catalogue(tmp_path, "en", "a:\n  c: Hello\n")
    texts = load_texts(tmp_path)
    assert texts.get("en", "a.b", name="Ada") == "Bonjour Ada"
    assert texts.written_in("en", "a.b") == "fr"
    assert texts.get("tr", "a.b", name="Ada") == "Bonjour Ada"


def test_an_unknown_key_and_a_missing_value_are_errors() -> None:
    with pytest.raises(KeyError, match=r"utter\.nothing_like_it"):
        TEXTS.get("fr", "utter.nothing_like_it")
    with pytest.raises(KeyError, match="days"):
        TEXTS.get("fr", "disclosure.text")


def test_common_values_are_given_to_every_text() -> None:
    assert TEXTS.get("en", "common.departement") in TEXTS.get("en", "demo.notice")


def test_a_language_says_its_name_and_direction() -> None:
    assert (TEXTS.name("fr"), TEXTS.name("en")) == ("Français", "English")
    assert TEXTS.direction("en") == "ltr"
    with pytest.raises(KeyError):
        TEXTS.direction("xx")


@pytest.mark.parametrize(
    ("body", "line", "field", "reason"),
    [
        ("a:\n  b: Bonjour\n  c: on\n", 7, "a.c", "must be a text, not True"),
        ("a:\n  b: ''\n", 6, "a.b", "must be a text"),
        ("a:\n  b: Bonjour {x.y}\n", 6, "a.b", "plain name"),
        ("a:\n  b: Bonjour {x\n", 6, "a.b", "expected '}'"),
        ("a:\n  b: un\n  b: deux\n", 7, "a.b", "given twice"),
        ("a: [\n", 6, "file", "not valid YAML"),
    ],
)
def test_a_wrong_text_is_named_with_its_line(
    tmp_path: Path, body: str, line: int, field: str, reason: str
) -> None:
    path = catalogue(tmp_path, "fr", body)
    with pytest.raises(ContentError, match=re.escape(reason)) as caught:
        load_texts(tmp_path)
    problem = caught.value.problems[0]
    assert (problem.path, problem.line, problem.field) == (path, line, field)


def test_the_language_must_be_the_name_of_the_file(tmp_path: Path) -> None:
    catalogue(tmp_path, "fr", "a: Bonjour\n").rename(tmp_path / "texts" / "de.yml")
    problems = check_texts(tmp_path)
    assert [(problem.field, problem.line) for problem in problems] == [("meta.language", 2), ("file", 1)]


def test_a_translation_with_other_names_in_braces_is_refused(tmp_path: Path) -> None:
    catalogue(tmp_path, "fr", "a: Bonjour {name}\nb: Oui\n")
    catalogue(tmp_path, "en", "a: Hello {nom}\n")
    assert [str(p).partition("en.yml:")[2] for p in check_texts(tmp_path)] == [
        "5: a: must use the names in braces of the French: name",
        "1: b: warning: is missing: residents read it in French",
    ]
    with pytest.raises(ContentError):
        load_texts(tmp_path)


def test_placeholders() -> None:
    assert placeholders("{a} et {b}, puis {a}") == {"a", "b"}
    with pytest.raises(ValueError, match="plain name"):
        placeholders("{0}")
