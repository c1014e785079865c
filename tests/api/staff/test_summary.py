"""The handoff summary: extracted, in the agent's language, the resident's words as they were kept."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from api.staff import request_words as words
from api.staff.requests import language_name
from api.staff.summary import EXCHANGES, WORDS, ArticleShown, Named, Names, Outcome, Summary, summarise
from records.entries import Turn, TurnStatus

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
FRENCH = {"apa": "Allocation personnalisée d'autonomie (APA)", "suicide": "Des idées suicidaires"}
NAMES = Names(
    article=FRENCH.get,
    section={"documents": "Pièces à fournir"}.get,
    topic={"apa": FRENCH["apa"], "fsl": "Fonds de solidarité pour le logement"}.get,
    danger=FRENCH.get,
    language=language_name,
    direction=lambda code: "rtl" if code == "ar" else "ltr",
)
# The resident's words as they are recorded, and the title of the article that they were shown.
ASKED = {
    "fr": ("Quels papiers pour l'APA ? Mon numéro : [téléphone]", "L'APA", "français"),
    "en": ("Which papers for the APA? My number: [phone]", "The APA", "anglais"),
    "es": ("¿Qué papeles para la APA? Mi número: [teléfono]", "La APA", "espagnol"),
    "pt": ("Que documentos para a APA? O meu número: [telefone]", "A APA", "portugais"),
    "it": ("Quali documenti per l'APA? Il mio numero: [telefono]", "L'APA", "italien"),
    "de": ("Welche Unterlagen für die APA? Meine Nummer: [Telefon]", "Die APA", "allemand"),
    "ar": ("ما هي الأوراق المطلوبة للحصول على APA؟ رقمي: [هاتف]", "إعانة APA", "arabe"),
    "tr": ("APA için hangi belgeler gerekli? Numaram: [telefon]", "APA", "turc"),
    "ro": ("Ce acte trebuie pentru APA? Numărul meu: [telefon]", "APA", "roumain"),
    "uk": ("Які документи потрібні для APA? Мій номер: [телефон]", "Допомога APA", "ukrainien"),
}


def source(title: str = "x", **change: Any) -> dict[str, Any]:
    return {
        "article_id": "apa",
        "title": title,
        "section": "documents",
        "excerpt": "…",
        "lang": "fr",
        "url": "https://apa.example",
        "written": "2026-11-22",
        "reviewed": None,
        **change,
    }


def turn(
    text: str = "Bonjour",
    *,
    kind: str = "answer",
    topic: str = "apa",
    language: str = "fr",
    status: TurnStatus = TurnStatus.ANSWERED,
    minutes: int = 0,
    **reply: Any,
) -> Turn:
    """A turn as the gateway records it."""
    understanding = {"kind": kind, "topic": topic, "about": None, "also": []}
    whole = {"understanding": understanding, "sources": [], "service": None, "emergency": None, **reply}
    at = AT + timedelta(minutes=minutes)
    return Turn(f"t{minutes}", "c", f"m{minutes}", text, language, at, reply=whole, status=status)


def told(*turns: Turn) -> Summary:
    summary = summarise(turns, NAMES)
    assert summary is not None
    return summary


@pytest.mark.parametrize("language", ASKED)
def test_the_words_stay_as_they_were_and_the_answer_is_told_in_french(language: str) -> None:
    asked, title, named = ASKED[language]
    summary = told(turn(asked, language=language, sources=[source(title, lang=language)]))
    (exchange,) = summary.exchanges
    assert (exchange.asked, exchange.language) == (asked, language)
    assert exchange.direction == ("rtl" if language == "ar" else "ltr")
    assert exchange.outcome is Outcome.ANSWERED
    assert exchange.articles == (
        ArticleShown(
            "apa", FRENCH["apa"], "Pièces à fournir", date(2026, 11, 22), None, "https://apa.example"
        ),
    )
    assert summary.languages == (Named(language, named),)
    assert summary.topics == (Named("apa", FRENCH["apa"]),)


def test_nothing_is_left_of_an_erased_conversation() -> None:
    assert summarise([], NAMES) is None


def test_the_languages_the_place_and_the_topics() -> None:
    turns = [
        turn(topic="fsl"),
        turn(language="ar", minutes=1),
        turn(language="ar", topic="redirect-caf", minutes=2),
        turn(kind="clarify", topic="clarify", minutes=3),
        turn(minutes=4, language="ar"),
    ]
    summary = summarise(turns, NAMES, place="Arles")
    assert summary is not None
    assert [each.id for each in summary.languages] == ["ar", "fr"]
    assert summary.place == "Arles"
    assert [each.id for each in summary.topics] == ["apa", "fsl"]


def test_what_else_was_answered_counts_among_the_topics() -> None:
    understanding = {
        "kind": "answer",
        "topic": "other",
        "about": "fsl",
        "also": [{"kind": "answer", "topic": "apa"}],
    }
    assert [each.id for each in told(turn(understanding=understanding)).topics] == ["fsl", "apa"]


def test_dangers_are_told_once_even_beside_small_talk() -> None:
    shown = {"id": "suicide", "numbers": [], "text": "…"}
    summary = told(
        turn("Je veux mourir", kind="emergency", topic="emergency-suicide", emergency=shown),
        turn("Merci", kind="smalltalk", topic="smalltalk", emergency=shown, minutes=1),
        turn("Merci", kind="smalltalk", topic="smalltalk", minutes=2),
    )
    assert summary.dangers == (Named("suicide", FRENCH["suicide"]),)
    assert [each.asked for each in summary.exchanges] == ["Je veux mourir", "Merci"]
    assert summary.topics == ()


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        (turn(kind="clarify"), Outcome.CLARIFIED),
        (turn(kind="redirect"), Outcome.REDIRECTED),
        (turn(kind="abstain", status=TurnStatus.ABSTAINED), Outcome.ABSTAINED),
        (turn(kind="abstain", status=TurnStatus.DEGRADED), Outcome.DEGRADED),
        (turn(kind="handoff", status=TurnStatus.RELAYED), Outcome.RELAYED),
        (Turn("t", "c", "m", "Bonjour ?", "fr", AT), Outcome.PENDING),
    ],
)
def test_what_became_of_a_message(given: Turn, outcome: Outcome) -> None:
    assert [each.outcome for each in told(given).exchanges] == [outcome]


def test_the_service_is_told_where_the_resident_was_sent_to_one() -> None:
    service = {"id": "mds", "name": "Maison des solidarités"}
    summary = told(turn(kind="handoff", service=service), turn(service=service, minutes=1))
    assert [each.service for each in summary.exchanges] == ["Maison des solidarités", None]


def test_an_article_gone_since_keeps_the_title_it_had() -> None:
    (exchange,) = told(turn(sources=[source("Ancien", article_id="gone", section=None)] * 2)).exchanges
    assert [(each.title, each.section) for each in exchange.articles] == [("Ancien", None)]


def test_long_words_and_long_conversations_are_cut_and_say_so() -> None:
    summary = told(*(turn("x" * 2000, minutes=number) for number in range(EXCHANGES + 3)))
    assert (len(summary.exchanges), summary.earlier) == (EXCHANGES, 3)
    assert summary.exchanges[-1].at == AT + timedelta(minutes=EXCHANGES + 2)
    assert summary.exchanges[0].asked == "x" * WORDS + "…"


def test_every_outcome_has_its_words() -> None:
    assert set(words.OUTCOMES) == set(Outcome)
