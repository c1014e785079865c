from pathlib import Path

import pytest

from knowledge.article import parse_article
from knowledge.passages import passages_of, plain_text
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
