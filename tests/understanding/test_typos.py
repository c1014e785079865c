import pytest

from understanding.typos import Typos

TYPOS = Typos(["suicide", "mourir", "agressé"], ["adresse", "nourrir"])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("suicide", "suicide"),
        ("sucide", "suicide"),
        ("suiicde", "suicide"),
        ("suicid", "suicide"),
        ("suicidde", "suicide"),
        ("moruir", "mourir"),
        ("agrese", "agrese"),
    ],
)
def test_a_word_with_one_wrong_letter_is_known(typed: str, meant: str) -> None:
    assert TYPOS.correct(typed) == meant


@pytest.mark.parametrize(
    "typed", ["adrese", "nourir", "pourir", "sucre", "suic", "scd", "decide", "1uicide", ""]
)
def test_other_words_stay(typed: str) -> None:
    assert TYPOS.correct(typed) == typed
