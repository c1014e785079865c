"""Signing in and out, and one's own account.

A wrong password, an unknown name, a locked and a disabled account get the same words after the same time, so
that nobody learns who has an account here.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from time import monotonic
from typing import Annotated, Final

import structlog
from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from api.dependencies import Address, TheGateway
from api.problems import Problem
from api.staff import passwords
from api.staff.pages import page
from api.staff.session import (
    COOKIE,
    OptionalSession,
    SessionKeeper,
    TheSession,
    check_origin,
    set_cookie,
)
from api.state import Gateway
from records.entries import Agent
from records.staff import is_locked

log = structlog.get_logger(__name__)

router = APIRouter(include_in_schema=False)

HOME: Final = "/staff"
SIGN_IN: Final = "/staff/sign-in"
# A refusal takes at least this long: what is done for a known account only cannot be timed.
_REFUSAL_SECONDS: Final = 0.4

Field = Annotated[str, Form(max_length=300)]


@router.get(SIGN_IN)
async def sign_in_page(
    request: Request,
    gateway: TheGateway,
    session: OptionalSession,
    next_page: Annotated[str, Query(alias="next", max_length=200)] = HOME,
) -> Response:
    """The form; who is signed in already goes on."""
    if session is not None:
        return RedirectResponse(own_page(next_page), HTTPStatus.SEE_OTHER)
    return _form(request, gateway, next_page)


@router.post(SIGN_IN)
async def sign_in(
    request: Request,
    gateway: TheGateway,
    address: Address,
    login: Field = "",
    password: Field = "",
    next_page: Annotated[str, Form(alias="next", max_length=200)] = HOME,
) -> Response:
    """Opens a session, or shows the form again."""
    check_origin(request)
    started = monotonic()
    try:
        await gateway.limiter.check(gateway.settings.sign_in_rate, "sign-in", address)
        await gateway.limiter.check(gateway.settings.sign_in_rate, "sign-in-name", login.strip().casefold())
    except Problem as refusal:
        return _form(request, gateway, next_page, fault="rate", problem=refusal)
    account = await asyncio.to_thread(_checked, gateway, login, password)
    if account is None:
        await asyncio.sleep(max(0.0, _REFUSAL_SECONDS - (monotonic() - started)))
        return _form(request, gateway, next_page, fault="refused", login=login)
    return await signed_in(request, gateway, account, next_page)


async def signed_in(request: Request, gateway: Gateway, account: Agent, next_page: str) -> Response:
    """The answer that opens a session; one that this browser had before is ended."""
    keeper = SessionKeeper(gateway)
    earlier = await asyncio.to_thread(keeper.read, request.cookies.get(COOKIE))
    if earlier is not None:
        await asyncio.to_thread(keeper.end, earlier)
    cookie = await asyncio.to_thread(keeper.open, account.id)
    log.info("staff_signed_in", agent=account.id)
    response = RedirectResponse(own_page(next_page), HTTPStatus.SEE_OTHER)
    set_cookie(response, request, cookie)
    return response


@router.post("/staff/sign-out")
async def sign_out(gateway: TheGateway, session: OptionalSession) -> Response:
    """Ends the session, here and everywhere."""
    if session is not None:
        await asyncio.to_thread(SessionKeeper(gateway).end, session)
    response = RedirectResponse(SIGN_IN, HTTPStatus.SEE_OTHER)
    response.delete_cookie(COOKIE, path="/")
    return response


@router.get("/staff/account")
async def account_page(request: Request, gateway: TheGateway, session: TheSession) -> Response:
    """One's own account."""
    return await _account(request, gateway, session)


@router.post("/staff/account/password")
async def change_password(
    request: Request,
    gateway: TheGateway,
    session: TheSession,
    current: Field = "",
    new: Field = "",
    again: Field = "",
) -> Response:
    """Changes one's own password: every other session of the account ends, and a new one opens here."""
    await gateway.limiter.check(gateway.settings.sign_in_rate, "password", session.agent.id)
    account = await asyncio.to_thread(gateway.records.staff.find, session.agent.id)
    if account is None or account.password_hash is None:
        return await _account(request, gateway, session, fault="Ce compte n’a pas de mot de passe ici.")
    fault = passwords.fault_of(new, account.login)
    if new != again:
        fault = "Les deux nouveaux mots de passe sont différents."
    elif not await asyncio.to_thread(passwords.is_right, account.password_hash, current):
        fault = "Le mot de passe actuel n’est pas le bon."
    if fault is not None:
        return await _account(request, gateway, session, fault=fault)
    hashed = await asyncio.to_thread(passwords.hash_password, new)
    await asyncio.to_thread(gateway.records.staff.set_password, account.id, hashed)
    return await signed_in(request, gateway, account, "/staff/account")


def _checked(gateway: Gateway, login: str, password: str) -> Agent | None:
    """The account that may open a session with this password."""
    staff = gateway.records.staff
    account = staff.by_login(login) if login.strip() else None
    is_open = account is not None and account.active and not is_locked(account, datetime.now(UTC))
    right = passwords.is_right(account.password_hash if account and is_open else None, password)
    if account is None or not is_open:
        return None
    if not right:
        settings = gateway.settings
        lock_for = timedelta(minutes=settings.sign_in_lock_minutes)
        if staff.note_failure(account.id, limit=settings.sign_in_failures, lock_for=lock_for):
            log.warning("staff_account_locked", agent=account.id)
        return None
    if account.password_hash and passwords.is_outdated(account.password_hash):
        staff.keep_hash(account.id, passwords.hash_password(password))
    return account


def refused(request: Request, gateway: Gateway, fault: str) -> Response:
    """The sign-in page, saying why the identity provider opened no session."""
    return _form(request, gateway, HOME, fault=fault)


def _form(
    request: Request,
    gateway: Gateway,
    next_page: str,
    *,
    fault: str | None = None,
    login: str = "",
    problem: Problem | None = None,
) -> Response:
    status = HTTPStatus.OK if fault is None else HTTPStatus.UNAUTHORIZED
    response = page(
        request,
        "sign_in.html",
        None,
        {
            "next": own_page(next_page),
            "fault": fault,
            "login": login,
            "provider": gateway.settings.oidc_label if gateway.settings.oidc_issuer else None,
        },
        status=problem.kind.status if problem else status,
    )
    response.headers.update(problem.headers if problem else {})
    return response


async def _account(
    request: Request, gateway: Gateway, session: TheSession, fault: str | None = None
) -> Response:
    account = await asyncio.to_thread(gateway.records.staff.find, session.agent.id)
    services = [
        gateway.composer.directory.service(each).name_in("fr")
        if each in gateway.composer.directory.services
        else each
        for each in sorted(session.agent.services)
    ]
    return page(
        request,
        "account.html",
        session,
        {"account": account, "services": services, "fault": fault, "shortest": passwords.SHORTEST},
        status=HTTPStatus.UNPROCESSABLE_ENTITY if fault else HTTPStatus.OK,
    )


def own_page(path: str) -> str:
    """The page to go on to: one of the staff's, and nothing that a browser could read as another site."""
    inside = path.startswith(("/staff", "/admin")) and not path.startswith(SIGN_IN)
    return path if inside and "\\" not in path and "//" not in path else HOME
