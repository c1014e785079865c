"""Talking to a person: the queue, the takeover, what is said on both sides, the way back to the assistant."""
