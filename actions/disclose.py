"""Says again that an AI is replying, when asked."""

from __future__ import annotations

from actions.kit import Kit, Outcome
from actions.turn import UserTurn


async def disclose(kit: Kit, turn: UserTurn) -> Outcome:
    """`action_disclose`: "are you a robot?" gets a plain yes."""
    return Outcome(kit.composer.smalltalk("robot.answer", kit.seen(turn)))
