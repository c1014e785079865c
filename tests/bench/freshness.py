"""Times how long a saved article takes to answer: the whole assistant runs, nobody restarts anything.

    python tests/bench/freshness.py

Ten times, one article is saved with a new number in its short answer and in its steps; a resident asks about
it again and again until the answer shows the number. Printed: the median and the longest time from saving the
file to the first answer that shows it, in seconds; it includes that answer's own turn.
"""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, sleep

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.conftest import RATES  # noqa: E402 - after the path
from tests.editing import QUESTION, EditedContent, marks_in  # noqa: E402
from tests.end_to_end.resident import Resident, shown  # noqa: E402
from tests.stack import Stack  # noqa: E402

EDITS = 10
PAUSE_SECONDS = 2.0  # between two edits, so that each is an edit of its own
LONGEST_SECONDS = 60.0


def main() -> int:
    """Run the assistant on a copy of the content, edit, print."""
    with TemporaryDirectory() as folder:
        content = EditedContent(Path(folder) / "content")
        settings = {"GUICHET_CONTENT_DIR": str(content.folder), "GUICHET_MESSAGE_RATE": "100000/minute"}
        stack = Stack(Path(folder) / "data", RATES | settings)
        stack.start()
        try:
            seconds = [time_one(stack, content, number) for number in range(1, EDITS + 1)]
        finally:
            stack.stop()
    print(f"from saving to the new answer, {EDITS} edits of one article:")
    print(f"  median {median(seconds):.2f} s, longest {max(seconds):.2f} s")
    return 0


def time_one(stack: Stack, content: EditedContent, number: int) -> float:
    """Save the article with a number; return the seconds until an answer shows it."""
    sleep(PAUSE_SECONDS)
    resident = Resident(stack.url, language="fr")
    began = perf_counter()
    content.mark(number)
    while marks_in(shown(resident.says(QUESTION))) != [number, number]:
        if perf_counter() - began > LONGEST_SECONDS:
            raise RuntimeError(f"edit {number} never answered")
    return perf_counter() - began


if __name__ == "__main__":
    raise SystemExit(main())
