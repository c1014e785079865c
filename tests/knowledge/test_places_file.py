"""Another département: its places by a command, its public holidays by its code."""

import json
import shutil
from datetime import date, datetime
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from guichet.cli import app
from knowledge.directory import RouteReason, load_directory
from knowledge.hours import PARIS, public_holidays
from knowledge.places import load_places
from knowledge.places_file import make_places
from tests.knowledge.plain_hours import public_holidays as plain_holidays

CONTENT = Path(__file__).parents[2] / "knowledge" / "content"
COMMUNES = [
    {
        "code": "67482",
        "nom": "Strasbourg",
        "departement": "67",
        "type": "commune-actuelle",
        "codesPostaux": ["67000"],
    },
    {
        "code": "67437",
        "nom": "Saverne",
        "departement": "67",
        "type": "commune-actuelle",
        "codesPostaux": ["67700"],
    },
    {"code": "67004", "nom": "Allenwiller", "departement": "67", "type": "commune-deleguee"},
    {
        "code": "2A004",
        "nom": "Ajaccio",
        "departement": "2A",
        "type": "commune-actuelle",
        "codesPostaux": ["20000"],
    },
]
NAMES = [{"codeCommune": "67482", "libelleAcheminement": "ROBERTSAU"}]


def made(tmp_path: Path, departement: str) -> str:
    """Makes the places of a département by the command; returns what it printed."""
    (tmp_path / "communes.json").write_text(json.dumps(COMMUNES), encoding="utf-8")
    (tmp_path / "codes.json").write_text(json.dumps(NAMES), encoding="utf-8")
    files = ["--communes", str(tmp_path / "communes.json"), "--postal-codes", str(tmp_path / "codes.json")]
    said = CliRunner().invoke(
        app, ["directory", "places", departement, *files, "--content-dir", str(tmp_path)]
    )
    return said.output


@pytest.fixture
def alsace(tmp_path: Path) -> Path:
    """The directory of a département of Alsace: two communes, the services of the demonstration."""
    assert "2 places" in made(tmp_path, "67")
    for name in ("services", "sites"):
        shutil.copytree(CONTENT / "directory" / name, tmp_path / "directory" / name)
    shutil.copy(CONTENT / "directory" / "routing.yml", tmp_path / "directory")
    for path in (tmp_path / "directory" / "services").glob("maison-*.yml"):
        if path.stem != "maison-aix":
            path.unlink()
    edits = [("services/maison-aix.yml", {"places": ["67437"]})]
    edits += [
        (f"sites/{path.name}", {"place": "67482"}) for path in (tmp_path / "directory" / "sites").iterdir()
    ]
    for name, change in edits:
        path = tmp_path / "directory" / name
        data = yaml.safe_load(path.read_text(encoding="utf-8")) | change
        path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    return tmp_path


def test_the_communes_of_a_departement_and_no_others_are_found(tmp_path: Path) -> None:
    made(tmp_path, "67")
    places = load_places(tmp_path, "67")
    assert [place.name for place in places.all] == ["Saverne", "Strasbourg"]
    assert [place.insee for place in places.find("j'habite à la Robertsau")] == ["67482"]
    made(tmp_path, "2A")
    assert [place.insee for place in load_places(tmp_path, "2A").find("20000 Ajaccio")] == ["2A004"]


def test_a_departement_without_communes_is_refused(tmp_path: Path) -> None:
    assert "no commune is in the département '99'" in made(tmp_path, "99")
    assert not (tmp_path / "directory" / "places" / "99.json").exists()


def test_the_file_of_the_demonstration_is_what_the_command_makes(tmp_path: Path) -> None:
    own = json.loads((CONTENT / "directory" / "places" / "13.json").read_text(encoding="utf-8"))["communes"]
    rows = [
        {
            "code": place["insee"],
            "nom": place["nom"],
            "departement": "13",
            "type": place["type"],
            "commune": place["commune_parent"],
            "codesPostaux": place["codes_postaux"],
            "population": place["population"],
        }
        for place in reversed(own)
    ]
    names = [
        {"codeCommune": place["insee"], "libelleAcheminement": name}
        for place in own
        for name in place["acheminement"]
    ]
    for name, data in (("communes", rows), ("codes", names)):
        (tmp_path / f"{name}.json").write_text(json.dumps(data), encoding="utf-8")
    found = make_places("13", tmp_path / "communes.json", tmp_path / "codes.json")["communes"]
    assert found == [
        {key: place[key] for key in made_place} for place, made_place in zip(own, found, strict=True)
    ]


def test_another_departement_routes_and_keeps_its_own_holidays(alsace: Path) -> None:
    directory, problems = load_directory(alsace, "67")
    assert [problem for problem in problems if problem.severity == "error"] == []
    saverne = load_places(alsace, "67").place("67437")
    good_friday = datetime(2027, 3, 26, 10, tzinfo=PARIS)
    route = directory.route("pmi", saverne, at=good_friday)
    assert (route.service.id, route.reason) == ("maison-aix", RouteReason.PLACE)
    assert route.next_opening == datetime(2027, 3, 30, 8, 30, tzinfo=PARIS)
    assert load_directory(CONTENT)[0].route("pmi", at=good_friday).open_now


@pytest.mark.parametrize("departement", ["13", "2A", "57", "67", "68"])
def test_holidays_are_those_of_the_departement(departement: str) -> None:
    for year in range(2026, 2036):
        assert public_holidays(year, departement) == plain_holidays(year, departement)
    assert (date(2026, 12, 26) in public_holidays(2026, departement)) is (departement in {"57", "67", "68"})


def test_the_directory_is_checked_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(CONTENT / "directory", tmp_path / "directory")
    monkeypatch.setenv("GUICHET_CONTENT_DIR", str(tmp_path))
    assert CliRunner().invoke(app, ["directory", "check"]).exit_code == 0
    path = tmp_path / "directory" / "services" / "dpo.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("languages: [fr]", "languages: [xq]"), "utf-8")
    said = CliRunner().invoke(app, ["directory", "check"])
    assert said.exit_code == 1
    assert "languages.0: 'xq' is no code of a language" in said.output
