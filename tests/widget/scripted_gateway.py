"""A gateway that answers the public contract with fixed replies, for states that are hard to provoke.

It serves the widget's files as the gateway does (`/widget.js`, `/widget/…`), the demonstration page, any page
a test adds, and `/api/v1/conversations`. A message's text chooses its reply (see scripted_replies.py).
"""

from __future__ import annotations

import copy
import json
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.widget.scripted_live import ScriptedLive
from tests.widget.scripted_replies import (
    CANCELLED,
    OPEN,
    OPTIONS,
    REPLIES,
    SERVICE,
    in_language,
    opened,
    say,
    transcript,
    turn,
)

ROOT = Path(__file__).resolve().parents[2]
TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".html": "text/html; charset=utf-8",
}


@dataclass
class Call:
    """One request received by the API."""

    method: str
    path: str
    body: Any
    authorization: str | None


@dataclass
class ScriptedGateway:
    """The server, what it has received, and the trouble it is asked to make.

    `trouble` maps a path ending (`/messages`, `/conversations`, `/vendor/purify.js`…) to an HTTP status, or
    to 0 to cut the connection. `problem` is added to the body of an error. While `hold` is cleared, messages
    are not answered.
    """

    pages: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    trouble: dict[str, int] = field(default_factory=dict)
    problem: dict[str, Any] = field(default_factory=dict)
    turns: list[dict[str, Any]] = field(default_factory=list)
    created: int = 0
    language: str = "fr"

    def __post_init__(self) -> None:
        self.hold = threading.Event()
        self.hold.set()
        self.live = ScriptedLive()
        self._server = _Server(self)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        """Its address, without a final slash."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        """Stop listening."""
        self.hold.set()
        self.live.close()
        self._server.shutdown()
        self._server.server_close()

    def api(self, ending: str, method: str = "POST") -> list[Call]:
        """The calls whose path ends so."""
        return [call for call in self.calls if call.method == method and call.path.endswith(ending)]

    def page(self, html: str, *, path: str = "/page", policy: str | None = None) -> str:
        """Adds a page, under a Content-Security-Policy if one is given; returns its path."""
        self.pages[path] = (html, {"Content-Security-Policy": policy} if policy else {})
        return path

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        """What the API answers: a status and a body."""
        if path == "/api/v1/conversations":
            self.created += 1
            self.language = body["language"]
            return 201, opened(body["language"], self.created)
        if path.endswith("/messages"):
            return 200, self._reply(body)
        if path.endswith("/handoffs"):
            return 201, self._handoff(body)
        fixed = {"/handoffs/options": OPTIONS, "/callbacks/status": OPEN, "/callbacks/cancel": CANCELLED}
        found = next((reply for end, reply in fixed.items() if path.endswith(end)), None)
        if found:
            return 200, found
        if method == "GET":
            return 200, transcript(self.turns, self.language) | self.live.recorded()
        return (204, None) if method == "DELETE" else (202, {"stored": "database"})

    def _handoff(self, body: dict[str, Any]) -> dict[str, Any]:
        if body["kind"] == "live":
            return self.live.asked(self.language)
        said = say("Votre demande de rappel est enregistrée. Votre référence : GA-2026-0042.")
        return {
            "kind": "callback",
            "reference": "GA-2026-0042",
            "service": SERVICE,
            "message": said,
            "stored": "database",
            "code": "ZX2C-8RTW",
            "follow": say("Votre code secret : ZX2C-8RTW."),
        }

    def _reply(self, body: dict[str, Any]) -> dict[str, Any]:
        self.hold.wait(20)
        asked_before = next(
            (turn for turn in self.turns if turn["client_message_id"] == body["client_message_id"]), None
        )
        if asked_before and asked_before["reply"]:
            reply: dict[str, Any] = asked_before["reply"]
            return reply
        known = REPLIES.get(body["text"])
        reply = (
            copy.deepcopy(known) if known else turn("answer", "apa", say(f"Réponse à « {body['text']} »."))
        )
        reply = in_language(reply, self.language) | {"turn_id": f"t{len(self.turns) + 1}"}
        if asked_before:
            asked_before["reply"] = reply
            return reply
        self.turns.append(
            {
                "turn_id": reply["turn_id"],
                "client_message_id": body["client_message_id"],
                "received_at": "2026-11-22T10:00:00Z",
                "text": body["text"].replace("06 39 98 12 34", "[PHONE]"),
                "language": reply["language"],
                "reply": reply,
            }
        )
        return reply


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, gateway: ScriptedGateway) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.gateway = gateway


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_OPTIONS(self) -> None:
        self._send(204, b"", "text/plain")

    def do_GET(self) -> None:
        self._respond()

    def do_POST(self) -> None:
        self._respond()

    def do_DELETE(self) -> None:
        self._respond()

    def _respond(self) -> None:
        gateway = self.server.gateway
        path = urlsplit(self.path).path
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = json.loads(raw) if raw else None
        if path.startswith("/api/"):
            gateway.calls.append(Call(self.command, self.path, body, self.headers.get("Authorization")))
        trouble = next((status for end, status in gateway.trouble.items() if path.endswith(end)), None)
        if trouble == 0:
            self.close_connection = True
        elif trouble is not None:
            self._send_json(trouble, {"type": "/problems/test", "status": trouble} | gateway.problem)
        elif path.startswith("/api/") and path.endswith("/events"):
            self._stream()
        elif path.startswith("/api/"):
            self._send_json(*gateway.answer(self.command, path, body))
        else:
            self._file(path)

    def _stream(self) -> None:
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Access-Control-Allow-Origin", "*")
        self.end_headers()
        with suppress(OSError):  # The reader has left.
            self.server.gateway.live.stream(self._write_now)

    def _write_now(self, content: bytes) -> None:
        self.wfile.write(content)
        self.wfile.flush()

    def _file(self, path: str) -> None:
        gateway = self.server.gateway
        found = served_file(path)
        if path in gateway.pages:
            html, headers = gateway.pages[path]
            self._send(200, html.encode(), TYPES[".html"], headers)
        elif found is None:
            self._send(404, b"", "text/plain")
        else:
            gateway.files.append(path)
            self._send(200, found.read_bytes(), TYPES[found.suffix])

    def _send_json(self, status: int, answer: Any) -> None:
        content = b"" if answer is None else json.dumps(answer).encode()
        self._send(status, content, "application/json")

    def _send(self, status: int, content: bytes, kind: str, headers: dict[str, str] | None = None) -> None:
        always = {
            "Content-Type": kind,
            "Content-Length": str(len(content)),
            "Cache-Control": "no-cache",
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Allow-Headers": "authorization, content-type, last-event-id",
            "Access-Control-Allow-Methods": "GET, POST, DELETE",
        }
        self.send_response(status)
        for name, value in (always | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: object) -> None:
        """Quiet: the tests read `calls`."""


def served_file(path: str) -> Path | None:
    """The file that the gateway serves at this path."""
    if path == "/":
        found = ROOT / "api/pages/demo/index.html"
    elif path == "/widget.js":
        found = ROOT / "widget/widget.js"
    elif path.startswith("/widget/"):
        found = ROOT / path.removeprefix("/")
    elif path.startswith("/papers-page/"):
        found = ROOT / "api/pages/papers" / path.removeprefix("/papers-page/")
    elif path.startswith("/demo/"):
        found = ROOT / "api/pages" / path.removeprefix("/")
    else:
        return None
    return found if found.is_file() and found.suffix in TYPES else None
