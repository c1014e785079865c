import json
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from understanding.language import CANDIDATES, Guess, detect, direction, requested_language, warm_up

ALLOWED = ("fr", "en")
TEN = ("fr", "en", "es", "pt", "it", "de", "ar", "tr", "ro", "uk")
BENCH = Path(__file__).parents[3] / "shared" / "bench" / "langid_lingua" / "langid.jsonl"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("J'ai besoin d'aide pour ma mère", "fr"),
        ("comment toucher le rsa", "fr"),
        ("slt jve savoir coment avoir le rsa", "fr"),
        ("JE VEUX UN RENDEZ-VOUS", "fr"),
        ("je vous remercie", "fr"),
        ("I need help with my rent", "en"),
        ("What about the APA?", "en"),
        ("thank you very much", "en"),
        ("how do i apply for the PCH", "en"),
    ],
)
@pytest.mark.parametrize("prior", [None, "fr", "en"])
def test_a_sentence_is_answered_in_its_language(text: str, language: str, prior: str | None) -> None:
    guess = detect(text, allowed=ALLOWED, prior=prior)
    assert guess.language == language
    assert guess.confidence > 0.5
    assert not guess.explicit
    assert guess.spoken


@pytest.mark.parametrize(
    "text",
    [
        "ok",
        "OK merci",
        "RSA",
        "APA",
        "rsa apa caf",
        "hola",
        "hello",
        "merci",
        "no",
        "si",
        "13002",
        "06 12 34 56 78",
        "[PHONE]",
        "zoe.fictive@exemple.example",
        "https://www.garlaban.example/en/help-for-older-people",
        "12/05/2026 14:30",
        "Marseille",
        "Aix",
        "?",
        "",
        "👍",
    ],
)
@pytest.mark.parametrize("prior", ALLOWED)
def test_what_is_short_or_ambiguous_keeps_the_language_of_the_conversation(text: str, prior: str) -> None:
    assert detect(text, allowed=ALLOWED, prior=prior).language == prior


def test_without_anything_to_go_by_the_first_language_serves() -> None:
    assert detect("13002", allowed=ALLOWED) == Guess("fr", 0.0, explicit=False)
    assert detect("13002", allowed=("en", "fr")).language == "en"
    assert detect("13002", allowed=ALLOWED, prior="de").language == "fr"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("kira yardımı", "tr"),
        ("kira yardimi nasil alinir", "tr"),
        ("cum cer ajutor pentru chirie", "ro"),
        ("quiero pedir RSA", "es"),
        ("Kindergarten Platz", "de"),
        ("як отримати RSA", "uk"),
        ("salam, kifach ndir bach nakhod RSA", "ar"),
        ("3afak bghit nsawal 3la l mosa3ada", "ar"),
        ("ana 3andi mochkil f sakan", "ar"),
    ],
)
def test_two_words_or_more_of_another_language_leave_french(text: str, language: str) -> None:
    assert detect(text, allowed=TEN, prior="fr").language == language


@pytest.mark.parametrize(
    ("eleventh", "text"),
    [
        ("nl", "goedemorgen meneer"),
        ("nl", "welke papieren"),
        ("pl", "jakie dokumenty"),
        ("hr", "koji papiri"),
    ],
)
def test_a_language_that_is_added_is_told_as_well_as_the_ten(eleventh: str, text: str) -> None:
    assert detect(text, allowed=(*TEN, eleventh), prior="fr").language == eleventh
    assert detect(text, allowed=(*TEN, eleventh), prior=eleventh).language == eleventh


def test_a_sentence_that_could_be_of_two_languages_keeps_the_conversation_s() -> None:
    assert detect("tu es un robot ?", allowed=TEN, prior="fr").language == "fr"
    assert detect("tu es un robot ?", allowed=TEN, prior="es").language == "es"


def test_one_word_in_a_script_of_its_own_is_not_ambiguous() -> None:
    assert detect("مرحبا", allowed=TEN, prior="fr").language == "ar"
    assert detect("допомога", allowed=TEN, prior="fr").language == "uk"


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("hola, necesito ayuda con el alquiler de mi casa", "es"),
        ("مرحبا أحتاج مساعدة", "ar"),
        ("merhaba kira yardımı almak istiyorum", "tr"),
        ("мне нужна помощь, чтобы найти жильё для моей семьи", "ru"),
        ("ich brauche Hilfe für meine Mutter", "de"),
    ],
)
def test_a_language_that_we_do_not_speak_is_named_and_the_conversation_goes_on(text: str, other: str) -> None:
    guess = detect(text, allowed=ALLOWED, prior="en")
    assert guess == Guess("en", 0.0, explicit=False, other=other)
    assert not guess.spoken
    assert detect(text, allowed=ALLOWED).language == "fr"


@pytest.mark.parametrize("text", ["hola", "merhaba", "salam alaykoum", "grazie mille", "RSA por favor"])
def test_a_few_foreign_words_name_no_language(text: str) -> None:
    assert detect(text, allowed=ALLOWED, prior="fr").spoken


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("English", "en"),
        ("english please", "en"),
        ("In English, please!", "en"),
        ("Hello, English please", "en"),
        ("anglais svp", "en"),
        ("L'anglais", "en"),
        ("Français", "fr"),
        ("en français s'il vous plaît", "fr"),
        ("parlez-vous anglais ?", "en"),
        ("vous parlez anglais", "en"),
        ("est-ce que quelqu'un parle anglais", "en"),
        ("Pouvez-vous me répondre en anglais ?", "en"),
        ("merci de répondre en français", "fr"),
        ("je préfère parler en anglais", "en"),
        ("je ne parle que anglais", "en"),
        ("je ne parle pas français, parlez-vous anglais ?", "en"),
        ("Do you speak French?", "fr"),
        ("can you answer in English", "en"),
        ("could we switch to French", "fr"),
        ("I'd prefer English", "en"),
        ("I only speak English", "en"),
        ("please write in french", "fr"),
        ("الإنجليزية", "en"),
        ("англійською", "en"),
    ],
)
def test_a_language_asked_for_is_given(text: str, language: str) -> None:
    assert requested_language(text, allowed=ALLOWED) == language
    assert detect(text, allowed=ALLOWED, prior="fr") == Guess(language, 1.0, explicit=True)


@pytest.mark.parametrize(
    "text",
    [
        "cours de français pour étrangers",
        "mon fils apprend l'anglais au collège",
        "professeur d'anglais absent",
        "ma mère ne parle pas français",
        "je ne parle pas bien français",
        "mon mari parle anglais",
        "avez-vous le formulaire en anglais ?",
        "section anglais au collège",
        "la nationalité française",
        "I don't speak French",
        "my mother does not speak English",
        "French lessons for adults",
        "where can I learn French",
        "can you send me the form in English?",
        "English teacher job",
        "I am a French citizen",
        "",
    ],
)
def test_a_language_that_is_only_talked_about_is_not_asked_for(text: str) -> None:
    assert requested_language(text, allowed=ALLOWED) is None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("ich möchte auf Italienisch schreiben", "it"),
        ("puede responder en español", "es"),
        ("перейдіть на французьку", "fr"),
        ("speak english please", "en"),
        ("أريد الجواب بالفرنسية", "fr"),
        ("posso votare in Francia se sono italiano", None),
        ("non so il francese", None),
    ],
)
def test_the_ten_languages_are_asked_for(text: str, language: str | None) -> None:
    assert requested_language(text, allowed=TEN) == language


def test_a_language_that_is_not_allowed_is_not_given() -> None:
    assert requested_language("English please", allowed=("fr",)) is None
    assert detect("English please", allowed=("fr",)).language == "fr"


def test_directions() -> None:
    assert [direction(language) for language in TEN] == ["rtl" if code == "ar" else "ltr" for code in TEN]


def test_no_allowed_language_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one"):
        detect("bonjour", allowed=())


def test_threads_read_the_same_model() -> None:
    warm_up()
    texts = ["I need help with my rent", "J'ai besoin d'aide pour ma mère"] * 100
    alone = [detect(text, allowed=ALLOWED) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda text: detect(text, allowed=ALLOWED), texts)) == alone
    assert detect(texts[0], allowed=TEN).language == "en", "other allowed languages read the same model"


@given(st.text(), st.sampled_from([None, *TEN, "xx"]))
@settings(deadline=None)  # the first text waits for the models
def test_the_language_is_always_an_allowed_one(text: str, prior: str | None) -> None:
    guess = detect(text, allowed=ALLOWED, prior=prior)
    assert guess.language in ALLOWED
    assert 0 <= guess.confidence <= 1
    assert guess.other is None or guess.other in CANDIDATES


@pytest.mark.parametrize(
    "text", ["a" * 300_000, "je parle " * 40_000, "é" * 300_000, "http://" * 50_000, "1a" * 150_000]
)
def test_a_long_message_is_read_too(text: str) -> None:
    assert detect(text, allowed=ALLOWED, prior="fr").language in ALLOWED


def bench(kind: str, languages: tuple[str, ...], count: int) -> Iterator[tuple[str, str]]:
    rows = [json.loads(line) for line in BENCH.read_text("utf-8").split("\n") if line]
    rows = [row for row in rows if row["kind"] == kind and row["lang"] in languages]
    random.Random(7).shuffle(rows)
    return islice(((row["text"], row["lang"]) for row in rows), count)


@pytest.mark.bench_data
@pytest.mark.skipif(not BENCH.exists(), reason="../shared/bench is not there")
@pytest.mark.parametrize(
    ("kind", "allowed", "wrong_prior", "right_prior"),
    [
        ("sentences", ALLOWED, 0.98, 0.999),
        ("sentences", TEN, 0.98, 0.999),
        ("word-pairs", ALLOWED, 0.45, 0.995),
        ("word-pairs", TEN, 0.70, 0.99),
        ("single-words", ALLOWED, 0.0, 0.999),
    ],
)
def test_languages_of_the_bench(
    kind: str, allowed: tuple[str, ...], wrong_prior: float, right_prior: float
) -> None:
    """Sentences leave a wrong language; the fewer the words, the more the conversation's language is kept."""
    rows = list(bench(kind, allowed, 1000))
    wrong = [next(code for code in allowed if code != language) for _, language in rows]
    left = sum(
        detect(text, allowed=allowed, prior=prior).language == language
        for (text, language), prior in zip(rows, wrong, strict=True)
    )
    kept = sum(detect(text, allowed=allowed, prior=language).language == language for text, language in rows)
    assert left / len(rows) >= wrong_prior
    assert kept / len(rows) >= right_prior


@pytest.mark.bench_data
@pytest.mark.skipif(not BENCH.exists(), reason="../shared/bench is not there")
def test_unspoken_languages_of_the_bench() -> None:
    foreign = list(bench("sentences", tuple(code for code in [*TEN, "ru"] if code not in ALLOWED), 600))
    told = [detect(text, allowed=ALLOWED, prior="fr").other for text, _ in foreign]
    assert sum(other == code for other, (_, code) in zip(told, foreign, strict=True)) / len(foreign) >= 0.9
    ours = [text for kind in ("sentences", "word-pairs") for text, _ in bench(kind, ALLOWED, 600)]
    assert sum(not detect(text, allowed=ALLOWED, prior="fr").spoken for text in ours) <= 1
