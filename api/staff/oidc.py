"""Signing in by an identity provider (OpenID Connect), when the settings name one.

Authlib does the protocol: discovery, authorization code with PKCE (S256), state, nonce, and the check of the
identity token against the provider's keys. What it must remember between the two requests travels in a cookie
of its own, signed, for ten minutes; it is `Lax`, since the answer comes from the provider's site.

An identity opens the account that is bound to its subject; or else, once, the account whose sign-in name is
its verified e-mail, which is then bound. It makes no account unless a setting says so.
"""

from __future__ import annotations

import asyncio
import hashlib
from typing import Annotated, Any, Final

import httpx
import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import OAuth
from fastapi import APIRouter, Query, Request
from itsdangerous import BadData, URLSafeTimedSerializer
from joserfc.errors import JoseError
from starlette.responses import Response

from api.dependencies import TheGateway
from api.problems import Problem, ProblemKind
from api.staff.pages import page
from api.staff.sign_in import HOME, own_page, refused, signed_in
from api.state import Gateway
from records.entries import Agent, Role
from records.errors import AlreadyThere, BadRecord
from records.staff import StaffAccounts

log = structlog.get_logger(__name__)

router = APIRouter(prefix="/staff/oidc", include_in_schema=False)

_COOKIE: Final = "guichet_oidc"
_COOKIE_SECONDS: Final = 600


@router.get("")
async def start(
    request: Request,
    gateway: TheGateway,
    next_page: Annotated[str, Query(alias="next", max_length=200)] = HOME,
) -> Response:
    """Leads to the provider."""
    client = _client(gateway)
    remembered: dict[str, Any] = {"next": own_page(next_page)}
    request.scope["session"] = remembered
    try:
        response: Response = await client.authorize_redirect(request, _callback_url(request, gateway))
    except (httpx.HTTPError, AuthlibBaseError) as error:
        log.warning("part_down", part="oidc", cause=type(error).__name__)
        return refused(request, gateway, "provider-down")
    response.set_cookie(
        _COOKIE,
        _serializer(gateway).dumps(remembered),
        max_age=_COOKIE_SECONDS,
        path="/staff/oidc",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return response


@router.get("/callback")
async def callback(request: Request, gateway: TheGateway) -> Response:
    """The provider's answer: opens the session of the account that it proves, or says that there is none."""
    client = _client(gateway)
    try:
        remembered = _serializer(gateway).loads(request.cookies.get(_COOKIE, ""), max_age=_COOKIE_SECONDS)
        request.scope["session"] = remembered
        token = await client.authorize_access_token(request)
        identity = token["userinfo"]
    except (BadData, AuthlibBaseError, JoseError, httpx.HTTPError, KeyError, ValueError) as error:
        log.warning("oidc_refused", cause=type(error).__name__)
        return refused(request, gateway, "provider-refused")
    account = await asyncio.to_thread(_account_of, gateway, dict(identity))
    if account is None or not account.active:
        return refused(request, gateway, "no-account")
    response = await signed_in(request, gateway, account, str(remembered.get("next", HOME)))
    # The browser comes from the provider's site, so it would not send a strict cookie on a redirection: a
    # page of ours that goes on by itself is where our own site begins.
    through = page(request, "continue.html", None, {"target": response.headers["location"]})
    through.headers["set-cookie"] = response.headers["set-cookie"]
    through.delete_cookie(_COOKIE, path="/staff/oidc")
    return through


def _client(gateway: Gateway) -> Any:
    """The provider's client; its metadata is fetched at each sign-in, which are few.

    Raises:
        Problem: No provider is set (`not-found`).
    """
    settings = gateway.settings
    if not settings.oidc_issuer:
        raise Problem(ProblemKind.NOT_FOUND)
    secret = settings.oidc_client_secret
    registry = OAuth()
    registry.register(
        "provider",
        client_id=settings.oidc_client_id,
        client_secret=secret.get_secret_value() if secret else None,
        server_metadata_url=f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={"scope": "openid email profile", "code_challenge_method": "S256", "timeout": 5.0},
    )
    return registry.create_client("provider")


def _account_of(gateway: Gateway, identity: dict[str, Any]) -> Agent | None:
    staff = gateway.records.staff
    subject = str(identity["sub"])
    known = staff.by_subject(subject)
    if known is not None:
        return known
    email = str(identity.get("email") or "") if identity.get("email_verified") is True else ""
    named = staff.by_login(email) if email else None
    if named is not None:
        return _bound(staff, named, subject)
    if email and gateway.settings.oidc_creates_accounts:
        return _added(staff, email, str(identity.get("name") or email), subject)
    log.warning("oidc_no_account")
    return None


def _bound(staff: StaffAccounts, account: Agent, subject: str) -> Agent | None:
    """The account, bound to this subject; None when it belongs to another one, or is closed."""
    if account.subject is not None or not account.active:
        return None
    staff.bind_subject(account.id, subject)
    log.info("oidc_bound", agent=account.id)
    return account


def _added(staff: StaffAccounts, email: str, name: str, subject: str) -> Agent | None:
    try:
        added = staff.add(login=email, name=name[:80], role=Role.AGENT, subject=subject)
    except (AlreadyThere, BadRecord):
        return None
    log.info("staff_account_added", agent=added.id, by="oidc")
    return added


def _callback_url(request: Request, gateway: Gateway) -> str:
    base = gateway.settings.public_url or str(request.base_url)
    return f"{base.rstrip('/')}/staff/oidc/callback"


def _serializer(gateway: Gateway) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(
        gateway.settings.secret_key.get_secret_value(),
        salt="guichet.staff.oidc",
        signer_kwargs={"digest_method": hashlib.sha256},
    )
