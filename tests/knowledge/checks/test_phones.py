from pathlib import Path

from knowledge.checks.phones import check_phones
from tests.knowledge.articles import write_article
from tests.knowledge.checks.bases import (
    CATALOGUE,
    places_of,
    read,
    said,
    write_base,
    write_emergency,
    write_yaml,
)


def test_numbers_of_the_directory_the_taxonomy_and_the_national_list_are_known(tmp_path: Path) -> None:
    write_base(tmp_path)
    sections = {
        "easy": "Appelez le 3039, le +33 4 65 71 13 13 ou le 119.",
        "steps": "Danger : appelez le 17.",
    }
    write_article(tmp_path, "apa", short="Le 30 39, ou le 04 65 71 13 13.", sections=sections)
    assert list(check_phones(read(tmp_path))) == []


def test_an_unknown_number_is_told_where_it_is_written(tmp_path: Path) -> None:
    write_base(tmp_path)
    path = write_article(
        tmp_path, "apa", short="Le 30 38.", sections={"easy": "x", "steps": "Le 04 65 71 13 14."}
    )
    lines = path.read_text(encoding="utf-8").splitlines()
    problems = list(check_phones(read(tmp_path)))
    assert places_of(problems) == [
        ("apa.md", lines.index("Le 30 38.") + 1, "short"),
        ("apa.md", lines.index("Le 04 65 71 13 14.") + 1, "steps"),
    ]
    assert "'30 38'" in said(problems)[0]


def test_sources_and_questions_tell_nobody_to_call(tmp_path: Path) -> None:
    write_base(tmp_path)
    source = {"title": "Le 32 98", "url": "https://example.org/", "consulted": "2026-11-22"}
    source |= {"consulted": read(tmp_path).today}
    write_article(tmp_path, "apa", questions=["faut-il payer le 32 99"], sources=[source])
    assert list(check_phones(read(tmp_path))) == []


def test_a_button_dials_the_number_it_shows(tmp_path: Path) -> None:
    write_base(tmp_path)
    button = {"number": "3977", "uri": "tel:3976", "label": "Écoute", "hours": "24/7"}
    write_emergency(tmp_path, "maltraitance", numbers=[button])
    assert "numbers: shows '3977' and dials '3976'" in said(check_phones(read(tmp_path)))[0]
    other = {"number": "191", "uri": "tel:191", "label": "Mer", "hours": "24/7"}
    write_emergency(tmp_path, "maltraitance", numbers=[button | {"uri": "tel:3977"}, other])
    assert ["'191'" in reason for reason in said(check_phones(read(tmp_path)))] == [True]


def test_the_texts_are_checked_too(tmp_path: Path) -> None:
    write_base(tmp_path)
    write_yaml(tmp_path / "texts" / "fr.yml", CATALOGUE | {"utter": {"greet": "Appelez le 3199."}})
    assert places_of(check_phones(read(tmp_path))) == [("fr.yml", 6, "utter.greet")]


def test_the_national_layer_quotes_the_state_and_is_left_alone(tmp_path: Path) -> None:
    write_base(tmp_path)
    write_article(tmp_path, "sp-f1", layer="national", short="Le 32 99.")
    assert list(check_phones(read(tmp_path))) == []
