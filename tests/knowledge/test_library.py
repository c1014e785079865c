from datetime import date
from pathlib import Path

from knowledge.article import Audience, parse_article
from knowledge.check import CONTENT
from knowledge.library import Library, Severity, check_content, load_library, refresh_translation_hashes
from knowledge.sections import SectionKey
from tests.knowledge.articles import write_article, write_translation


def load(content: Path) -> Library:
    library, problems = load_library(content, ("fr", "en"))
    assert problems == ()
    return library


def fields(content: Path) -> list[tuple[str, str, Severity]]:
    return [(problem.path.stem, problem.field, problem.severity) for problem in check_content(content)]


def test_the_local_layer_wins_then_common_then_national(tmp_path: Path) -> None:
    for layer in ("local", "national", "common"):
        write_article(tmp_path, "sp-apa", layer=layer, title=f"De {layer}")
    write_article(tmp_path, "sp-aidants", layer="national", topic="aidants", title="De national")
    library = load(tmp_path)
    winner = library.article("sp-apa", "fr")
    assert winner is not None
    assert winner.title == "De local"
    assert len(library.articles) == 4
    assert {article.title for article in library.winning()} == {"De local", "De national"}


def test_a_national_sheet_expires_by_its_own_date(tmp_path: Path) -> None:
    path = write_article(tmp_path, "sp-f1", layer="national", written=date(2026, 1, 1), review_by=None)
    for today, expired in ((date(2027, 1, 1), False), (date(2027, 1, 2), True)):
        library, problems = load_library(tmp_path, ("fr",), today=today)
        assert [article.id for article in library.expired] == (["sp-f1"] if expired else [])
        assert [(p.path, p.line, p.field, p.severity) for p in problems] == (
            [(path, 9, "written", Severity.WARNING)] if expired else []
        )
        found = (library.article("sp-f1", "fr"), library.best("sp-f1", "en"), *library.by_topic("apa", "fr"))
        assert [article is None for article in found] == ([True, True] if expired else [False] * 3)
        assert len(library.winning()) == (0 if expired else 1)
    library, _ = load_library(tmp_path, ("fr",), today=date(2027, 1, 2), national_max_age=366)
    assert library.expired == ()


def test_only_the_national_layer_expires(tmp_path: Path) -> None:
    write_article(tmp_path, "apa", written=date(2000, 1, 1))
    write_article(tmp_path, "sp-f1", layer="national", written=date(2000, 1, 1))
    write_article(tmp_path, "sp-f1", layer="local", written=date(2000, 1, 1), title="Le nôtre")
    library, _ = load_library(tmp_path, ("fr",))
    assert {article.layer for article in library.winning()} == {"common", "local"}
    winner = library.article("sp-f1", "fr")
    assert winner is not None
    assert winner.title == "Le nôtre"


def test_our_articles_come_before_those_of_the_state(tmp_path: Path) -> None:
    write_article(tmp_path, "sp-f1", layer="national", topic="suivi-dossier")
    write_article(tmp_path, "suivi-dossier", topic="suivi-dossier")
    assert [a.id for a in load(tmp_path).by_topic("suivi-dossier", "fr")] == ["suivi-dossier", "sp-f1"]


def test_a_fresh_translation_is_shown_and_a_stale_one_hidden(tmp_path: Path) -> None:
    source = write_article(tmp_path, "apa")
    write_translation(tmp_path, source, title="In English")
    library = load(tmp_path)
    assert library.best("apa", "en") == library.article("apa", "en") != library.article("apa", "fr")

    write_article(tmp_path, "apa", short="Autre chose.")
    library, problems = load_library(tmp_path, ("fr", "en"))
    assert library.article("apa", "en") is None
    best = library.best("apa", "en")
    assert best is not None
    assert best.language == "fr"
    assert [(p.field, p.severity, p.line) for p in problems] == [("translates", Severity.WARNING, 18)]


def test_a_review_does_not_make_translations_stale(tmp_path: Path) -> None:
    source = write_article(tmp_path, "apa")
    write_translation(tmp_path, source)
    write_article(tmp_path, "apa", reviewed=date(2026, 12, 1), reviewed_by="Une personne")
    assert load(tmp_path).article("apa", "en") is not None


def test_a_local_override_hides_the_common_translation(tmp_path: Path) -> None:
    write_translation(tmp_path, write_article(tmp_path, "apa"))
    local = write_article(tmp_path, "apa", layer="local", short="Ici, autrement.")
    assert fields(tmp_path) == [("apa", "translates", Severity.WARNING)]
    write_translation(tmp_path, local, title="Here")
    library, _ = load_library(tmp_path, ("fr", "en"))
    translation = library.article("apa", "en")
    assert translation is not None
    assert translation.title == "Here"


def test_staff_articles_are_for_staff_only(tmp_path: Path) -> None:
    write_article(tmp_path, "interne", audience="staff")
    library = load(tmp_path)
    assert library.article("interne", "fr") is None
    assert library.best("interne", "en") is None
    assert library.by_topic("apa", "fr") == ()
    assert library.article("interne", "fr", Audience.STAFF) is not None
    assert [article.id for article in library.by_topic("apa", "fr", Audience.STAFF)] == ["interne"]


def test_an_invalid_file_is_left_out_and_reported(tmp_path: Path) -> None:
    write_article(tmp_path, "bon")
    write_article(tmp_path, "mauvais", owner=...)
    library, problems = load_library(tmp_path, ("fr",))
    assert [article.id for article in library.articles] == ["bon"]
    assert [(problem.path.stem, problem.field) for problem in problems] == [("mauvais", "owner")]


def test_problems_between_articles_are_reported(tmp_path: Path) -> None:
    write_article(tmp_path, "apa", related=["absent"])
    write_article(tmp_path, "apa", layer="local", topic="aidants", audience="staff")
    write_article(tmp_path, "double")
    write_article(tmp_path, "double", topic="routes")
    write_article(tmp_path, "seul", language="en", translates={"article": "fr", "hash": "0" * 16})
    write_article(tmp_path, "interne", audience="staff")
    write_article(tmp_path, "public", related=["interne"])
    assert set(fields(tmp_path)) == {
        ("apa", "related", Severity.ERROR),
        ("apa", "topic", Severity.ERROR),
        ("apa", "audience", Severity.ERROR),
        ("double", "id", Severity.ERROR),
        ("seul", "translates", Severity.ERROR),
        ("public", "related", Severity.ERROR),
    }


def test_a_translation_has_the_sections_and_numbers_of_its_source(tmp_path: Path) -> None:
    source = write_article(tmp_path, "apa")
    write_translation(tmp_path, source, sections={"steps": "a", "easy": "b"})
    assert fields(tmp_path) == [("apa", "sections", Severity.ERROR)]


def test_a_translation_may_leave_sections_out_but_not_those_that_everybody_needs(tmp_path: Path) -> None:
    source = write_article(tmp_path, "apa", type="procedure")
    kept = {"easy": "a", "steps": "b", "documents": "c"}
    write_translation(tmp_path, source, type="procedure", sections=kept)
    assert fields(tmp_path) == []
    del kept["documents"]
    write_translation(tmp_path, source, type="procedure", sections=kept)
    assert fields(tmp_path) == [("apa", "type", Severity.ERROR)]


def test_a_section_that_is_not_translated_is_there_in_french(tmp_path: Path) -> None:
    source = write_article(tmp_path, "apa", type="procedure")
    kept = {"easy": "a", "steps": "b", "documents": "c"}
    write_translation(tmp_path, source, type="procedure", sections=kept)
    library = load(tmp_path)
    article = library.best("apa", "en")
    assert article is not None
    shown = {key: library.section(article, key) for key in library.section_keys(article)}
    assert {key.value: found and found[1] for key, found in shown.items()} == {
        "easy": "en",
        "conditions": "fr",
        "steps": "en",
        "documents": "en",
        "delays": "fr",
    }
    assert library.section(article, SectionKey.APPEAL) is None


def test_misplaced_files_are_reported_and_readmes_are_not(tmp_path: Path) -> None:
    write_article(tmp_path, "apa", domain="benefits")
    (tmp_path / "common" / "README.md").write_text("x", encoding="utf-8")
    (tmp_path / "common" / "perdu.md").write_text("x", encoding="utf-8")
    assert fields(tmp_path) == [("apa", "path", Severity.ERROR), ("perdu", "path", Severity.ERROR)]


def test_languages_that_are_not_asked_for_are_not_read(tmp_path: Path) -> None:
    write_translation(tmp_path, write_article(tmp_path, "apa"), language="de")
    assert load(tmp_path).article("apa", "de") is None
    library, _ = load_library(tmp_path, ("de",))
    assert library.article("apa", "de") is not None
    assert library.article("apa", "fr") is not None


def test_hashes_are_refreshed_in_place(tmp_path: Path) -> None:
    source = write_article(tmp_path, "apa")
    translation = write_translation(tmp_path, source, title="In English")
    before = translation.read_text(encoding="utf-8")
    write_article(tmp_path, "apa", short="Autre chose.")
    assert refresh_translation_hashes(tmp_path) == (translation,)
    assert refresh_translation_hashes(tmp_path) == ()
    article = load(tmp_path).article("apa", "en")
    assert article is not None
    changed = [
        (a, b) for a, b in zip(before.split("\n"), translation.read_text().split("\n"), strict=True) if a != b
    ]
    assert len(changed) == 1
    assert "hash:" in changed[0][0]


def test_the_real_articles_have_no_errors() -> None:
    assert [str(p) for p in check_content(CONTENT) if p.severity is Severity.ERROR] == []


def test_a_real_article_is_parsed_alone_as_in_the_library() -> None:
    library, _ = load_library(CONTENT, ("fr",))
    for article in library.articles[:3]:
        again = parse_article(
            article.path, layer=article.layer, language=article.language, domain=article.domain
        )
        assert again == article
