import pytest

from knowledge.entitlement import find_conclusions, has_patterns

REFUSED = [
    ("fr", "Vous avez droit à l'APA."),
    ("fr", "À 60 ans, vous y avez droit."),
    ("fr", "Vous n’avez pas droit au RSA."),
    ("fr", "Dans ce cas, vous êtes éligible."),
    ("fr", "Vous avez donc\ndroit aux repas."),
    ("fr", "Si vous avez 60 ans, vous avez droit à l'APA."),
    ("en", "You are entitled to the allowance."),
    ("en", "If you are over 60, you are entitled to it."),
    ("en", "You’re eligible."),
    ("en", "You do not qualify."),
]
ACCEPTED = [
    ("fr", "Pour savoir si vous avez droit à l'APA, utilisez le simulateur."),
    ("fr", "Demandez si vous y avez droit."),
    ("fr", "Vous avez le droit de contester."),
    ("fr", "Les aides auxquelles vous avez droit"),
    ("fr", "Lorsque vous êtes éligible, le département vous écrit."),
    ("en", "To know whether you are entitled to it, ask."),
    ("en", "Check if you are eligible."),
    ("en", "You have the right to appeal."),
]


@pytest.mark.parametrize(("language", "text"), REFUSED)
def test_conclusions_are_found(language: str, text: str) -> None:
    assert find_conclusions(text, language)


@pytest.mark.parametrize(("language", "text"), ACCEPTED)
def test_conditions_and_questions_are_not_conclusions(language: str, text: str) -> None:
    assert not find_conclusions(text, language)


def test_the_place_of_a_conclusion_is_given() -> None:
    text = "D’abord ceci. Vous avez droit à cela."
    ((offset, words),) = find_conclusions(text, "fr")
    assert text[offset:].startswith("Vous avez")
    assert words == "Vous avez droit à"


def test_a_language_without_patterns_says_so() -> None:
    assert has_patterns("fr")
    assert has_patterns("en")
    assert not has_patterns("xx")
    assert find_conclusions("Vous avez droit à tout.", "xx") == ()
