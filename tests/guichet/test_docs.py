"""What the documentation names exists: files, make targets, commands, settings."""

import re
import subprocess
from pathlib import Path

import pytest
import typer

from guichet.cli import app
from guichet.settings import ROOT, Settings

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = dict(re.findall(r"^([a-z-]+):[^#\n]*(?:## (.+))?$", MAKEFILE, re.MULTILINE))
BOOTSTRAP_VARIABLES = {"BOOTSTRAP_PYTHON", "BOOTSTRAP_RASA_PYTHON"}
TEST_VARIABLES = {"GUICHET_REQUIRE"}
by_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())


def code_in(page: Path) -> str:
    """The code of a page: what stands between backticks, and in blocks."""
    text = page.read_text(encoding="utf-8")
    return "\n".join(re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL))


@by_page
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@by_page
def test_make_targets_exist(page: Path) -> None:
    assert set(re.findall(r"\bmake ([a-z][a-z-]*)", code_in(page))) <= set(TARGETS)


@by_page
def test_commands_exist(page: Path) -> None:
    commands = set(typer.main.get_group(app).commands)
    assert set(re.findall(r"(?:^|[`\s/])guichet ([a-z][a-z-]*)", code_in(page))) <= commands


@by_page
def test_settings_exist(page: Path) -> None:
    known = {f"GUICHET_{name.upper()}" for name in Settings.model_fields} | TEST_VARIABLES
    assert set(re.findall(r"GUICHET_[A-Z_]+", code_in(page))) <= known


def test_every_target_says_what_it_does() -> None:
    phony = set(re.search(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE).group(1).split())  # type: ignore[union-attr]  # it is there
    assert phony == set(TARGETS)
    assert [name for name, words in TARGETS.items() if not words and name != "prepare"] == []


def test_make_lists_the_targets() -> None:
    shown = subprocess.run(
        ["make", "--no-print-directory"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    for name, words in TARGETS.items():
        assert not words or f"make {name}" in shown.stdout
