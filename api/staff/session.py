"""Who is signed in: a cookie that is signed, and a session in SQL that can be ended at any moment.

The cookie holds a random token and our signature of it (itsdangerous, HMAC-SHA-256): a forged one is refused
without asking SQL. SQL holds the token's SHA-256 only. Signing out, a new password and a disabled account
delete the session, so the next request of any gateway is refused.

Every request that changes something also needs the session's own anti-forgery token, in the `X-Guichet-CSRF`
header or the `csrf` field of a form, and must come from our own pages (`Origin`, `Sec-Fetch-Site`). The
dependencies below check it, so that no route can forget to.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final
from urllib.parse import urlsplit

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyCookie
from itsdangerous import BadSignature, Signer
from starlette.responses import Response

from api.dependencies import running_gateway
from api.problems import Problem, ProblemKind
from api.state import Gateway
from records.entries import Agent, Role

COOKIE: Final = "guichet_staff"
CSRF_HEADER: Final = "x-guichet-csrf"
CSRF_FIELD: Final = "csrf"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_OUR_PAGES: Final = frozenset({"same-origin", "none"})
# Declares the scheme in openapi.json; `the_session` reads the cookie itself.
_cookie = APIKeyCookie(name=COOKIE, auto_error=False, description="Set by /staff/sign-in.")


@dataclass(frozen=True)
class StaffAgent:
    """Who is signed in.

    Attributes:
        id: Identifier of the account.
        name: What residents see.
        role: Agent or administrator.
        services: Identifiers of the services whose requests this account may read.
    """

    id: str
    name: str
    role: Role
    services: frozenset[str]

    def sees(self, service_id: str) -> bool:
        """Whether this account may read the requests sent to a service.

        An administrator keeps accounts and knowledge: the role alone lets nobody read a resident's request.
        Nor does the central desk see the others': `accueil` is a service like any other.
        """
        return service_id in self.services

    @property
    def is_administrator(self) -> bool:
        """Whether the pages under /admin are open to this account."""
        return self.role is Role.ADMINISTRATOR


@dataclass(frozen=True)
class StaffSession:
    """An open session. `csrf` is what its pages send back with each change; `available` as last recorded."""

    agent: StaffAgent
    token: str
    csrf: str
    available: bool


class SignInNeeded(Exception):  # noqa: N818 - it says a state, which the handler answers by the sign-in page
    """A page was asked for without a session."""


class SessionKeeper:
    """Opens, reads and ends sessions. Its calls block: keep them off the event loop."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        secret = gateway.settings.secret_key.get_secret_value()
        self._signer = Signer(secret, salt="guichet.staff.session", digest_method=hashlib.sha256)
        self._csrf = Signer(secret, salt="guichet.staff.csrf", digest_method=hashlib.sha256)

    def open(self, agent_id: str) -> str:
        """Opens a session; returns what its cookie holds."""
        token = secrets.token_urlsafe(32)
        until = datetime.now(UTC) + timedelta(hours=self._gateway.settings.staff_session_hours)
        self._gateway.records.staff.open_session(agent_id, token, until)
        return self._signer.sign(token).decode()

    def read(self, cookie: str | None) -> StaffSession | None:
        """The session of a cookie; None when it is forged, ended or too old."""
        try:
            token = self._signer.unsign(cookie or "").decode()
        except (BadSignature, UnicodeError):
            return None
        account = self._gateway.records.staff.of_session(token)
        if account is None:
            return None
        return StaffSession(as_agent(account), token, self.csrf_of(token), account.available)

    def end(self, session: StaffSession) -> None:
        """Ends a session in every gateway."""
        self._gateway.records.staff.end_session(session.token)

    def csrf_of(self, token: str) -> str:
        """The anti-forgery token of a session."""
        return self._csrf.get_signature(token).decode()


def as_agent(account: Agent) -> StaffAgent:
    """What routes need of an account."""
    return StaffAgent(account.id, account.name, account.role, account.services)


def set_cookie(response: Response, request: Request, cookie: str) -> None:
    """Gives the browser its session: no script reads it, and no other site makes the browser send it."""
    response.set_cookie(
        COOKIE, cookie, path="/", httponly=True, samesite="strict", secure=request.url.scheme == "https"
    )


def is_page(request: Request) -> bool:
    """Whether a person's browser asks for a page, and not a program for data."""
    return not request.url.path.startswith("/api/")


def check_origin(request: Request) -> None:
    """Refuses what another site's page makes a browser send, also a site that may embed the widget.

    Raises:
        Problem: `origin-not-allowed`.
    """
    origin = request.headers.get("origin")
    foreign = origin is not None and urlsplit(origin).netloc != request.headers.get("host", "")
    if foreign or request.headers.get("sec-fetch-site", "none") not in _OUR_PAGES:
        raise Problem(ProblemKind.ORIGIN_NOT_ALLOWED)


async def optional_session(
    request: Request,
    gateway: Annotated[Gateway, Depends(running_gateway)],
    _declared: Annotated[str | None, Security(_cookie)],
) -> StaffSession | None:
    """The session, or None; a request that changes something is refused if its token is missing.

    Raises:
        Problem: `origin-not-allowed`, or `page-expired` when the anti-forgery token is not the session's.
    """
    session = await asyncio.to_thread(SessionKeeper(gateway).read, request.cookies.get(COOKIE))
    if session is not None and request.method not in _SAFE:
        check_origin(request)
        given = request.headers.get(CSRF_HEADER) or (await request.form()).get(CSRF_FIELD)
        if not isinstance(given, str) or not hmac.compare_digest(given.encode(), session.csrf.encode()):
            raise Problem(ProblemKind.PAGE_EXPIRED)
    return session


async def the_session(
    request: Request, session: Annotated[StaffSession | None, Depends(optional_session)]
) -> StaffSession:
    """The session.

    Raises:
        SignInNeeded: A page was asked for without one.
        Problem: Data was asked for without one (`sign-in-needed`, 401).
    """
    if session is not None:
        return session
    if is_page(request):
        raise SignInNeeded
    raise Problem(ProblemKind.SIGN_IN_NEEDED)


async def the_agent(session: Annotated[StaffSession, Depends(the_session)]) -> StaffAgent:
    """Who is signed in, agent or administrator."""
    return session.agent


async def the_administrator(session: Annotated[StaffSession, Depends(the_session)]) -> StaffAgent:
    """Who is signed in, an administrator.

    Raises:
        Problem: An agent who is none (`not-for-you`, 403).
    """
    if not session.agent.is_administrator:
        raise Problem(ProblemKind.NOT_FOR_YOU)
    return session.agent


OptionalSession = Annotated[StaffSession | None, Depends(optional_session)]
TheSession = Annotated[StaffSession, Depends(the_session)]
TheAgent = Annotated[StaffAgent, Depends(the_agent)]
TheAdministrator = Annotated[StaffAgent, Depends(the_administrator)]
