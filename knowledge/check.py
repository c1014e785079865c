"""Checks the knowledge base: articles, translations, directory, texts, and what must hold between them.

`python -m knowledge.check [content_dir]`, and `guichet kb check` with the settings, print the problems and
exit 1 on errors. With `--fix-hashes` they first write the hash of its French article into each translation.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path

from knowledge.checks.base import Check, read_knowledge_base
from knowledge.checks.coverage import check_coverage
from knowledge.checks.links import check_links
from knowledge.checks.phones import check_phones
from knowledge.checks.questions import check_questions
from knowledge.checks.reviews import check_reviews
from knowledge.checks.services import check_services
from knowledge.library import refresh_translation_hashes
from knowledge.problems import Problem, Severity
from knowledge.settings import DEPARTEMENT, NATIONAL_MAX_AGE

CONTENT = Path(__file__).with_name("content")
CHECKS: tuple[Check, ...] = (
    check_coverage,
    check_services,
    check_phones,
    check_links,
    check_questions,
    check_reviews,
)


def check_knowledge(
    content_dir: Path,
    *,
    today: date | None = None,
    national_max_age: int = NATIONAL_MAX_AGE,
    departement: str = DEPARTEMENT,
) -> tuple[Problem, ...]:
    """Return all problems of a knowledge base, by file.

    Args:
        content_dir: the content folder.
        today: the day that dates are compared with; by default the present one, in Paris.
        national_max_age: after how many days a sheet of the national layer expires.
        departement: the code of the département.
    """
    base, problems = read_knowledge_base(
        content_dir, today=today, national_max_age=national_max_age, departement=departement
    )
    found = (problem for check in CHECKS for problem in check(base))
    return tuple(sorted({*problems, *found}))


def run(
    content_dir: Path,
    *,
    fix_hashes: bool = False,
    as_json: bool = False,
    national_max_age: int = NATIONAL_MAX_AGE,
    departement: str = DEPARTEMENT,
) -> int:
    """Print one line a problem, or one JSON list, then a count; return 1 when there is an error, else 0.

    The count and the hashes written go to the error output, so that the other can be read by a program.
    """
    if fix_hashes:
        for path in refresh_translation_hashes(content_dir):
            sys.stderr.write(f"{path}: translates.hash written\n")
    problems = check_knowledge(content_dir, national_max_age=national_max_age, departement=departement)
    return report(problems, as_json=as_json)


def report(problems: Sequence[Problem], *, as_json: bool = False) -> int:
    """Print problems as `run` does; return 1 when there is an error, else 0."""
    if as_json:
        listed = [asdict(problem) | {"path": str(problem.path)} for problem in problems]
        sys.stdout.write(json.dumps(listed, ensure_ascii=False) + "\n")
    else:
        sys.stdout.writelines(f"{problem}\n" for problem in problems)
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    sys.stderr.write(f"{errors} errors, {len(problems) - errors} warnings\n")
    return 1 if errors else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, and `run`."""
    parser = argparse.ArgumentParser(
        prog="python -m knowledge.check", description="Check the knowledge base."
    )
    parser.add_argument("content_dir", nargs="?", type=Path, default=CONTENT)
    parser.add_argument("--fix-hashes", action="store_true", help="declare all translations up to date")
    parser.add_argument("--json", action="store_true", help="one JSON list instead of one line a problem")
    options = parser.parse_args(arguments)
    return run(options.content_dir, fix_hashes=options.fix_hashes, as_json=options.json)


if __name__ == "__main__":
    raise SystemExit(main())
