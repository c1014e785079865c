"""Checks the articles: `python -m knowledge.check [content_dir]` prints the problems and exits 1 on errors.

With `--fix-hashes` it first writes the hash of its French article into each translation.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from knowledge.library import check_content, refresh_translation_hashes
from knowledge.problems import Severity

CONTENT = Path(__file__).with_name("content")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one line a problem, then a count; return 1 when there is an error, 0 with warnings only."""
    parser = argparse.ArgumentParser(prog="python -m knowledge.check", description=check_content.__doc__)
    parser.add_argument("content_dir", nargs="?", type=Path, default=CONTENT)
    parser.add_argument("--fix-hashes", action="store_true", help="declare all translations up to date")
    options = parser.parse_args(arguments)
    if options.fix_hashes:
        for path in refresh_translation_hashes(options.content_dir):
            sys.stdout.write(f"{path}: translates.hash written\n")
    problems = check_content(options.content_dir)
    for problem in problems:
        sys.stdout.write(f"{problem}\n")
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    sys.stdout.write(f"{errors} errors, {len(problems) - errors} warnings\n")
    return 1 if errors else 0


if __name__ == "__main__":
    raise SystemExit(main())
