"""One thing said, as the public contract has it: used by turns, handoffs and live conversations."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

Direction = Literal["ltr", "rtl"]


class Message(BaseModel):
    """One thing said. `text` is plain text; `html` is the same, sanitised."""

    type: Literal["text", "form", "notice"]
    text: str
    html: str
    lang: str
    dir: Direction
