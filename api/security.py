"""Headers, origins and body sizes: one pure ASGI middleware, since it sees every response, errors included.

No cookie is used and every call carries its token in a header, so there is nothing for a forged request to
ride on; the allow-list of origins keeps other sites from embedding the assistant as theirs.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import Problem, ProblemKind, problem_response

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_EMBEDDABLE: Final = ("/widget.js", "/widget/")
_ALLOWED_METHODS: Final = "GET, POST, DELETE, OPTIONS"
_ALLOWED_HEADERS: Final = "Authorization, Content-Type, Last-Event-ID"


class SecurityMiddleware:
    """Refuses foreign origins and oversized bodies; adds the security and CORS headers."""

    def __init__(
        self, app: ASGIApp, *, origins: frozenset[str], body_bytes: int, message_characters: int
    ) -> None:
        self._app = app
        self._origins = origins
        self._body_bytes = body_bytes
        self._message_characters = message_characters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        path = str(scope["path"])
        origin = headers.get("origin")
        embeddable = path.startswith(_EMBEDDABLE)
        answer = self._with_headers(send, origin, embeddable=embeddable)
        if scope["method"] == "OPTIONS" and origin and "access-control-request-method" in headers:
            allowed = embeddable or self._is_allowed(origin, headers.get("host", ""))
            await answer({"type": "http.response.start", "status": 204 if allowed else 403, "headers": []})
            await answer({"type": "http.response.body", "body": b""})
            return
        try:
            self._check(headers, origin, embeddable=embeddable)
            body = await self._replayed(receive)
        except Problem as refusal:
            await problem_response(Request(scope, receive), refusal)(scope, receive, answer)
        else:
            await self._app(scope, body, answer)

    def _check(self, headers: Headers, origin: str | None, *, embeddable: bool) -> None:
        if origin and not embeddable and not self._is_allowed(origin, headers.get("host", "")):
            raise Problem(ProblemKind.ORIGIN_NOT_ALLOWED)
        length = headers.get("content-length", "0")
        if not length.isdigit():
            raise Problem(ProblemKind.INVALID_REQUEST)
        if int(length) > self._body_bytes:
            raise self._too_long()

    def _is_allowed(self, origin: str, host: str) -> bool:
        return origin in self._origins or urlsplit(origin).netloc == host

    def _too_long(self) -> Problem:
        return Problem(ProblemKind.MESSAGE_TOO_LONG, values={"limit": self._message_characters})

    async def _replayed(self, receive: Receive) -> Receive:
        """The body, read here since one sent in chunks announces no length, to be read again by the routes.

        Raises:
            Problem: It is too long.
        """
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > self._body_bytes:
                raise self._too_long()
        read: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def again() -> Message:
            return read.pop() if read else await receive()

        return again

    def _with_headers(self, send: Send, origin: str | None, *, embeddable: bool) -> Send:
        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                headers["Cross-Origin-Resource-Policy"] = "cross-origin" if embeddable else "same-site"
                if embeddable:
                    headers["Access-Control-Allow-Origin"] = "*"
                elif origin:
                    headers["Access-Control-Allow-Origin"] = origin
                    headers["Access-Control-Allow-Methods"] = _ALLOWED_METHODS
                    headers["Access-Control-Allow-Headers"] = _ALLOWED_HEADERS
                    headers["Access-Control-Max-Age"] = "600"
                    headers.add_vary_header("Origin")
            await send(message)

        return answer
