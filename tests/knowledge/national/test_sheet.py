from datetime import date
from pathlib import Path
from typing import Any

import pytest

from knowledge.national.sheet import NotASheetError, Place, read_sheet
from knowledge.national.xml_file import XmlError
from tests.knowledge.national.sheets import sheet_xml, write_sheet


def test_a_sheet_says_what_and_when_it_is(tmp_path: Path) -> None:
    sheet = read_sheet(write_sheet(tmp_path, "F10009"))
    assert (sheet.id, sheet.article_id, sheet.title) == ("F10009", "sp-f10009", "Titre de F10009")
    assert (sheet.updated, sheet.author) == (date(2026, 6, 1), "La DILA")
    assert (sheet.dossier, sheet.sub_theme) == (Place("N392", "Un dossier"), Place("N2", "Un sous-thème"))
    assert sheet.page("F2") == "https://www.service-public.fr/particuliers/vosdroits/F2"


def test_what_may_be_missing(tmp_path: Path) -> None:
    sheet = read_sheet(write_sheet(tmp_path, parents=None, url=None, description=None))
    assert sheet.dossier is sheet.sub_theme is sheet.theme is None
    assert sheet.url == "https://www.service-public.fr/particuliers/vosdroits/F1"


def test_later_versions_of_the_schema_are_read(tmp_path: Path) -> None:
    assert read_sheet(write_sheet(tmp_path, schema="../Schemas/3.5/Publication.xsd")).id == "F1"


@pytest.mark.parametrize(
    ("changes", "line", "field"),
    [
        ({"id_": ""}, 3, "ID"),
        ({"id_": "F1 bis"}, 3, "ID"),
        ({"schema": "../Schemas/4.0/Publication.xsd"}, 3, "schema"),
        ({"schema": ""}, 3, "schema"),
        ({"title": None}, 3, "dc:title"),
        ({"date": "hier"}, 5, "dc:date"),
        ({"date": "modified 2026-02-31"}, 5, "dc:date"),
    ],
)
def test_what_is_missing_is_said_with_its_line(
    tmp_path: Path, changes: dict[str, Any], line: int, field: str
) -> None:
    path = tmp_path / "F1.xml"
    path.write_text(sheet_xml(**changes), encoding="utf-8")
    with pytest.raises(XmlError) as caught:
        read_sheet(path)
    assert (caught.value.problem.path, caught.value.problem.field) == (path, field)
    assert caught.value.problem.line == line


def test_another_schema_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "F1.xml"
    path.write_text("<Fiche ID='F1'/>", encoding="utf-8")
    with pytest.raises(XmlError, match="schema"):
        read_sheet(path)


def test_lists_of_sheets_and_resources_are_no_sheets(tmp_path: Path) -> None:
    with pytest.raises(NotASheetError, match="Dossier"):
        read_sheet(write_sheet(tmp_path, "N1", type="Dossier"))
    path = tmp_path / "R1.xml"
    path.write_text('<ServiceComplementaire ID="R1" type="Formulaire"/>', encoding="utf-8")
    with pytest.raises(NotASheetError, match="Formulaire"):
        read_sheet(path)
