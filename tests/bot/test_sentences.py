"""Where a message is cut that may ask two things."""

import pytest

from components.sentences import MOST, asks_twice, sentences  # isort: skip - found by conftest.py


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Comment demander le RSA ? Combien coûte la cantine ?", 2),
        ("Comment demander le RSA et combien coûte la cantine ?", 2),
        ("How do I get the RSA and also how much is the canteen?", 2),
        ("¿Cómo pido el RSA? ¿Y la cantina cuánto cuesta?", 2),
        ("كيف أطلب RSA؟ وكم سعر المطعم المدرسي؟", 2),
        ("كيف أطلب إعانة السكن وكم سعر المطعم المدرسي", 2),
        ("як отримати допомогу та скільки коштує їдальня", 2),
        ("Bonjour. Comment demander le RSA ?", 1),
        ("mon père et ma mère et mon frère", 1),
        ("rsa", 0),
        ("", 0),
    ],
)
def test_a_message_is_cut_where_a_second_question_may_begin(text: str, parts: int) -> None:
    assert len(sentences(text)) == parts


def test_nothing_is_lost_or_added() -> None:
    assert sentences("Comment demander le RSA ?\nCombien coûte la cantine ?") == [
        "Comment demander le RSA ?",
        "Combien coûte la cantine ?",
    ]


@pytest.mark.parametrize(
    ("text", "twice"),
    [
        ("Comment demander le RSA ? Combien coûte la cantine ?", True),
        ("كيف أطلب RSA؟ وكم سعر المطعم المدرسي؟", True),
        ("Comment demander le RSA ??", False),
        ("le RSA ? merci", False),
        ("RSA et cantine", False),
    ],
)
def test_two_question_marks_ask_twice(text: str, twice: bool) -> None:
    assert asks_twice(text) is twice


def test_a_story_is_not_cut() -> None:
    assert sentences("Ma mère est tombée. " * (MOST + 1)) == []


def test_nothing_but_joining_words_is_no_question() -> None:
    assert len(sentences("et " * 1000)) <= 1
