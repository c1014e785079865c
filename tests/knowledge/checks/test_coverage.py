from pathlib import Path

import pytest

from knowledge.checks.coverage import check_coverage
from knowledge.problems import Severity
from knowledge.taxonomy import TAXONOMY_FILE
from tests.knowledge.articles import write_article, write_translation
from tests.knowledge.checks.bases import CATALOGUE, read, said, write_whole_base, write_yaml


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_whole_base(tmp_path_factory.mktemp("whole"))


def test_a_whole_base_is_covered(content: Path) -> None:
    assert list(check_coverage(read(content))) == []


@pytest.mark.parametrize(
    ("missing", "field"),
    [
        ("social_benefits/apa", "domains.social_benefits.apa"),
        ("redirect/mairie", "owners.mairie"),
        ("emergency/suicide", "emergencies.suicide"),
    ],
)
def test_what_has_no_article_is_told_at_its_line_of_the_taxonomy(
    content: Path, missing: str, field: str
) -> None:
    path = content / "common" / "fr" / f"{missing}.md"
    text = path.read_bytes()
    path.unlink()
    try:
        (problem,) = check_coverage(read(content))
    finally:
        path.write_bytes(text)
    assert (problem.path, problem.field, problem.severity) == (TAXONOMY_FILE, field, Severity.ERROR)
    line = TAXONOMY_FILE.read_text(encoding="utf-8").splitlines()[problem.line - 1]
    assert line.strip().startswith(f"{path.stem}:")


def test_a_staff_article_covers_nothing(content: Path) -> None:
    write_article(content, "apa", topic="apa", audience="staff")
    try:
        assert "covers 'apa'" in said(check_coverage(read(content)))[0]
    finally:
        write_article(content, "apa", topic="apa")


def test_an_emergency_is_translated_into_each_language_of_the_texts(content: Path) -> None:
    catalogue = content / "texts" / "en.yml"
    meta = {"language": "en", "name": "English", "direction": "ltr"}
    write_yaml(catalogue, CATALOGUE | {"meta": meta})
    folder = content / "common" / "fr" / "emergency"
    for source in folder.iterdir():
        numbers = [
            {"number": n.number, "uri": n.uri, "label": n.label, "hours": n.hours}
            for n in read(content).library.best(source.stem, "fr").numbers
        ]
        fields = {"topic": f"emergency-{source.stem}", "type": "emergency", "numbers": numbers}
        write_translation(content, source, **fields)
    assert list(check_coverage(read(content))) == []
    (content / "common" / "en" / "emergency" / "suicide.md").unlink()
    (problem,) = check_coverage(read(content))
    assert (problem.field, problem.severity) == ("emergencies.suicide", Severity.WARNING)
