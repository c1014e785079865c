"""A person of a service, scripted: the queue, who joins, what is said and how it ends."""

from __future__ import annotations

import json
import threading
from typing import Any

from tests.widget.scripted_replies import SERVICE, say, texts

NAME = "Nadia R."
OPENING = {"fr": "Bonjour, je vois votre demande. Quel âge a votre mère ?", "ar": "مرحبًا، كم عمر والدتكم؟"}


class ScriptedLive:
    """The live part of a gateway: where the wish to talk to a person is, and the stream that tells it.

    Attributes:
        someone: whether anybody is there when a resident asks for a person.
        state: the last state, as `LiveNow` has it; None before anybody asked.
    """

    def __init__(self) -> None:
        self.someone = True
        self.state: dict[str, Any] | None = None
        self._events: list[bytes] = []
        self._changed = threading.Condition()
        self._closed = False
        self._lines: list[dict[str, Any]] = []

    def asked(self, language: str) -> dict[str, Any]:
        """A resident asks for a person; returns what POST …/handoffs answers."""
        if self.someone:
            words = _words(language, "waiting", "next", "wait_known", "stay")
            self.state = self._now("waiting", words, language, place=1, wait_minutes=4)
        else:
            words = _words(language, "nobody", "callback")
            self.state = self._now("nobody", words, language, callback=True)
        return {"kind": "live", "service": SERVICE, "message": self.state["message"], "live": self.state}

    def joins(self, language: str) -> None:
        """An agent takes the conversation and writes."""
        self._line("joined", "system", _words(language, "joined"), language)
        self._line("message", "person", OPENING.get(language, OPENING["fr"]), None)
        self.state = self._now("with_person", _words(language, "with_person"), language)
        self._tell("live-state", self.state)

    def ends(self, language: str) -> None:
        """The agent ends it."""
        words = _words(language, "ended_agent", "resumes")
        self._line("ended", "system", words, language)
        self.state = self._now("ended", words, language)
        self._tell("live-state", self.state)

    def recorded(self) -> dict[str, Any]:
        """What the transcript of the conversation holds of it."""
        return {"live": self.state, "live_lines": self._lines}

    def close(self) -> None:
        """End the streams."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def stream(self, write: Any) -> None:
        """Write events as they come, until the reader or the gateway leaves."""
        seen = 0
        write(b"event: ready\ndata: {}\n\n")
        while True:
            with self._changed:
                if not self._closed and len(self._events) == seen:
                    self._changed.wait(timeout=5)
                if self._closed:
                    return
                fresh, seen = self._events[seen:], len(self._events)
            write(b"".join(fresh) or b": still here\n\n")

    def _now(self, phase: str, words: str, language: str, **more: Any) -> dict[str, Any]:
        person = {"name": NAME, "service": SERVICE["name"]} if phase == "with_person" else None
        return {
            "phase": phase,
            "handoff_id": "h1",
            "service": SERVICE,
            "place": None,
            "wait_minutes": None,
            "person": person,
            "callback": False,
            "message": say(words, lang=language),
            "last_seq": len(self._lines),
            **more,
        }

    def _line(self, kind: str, speaker: str, words: str, language: str | None) -> None:
        line = {
            "seq": len(self._lines) + 1,
            "handoff_id": "h1",
            "kind": kind,
            "speaker": speaker,
            "person": {"name": NAME, "service": SERVICE["name"]} if speaker == "person" else None,
            "message": say(words, lang=language) if language else say(words) | {"lang": None, "dir": None},
            "client_message_id": None,
            "turn_id": None,
            "callback": False,
            "at": "2026-11-22T10:01:00Z",
        }
        self._lines.append(line)
        self._tell("live", line, f"live-{len(self._lines)}")

    def _tell(self, event: str, data: dict[str, Any], number: str = "") -> None:
        head = f"event: {event}\n" + (f"id: {number}\n" if number else "")
        with self._changed:
            self._events.append(f"{head}data: {json.dumps(data)}\n\n".encode())
            self._changed.notify_all()


def _words(language: str, *keys: str) -> str:
    said = texts(language)["live"]
    # Isolated in Arabic, as the gateway does it.
    service, person = (
        f"\u2068{each}\u2069" if language == "ar" else each for each in (SERVICE["name"], NAME)
    )
    return " ".join(said[key].format(service=service, person=person, minutes=4) for key in keys)
