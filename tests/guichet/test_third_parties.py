"""docs/third-parties.md lists what we ask for, at the version installed, under the licence it says it has."""

import json
import re
import tomllib
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution, distributions

import pytest

from guichet.settings import ROOT

PAGE = (ROOT / "docs" / "third-parties.md").read_text(encoding="utf-8")
# What older packages write in free text or in classifiers, in the words of SPDX.
SPDX = {
    "BSD License": "BSD-3-Clause",
    "MIT License": "MIT",
    "Apache Software License": "Apache-2.0",
    "MIT, BSD": "MIT AND BSD-3-Clause",  # pystemmer: its own code, and Snowball's
    "LGPL": "LGPL-2.1-or-later",  # python-stdnum, whose files say 2.1 or later
}
FORBIDDEN = re.compile(r"AGPL|Affero|(?<![Ll]esser )\bGPL|Proprietary|Commercial", re.IGNORECASE)


@dataclass(frozen=True)
class Listed:
    """A row of the page."""

    name: str
    version: str
    licence: str
    purpose: str


def section(title: str) -> dict[str, Listed]:
    body = PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in body.splitlines() if "|" in line
    ]
    rows = [Listed(*row) for row in cells[2:]]
    return {row.name.lower(): row for row in rows}


def name_of(requirement: str) -> str:
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert match
    return match.group().lower()


def versions(path: str) -> dict[str, str]:
    lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
    return dict(line.lower().split("==") for line in lines if "==" in line)


def licence_of(package: Distribution) -> str:
    metadata = package.metadata
    classifiers = [
        line.rpartition("::")[2].strip()
        for line in metadata.get_all("Classifier") or []
        if line.startswith("License ::")
    ]
    words = metadata.get("License") or ""
    name = "" if "\n" in words else words  # some put the whole text there
    said = metadata.get("License-Expression") or name or (classifiers or ["none"])[-1]
    return SPDX.get(said, said)


PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
APPLICATION = section("The application")
DEVELOPERS = section("For developers")
RASA = section("Rasa's environment")
WIDGET = section("The widget")
UV = "uv"  # asked for by scripts/bootstrap.py


def test_every_dependency_of_the_application_is_listed() -> None:
    assert set(APPLICATION) == {name_of(line) for line in PYPROJECT["dependencies"]}


def test_every_tool_of_developers_is_listed() -> None:
    asked = {name_of(line) for line in PYPROJECT["optional-dependencies"]["dev"]}
    assert set(DEVELOPERS) == asked | {UV}


def test_every_dependency_of_rasas_environment_is_listed() -> None:
    lines = (ROOT / "bot" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert set(RASA) == {name_of(line) for line in lines if line and not line.startswith("#")}


def test_every_dependency_of_the_widget_is_listed() -> None:
    lock = json.loads((ROOT / "widget" / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    asked = {**lock[""].get("dependencies", {}), **lock[""].get("devDependencies", {})}
    assert set(WIDGET) == set(asked)
    for name, row in WIDGET.items():
        assert (row.version, row.licence) == (asked[name], lock[f"node_modules/{name}"]["license"])


@pytest.mark.parametrize("row", [*APPLICATION.values(), *DEVELOPERS.values()], ids=lambda row: row.name)
def test_versions_and_licences_of_the_application(row: Listed) -> None:
    if row.name == UV:
        assert f'"uv=={row.version}"' in (ROOT / "scripts" / "bootstrap.py").read_text(encoding="utf-8")
    else:
        assert row.version == versions("constraints.txt")[row.name.lower()]
    assert row.licence == licence_of(distribution(row.name))
    assert row.purpose


@pytest.mark.parametrize("row", RASA.values(), ids=lambda row: row.name)
def test_versions_and_licences_of_rasas_environment(row: Listed) -> None:
    folders = [str(path) for path in (ROOT / "bot" / ".venv").glob("lib/python3*/site-packages")]
    installed = {package.name.lower(): package for package in distributions(path=folders)}
    assert row.version == versions("bot/constraints.txt")[row.name]
    assert row.licence == licence_of(installed[row.name])
    assert row.purpose


def test_nothing_installed_has_a_licence_that_would_bind_the_whole() -> None:
    """Also what the packages above bring with them, in both environments."""
    folders = [
        *ROOT.glob(".venv/lib/python3*/site-packages"),
        *ROOT.glob("bot/.venv/lib/python3*/site-packages"),
    ]
    assert len(folders) == 2
    packages = list(distributions(path=[str(folder) for folder in folders]))
    assert len(packages) > 200
    bad = {package.name: licence_of(package) for package in packages if FORBIDDEN.search(licence_of(package))}
    assert bad == {}


def test_constraints_are_exact_and_keep_torch_out_of_rasas_environment() -> None:
    for path in ("constraints.txt", "bot/constraints.txt"):
        lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
        assert [line for line in lines if not re.fullmatch(r"[a-z0-9._-]+==[^=\s]+|#.*|", line)] == []
    assert "torch" not in versions("bot/constraints.txt")
    assert not [name for name in versions("constraints.txt") if name.startswith(("nvidia", "cuda", "triton"))]
