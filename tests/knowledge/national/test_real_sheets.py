"""The 71 sheets of ../shared/bench, imported into a temporary folder: none of them is kept here."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from knowledge.article import Article
from knowledge.library import Library, Severity, load_library
from knowledge.national.importer import import_sheets
from knowledge.national.report import Report
from knowledge.national.xml_file import Node, read_xml
from knowledge.passages import plain_text
from knowledge.sections import SHORT_WORDS

SHEETS = Path(__file__).parents[4] / "shared" / "bench" / "co_marquage"
TODAY = date(2020, 11, 12)  # when the sheets were taken
pytestmark = [
    pytest.mark.bench_data,
    pytest.mark.skipif(not SHEETS.is_dir(), reason="../shared/bench/co_marquage is not there"),
]
# Read by hand on service-public.fr's titles and introductions.
BY_HAND = {
    "sp-f10009": "apa",
    "sp-f19778": "rsa",
    "sp-f34049": "cmi",
    "sp-f12242": "aah",
    "sp-f14202": "pch",
    "sp-f1334": "fsl",
    "sp-f2322": "college-inscription",
    "sp-f984": "college-bourse",
    "sp-f798": "assistant-maternel",
    "sp-f345": "redirect-caf",
    "sp-f1894": "transport-eleves-handicapes",
    "sp-f933": "adoption",
}
METADATA = ("FilDAriane", "Theme", "SousThemePere", "DossierPere", "SousDossierPere", "Audience", "Canal")


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("content")


@pytest.fixture(scope="module")
def report(content: Path) -> Report:
    return import_sheets(SHEETS, content)


@pytest.fixture(scope="module")
def library(content: Path, report: Report) -> Library:
    assert report.problems == []
    library, problems = load_library(content, ("fr",), today=TODAY, national_max_age=2000)
    assert problems == ()
    return library


def test_every_sheet_is_imported_or_skipped_with_its_reason(report: Report) -> None:
    assert len(report.added) + len(report.skipped) == len(list(SHEETS.glob("*.xml"))) == 71
    assert {skipped.file: skipped.reason for skipped in report.skipped} == {
        "F2326.xml": "left out: higher education, on which no topic exists",
        "N19775.xml": "a list of sheets (Dossier), not a sheet",
    }


def test_all_are_valid_dated_and_attributed(report: Report, library: Library) -> None:
    assert len(library.winning()) == len(report.added)
    for article in library.winning():
        assert article.origin is not None
        assert (article.origin.licence, article.reviewed) == ("Licence Ouverte 2.0", None)
        assert "Direction de l'information légale et administrative" in article.origin.author
        sheet = read_xml(SHEETS / f"{article.origin.sheet}.xml")
        assert f"modified {article.written}" == next(n.text for n in sheet.nodes if n.tag == "dc:date")
        page = f"https://www.service-public.fr/particuliers/vosdroits/{article.origin.sheet}"
        assert article.sources[0].url == page
        assert "Licence Ouverte 2.0" in article.sources[0].title


def test_topics_checked_by_hand(library: Library) -> None:
    found = {article.id: article.topic for article in library.winning()}
    assert {id_: found[id_] for id_ in BY_HAND} == BY_HAND


def test_short_answers_are_the_sheet_s_own_sentences(library: Library) -> None:
    for article in library.winning():
        short = plain_text(article.short)
        assert len(short.split()) <= SHORT_WORDS + 5  # marks alone are no words
        assert short.endswith((".", "!", "»")), article.id
        root = read_xml(SHEETS / f"{article.origin.sheet}.xml") if article.origin else None
        assert root is not None
        assert letters(short) in letters(root.text), article.id


def letters(text: str) -> str:
    """A text without spaces or marks, which Markdown and XML write differently."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text)))


def said_by(article: Article) -> str:
    sections = [f"{section.title} {plain_text(section.markdown)}" for section in article.sections]
    return " ".join([plain_text(article.short), *sections, *(link.title for link in article.links)])


def texts_of(sheet: Node) -> Iterator[str]:
    for part in sheet.nodes:
        if part.tag in METADATA or part.tag.startswith("dc:"):
            continue
        for node in part.walk():
            is_theme = part.tag == "VoirAussi" and node.tag == "Titre"
            if node.tag in ("Paragraphe", "Titre", "Legende", "Complement", "Source") and not is_theme:
                yield node.text


def test_nothing_of_a_sheet_is_lost_and_no_mark_shows(library: Library) -> None:
    for article in library.winning():
        assert article.origin is not None
        shown = said_by(article)
        assert re.findall(r"\*\*|\]\(|\*[^\W\d]", shown) == [], article.id
        plain = letters(shown)
        sheet = read_xml(SHEETS / f"{article.origin.sheet}.xml")
        assert [text for text in texts_of(sheet) if letters(text) not in plain] == [], article.id


def test_importing_again_changes_nothing(content: Path, report: Report) -> None:
    before = {path: path.stat().st_mtime_ns for path in content.rglob("*")}
    again = import_sheets(SHEETS, content)
    assert sorted(again.unchanged) == sorted(report.added)
    assert (again.added, again.changed, again.removed, again.kept) == ([], [], [], [])
    assert {path: path.stat().st_mtime_ns for path in content.rglob("*")} == before


def test_old_sheets_have_expired_and_are_never_found(content: Path, report: Report) -> None:
    library, problems = load_library(content, ("fr",), today=TODAY)
    oldest = TODAY - timedelta(days=365)
    old = {article.id for article in library.articles if article.written < oldest}
    assert "sp-f34049" in old  # of March 2019
    assert {article.id for article in library.expired} == old
    assert {problem.path.stem for problem in problems} == old
    assert {problem.severity for problem in problems} == {Severity.WARNING}
    assert old.isdisjoint(article.id for article in library.winning())
    assert all(library.best(id_, "fr") is None for id_ in old)
    assert len(library.winning()) + len(old) == len(report.added)
    assert load_library(content, ("fr",))[0].winning() == ()  # all of them, today
