import json
from pathlib import Path

import pytest

from knowledge.calibration import load_calibration
from knowledge.check import CONTENT
from knowledge.embedding import load_question_encoder
from knowledge.library import load_library
from knowledge.section_phrases import SHORT, asked_for, choose_section, load_phrases
from knowledge.sections import SectionKey

QUESTIONS = Path(__file__).with_name("section_questions.jsonl")


def test_every_language_has_phrases_for_every_section_but_the_easy_one() -> None:
    phrases = load_phrases()
    folder = Path(__file__).parents[2] / "knowledge" / "section_phrases"
    assert {phrase.section for phrase in phrases} == {*SectionKey, SHORT} - {SectionKey.EASY}
    assert len(phrases) == len(set(phrases))
    files = {path.stem: path.read_text(encoding="utf-8") for path in folder.glob("*.yml")}
    assert {"fr", "en"} <= set(files)
    for text in files.values():
        assert all(f"\n{key}:" in text for key in {*SectionKey, SHORT} - {SectionKey.EASY})


def test_the_nearest_phrases_of_a_section_count() -> None:
    asked = asked_for([("steps", 0.9), ("steps", 0.1), ("steps", 0.8), ("steps", 0.7), ("short", 0.5)])
    assert asked == pytest.approx({"steps": 0.8, "short": 0.5})


def test_the_section_most_asked_for_is_chosen_among_those_there() -> None:
    asked = {"steps": 0.8, "delays": 0.9, "easy": 1.0, SHORT: 0.5}
    assert choose_section(asked, [SectionKey.STEPS, SectionKey.DELAYS], 0.0) is SectionKey.DELAYS
    assert choose_section(asked, [SectionKey.STEPS], 0.0) is SectionKey.STEPS
    assert choose_section(asked, [SectionKey.STEPS], 0.31) is None
    assert choose_section(asked, [], 0.0) is None
    assert choose_section({SHORT: 0.5}, [SectionKey.STEPS], 0.0) is None


def test_most_questions_get_the_section_they_ask_for() -> None:
    encoder = load_question_encoder()
    phrases = load_phrases()
    vectors = encoder.encode_query([phrase.text for phrase in phrases])
    library, _ = load_library(CONTENT, ("fr",))
    margin = load_calibration().section_margin
    good = asked = 0
    for line in QUESTIONS.read_text(encoding="utf-8").splitlines():
        question = json.loads(line)
        article = library.article(question["article"], "fr")
        if article is None:
            continue
        similarities = (vectors @ encoder.encode_query([question["text"]])[0]).tolist()
        wanted = asked_for(zip((phrase.section for phrase in phrases), similarities, strict=True))
        chosen = choose_section(wanted, [section.key for section in article.sections], margin) or SHORT
        good += chosen in question["sections"]
        asked += 1
    assert asked >= 50
    assert good / asked >= 0.9
