"""The State's directory: its files become services to review, and nothing of ours is written over.

`export.json` is made by us in the format of the State (both ways of nesting), with invented services.
"""

import json
import shutil
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from guichet.cli import app
from knowledge.annuaire import import_services
from knowledge.directory import load_directory
from knowledge.problems import Severity
from knowledge.yaml_files import ContentError

EXPORT = Path(__file__).with_name("export.json")
CONTENT = Path(__file__).parents[3] / "knowledge" / "content"
NAME = "maison-du-departement-oeuvres-sociales-de-vallon-clair"


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    shutil.copytree(CONTENT / "directory", tmp_path / "directory")
    return tmp_path


def test_a_service_is_written_with_all_that_the_state_knows(copied: Path) -> None:
    before = load_directory(copied)
    done = import_services(EXPORT, copied)
    (path,) = [path for path in done.written if path.stem == NAME]
    text = path.read_text(encoding="utf-8")
    assert "DILA, Licence Ouverte 2.0" in text
    assert "0001-demo, last changed 03/11/2026" in text
    whole = ["08:30-12:00", "13:30-17:00"]
    assert yaml.safe_load(text) == {
        "id": NAME,
        "name": {"fr": "Maison du département – Œuvres sociales de Vallon-Clair"},
        "kind": "specialised",
        "phone": "04 65 71 90 00",
        "email": "vallon-clair@garlaban.example",
        "address": "Bâtiment A, 3 rue des Essais, 13400 Aubagne",
        "url": "https://www.garlaban.example/vallon-clair",
        "topics": [],
        "places": ["13005", "13030"],
        "hours": {
            "weekly": dict.fromkeys(("monday", "tuesday", "wednesday", "thursday"), whole)
            | {"friday": ["08:30-12:00"]}
        },
        "channels": ["phone", "email", "counter"],
        "languages": ["fr"],
        "accessibility": ["wheelchair"],
    }
    assert [problem.field for problem in done.problems] == ["service.1.plage_ouverture", "service.3"]
    assert load_directory(copied) == before  # nobody is routed to what nobody has reviewed


def test_once_reviewed_and_moved_it_is_a_service(copied: Path) -> None:
    (path,) = [path for path in import_services(EXPORT, copied).written if path.stem == NAME]
    path.rename(copied / "directory" / "services" / path.name)
    directory, problems = load_directory(copied)
    assert [problem for problem in problems if problem.severity is Severity.ERROR] == []
    assert directory.service(NAME).hours.weekly[4]


def test_nothing_is_written_over(copied: Path) -> None:
    first = import_services(EXPORT, copied)
    assert "accueil" in {path.stem for path in first.kept}  # a service of ours has that name
    edited = first.written[0]
    edited.write_text("id: mine\n", encoding="utf-8")
    again = import_services(EXPORT, copied)
    assert (again.written, edited.read_text(encoding="utf-8")) == ((), "id: mine\n")
    assert edited in again.kept


def test_the_answers_of_the_api_are_nested_as_texts(copied: Path, tmp_path: Path) -> None:
    records = json.loads(EXPORT.read_text(encoding="utf-8"))["service"]
    nested = {
        key: json.dumps(value) if isinstance(value, list) else value for key, value in records[0].items()
    }
    answer = tmp_path / "answer.json"
    answer.write_text(json.dumps({"results": [nested]}), encoding="utf-8")
    expected = import_services(EXPORT, copied).written[0].read_text(encoding="utf-8")
    shutil.rmtree(copied / "directory" / "imported")
    assert import_services(answer, copied).written[0].read_text(encoding="utf-8") == expected


@pytest.mark.parametrize("text", ["{", "[]", '{"services": []}'])
def test_another_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "export.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ContentError, match=r"export\.json:1: file"):
        import_services(path, tmp_path)


def test_the_command_says_what_it_did(copied: Path) -> None:
    said = CliRunner().invoke(app, ["directory", "import", str(EXPORT), "--content-dir", str(copied)])
    assert said.exit_code == 1  # parts of the export could not be used
    assert f"{NAME}.yml: written, to be reviewed" in said.output
    assert "accueil.yml: exists already, left as it is" in said.output
