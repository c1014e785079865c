"""The administrators' page of accounts: add, give a new password, choose the services, disable."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated

import structlog
from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from api.dependencies import TheGateway
from api.problems import Problem, ProblemKind
from api.staff import passwords
from api.staff.pages import page
from api.staff.session import StaffSession, TheAdministrator, TheSession
from api.state import Gateway
from records.entries import Agent, Role
from records.errors import AlreadyThere, BadRecord
from records.staff import is_locked

log = structlog.get_logger(__name__)

router = APIRouter(prefix="/admin/agents", include_in_schema=False)

Services = Annotated[list[str] | None, Form()]


@router.get("")
async def accounts(
    request: Request, gateway: TheGateway, session: TheSession, _: TheAdministrator
) -> Response:
    """Every account, and the form that adds one."""
    return await _list(request, gateway, session)


@router.post("")
async def add(
    request: Request,
    gateway: TheGateway,
    session: TheSession,
    _: TheAdministrator,
    login: Annotated[str, Form(max_length=254)],
    name: Annotated[str, Form(max_length=80)],
    role: Annotated[Role, Form()] = Role.AGENT,
    services: Services = None,
) -> Response:
    """Adds an account; its first password is shown once."""
    chosen = _known(gateway, services)
    if not login.strip() or not name.strip():
        return await _list(request, gateway, session, fault="Donnez un identifiant et un nom.")
    password = passwords.new_password()
    hashed = await asyncio.to_thread(passwords.hash_password, password)
    try:
        added = await asyncio.to_thread(
            lambda: gateway.records.staff.add(
                login=login, name=name, role=role, services=chosen, password_hash=hashed
            )
        )
    except AlreadyThere:
        return await _list(request, gateway, session, fault=f"Il y a déjà un compte « {login.strip()} ».")
    except BadRecord:
        return await _list(request, gateway, session, fault="Cet identifiant ou ce nom est trop long.")
    log.info("staff_account_added", agent=added.id, by=session.agent.id, role=role.value)
    return await _list(request, gateway, session, given=(added, password))


@router.post("/{agent_id}/password")
async def give_password(
    request: Request, gateway: TheGateway, session: TheSession, _: TheAdministrator, agent_id: str
) -> Response:
    """Gives the account a new password, shown once; its sessions end, and it is unlocked."""
    account = await _account(gateway, agent_id)
    password = passwords.new_password()
    hashed = await asyncio.to_thread(passwords.hash_password, password)
    await asyncio.to_thread(gateway.records.staff.set_password, account.id, hashed)
    log.info("staff_password_given", agent=account.id, by=session.agent.id)
    if account.id == session.agent.id:
        return RedirectResponse("/staff/sign-in", HTTPStatus.SEE_OTHER)
    return await _list(request, gateway, session, given=(account, password))


@router.post("/{agent_id}/services")
async def choose_services(
    request: Request,
    gateway: TheGateway,
    session: TheSession,
    _: TheAdministrator,
    agent_id: str,
    services: Services = None,
) -> Response:
    """Changes the services whose requests the account may read."""
    account = await _account(gateway, agent_id)
    await asyncio.to_thread(gateway.records.staff.set_services, account.id, _known(gateway, services))
    log.info("staff_services_changed", agent=account.id, by=session.agent.id)
    return await _list(request, gateway, session, done=f"Les services de {account.name} sont enregistrés.")


@router.post("/{agent_id}/active")
async def let_in_or_out(
    request: Request,
    gateway: TheGateway,
    session: TheSession,
    _: TheAdministrator,
    agent_id: str,
    active: Annotated[bool, Form()],
) -> Response:
    """Disables the account, which ends its sessions, or opens it again."""
    account = await _account(gateway, agent_id)
    if account.id == session.agent.id:
        return await _list(
            request, gateway, session, fault="Vous ne pouvez pas désactiver votre propre compte."
        )
    await asyncio.to_thread(lambda: gateway.records.staff.set_active(account.id, active=active))
    log.info("staff_account_active", agent=account.id, by=session.agent.id, active=active)
    words = "rouvert" if active else "désactivé"
    return await _list(request, gateway, session, done=f"Le compte de {account.name} est {words}.")


async def _list(
    request: Request,
    gateway: Gateway,
    session: StaffSession,
    *,
    fault: str | None = None,
    done: str | None = None,
    given: tuple[Agent, str] | None = None,
) -> Response:
    directory = gateway.composer.directory
    context = {
        "accounts": await asyncio.to_thread(gateway.records.staff.all),
        "services": {each.id: each.name_in("fr") for each in directory.services.values()},
        "locked": lambda account: is_locked(account, datetime.now(UTC)),
        "fault": fault,
        "done": done,
        "given": given,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if fault else HTTPStatus.OK
    return page(request, "accounts.html", session, context, status=status)


async def _account(gateway: Gateway, agent_id: str) -> Agent:
    found = await asyncio.to_thread(gateway.records.staff.find, agent_id)
    if found is None:
        raise Problem(ProblemKind.NOT_FOUND)
    return found


def _known(gateway: Gateway, services: list[str] | None) -> list[str]:
    """The services named, all of the directory.

    Raises:
        Problem: One is in no directory (`invalid-request`).
    """
    if not set(services or ()) <= set(gateway.composer.directory.services):
        raise Problem(ProblemKind.INVALID_REQUEST)
    return list(services or ())
