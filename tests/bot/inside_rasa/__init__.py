"""Checks that need Rasa itself, run by its own Python: see ../test_inside_rasa.py.

That environment holds what serves the assistant and no test tool, so these are written for `unittest`.
"""

import sys
from pathlib import Path

BOT = Path(__file__).resolve().parents[3] / "bot"
sys.path.insert(0, str(BOT))

from components import hollow  # noqa: E402 - its folder is on the path only now

hollow.leave_out((*hollow.LEARNING, *hollow.SERVICES))
