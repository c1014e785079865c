import json
import re
from datetime import date
from pathlib import Path

from knowledge.check import CHECKS, CONTENT, check_knowledge, main
from knowledge.problems import Severity
from tests.knowledge.articles import write_article, write_translation
from tests.knowledge.checks.bases import TODAY, write_whole_base

GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "administrateurs.md"


def test_the_command_prints_problems_and_exits_1_on_errors_only(tmp_path: Path, capsys) -> None:
    write_whole_base(tmp_path)
    source = write_article(tmp_path, "apa")
    write_translation(tmp_path, source)
    assert main([str(tmp_path)]) == 0
    write_article(tmp_path, "apa", short="Autre chose.")
    assert main([str(tmp_path)]) == 0
    assert "translates: warning: stale" in capsys.readouterr().out
    assert main([str(tmp_path), "--fix-hashes"]) == 0
    assert "0 errors, 0 warnings" in capsys.readouterr().err
    write_article(tmp_path, "apa", owner=...)
    assert main([str(tmp_path)]) == 1
    assert f"{source}:2: owner: is required" in capsys.readouterr().out


def test_the_json_is_all_that_is_printed(tmp_path: Path, capsys) -> None:
    write_whole_base(tmp_path)
    path = write_article(tmp_path, "apa", owner=...)
    assert main([str(tmp_path), "--json"]) == 1
    listed = json.loads(capsys.readouterr().out)
    assert {"path", "line", "field", "reason", "severity"} == set(listed[0])
    owner = next(problem for problem in listed if problem["field"] == "owner")
    assert (owner["path"], owner["line"], owner["severity"]) == (str(path), 2, "error")


def is_explained(reason: str) -> bool:
    """Whether the administrators' guide has a line for a message."""
    rows = re.findall(r"^\| (`.*?) \|", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    quoted = [words for row in rows for words in row.split("`")[1::2]]
    return any(all(part.strip() in reason for part in words.split("…")) for words in quoted)


def test_every_check_is_run_and_the_guide_explains_its_messages(tmp_path: Path) -> None:
    write_whole_base(tmp_path)
    assert check_knowledge(tmp_path, today=TODAY) == ()
    kinds = tmp_path / "directory" / "routing.yml"
    kinds.write_text(kinds.read_text(encoding="utf-8") + "  unused: {topics: []}\n", encoding="utf-8")
    (tmp_path / "common" / "fr" / "redirect" / "mairie.md").unlink()
    write_article(tmp_path, "apa", short="Le 32 99, sur caff.fr.", questions=["a b", "A, b"])
    problems = check_knowledge(tmp_path, today=date(2027, 5, 2))
    said = " ".join(problem.reason for problem in problems)
    expected = (
        "no public French article says who it is",
        "no service is of this kind",
        "the number '32 99'",
        "the site caff.fr",
        "given twice",
        "was to be read again",
    )
    assert len(expected) == len(CHECKS)
    assert [words for words in expected if words not in said] == []
    assert [problem.reason for problem in problems if not is_explained(problem.reason)] == []


def test_our_own_knowledge_base_has_no_error() -> None:
    assert [str(p) for p in check_knowledge(CONTENT) if p.severity is Severity.ERROR] == []
