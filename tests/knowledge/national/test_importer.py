from datetime import date
from pathlib import Path

import pytest

from knowledge.calibration import load_calibration
from knowledge.embedding import CachedEmbedder, load_question_encoder
from knowledge.index import build_index
from knowledge.library import load_library
from knowledge.national.importer import NothingToImportError, import_sheets
from knowledge.national.report import Report, as_lines, as_values
from knowledge.search import Search
from tests.knowledge.articles import write_article
from tests.knowledge.national.sheets import write_sheet


@pytest.fixture
def sheets(tmp_path: Path) -> Path:
    folder = tmp_path / "sheets"
    for id_ in ("F101", "F102"):
        write_sheet(folder, id_)
    return folder


@pytest.fixture
def content(tmp_path: Path) -> Path:
    folder = tmp_path / "content"
    (folder / "national").mkdir(parents=True)
    (folder / "national" / "README.md").write_text("Le nôtre.", encoding="utf-8")
    return folder


def done(report: Report) -> dict[str, list[str]]:
    named = {name: getattr(report, name) for name in ("added", "changed", "unchanged", "removed", "kept")}
    return {name: ids for name, ids in named.items() if ids}


def states(content: Path) -> dict[str, tuple[int, int]]:
    files = [path for path in (content / "national").rglob("*") if path.is_file()]
    return {str(path): (path.stat().st_ino, path.stat().st_mtime_ns) for path in files}


def test_sheets_become_articles_of_the_national_layer(sheets: Path, content: Path) -> None:
    report = import_sheets(sheets, content)
    assert done(report) == {"added": ["sp-f101", "sp-f102"]}
    assert report.topics == {"apa": 2}
    library, problems = load_library(content, ("fr",), national_max_age=10_000)
    assert problems == ()
    assert [(a.layer, a.id, a.topic) for a in library.winning()] == [
        ("national", "sp-f101", "apa"),
        ("national", "sp-f102", "apa"),
    ]


def test_a_second_import_writes_nothing(sheets: Path, content: Path) -> None:
    import_sheets(sheets, content)
    before = states(content)
    assert done(import_sheets(sheets, content)) == {"unchanged": ["sp-f101", "sp-f102"]}
    assert states(content) == before


def test_only_what_changed_is_written(sheets: Path, content: Path) -> None:
    import_sheets(sheets, content)
    before = states(content)
    write_sheet(sheets, "F101", date="modified 2026-07-01")
    assert done(import_sheets(sheets, content)) == {"changed": ["sp-f101"], "unchanged": ["sp-f102"]}
    after = states(content)
    assert [Path(path).stem for path in after if after[path] != before[path]] == ["sp-f101"]


def test_a_sheet_that_is_gone_is_removed_on_demand_only(sheets: Path, content: Path) -> None:
    import_sheets(sheets, content)
    (sheets / "F101.xml").unlink()
    assert done(import_sheets(sheets, content)) == {"unchanged": ["sp-f102"], "kept": ["sp-f101"]}
    assert done(import_sheets(sheets, content, prune=True)) == {
        "unchanged": ["sp-f102"],
        "removed": ["sp-f101"],
    }
    assert [path.name for path in (content / "national").rglob("*.md")] == ["README.md", "sp-f102.md"]


def test_a_sheet_whose_topic_changes_moves(sheets: Path, content: Path) -> None:
    import_sheets(sheets, content)
    parents = '<DossierPere ID="N57"><Titre>École</Titre></DossierPere>'
    write_sheet(sheets, "F101", parents=parents)
    assert done(import_sheets(sheets, content))["changed"] == ["sp-f101"]
    paths = [path.relative_to(content).as_posix() for path in content.rglob("sp-f101.md")]
    assert paths == ["national/fr/college/sp-f101.md"]


def test_files_of_others_are_never_touched(sheets: Path, content: Path) -> None:
    """Not even under the name of a sheet."""
    taken = write_article(content, "sp-f101", layer="national", title="Écrit à la main")
    apart = write_article(content, "sp-local", layer="national")
    readable = content / "national" / "notes.md"
    readable.write_text("---\n: [\n---\n", encoding="utf-8")
    texts = {path: path.read_text(encoding="utf-8") for path in (taken, apart, readable)}
    report = import_sheets(sheets, content, prune=True)
    assert done(report) == {"added": ["sp-f102"]}
    assert [(problem.path, problem.field) for problem in report.problems] == [(taken, "imported")]
    assert {path: path.read_text(encoding="utf-8") for path in texts} == texts


def test_a_damaged_sheet_is_said_and_its_article_stays(sheets: Path, content: Path) -> None:
    import_sheets(sheets, content)
    (sheets / "F101.xml").write_text("<Publication>\n<a>\n</Publication>", encoding="utf-8")
    (sheets / "F103.xml").write_text("<Autre/>", encoding="utf-8")
    write_sheet(sheets, "F104", title=None)
    report = import_sheets(sheets, content, prune=True)
    assert done(report) == {"unchanged": ["sp-f102"]}
    assert [(p.path.name, p.line, p.field) for p in report.problems] == [
        ("F101.xml", 3, "file"),
        ("F103.xml", 1, "schema"),
        ("F104.xml", 3, "dc:title"),
    ]
    assert len(list(content.rglob("sp-f101.md"))) == 1


def test_what_would_be_no_valid_article_is_not_imported(sheets: Path, content: Path) -> None:
    write_sheet(sheets, "F101", title="Vous avez droit à l'Apa")
    report = import_sheets(sheets, content)
    assert done(report) == {"added": ["sp-f102"]}
    assert "entitlement" in report.problems[0].reason


def test_an_id_given_twice_is_said(sheets: Path, content: Path) -> None:
    text = (sheets / "F101.xml").read_text(encoding="utf-8")
    (sheets / "F999.xml").write_text(text, encoding="utf-8")
    report = import_sheets(sheets, content)
    assert [(problem.path.name, problem.field) for problem in report.problems] == [("F999.xml", "ID")]


def test_what_is_skipped_is_named_with_what_to_do(sheets: Path, content: Path) -> None:
    for id_ in ("F103", "F104"):
        write_sheet(sheets, id_, parents='<DossierPere ID="N9"><Titre>Ailleurs</Titre></DossierPere>')
    write_sheet(sheets, "N9", type="Dossier")
    (sheets / "arborescence.xml").write_text("<Arborescence/>", encoding="utf-8")
    report = import_sheets(sheets, content)
    assert [skipped.file for skipped in report.skipped] == ["F103.xml", "F104.xml", "N9.xml"]
    lines = "\n".join(as_lines(report))
    assert 'F103.xml (Titre de F103), F104.xml (Titre de F104): no topic: add "N9: <topic>" under' in lines
    assert "added 2: sp-f101, sp-f102" in lines
    assert as_values(report)["skipped"][2]["file"] == "N9.xml"


def test_a_sheet_that_has_expired_since_the_index_was_built_is_not_found(
    tmp_path: Path, content: Path
) -> None:
    for id_, day in (("F101", "2026-06-01"), ("F102", "2025-06-01")):
        write_sheet(tmp_path / "sheets", id_, date=f"modified {day}", title="Écrire au guichet")
    import_sheets(tmp_path / "sheets", content)
    embedder = CachedEmbedder(load_question_encoder(), tmp_path / "cache")
    found = {}
    for today in (date(2026, 6, 1), date(2026, 6, 2)):
        library, _ = load_library(content, ("fr",), today=today)
        if not found:
            generation = build_index(library, embedder, tmp_path / "index")
        search = Search(library, generation, embedder, load_calibration())
        hits = search.search("Comment écrire au guichet ?", language="fr").hits
        found[today.day] = {hit.article.id for hit in hits}
    assert found == {1: {"sp-f101", "sp-f102"}, 2: {"sp-f101"}}


def test_the_directory_says_which_departement_this_is(sheets: Path, content: Path) -> None:
    places = content / "directory" / "places"
    places.mkdir(parents=True)
    (places / "13.json").write_text("{}", encoding="utf-8")
    names = ("Var (83)", "Bouches-du-Rhône (13)")
    cases = "".join(f"<Cas><Titre>{name}</Titre><Paragraphe>x</Paragraphe></Cas>" for name in names)
    write_sheet(sheets, "F101", f"<Texte><BlocCas>{cases}</BlocCas></Texte>")
    import_sheets(sheets, content)
    text = next(content.rglob("sp-f101.md")).read_text(encoding="utf-8")
    assert "(13)" in text
    assert "(83)" not in text


def test_nothing_to_import_is_said(tmp_path: Path, content: Path) -> None:
    with pytest.raises(NothingToImportError):
        import_sheets(tmp_path, content)


def test_an_interrupted_import_leaves_the_layer_as_it_was(
    sheets: Path, content: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_sheets(sheets, content)
    before = states(content)
    write_sheet(sheets, "F101", title="Autre")
    write_sheet(sheets, "F103")

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.fsync", stop)
    with pytest.raises(KeyboardInterrupt):
        import_sheets(sheets, content)
    assert states(content) == before
