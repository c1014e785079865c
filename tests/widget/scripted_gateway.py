"""A gateway that answers the public contract with fixed replies, for states the real one cannot be brought into at will.

It serves the widget's files as the gateway does (`/widget.js`, `/widget/…`), the demonstration page, any page a test
adds, and `/api/v1/conversations`. A message's text chooses its reply (see REPLIES).
"""

from __future__ import annotations

import copy
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".html": "text/html; charset=utf-8",
}

SERVICE = {
    "id": "maison-solidarite-aubagne",
    "name": "Maison de la solidarité d'Aubagne",
    "phone": "04 65 71 12 00",
    "email": "solidarite.aubagne@garlaban.example",
    "address": "8 allée des Platanes\n13400 Aubagne",
    "url": "https://www.garlaban.example/aubagne",
    "opening": {"open_now": True, "text": "Ouvert jusqu'à 17 h.", "next_opening": None},
}
SOURCE = {
    "article_id": "apa",
    "title": "Allocation personnalisée d'autonomie (APA)",
    "section": "steps",
    "excerpt": "Remplissez le formulaire, puis envoyez-le au département avec les pièces demandées.",
    "lang": "fr",
    "url": "https://www.garlaban.example/apa",
    "written": "2026-11-22",
    "reviewed": None,
    "machine_translated": False,
}
APA_HTML = (
    "<p>L'<strong>APA</strong> aide à payer ce dont une personne de 60 ans ou plus a besoin pour vivre chez elle.</p>"
    "<h3>Comment faire</h3><ol><li>Remplissez le formulaire de demande.</li>"
    "<li>Envoyez-le avec les pièces demandées.</li><li>Une équipe vient chez vous évaluer vos besoins.</li></ol>"
    '<p>Voir <a href="https://www.service-public.fr/particuliers/vosdroits/F10009">la fiche officielle</a> '
    'ou <a href="tel:+33465711200">appelez-nous</a>.</p>'
)


def say(text: str, *, html: str | None = None, lang: str = "fr", kind: str = "text") -> dict[str, Any]:
    """One message of a reply."""
    direction = "rtl" if lang == "ar" else "ltr"
    return {"type": kind, "text": text, "html": html or f"<p>{text}</p>", "lang": lang, "dir": direction}


def turn(kind: str, topic: str, *messages: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A turn as POST …/messages answers it."""
    return {
        "turn_id": "t",
        "status": "answered",
        "language": "fr",
        "direction": "ltr",
        "messages": list(messages),
        "understanding": {
            "kind": kind,
            "topic": topic,
            "about": None,
            "also": [],
            "intent": "",
            "confidence": 0.9,
        },
        "sources": [],
        "service": None,
        "emergency": None,
        "suggestions": [],
        "disclosure": disclosure("fr") | {"is_new": False},
        **more,
    }


def disclosure(language: str) -> dict[str, Any]:
    """The notice, in French or English."""
    texts = {
        "fr": "Vous écrivez à une intelligence artificielle, pas à une personne. C'est l'assistant du Département de "
        "Garlaban. Il répond à partir de pages publiées. Il peut se tromper. Vous pouvez demander une personne à tout "
        "moment. N'écrivez ni votre nom, ni votre numéro de sécurité sociale, ni d'informations sur votre santé. Cette "
        "conversation est gardée 30 jours.",
        "en": "You are writing to an artificial intelligence, not to a person. It is the assistant of the Département "
        "de Garlaban. It answers from published pages. It can be wrong. You can ask for a person at any time.",
    }
    return {"id": f"notice-{language}", "version": "1", "language": language, "text": texts[language]}


EMERGENCY = {
    "id": "suicide",
    "lang": "fr",
    "dir": "ltr",
    "html": "<p>Vous n'êtes pas seul. Appelez maintenant : <strong>quelqu'un vous écoute</strong>.</p>",
    "text": "Vous n'êtes pas seul. Appelez maintenant : quelqu'un vous écoute.",
    "numbers": [
        {
            "number": "3114",
            "uri": "tel:3114",
            "label": "Prévention du suicide",
            "hours": "Jour et nuit, gratuit",
        },
        {"number": "15", "uri": "tel:15", "label": "SAMU", "hours": "Jour et nuit"},
        {
            "number": "114",
            "uri": "sms:114",
            "label": "Par SMS, si vous ne pouvez pas parler",
            "hours": "Jour et nuit",
        },
    ],
}
HOSTILE = (
    '<p onclick="alert(1)" style="color:red">Bonjour <img src=x onerror="window.hacked=1">'
    "<script>window.hacked=1</script><a href='javascript:window.hacked=1'>lien</a>"
    '<svg onload="window.hacked=1"></svg><iframe src="/"></iframe><form action="/x"><input name=a></form></p>'
)
ARABIC = "يمكنكم طلب المساعدة من دار التضامن. اتصلوا على الرقم 04 65 71 12 00 أو اكتبوا إلى المصلحة."

REPLIES: dict[str, dict[str, Any]] = {
    "apa": turn(
        "answer",
        "apa",
        say("L'APA aide à payer…", html=APA_HTML),
        sources=[SOURCE],
        service=SERVICE,
        suggestions=[
            {"label": "Quels papiers fournir ?", "text": "papiers", "topic": "apa"},
            {"label": "Combien de temps ça prend ?", "text": "délais", "topic": "apa"},
        ],
    ),
    "danger": turn("emergency", "emergency-suicide", emergency=EMERGENCY, service=SERVICE),
    "hostile": turn("answer", "apa", say("Bonjour", html=HOSTILE)),
    "arabe": turn(
        "answer",
        "apa",
        say(ARABIC, lang="ar"),
        language="ar",
        direction="rtl",
        service=SERVICE,
        sources=[SOURCE],
        suggestions=[{"label": "ما هي الوثائق المطلوبة؟", "text": "وثائق", "topic": "apa"}],
    ),
    "english": turn(
        "answer",
        "apa",
        say("APA helps pay for home care.", lang="en"),
        language="en",
        disclosure=disclosure("en") | {"is_new": True},
    ),
    "numéro": turn(
        "answer",
        "apa",
        say("Nous avons masqué votre numéro de téléphone. Ne l'écrivez pas ici.", kind="notice"),
        say("Bonjour."),
    ),
    "lent": turn(
        "abstain",
        "abstain",
        say("L'assistant est indisponible. Appelez-nous."),
        status="degraded",
        service=SERVICE,
    ),
    "lent sans service": turn("abstain", "abstain", say("L'assistant est indisponible."), status="degraded"),
    "vide": turn("answer", "apa"),
    "relayé": turn("handoff", "handoff", status="relayed"),
    "Je voudrais parler à une personne.": turn(
        "handoff",
        "handoff",
        say("Voici le service qui peut vous aider."),
        service=SERVICE,
        understanding={
            "kind": "handoff",
            "topic": "handoff",
            "about": "apa",
            "also": [],
            "intent": "",
            "confidence": 1,
        },
    ),
    "ne sait pas": turn(
        "abstain",
        "abstain",
        say("Je ne sais pas répondre à cette question."),
        say("Être rappelé", kind="form"),
        status="abstained",
    ),
}


@dataclass
class Call:
    """One request received."""

    method: str
    path: str
    body: Any
    authorization: str | None


@dataclass
class ScriptedGateway:
    """The server, what it has received, and the trouble it is asked to make.

    `trouble` maps a path ending (`/messages`, `/conversations`, `/widget/vendor/purify.js`…) to an HTTP status; 0 cuts
    the connection. `delay` is in seconds, before each message's reply.
    """

    pages: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    trouble: dict[str, int] = field(default_factory=dict)
    turns: list[dict[str, Any]] = field(default_factory=list)
    delay: float = 0
    created: int = 0

    def __post_init__(self) -> None:
        self._pause = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        """Stop listening."""
        self._pause.set()
        self._server.shutdown()
        self._server.server_close()

    def api(self, ending: str, method: str = "POST") -> list[Call]:
        """The calls to the API whose path ends so."""
        return [call for call in self.calls if call.method == method and call.path.endswith(ending)]

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        """What the API answers."""
        if path == "/api/v1/conversations":
            self.created += 1
            return 201, opened(body["language"], self.created)
        if path.endswith("/messages"):
            self._pause.wait(self.delay)
            reply = copy.deepcopy(
                REPLIES.get(body["text"], turn("answer", "apa", say(f"Réponse à « {body['text']} ».")))
            )
            text = body["text"].replace("06 39 98 12 34", "[PHONE]")
            recorded = {"turn_id": "t", "received_at": "2026-11-22T10:00:00Z", "language": "fr"}
            self.turns.append(
                recorded | {"client_message_id": body["client_message_id"], "text": text, "reply": reply}
            )
            return 200, reply
        if path.endswith("/handoffs"):
            said = say("Votre demande de rappel est enregistrée. Votre référence : GA-2026-0042.")
            return 201, {"kind": "callback", "reference": "GA-2026-0042", "service": SERVICE, "message": said}
        if method == "GET":
            return 200, transcript(self.turns)
        return 204, None

    def _handler(gateway) -> type[BaseHTTPRequestHandler]:  # noqa: N805 (the inner class needs its own self)
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def respond(self) -> None:
                path = urlsplit(self.path).path
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if path.startswith("/api/") and self.command != "OPTIONS":
                    content = json.loads(body) if body else None
                    gateway.calls.append(
                        Call(self.command, self.path, content, self.headers.get("Authorization"))
                    )
                status = next((gateway.trouble[end] for end in gateway.trouble if path.endswith(end)), None)
                if self.command == "OPTIONS":
                    self.reply(204, b"", "text/plain", {})
                elif status == 0:
                    self.close_connection = True
                elif status is not None:
                    problem = {"type": "about:blank", "title": "Trouble", "status": status}
                    self.reply(status, json.dumps(problem).encode(), "application/problem+json", {})
                elif path.startswith("/api/"):
                    code, answer = gateway.answer(self.command, path, json.loads(body) if body else None)
                    self.reply(
                        code, b"" if answer is None else json.dumps(answer).encode(), "application/json", {}
                    )
                else:
                    self.file(path)

            do_GET = do_POST = do_DELETE = do_OPTIONS = respond  # noqa: N815 (the standard library's names)

            def file(self, path: str) -> None:
                if path in gateway.pages:
                    html, headers = gateway.pages[path]
                    return self.reply(200, html.encode(), TYPES[".html"], headers)
                found = served_file(path)
                if found is None:
                    return self.reply(404, b"", "text/plain", {})
                return self.reply(200, found.read_bytes(), TYPES[found.suffix], {})

            def reply(self, status: int, content: bytes, kind: str, headers: dict[str, str]) -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.send_header("Access-Control-Allow-Origin", "*")
                self.send_header("Access-Control-Allow-Headers", "authorization, content-type")
                self.send_header("Access-Control-Allow-Methods", "GET, POST, DELETE")
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *args: object) -> None:
                """Quiet: the tests read `calls`."""

        return Handler


def served_file(path: str) -> Path | None:
    """The file that the gateway serves at this path."""
    if path == "/":
        return ROOT / "api/pages/demo/index.html"
    top = {"/widget.js": "widget/widget.js"}.get(path)
    if top is None and path.startswith("/widget/"):
        top = path.removeprefix("/")
    if top is None and path.startswith("/demo/"):
        top = "api/pages" + path
    found = ROOT / top if top else None
    return found if found and found.is_file() and found.suffix in TYPES else None


def opened(language: str, number: int) -> dict[str, Any]:
    """What POST /conversations answers."""
    greetings = {
        "fr": "Bonjour ! Posez votre question avec vos mots : je cherche la réponse dans les fiches du département.",
        "en": "Hello! Ask your question in your own words: I look for the answer in the département's pages.",
    }
    labels = {
        "fr": [
            ("Aider un parent âgé à rester chez lui", "apa"),
            ("Inscrire mon enfant au collège", "collège"),
            ("Demander le RSA", "rsa"),
        ],
        "en": [("Help an older relative stay at home", "apa"), ("Enrol my child in collège", "collège")],
    }
    return {
        "conversation_id": f"c{number}",
        "token": f"token-{number}",
        "language": language,
        "direction": "ltr",
        "disclosure": disclosure(language),
        "messages": [say(greetings[language], lang=language)],
        "suggestions": [{"label": label, "text": text, "topic": None} for label, text in labels[language]],
    }


def transcript(turns: list[dict[str, Any]]) -> dict[str, Any]:
    """What GET /conversations/{id} answers."""
    return {
        "conversation_id": "c1",
        "language": "fr",
        "direction": "ltr",
        "disclosure": disclosure("fr"),
        "turns": turns,
    }
