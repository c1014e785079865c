from pathlib import Path

import pytest

from knowledge.article import parse_article
from knowledge.passages import PIECE, cut, passages_of, passages_of_text, plain_text
from tests.knowledge.articles import write_article


def test_an_article_gives_one_passage_a_part(tmp_path: Path) -> None:
    path = write_article(
        tmp_path, "apa", title="APA", short="Une **aide**.", questions=["Qui paie ?", "Combien ?"]
    )
    article = parse_article(path, layer="common", language="fr", domain="social_benefits")
    passages = passages_of(article)
    assert [passage.part for passage in passages] == [
        "title",
        "short",
        "easy",
        "steps",
        "question",
        "question",
    ]
    assert passages[0].text == "APA"
    assert passages[1].text == "APA. Une aide."
    assert passages[3].text == "APA. Comment faire. Texte steps de apa."
    assert passages[5].text == "Combien ?"
    assert {(p.article_id, p.topic, p.language, p.layer, p.audience.value) for p in passages} == {
        ("apa", "apa", "fr", "common", "public")
    }


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("Un **mot** et un [lien](https://example.org).", "Un mot et un lien."),
        ("- un\n- deux\n\n1. trois", "un deux trois"),
        ("### Titre\ntexte\nsuite", "Titre texte suite"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "a b 1 2"),
        ("", ""),
    ],
)
def test_plain_text_is_what_a_reader_sees(markdown: str, text: str) -> None:
    assert plain_text(markdown) == text


def test_a_long_section_gives_several_passages_and_loses_nothing() -> None:
    lines = [f"Phrase numéro {n}. " * 12 for n in range(20)] + ["mot " * 2000, "x" * 3000]
    pieces = cut(lines)
    assert max(map(len, pieces)) <= PIECE * 3 // 2
    assert "".join("".join(pieces).split()) == "".join("".join(lines).split())


def test_short_lines_are_joined_and_blank_ones_dropped() -> None:
    assert cut(["un", "  ", "deux"]) == ["un\ndeux"]
    assert cut([]) == []


def test_a_plain_document_is_cut_like_an_article() -> None:
    titled = passages_of_text("F1", "fr", "Cantine", "Le prix.\nLe menu.")
    assert [(passage.part, passage.text) for passage in titled] == [
        ("title", "Cantine"),
        ("short", "Cantine\nLe prix.\nLe menu."),
        ("text", "Le prix.\nLe menu."),
    ]
    untitled = passages_of_text("F1", "fr", "", "Le prix.")
    assert [passage.part for passage in untitled] == ["short", "text"]
