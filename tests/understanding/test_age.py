"""The age of who writes, on sentences written apart from the lexicons, and what may break the search."""

from pathlib import Path
from time import process_time

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from understanding import age
from understanding.age import LEXICONS, child_age, load_lexicons, parse_lexicon

SENTENCES = Path(__file__).parent / "age"
LANGUAGES = ("ar", "de", "en", "es", "fr", "it", "pt", "ro", "tr", "uk")


def sentences(language: str) -> dict[str, dict[int, list[str]] | list[str]]:
    read: dict[str, dict[int, list[str]] | list[str]] = yaml.safe_load(
        (SENTENCES / f"{language}.yml").read_text("utf-8")
    )
    return read


def told() -> list[tuple[int, str]]:
    return [
        (years, sentence)
        for language in LANGUAGES
        for years, listed in dict(sentences(language)["told"]).items()
        for sentence in listed
    ]


@pytest.mark.parametrize(("years", "sentence"), told())
def test_a_child_tells_its_age(years: int, sentence: str) -> None:
    assert child_age(sentence) == years
    assert child_age(f"{sentence}. Merci") == years


@pytest.mark.parametrize("sentence", [each for code in LANGUAGES for each in sentences(code)["none"]])
def test_the_age_of_another_or_years_of_something_else_are_no_age_of_the_writer(sentence: str) -> None:
    assert child_age(sentence) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_is_tested_enough(language: str) -> None:
    gathered = sentences(language)
    assert sum(map(len, dict(gathered["told"]).values())) >= 12
    assert len(gathered["none"]) >= 12


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("years", range(5, 18))
def test_every_age_is_known_in_digits_and_in_words(language: str, years: int) -> None:
    content = yaml.safe_load((LEXICONS / f"{language}.yml").read_text("utf-8"))
    assert set(content["numbers"]) == {*range(5, 19)}
    frame = {
        "ar": "عمري {} سنة",
        "de": "ich bin {} Jahre alt",
        "en": "I'm {} years old",
        "es": "tengo {} años",
        "fr": "j'ai {} ans",
        "it": "ho {} anni",
        "pt": "tenho {} anos",
        "ro": "am {} ani",
        "tr": "{} yaşındayım",
        "uk": "мені {} років",
    }[language]
    for word in [str(years), *content["numbers"][years].split("|")]:
        assert child_age(frame.format(word.strip())) == years, word


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_of_a_lexicon_can_be_read(language: str) -> None:
    parse_lexicon(yaml.safe_load((LEXICONS / f"{language}.yml").read_text("utf-8")), strict=True)
    assert set(load_lexicons()) == set(LANGUAGES)


def test_the_first_age_told_is_the_writer_s() -> None:
    assert child_age("j'ai 12 ans, mon frère a 9 ans et je vais avoir 13 ans") == 12


@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    found = child_age(text)
    assert found is None or 0 < found < 18


def test_an_error_is_logged_and_no_age(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise KeyError("a lexicon")

    monkeypatch.setattr(age, "load_lexicons", broken)
    assert child_age("j'ai 11 ans") is None


def test_a_long_message_is_read_quickly() -> None:
    child_age("j'ai 11 ans")
    started = process_time()
    child_age("j'ai 11 ans de " * 20_000)
    assert process_time() - started < 1
