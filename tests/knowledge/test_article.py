from datetime import date
from pathlib import Path
from typing import Any

import pytest

from knowledge.article import (
    REQUIRED_SECTIONS,
    ArticleError,
    ArticleType,
    Audience,
    SectionKey,
    parse_article,
    read_article,
)
from tests.knowledge.articles import EMERGENCY_NUMBER, SOURCE, article_text, write_article


def read(path: Path) -> list[tuple[str, str]]:
    layer, language, domain = path.parts[-4:-1]
    article, problems = read_article(path, layer=layer, language=language, domain=domain)
    assert (article is None) == bool(problems)
    return [(problem.field, problem.reason) for problem in problems]


def test_a_valid_article_is_read_whole(tmp_path: Path) -> None:
    path = write_article(
        tmp_path,
        "apa",
        type="benefit",
        title="Allocation personnalisée d'autonomie (APA)",
        questions=["Ma mère ne peut plus se laver seule"],
        related=["aidants"],
        links=[{"title": "Simulateur", "url": "https://example.org/simulateur"}],
        reviewed=date(2026, 12, 1),
        reviewed_by="Une personne",
        short="Une aide pour rester chez soi.",
    )
    article = parse_article(path, layer="common", language="fr", domain="social_benefits")
    assert (article.id, article.topic, article.type) == ("apa", "apa", ArticleType.BENEFIT)
    assert article.audience is Audience.PUBLIC
    assert article.short == "Une aide pour rester chez soi."
    assert article.questions == ("Ma mère ne peut plus se laver seule",)
    assert article.sources[0].consulted == date(2026, 11, 22)
    assert (article.reviewed, article.reviewed_by) == (date(2026, 12, 1), "Une personne")
    assert article.links[0].title == "Simulateur"
    assert tuple(section.key for section in article.sections) == REQUIRED_SECTIONS[ArticleType.BENEFIT]
    documents = article.section(SectionKey.DOCUMENTS)
    assert documents is not None
    assert documents.markdown == "Texte documents de apa."
    assert "{#documents}" in path.read_text(encoding="utf-8").split("\n")[documents.line - 1]
    assert article.section(SectionKey.CONTACT) is None


def test_an_error_says_file_line_field_and_reason(tmp_path: Path) -> None:
    path = write_article(tmp_path, "apa", owner=...)
    with pytest.raises(ArticleError) as caught:
        parse_article(path, layer="common", language="fr", domain="social_benefits")
    assert isinstance(caught.value, ValueError)
    assert str(caught.value) == f"{path}:2: owner: is required"


@pytest.mark.parametrize("type_", ArticleType)
def test_each_type_requires_its_sections(tmp_path: Path, type_: ArticleType) -> None:
    topics = {ArticleType.REDIRECT: "redirect-caf", ArticleType.EMERGENCY: "emergency-maltraitance"}
    numbers = [{"number": "3977", "uri": "tel:3977", "label": "Maltraitances", "hours": "9 h - 19 h"}]
    changes: dict[str, Any] = {"type": type_.value, "topic": topics.get(type_, "apa")}
    if type_ is ArticleType.EMERGENCY:
        changes["numbers"] = numbers
    assert read(write_article(tmp_path, "a", **changes)) == []
    required = REQUIRED_SECTIONS[type_]
    sections = {key.value: "Texte." for key in required[:-1]}
    ((field, reason),) = read(write_article(tmp_path, "a", sections=sections, **changes))
    assert field == "type"
    assert required[-1].value in reason


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"id": "autre"}, "id"),
    ({"id": "Apa é"}, "id"),
    ({"type": "notice", "sections": {"easy": "a", "steps": "b"}}, "type"),
    ({"type": "redirect"}, "type"),
    ({"topic": "apaa", "domain": "social_benefits"}, "topic"),
    ({"topic": "routes", "domain": "social_benefits"}, "topic"),
    ({"topic": "redirect-caf"}, "type"),
    ({"audience": "everybody"}, "audience"),
    ({"title": "Vous avez droit à l'APA"}, "title"),
    ({"title": ...}, "title"),
    ({"written": "2026-11-22"}, "written"),
    ({"reviewed": date(2026, 12, 1)}, "reviewed"),
    ({"reviewed": date(2026, 1, 1), "reviewed_by": "Une personne"}, "reviewed"),
    ({"review_by": date(2026, 11, 22)}, "review_by"),
    ({"sources": []}, "sources"),
    ({"sources": [SOURCE | {"consulted": None}]}, "sources[1].consulted"),
    ({"sources": [SOURCE | {"url": "page"}]}, "sources[1].url"),
    ({"sources": [SOURCE | {"read": "hier"}]}, "sources[1].read"),
    ({"links": [{"title": "x", "url": "javascript:alert(1)"}]}, "links[1].url"),
    ({"related": ["b", "b"]}, "related"),
    ({"translates": {"article": "fr", "hash": "0" * 16}}, "translates"),
    ({"numbers": [EMERGENCY_NUMBER]}, "numbers"),
    ({"unknown": 1}, "unknown"),
    ({"short": " "}, "short"),
    ({"short": "mot " * 61}, "short"),
    ({"short": "# Un titre\n\nTexte."}, "body"),
    ({"short": "Texte <b>gras</b>."}, "body"),
    ({"short": "<div>bloc</div>"}, "body"),
    ({"short": "Vous avez droit à l'APA."}, "body"),
    ({"sections": {"easy": "a", "steps": "b", "papers": "c"}}, "section"),
    ({"sections": {"easy": "a", "steps": ""}}, "steps"),
]


@pytest.mark.parametrize(("changes", "field"), WRONG, ids=[f"{n}-{f}" for n, (_, f) in enumerate(WRONG)])
def test_one_mistake_gives_one_problem(tmp_path: Path, changes: dict[str, Any], field: str) -> None:
    assert [found for found, _ in read(write_article(tmp_path, "apa", **changes))] == [field]


def test_the_language_is_that_of_the_folder(tmp_path: Path) -> None:
    path = write_article(tmp_path, "apa")
    text = path.read_text(encoding="utf-8").replace("language: fr", "language: en")
    path.write_text(text, encoding="utf-8")
    assert [field for field, _ in read(path)] == ["language"]


def test_sixty_words_and_punctuation_apart_are_accepted(tmp_path: Path) -> None:
    assert read(write_article(tmp_path, "apa", short="mot " * 60 + "?")) == []


def test_an_emergency_must_show_the_numbers_of_the_taxonomy(tmp_path: Path) -> None:
    changes = {"type": "emergency", "topic": "emergency-enfant"}
    ((field, reason),) = read(write_article(tmp_path, "enfant", numbers=[EMERGENCY_NUMBER], **changes))
    assert field == "numbers"
    assert "17" in reason
    wrong = EMERGENCY_NUMBER | {"uri": "https://example.org"}
    fields = [f for f, _ in read(write_article(tmp_path, "enfant", numbers=[wrong], **changes))]
    assert fields == ["numbers", "numbers[1].uri"]


def test_a_translation_must_say_what_it_translates(tmp_path: Path) -> None:
    ((field, _),) = read(write_article(tmp_path, "apa", language="en"))
    assert field == "translates"
    wrong = {"article": "fr", "hash": "abc"}
    ((field, _),) = read(write_article(tmp_path, "apa", language="en", translates=wrong))
    assert field == "translates.hash"


def test_a_section_given_twice_or_without_key_is_reported(tmp_path: Path) -> None:
    path = write_article(tmp_path, "apa")
    text = path.read_text(encoding="utf-8")
    path.write_text(text + "\n## Encore {#steps}\nx\n\n## Sans clé\ny\n", encoding="utf-8")
    assert [field for field, _ in read(path)] == ["steps", "section"]


def test_a_heading_inside_a_code_block_is_no_section(tmp_path: Path) -> None:
    sections = {"easy": "```\n## Rien\n```", "steps": "b"}
    assert read(write_article(tmp_path, "apa", sections=sections)) == []


def test_files_that_are_no_articles_are_reported_not_raised(tmp_path: Path) -> None:
    folder = tmp_path / "common/fr/general"
    folder.mkdir(parents=True)
    for content in (b"", b"\xff\xfe", b"---\n- a\n---\n", b"---\na: [\n---\n", b"no front matter"):
        path = folder / "a.md"
        path.write_bytes(content)
        assert len(read(path)) == 1


def test_a_byte_order_mark_and_windows_line_ends_are_accepted(tmp_path: Path) -> None:
    path = write_article(tmp_path, "apa")
    path.write_bytes(b"\xef\xbb\xbf" + article_text("apa").replace("\n", "\r\n").encode())
    assert read(path) == []


ORIGIN = {
    "sheet": "F1",
    "author": "Un auteur",
    "licence": "Licence Ouverte 2.0",
    "licence_url": "https://example.org/licence",
    "updated": date(2026, 11, 22),
}


def test_the_national_layer_quotes_the_state(tmp_path: Path) -> None:
    """It needs no easy version, and its sections keep their words; the short answer is checked."""
    changes = {
        "sections": {"conditions": "Vous avez droit à l'APA."},
        "imported": ORIGIN,
        "layer": "national",
    }
    path = write_article(tmp_path, "sp-f1", **changes)
    article = parse_article(path, layer="national", language="fr", domain="social_benefits")
    assert article.origin is not None
    assert (article.origin.sheet, article.origin.updated) == ("F1", date(2026, 11, 22))
    assert read(write_article(tmp_path, "sp-f1", short="Vous avez droit à l'APA.", **changes)) == [
        ("body", "concludes on a person's entitlement: 'Vous avez droit à'; explain the conditions instead")
    ]
    assert [f for f, _ in read(write_article(tmp_path, "sp-f1", **changes | {"sections": {}}))] == ["type"]


def test_the_national_layer_has_ids_of_its_own(tmp_path: Path) -> None:
    assert [f for f, _ in read(write_article(tmp_path, "apa", layer="national"))] == ["id"]


@pytest.mark.parametrize(
    ("imported", "field"),
    [
        (ORIGIN, "imported"),
        (ORIGIN | {"updated": None}, "imported.updated"),
        (ORIGIN | {"licence_url": "libre"}, "imported.licence_url"),
        (ORIGIN | {"licenc": "x"}, "imported.licenc"),
        ("F1", "imported"),
    ],
)
def test_an_origin_is_whole_and_of_the_national_layer(tmp_path: Path, imported: Any, field: str) -> None:
    fields = [f for f, _ in read(write_article(tmp_path, "apa", imported=imported))]
    assert field in fields
