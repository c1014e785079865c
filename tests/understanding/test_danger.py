"""Danger, on sentences written apart from the lexicons (in danger/), and on what may break the search."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from understanding import danger
from understanding.danger import LEXICONS, URGENCY, Danger, find_dangers, load_lexicons, parse_lexicon
from understanding.phrases import BadPhrase, compile_phrase, fold

SENTENCES = Path(__file__).parent / "danger"
LANGUAGES = sorted(file.stem for file in LEXICONS.glob("*.yml"))
TAXONOMY = Path(__file__).parents[2] / "knowledge" / "taxonomy.yml"


def sentences(language: str) -> dict[str, list[str]]:
    """Return the sentences of all the sets of a language, by emergency, and the traps."""
    gathered: dict[str, list[str]] = {}
    for file in [SENTENCES / f"{language}.yml", *sorted(SENTENCES.glob(f"{language}-*.yml"))]:
        for key, listed in yaml.safe_load(file.read_text("utf-8")).items():
            gathered.setdefault(key, []).extend(listed)
    return gathered


def every(*, traps: bool) -> list[tuple[str, str, str]]:
    return [
        (language, key, sentence)
        for language in LANGUAGES
        for key, listed in sentences(language).items()
        for sentence in listed
        if (key == "traps") is traps
    ]


def ids(text: str, language: str | None = None) -> list[str]:
    return [found.id for found in find_dangers(text, language=language)]


@pytest.mark.parametrize(("language", "emergency", "sentence"), every(traps=False))
def test_a_danger_is_found_whatever_the_language_is_thought_to_be(
    language: str, emergency: str, sentence: str
) -> None:
    assert emergency in ids(sentence, language)
    assert emergency in ids(sentence, "uk")
    assert emergency in ids(sentence.upper())


@pytest.mark.parametrize(("language", "_", "sentence"), every(traps=True))
def test_ordinary_uses_of_the_same_words_are_no_danger(language: str, _: str, sentence: str) -> None:
    assert find_dangers(sentence, language=language) == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_is_tested_enough(language: str) -> None:
    gathered = sentences(language)
    assert set(gathered) == {*URGENCY, "traps"}
    for emergency in URGENCY:
        assert len(set(gathered[emergency])) >= 15, emergency
    assert len(set(gathered["traps"])) >= 60


def test_the_emergencies_are_those_of_the_taxonomy() -> None:
    taxonomy = yaml.safe_load(TAXONOMY.read_text("utf-8"))
    assert set(URGENCY) == set(taxonomy["emergencies"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_of_a_lexicon_can_be_read(language: str) -> None:
    content = yaml.safe_load((LEXICONS / f"{language}.yml").read_text("utf-8"))
    lexicon = parse_lexicon(content, strict=True)
    assert set(lexicon.dangers) == set(URGENCY)
    assert set(load_lexicons()) == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_class_of_words_is_used(language: str) -> None:
    text = (LEXICONS / f"{language}.yml").read_text("utf-8")
    assert [name for name in yaml.safe_load(text)["words"] if f"{{{name}}}" not in text] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_that_only_look_like_a_typo_are_not_also_the_word(language: str) -> None:
    typos = yaml.safe_load((LEXICONS / f"{language}.yml").read_text("utf-8"))["typos"]
    ordinary = {fold(word) for word in typos["not"].split()} - {fold(word) for word in typos["meant"].split()}
    for word in ordinary:
        assert load_lexicons()[language].typos.correct(word) == word


def test_the_most_urgent_comes_first() -> None:
    assert ids("mon mari me frappe, je saigne beaucoup et je veux mourir") == [
        "medical",
        "suicide",
        "violences-femmes",
    ]
    assert ids("je dors dehors et il y a le feu à côté") == ["incendie", "sans-abri"]


def test_what_was_said_is_quoted() -> None:
    found = find_dangers("Bonjour. Mon conjoint m’a frappée, que faire ?", language="fr")
    assert found[0] == Danger("violences-femmes", "Mon conjoint m’a frappée")


def test_an_ordinary_phrase_does_not_hide_a_danger_beside_it() -> None:
    assert ids("Ces papiers me tuent, j'ai envie de mourir") == ["suicide"]
    assert ids("Je touche le RSA. Mon mari me frappe.") == ["violences-femmes"]
    assert ids("the paperwork is killing me and my husband hits me") == ["violences-femmes"]


def test_an_ordinary_phrase_of_one_language_holds_for_all() -> None:
    assert ids("exposition sur la prévention du suicide", "en") == []


def test_languages_may_be_mixed() -> None:
    assert ids("please help, mon mari me frappe") == ["violences-femmes"]
    assert ids("bonjour, my husband hits me", "fr") == ["violences-femmes"]


@pytest.mark.parametrize(
    "sentence",
    [
        "JE VEUX MOURIR !!!",
        "je   veux\nmourir",
        "je veux mou\u200brir",
        "Je veux mourír",
        "ｊｅ ｖｅｕｘ ｍｏｕｒｉｒ",
        "je veuuuux mouriiiir",
        "je veux mourrir",
        "je veux moruir",
        "jveux mourir",
        "je veux mourir 😢😢",
        "bonjour je voudrais savoir comment demander l'APA " * 20 + ". je veux mourir",
    ],
)
def test_the_way_it_is_typed_hides_nothing(sentence: str) -> None:
    assert ids(sentence) == ["suicide"]


def test_worry_about_a_child_is_a_danger_only_when_the_child_is_in_danger() -> None:
    assert ids("je veux signaler un enfant en danger") == ["enfant"]
    assert ids("inquiet pour un enfant, information préoccupante comment ça marche") == []
    assert ids("je cherche comment devenir famille d'accueil") == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\0",
        "\ud800",
        "\u202e",
        "123",
        "[NIR] [PHONE]",
        "مرحبا",
        "😀" * 1000,
        "mon mari " * 34_000,
        "je veux " * 38_000,
        "suicide " * 38_000,
        "'" * 300_000,
        "toucher le rsa. " * 19_000,
        "\u0301" * 300_000,
    ],
    ids=lambda text: repr(text[:9]),
)
def test_any_message_is_read(text: str) -> None:
    assert isinstance(find_dangers(text), tuple)


@given(st.text())
def test_it_never_raises(text: str) -> None:
    assert isinstance(find_dangers(text, language=text[:2] or None), tuple)


def test_one_phrase_that_cannot_be_read_silences_no_other(caplog: pytest.LogCaptureFixture) -> None:
    content = yaml.safe_load((LEXICONS / "fr.yml").read_text("utf-8"))
    content["dangers"]["suicide"] = "(veux mourir\nveux .. mourir"
    with pytest.raises(BadPhrase):
        parse_lexicon(content, strict=True)
    lexicon = parse_lexicon(content)
    assert "left out" in caplog.text
    assert [phrase.source for phrase in lexicon.dangers["suicide"]._phrases] == ["veux .. mourir"]


def test_one_lexicon_that_cannot_be_read_silences_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "fr.yml").write_text((LEXICONS / "fr.yml").read_text("utf-8"))
    (tmp_path / "xx.yml").write_text("dangers: [")
    (tmp_path / "yy.yml").write_text("words: {}")
    monkeypatch.setattr(danger, "LEXICONS", tmp_path)
    load_lexicons.cache_clear()
    try:
        assert ids("je veux mourir") == ["suicide"]
        assert caplog.text.count("cannot be read") == 2
    finally:
        load_lexicons.cache_clear()


def test_an_unknown_emergency_is_refused() -> None:
    content = yaml.safe_load((LEXICONS / "fr.yml").read_text("utf-8"))
    content["dangers"]["volcan"] = "volcan"
    with pytest.raises(KeyError, match="volcan"):
        parse_lexicon(content)


def test_no_phrase_repeats_without_bound() -> None:
    """Time grows with the length of the message and no faster: no `*` nor `+` but inside one word."""
    for language in LANGUAGES:
        for finder in load_lexicons()[language].dangers.values():
            for phrase in finder._phrases:
                left = phrase.pattern.pattern.replace("[^ ]*", "").replace("[^ .]+", "")
                assert "*" not in left, phrase.source
                assert "+" not in left, phrase.source
    assert "{0,9}?" in compile_phrase("a .... b").pattern.pattern
